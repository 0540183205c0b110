package player

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// TestNumbersOfMovesDecideNothing: a move under a number that was there before, that goes back, skips or wraps round is a move like
// any other; asking for the same place again changes nothing.
func TestNumbersOfMovesDecideNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.joinNative(t, "")
		for i, number := range []uint32{5, 5, 3, 1000, math.MaxUint32, 0, 1, math.MaxUint32, 2} {
			to := native.Place{X: int32(3000 + 10*i), Z: 3000}
			for range 3 {
				c.sendBytes(native.AppendMove(nil, native.Move{Sequence: number, To: to}))
			}
			v.tick()
			if c.look(); c.replica.Entity(1).At != to {
				t.Errorf("move %d, under number %d: it is at %v, want %v", i, number, c.replica.Entity(1).At, to)
			}
		}
		v.stop()
	})
}

// TestClocksOfClientsDecideNothing: whatever time a client believes it to be, it is answered with its own, and nothing else follows.
func TestClocksOfClientsDecideNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{world: func(c *world.Config) {
			c.Movement = world.Movement{Mode: world.MovementEnforce, MaxSpeed: 10}
		}})
		c := v.joinNative(t, "")
		for _, clock := range []uint64{0, 1, math.MaxUint64, 1 << 63, 5} {
			c.say(native.IDPing, &nativepb.Ping{Time: clock})
			c.sendBytes(native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: 9000, Z: 9000}})) // too far, ever
			v.tick()
		}
		if c.look(); c.count(native.IDPong) != 5 || len(c.refused) != 5 {
			t.Errorf("%d pongs, refused %v", c.count(native.IDPong), c.refused)
		}
		v.stop()
	})
}

// TestFloodsAreCutInTime: where connections are read once a tick, or once in a tenth of a second where that takes longer, a flood is
// cut that long after its budget is used up, at most. (What is read byte by byte is counted as it is read: see ws.TestFloods.)
func TestFloodsAreCutInTime(t *testing.T) {
	const atMost = 100 * time.Millisecond
	for _, every := range []time.Duration{time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{})
			c := polled{newFakeConn(wire.WebSocket)}
			c.incoming = make(chan any, 10_000)
			read := v.registry.Accept(c)
			budget, began := floodFactor*v.registry.config().Limits.MessageBurst, time.Now()
			var used, cut time.Time
			more := true
			for sent := 0; cut.IsZero(); {
				<-time.After(time.Millisecond)
				for range 10 { // 10,000 a second
					c.send(classic.IDPosition, nil)
					sent++
				}
				// What comes while time passes adds to the budget; that it is used up is seen at the earliest when it would be without.
				if used.IsZero() && sent > budget {
					used = time.Now()
				}
				if time.Since(began)%every == 0 {
					more = read()
				}
				if c.shutdown > 0 {
					cut = time.Now()
				}
				if sent == cap(c.incoming) {
					t.Fatalf("read every %v: never cut", every)
				}
			}
			t.Logf("read every %v: cut %v after the budget was used up", every, cut.Sub(used))
			if late := cut.Sub(used); late > max(atMost, 2*every) {
				t.Errorf("read every %v: cut %v after the budget was used up", every, late)
			}
			if code, _ := c.closeSent(t); code != Flood.Code() {
				t.Errorf("it is told %d", code)
			}
			if c.leave(); more && read() {
				t.Errorf("read every %v: it reads on", every)
			}
			v.stop()
		})
	}
}
