package player

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

func TestLaggingViewerIsBroughtUpToDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		walker, slow := v.join(wire.TCP), v.join(wire.TCP)
		v.tick()
		walk := func(x float32) {
			walker.sendBytes(classic.AppendMove(nil, x, 0, 40, 0))
			v.tick()
		}
		slow.take(5)
		walk(31) // is taken in part
		before := len(slow.written)
		for x := range 10 {
			walk(float32(32 + x))
		}
		if s := v.registry.Snapshot(); s.InState(Lagging) != 1 || s.InState(Active) != 1 || s.Lagged != 1 || s.Missed != 10 {
			t.Errorf("sessions %v, lagged %d, missed %d", s.Sessions, s.Lagged, s.Missed)
		}
		if len(slow.written) != before {
			t.Errorf("%d bytes were written to who takes none", len(slow.written)-before)
		}
		slow.take(unlimited)
		v.tick()
		if s := v.registry.Snapshot(); s.InState(Lagging) != 0 || s.InState(Active) != 2 || s.Lagged != 1 {
			t.Errorf("sessions %v, lagged %d", s.Sessions, s.Lagged)
		}
		if got, want := moves(t, slow, 1), []float32{31, 41}; !slices.Equal(got, want) {
			t.Errorf("was told of %v, want %v", got, want)
		}
		if got := moves(t, walker, 1); len(got) != 11 {
			t.Errorf("the walker was told of %v", got)
		}
		v.stop()
	})
}

// moves returns where a client was told that a player moved to.
func moves(t testing.TB, c *fakeConn, player int32) (xs []float32) {
	t.Helper()
	for _, f := range c.got(t) {
		must(t, classic.Decode(f, func(e classic.Event) {
			if e.Kind == classic.Moved && e.PID == player {
				xs = append(xs, e.X)
			}
		}))
	}
	return xs
}

func TestSlowConsumerIsClosedAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		walker, stuck := v.join(wire.WebSocket), v.join(wire.WebSocket)
		stuck.take(1)
		walker.sendBytes(classic.AppendMove(nil, 40, 0, 40, 0))
		v.tick()
		v.run(4900 * time.Millisecond)
		if s := v.registry.Snapshot(); s.InState(Lagging) != 1 {
			t.Errorf("after 4.9 s: %v", s.Sessions)
		}
		v.run(200 * time.Millisecond)
		if s := v.registry.Snapshot(); s.InState(Active) != 1 || s.Live() != 1 || v.closed(SlowConsumer) != 1 {
			t.Errorf("after 5.1 s: %v", s.Sessions)
		}
		if !told(t, walker, classic.Leave, 2) {
			t.Error("the other was not told")
		}
		v.stop()
	})
}

func TestWorkersDoNotChangeAByte(t *testing.T) {
	var want [][]byte
	for _, workers := range []int{1, 2, 7, 0} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{workers: workers})
			var conns []*fakeConn
			for range 300 {
				conns = append(conns, v.connect(wire.TCP))
				synctest.Wait() // ids in order
			}
			v.tick()
			for round := range 3 {
				for i, c := range conns {
					c.sendBytes(classic.AppendMove(nil, float32((i*7+round*30)%100), 0, float32(i%100), 0))
				}
				v.tick()
			}
			for i, c := range conns {
				c.got(t)
				if workers == 1 {
					want = append(want, c.written)
				} else if !bytes.Equal(c.written, want[i]) {
					t.Fatalf("with %d workers client %d got something else", workers, i)
				}
			}
			v.stop()
		})
	}
}

func TestJoinAndLeaveInOneTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.connect(wire.TCP)
		synctest.Wait()
		c.leave()
		v.tick()
		if len(c.written) > 0 || len(v.audience.waiting) > 0 {
			t.Errorf("%d bytes were written, %d wait", len(c.written), len(v.audience.waiting))
		}
		v.stop()
	})
}

func TestEnteringAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		s := newSession(v.registry.config(), newFakeConn(wire.TCP), Classic)
		s.Close(Shutdown)
		v.audience.Enter(s, v.loop, world.Join{Player: 9, Epoch: 1})
		v.tick()
		if n := v.loop.Snapshot().Players; n != 0 || len(v.audience.waiting) > 0 {
			t.Errorf("%d players, %d wait", n, len(v.audience.waiting))
		}
	})
}

