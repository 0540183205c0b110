package player

import (
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// send lets a session take in n messages of an id at once.
func (v *server) send(c *fakeConn, id uint32, n int) {
	for range n {
		c.incoming <- wire.Frame{ID: id}
		synctest.Wait()
	}
}

// TestMessagesArePaced: what is beyond the rate has no effect and is told; moves are never too many, and take nothing from the
// other messages.
func TestMessagesArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MessageRate, l.MessageBurst = 2, 4 }})
		c := v.joinNative(t, "") // has said Hello
		v.send(c.fakeConn, native.IDMove, 10)
		v.send(c.fakeConn, native.IDPong, 3)
		if n := v.refused(RefusedRate); n != 0 {
			t.Errorf("%d messages were refused within the burst", n)
		}
		v.send(c.fakeConn, native.IDPong, 2)
		v.send(c.fakeConn, native.IDMove, 10)
		if c.look(); v.refused(RefusedRate) != 2 || len(c.errors) != 2 || c.errors[0] != codes.RateLimited {
			t.Errorf("%d messages were refused, the client was told %v", v.refused(RefusedRate), c.errors)
		}
		<-time.After(time.Second)
		v.send(c.fakeConn, native.IDPong, 3)
		if n := v.refused(RefusedRate); n != 3 {
			t.Errorf("a second later %d were refused in all, want one more", n)
		}
		v.stop()
	})
}

// TestFloodsAreCut: ten times the rate, moves among them, is no mistake; just below it is borne for long.
func TestFloodsAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MessageRate, l.MessageBurst = 2, 4 }})
		steady, flood := v.join(wire.WebSocket), v.join(wire.WebSocket)
		for range 30 {
			v.send(steady, classic.IDPosition, 19)
			<-time.After(time.Second)
		}
		v.send(flood, classic.IDPosition, 40)
		if n := v.closed(Flood); n != 0 {
			t.Errorf("%d closed before their time", n)
		}
		v.send(flood, classic.IDPosition, 1)
		if code, _ := flood.closeSent(t); code != 4009 || v.closed(Flood) != 1 {
			t.Errorf("the flood was told %d, %d closed", code, v.closed(Flood))
		}
		v.stop()
	})
}
