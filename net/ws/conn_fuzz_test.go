package ws

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"

	"aoiworld/net/wire"
	"aoiworld/net/ws/wstest"
)

// dripping is a connection of which somebody has little at a time.
type dripping struct {
	net.Conn
	from drip
}

func (d *dripping) Read(p []byte) (int, error) { return d.from.Read(p) }

// framesOf returns the frames of a stream and the answers to control messages, and how it ended.
func framesOf(from drip) (heard []byte, ended error) {
	cfg := Config{MaxPayload: wstest.MaxMessage / defaultFrames, MaxMessage: wstest.MaxMessage}
	c := newConn(&dripping{from: from}, &cfg, &wire.Buffers{}, nil)
	c.OnControl(func(answer []byte) { heard = fmt.Appendf(heard, "answer %x\n", answer) })
	for {
		switch frame, err := c.Next(); err {
		case nil:
			heard = fmt.Appendf(heard, "%d %x\n", frame.ID, frame.Payload)
		case wire.ErrNothing:
		default:
			return heard, err
		}
	}
}

// FuzzConn: whether messages arrive whole or in parts, the frames in them are the same, and so is the end.
func FuzzConn(f *testing.F) {
	for i, c := range wstest.Cases() {
		f.Add([]byte(c.Sends), uint64(i))
	}
	two := wstest.Message(wstest.Binary, wstest.Frame(2, "a")+wstest.Frame(3, "b"))
	f.Add([]byte(two+wstest.Message(wstest.Binary, wstest.Frame(2, "a"))+two), uint64(0))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		want, wantEnd := framesOf(drip{rest: bytes.Clone(stream)})
		got, gotEnd := framesOf(drip{rest: bytes.Clone(stream), random: rand.New(rand.NewPCG(seed, 0))})
		if !bytes.Equal(got, want) || fmt.Sprint(gotEnd) != fmt.Sprint(wantEnd) {
			t.Errorf("in pieces: %.300q, %v\nat once: %.300q, %v", got, gotEnd, want, wantEnd)
		}
	})
}
