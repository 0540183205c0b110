package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"aoiworld/net/wire"
	"aoiworld/net/ws/wstest"
)

// drip is a source that has little at a time, and often nothing.
type drip struct {
	rest   []byte
	random *rand.Rand // nil gives all there is
}

func (d *drip) Read(p []byte) (int, error) {
	n := min(len(p), len(d.rest))
	if d.random != nil {
		n = min(n, d.random.IntN(9))
		if n == 0 && len(d.rest) > 0 {
			return 0, wire.ErrNothing
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	copy(p, d.rest[:n])
	d.rest = d.rest[n:]
	return n, nil
}

// decode takes a stream apart and returns what was in it, and how it ended: each message and each control message after its kind,
// its length and a colon.
func decode(source io.Reader) (heard []byte, ended error) {
	d := decoder{source: source, buffers: &wire.Buffers{}, maxMessage: wstest.MaxMessage}
	var message []byte
	hear := func(kind byte, payload []byte) {
		heard = append(binary.AppendUvarint(append(heard, kind), uint64(len(payload))), ':')
		heard = append(heard, payload...)
	}
	d.control = func(opcode byte, payload []byte) error {
		hear(opcode, payload)
		if opcode == opClose {
			return io.ErrClosedPipe
		}
		return nil
	}
	for {
		whole, err := d.begin()
		switch {
		case err == wire.ErrNothing:
			continue
		case err != nil:
			return heard, err
		case !d.open:
			hear(opBinary, whole)
			continue
		}
		message, err := readMessage(&d, message[:0])
		hear(opBinary, message)
		if err != io.EOF {
			return heard, err
		}
	}
}

// readMessage appends a message, to its end.
func readMessage(d *decoder, message []byte) ([]byte, error) {
	for {
		var b [7]byte
		n, err := d.Read(b[:])
		message = append(message, b[:n]...)
		if err != nil && err != wire.ErrNothing {
			return message, err
		}
	}
}

// FuzzDecoder: where a stream is cut, and how often nothing has arrived, makes no difference; and no message is longer than the
// limit.
func FuzzDecoder(f *testing.F) {
	for i, c := range wstest.Cases() {
		f.Add([]byte(c.Sends), uint64(i))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		want, wantEnd := decode(&drip{rest: bytes.Clone(stream)})
		got, gotEnd := decode(&drip{rest: bytes.Clone(stream), random: rand.New(rand.NewPCG(seed, 0))})
		if !bytes.Equal(got, want) || fmt.Sprint(gotEnd) != fmt.Sprint(wantEnd) {
			t.Errorf("in pieces: %.300q, %v\nat once: %.300q, %v", got, gotEnd, want, wantEnd)
		}
		known := false
		for _, end := range []error{wire.ErrProtocol, wire.ErrText, wire.ErrTooLarge, io.ErrUnexpectedEOF, io.ErrClosedPipe} {
			known = known || errors.Is(wantEnd, end)
		}
		if !known {
			t.Errorf("it ends with %v", wantEnd)
		}
	})
}