// TestSlotsAreReused makes a newcomer take the seat of somebody who lagged when leaving.
func TestSlotsAreReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		first, other := v.join(wire.TCP), v.join(wire.TCP)
		first.take(1)
		other.sendBytes(classic.AppendMove(nil, 40, 0, 40, 0))
		v.tick()
		first.leave()
		v.tick()
		taken := len(first.written)
		if v.audience.seats[0].session != nil {
			t.Error("the session of who left is kept")
		}
		second := v.join(wire.TCP)
		if len(v.audience.seats) != 2 {
			t.Fatalf("%d seats: the slot was not reused", len(v.audience.seats))
		}
		first.take(unlimited)
		other.sendBytes(classic.AppendMove(nil, 41, 0, 40, 0))
		v.tick()
		if got := moves(t, second, 2); !slices.Equal(got, []float32{41}) || len(first.written) != taken {
			t.Errorf("the newcomer was told of %v, and %d bytes went astray", got, len(first.written)-taken)
		}
		v.stop()
	})
}

// TestSeatRefusesWhoWentToAnotherWorld delivers to a session that is seated in a world that it is about to leave.
func TestSeatRefusesWhoWentToAnotherWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *Session
		one := newServer(t, setup{build: func(b *Builder) {
			b.OnStart(func(started *Session) {
				if s == nil {
					s = started
				}
			})
		}})
		two := newServer(t, setup{})
		conn := one.join(wire.TCP)
		before := len(conn.written)
		s.attachment.Load().Leave()
		two.audience.Enter(s, two.loop, world.Join{Player: 5, Epoch: 2})
		one.audience.Sample(time.Now())
		one.audience.seats[0].session.deliver(one.audience.seats[0].attachment, packet(7, nil), time.Now())
		if len(conn.written) != before {
			t.Errorf("%d bytes of the old world were written", len(conn.written)-before)
		}
		two.tick()
		if !told(t, conn, classic.Welcome, 5) {
			t.Error("nothing of the new world was written")
		}
		one.stop()
		two.stop()
	})
}

func TestConnectionThatPanicsEndsOneSessionOnly(t *testing.T) {
	for _, room := range []int{unlimited, 0} { // in deliver, in sample
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{})
			bad, good := v.join(wire.TCP), v.join(wire.TCP)
			bad.take(room)
			move := func(x float32) {
				good.sendBytes(classic.AppendMove(nil, x, 0, 40, 0))
				v.tick()
			}
			if room == 0 {
				move(40)
			}
			bad.writing.Store(true) // the next write panics
			move(41)
			move(42)
			if v.closed(Internal) != 1 || v.registry.Snapshot().InState(Active) != 1 {
				t.Errorf("room %d: sessions %v", room, v.registry.Snapshot().Sessions)
			}
			if got := moves(t, good, 2); got[len(got)-1] != 42 {
				t.Errorf("room %d: the other was told of %v", room, got)
			}
			v.stop()
		})
	}
}

func TestStatistics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a, b := v.join(wire.TCP), v.join(wire.WebSocket)
		was := v.registry.Snapshot()
		bytesBefore := len(a.written) + len(b.written)
		move := classic.AppendMove(nil, 40, 0, 40, 0)
		a.sendBytes(move)
		b.sendBytes(move)
		v.tick()
		s := v.registry.Snapshot()
		got := []uint64{
			s.Messages - was.Messages, s.BytesReceived - was.BytesReceived, s.Frames - was.Frames,
			s.Composed - was.Composed, s.Updates - was.Updates, s.BytesSent - was.BytesSent,
		}
		sent := uint64(len(a.written) + len(b.written) - bytesBefore)
		if want := []uint64{2, 2 * uint64(len(move)), 2, 1, 4, sent}; !slices.Equal(got, want) || sent == 0 {
			t.Errorf("got %v, want %v", got, want)
		}
		v.stop()
	})
}

func TestManyVanishAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		witness := v.join(wire.TCP)
		var conns []*fakeConn
		for range 300 {
			conns = append(conns, v.connect(wire.TCP))
		}
		v.tick()
		if n := v.loop.Snapshot().Players; n != 301 {
			t.Fatalf("%d players", n)
		}
		for _, c := range conns {
			c.leave()
		}
		v.tick()
		s := v.registry.Snapshot()
		if s.Live() != 1 || v.closed(PeerLeft) != 300 || v.loop.Snapshot().Players != 1 {
			t.Errorf("%d live, %d closed, %d players", s.Live(), v.closed(PeerLeft), v.loop.Snapshot().Players)
		}
		for id := int32(2); id <= 301; id++ {
			if !told(t, witness, classic.Leave, id) {
				t.Fatalf("the witness was not told that %d left", id)
			}
		}
		v.stop()
	})
}

// TestComingAndGoingWhileTicking has sessions begin, talk, lag and end while ticks go on, for the race detector and for
// the books.
func TestComingAndGoingWhileTicking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{workers: 4})
		stop := make(chan struct{})
		v.running.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					must(t, v.loop.Tick(time.Now()))
					v.registry.Sweep(time.Now())
				}
			}
		})
		var staying []*fakeConn
		for i := range 200 {
			c := v.connect(wire.Transport(i % 2))
			c.sendBytes(classic.AppendMove(nil, float32(i%100), 0, 50, 0))
			c.sendBytes(classic.AppendTalk(nil, fmt.Sprint(i)))
			switch i % 4 {
			case 0:
				c.leave()
			case 1:
				c.take(i % 50)
			case 2:
				c.incoming <- wire.ErrFlood
			case 3:
				staying = append(staying, c)
			}
		}
		for s := v.registry.Snapshot(); s.Opened[wire.WebSocket] < 100 || s.InState(Connecting) > 0; {
			runtime.Gosched()
			s = v.registry.Snapshot()
		}
		for until := v.loop.Snapshot().Tick + 2; v.loop.Snapshot().Tick < until; {
			runtime.Gosched() // who is in has been told so when the tick has ended
		}
		v.registry.CloseAll(Shutdown)
		close(stop)
		v.running.Wait()
		for i, c := range staying {
			if frames := c.got(t); len(frames) == 0 || frames[0].ID != classic.IDWelcome {
				t.Fatalf("client %d of those who stay was not welcomed", i)
			}
		}
		v.stop()
	})
}

// BenchmarkDeliver measures a tick in which each of 1,000 viewers receives a frame, sockets excluded.
func BenchmarkDeliver(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			v := newServer(b, setup{workers: workers})
			for i := range 1000 {
				s := newSession(v.registry.config(), discard{newFakeConn(wire.TCP)}, Classic)
				v.audience.Enter(s, v.loop, world.Join{Player: world.ID(i + 1), Epoch: 1})
			}
			must(b, v.loop.Tick(time.Now()))
			mover := v.audience.seats[0].attachment
			b.ReportAllocs()
			for b.Loop() {
				mover.Move(world.Position{X: 30, Z: 30}, 0)
				must(b, v.loop.Tick(time.Now()))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/viewer")
		})
	}
}

// discard takes every byte and keeps none.
type discard struct{ *fakeConn }

// Writer returns the connection itself.
func (c discard) Writer() wire.TryWriter { return c }

func (discard) TryWrite(b []byte) (int, error) { return len(b), nil }

// TestCrowdsWait: who is shown no crowd is served first, and otherwise in order.
func TestCrowdsWait(t *testing.T) {
	a := &Audience{
		frames:  []press.Frame{{}, {Crowded: true}, {}},
		deliver: []press.Delivery{{Slot: 0, Frame: 1}, {Slot: 1, Frame: 0}, {Slot: 2, Frame: 1}, {Slot: 3, Frame: press.Overflow}, {Slot: 4, Frame: 2}},
	}
	for range 2 { // what has waited does not come again
		a.letCrowdsWait()
		var order []world.Slot
		for _, d := range a.deliver {
			order = append(order, d.Slot)
		}
		if want := []world.Slot{1, 3, 4, 0, 2}; !slices.Equal(order, want) {
			t.Errorf("slots are served in the order %v, want %v", order, want)
		}
	}
}
