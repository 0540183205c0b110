package player

import (
	"testing"
	"testing/synctest"
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
// Each input is the dialect and then, again and again, what to do (message, tick, sweep), its length, and its bytes.
func FuzzSequences(f *testing.F) {
	hello := string(native.AppendMessage(nil, native.IDHello, nil)[wire.HeaderSize:])
	f.Add([]byte("\x01\x00\x02\x08\x01\x01\x04\x08\x01\x10\x02\xfe\x01a\xff\x00\x03\x02hi\x06\x00" + hello))
	f.Add([]byte("\x01\x00\x02\x08\x01\xff\x00\x03\x00\x04\x00\x05\x00\x02\x00\xff\x00\x01\x00\x06\x00"))
	f.Add([]byte("\x00\x00\x05\x0d\x00\x00\x20\x43\xfe\x01\x02\x0a\x00\xff\x03\x01\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{})
			dialect := Classic
			if len(b) > 0 && b[0]%2 == 1 {
				dialect = Native
			}
			c := v.connectAs(dialect)
			for rest := b[min(1, len(b)):]; len(rest) >= 2 && c.alive(); {
				deed, n := rest[0], min(int(rest[1]), len(rest)-2)
				v.play(c, dialect, deed, rest[2:2+n])
				rest = rest[2+n:]
			}
			if n := v.closed(Internal); n != 0 {
				t.Fatalf("the server failed by itself:\n%s", v.log)
			}
			v.stop()
			if n := v.loop.Snapshot().Players; n != 0 {
				t.Errorf("%d players are left", n)
			}
		})
	})
}

// connectAs runs the session of a new connection in a dialect.
func (v *server) connectAs(dialect Dialect) *fakeConn {
	c := newFakeConn(wire.WebSocket)
	accept := v.registry.Accept
	if dialect == Native {
		accept = v.registry.AcceptNative
	}
	v.running.Go(func() { live(accept(c)) })
	return c
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

// play does one deed of an input.
func (v *server) play(c *fakeConn, dialect Dialect, deed byte, payload []byte) {
	switch deed {
	case 0xff:
		v.tick()
	case 0xfe:
		<-time.After(time.Duration(len(payload)) * time.Second)
		v.registry.Sweep(time.Now())
	default:
		ids := fuzzedIDs[dialect]
		c.incoming <- wire.Frame{ID: ids[int(deed)%len(ids)], Payload: payload}
	}
	synctest.Wait()
}
