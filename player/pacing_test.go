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

// TestGesturesAndPingsArePaced: each kind has a rate of its own, beyond which it has no effect and is told; the one takes nothing
// from the other, and 0 is no rate.
func TestGesturesAndPingsArePaced(t *testing.T) {
	for name, test := range map[string]struct {
		limits          func(*Limits)
		gestures, pings int // of twelve at once that have an effect, and of three more a second later
		later           int
	}{
		"as usual":   {func(*Limits) {}, 10, 10, 6},
		"gestures":   {func(l *Limits) { l.GestureRate, l.GestureBurst = 1, 2 }, 2, 10, 1 + 3},
		"pings":      {func(l *Limits) { l.PingRate, l.PingBurst = 1, 2 }, 10, 2, 3 + 1},
		"without":    {func(l *Limits) { l.GestureRate, l.PingRate = 0, 0 }, 12, 12, 6},
		"as a whole": {func(l *Limits) { l.GestureRate, l.PingRate, l.MessageBurst = 0, 0, 13 }, 12, 0, 6},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{limits: test.limits})
			c := v.joinNative(t, "")
			v.send(c.fakeConn, native.IDGesture, 12)
			v.tick()
			v.send(c.fakeConn, native.IDPing, 12)
			c.look()
			if gestures, pings := c.count(native.IDGesture), c.count(native.IDPong); gestures != test.gestures || pings != test.pings {
				t.Errorf("%s: %d gestures and %d pings have an effect, want %d and %d", name, gestures, pings, test.gestures, test.pings)
			}
			if n := v.refused(RefusedRate); n != uint64(24-test.gestures-test.pings) || n > 0 && c.errors[0] != codes.RateLimited {
				t.Errorf("%s: %d are refused, the client is told %v", name, n, c.errors)
			}
			<-time.After(time.Second)
			before := v.refused(RefusedRate)
			v.send(c.fakeConn, native.IDGesture, 3)
			v.send(c.fakeConn, native.IDPing, 3)
			if n := 6 - int(v.refused(RefusedRate)-before); n != test.later {
				t.Errorf("%s: a second later %d have an effect, want %d", name, n, test.later)
			}
			v.stop()
		})
	}
}

// count returns how many messages of an id the client has read.
func (c *nativeClient) count(id uint32) (n int) {
	for _, got := range c.ids {
		if got == id {
			n++
		}
	}
	return n
}

// TestLotsAreNoGift: messages are charged a lot at a time, and yet nobody is cut within the burst, or goes on for long beyond it.
func TestLotsAreNoGift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MessageRate, l.MessageBurst = 1, 25 }})
		c := v.join(wire.WebSocket)
		v.send(c, classic.IDPosition, 25*floodFactor-lot)
		if n := v.closed(Flood); n != 0 {
			t.Errorf("%d closed within the burst", n)
		}
		v.send(c, classic.IDPosition, 2*lot)
		if n := v.closed(Flood); n != 1 {
			t.Error("who floods goes on")
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
