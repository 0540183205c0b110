package player

import (
	"testing"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// fuzzedIDs are the messages that FuzzSequences sends: all that a client of the dialect may, some that only the server does, and
// unknown ones.
var fuzzedIDs = [Dialects][]uint32{
	Classic: {classic.IDPosition, classic.IDTalk, classic.IDWelcome, classic.IDBroadcast, 0, 9999, classic.FirstGameID},
	Native: {
		native.IDHello, native.IDMove, native.IDSay, native.IDGesture, native.IDPing, native.IDPong, native.IDGoodbye,
		native.IDWelcome, native.IDTick, 0, native.FirstOptionalID, native.FirstGameID,
	},
}

// FuzzSequences sends a session messages of any kind, order and content, lets ticks, sweeps and time pass in between, and cuts the
// connection at last. No message is the server's own failure, no step in the session's life is one that the table of states
// forbids (either ends it as Internal), and when all is over nobody is left in the world and the books balance.
//
// Each input is the dialect and the transport and then, again and again, what to do (message, tick, sweep), its length, and its
// bytes. One server plays all of them, on one goroutine, and in time that it is told: that is what makes it fast.
func FuzzSequences(f *testing.F) {
	hello := string(native.AppendMessage(nil, native.IDHello, nil)[wire.HeaderSize:])
	f.Add([]byte("\x01\x00\x02\x08\x01\x01\x04\x08\x01\x10\x02\xfe\x01a\xff\x00\x03\x02hi\x06\x00" + hello))
	f.Add([]byte("\x03\x00\x02\x08\x01\xff\x00\x03\x00\x04\x00\x05\x00\x02\x00\xff\x00\x01\x00\x06\x00"))
	f.Add([]byte("\x00\x00\x05\x0d\x00\x00\x20\x43\xfe\x01\x02\x0a\x00\xff\x03\x01\xff"))
	f.Add([]byte("\x01\x00\x02\x08\x01\xff\x00\xfe\x3cgone quiet for a minute, and no sign of life since then.....\xff\x00"))
	p := &player{server: newServer(f, setup{}), now: time.Now()}
	f.Fuzz(func(t *testing.T, b []byte) {
		p.t = t
		p.play(b)
		if n := p.closed(Internal); n != 0 {
			t.Fatalf("the server failed by itself:\n%s", p.log)
		}
		p.nobody(t)
		if s := p.registry.Snapshot(); s.Live() != 0 || s.Detached != 0 || p.loop.Snapshot().Entities != 0 {
			t.Fatalf("left are %d sessions, %d without a connection, %d entities", s.Live(), s.Detached, p.loop.Snapshot().Entities)
		}
	})
}

// player plays inputs, one after the other, to one server.
type player struct {
	*server
	now time.Time // of the world: it never goes back
}

// play plays an input to a new session and ends that.
func (p *player) play(b []byte) {
	first := byte(0)
	if len(b) > 0 {
		first, b = b[0], b[1:]
	}
	dialect := Dialect(first % 2)
	c := polled{newFakeConn([]wire.Transport{wire.WebSocket, wire.TCP}[first/2%2])}
	read := p.registry.begin(c, dialect)
	clock, more := time.Now(), true
	for len(b) >= 2 && more {
		deed, n := b[0], min(int(b[1]), len(b)-2)
		switch payload := b[2 : 2+n]; deed {
		case 0xff:
			p.step()
		case 0xfe:
			clock = clock.Add(time.Duration(n) * time.Second)
			p.registry.Sweep(clock)
		default:
			ids := fuzzedIDs[dialect]
			c.incoming <- wire.Frame{ID: ids[int(deed)%len(ids)], Payload: payload}
		}
		more, b = read(), b[2+n:]
	}
	if c.leave(); more && read() {
		p.t.Error("the connection has ended, and the session reads on")
	}
	p.step()
	p.registry.Sweep(clock.Add(time.Hour)) // whoever may resume is late now
	p.step()
}

// step ticks.
func (p *player) step() {
	p.now = p.now.Add(50 * time.Millisecond)
	must(p.t, p.loop.Tick(p.now))
}

// polled is a connection that does not wait for its peer.
type polled struct{ *fakeConn }

func (c polled) Next() (wire.Frame, error) {
	if len(c.incoming) == 0 && c.alive() {
		return wire.Frame{}, wire.ErrNothing
	}
	return c.fakeConn.Next()
}

// alive reports whether the connection is still open.
func (c *fakeConn) alive() bool {
	select {
	case <-c.down:
		return false
	default:
		return true
	}
}
