package player

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/wire"
)

// sweepFor sweeps once a second for a time.
func (v *server) sweepFor(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	v.registry.Run(ctx)
	synctest.Wait()
}

func TestSilentWebSocketIsPingedAndGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		silent, alive := v.join(wire.WebSocket), v.join(wire.WebSocket)
		pings := func() (n int) {
			for _, id := range silent.ids(t) {
				if id == idPing {
					n++
				}
			}
			return n
		}
		v.sweepFor(14500 * time.Millisecond)
		if n := pings(); n != 0 {
			t.Errorf("%d pings after 14.5 s", n)
		}
		v.sweepFor(time.Second)
		if n := pings(); n != 1 {
			t.Errorf("%d pings after 15.5 s", n)
		}
		v.sweepFor(16 * time.Second)
		if n := pings(); n != 2 {
			t.Errorf("%d pings after 31.5 s", n)
		}
		alive.heard(wire.Activity{LastHeard: time.Now()})
		v.sweepFor(8 * time.Second)
		if v.registry.Snapshot().Live() != 2 {
			t.Error("given up after 39.5 s")
		}
		v.sweepFor(time.Second)
		live := v.registry.Snapshot().Live()
		if code, _ := silent.closeSent(t); code != 4006 || v.closed(Heartbeat) != 1 || live != 1 {
			t.Errorf("after 40.5 s: told %d, %d closes, %d live", code, v.closed(Heartbeat), live)
		}
		v.stop()
	})
}

func TestPingsStopWhenThePeerAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.WebSocket)
		for range 100 {
			v.sweepFor(15 * time.Second)
			c.heard(wire.Activity{LastHeard: time.Now()}) // the pong
		}
		if v.registry.Snapshot().Live() != 1 {
			t.Error("a client that answers was given up")
		}
		v.stop()
	})
}

func TestUnfinishedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.TCP)
		began := time.Now()
		dawdle := func(d time.Duration) { // it sends a byte every second
			for end := time.Now().Add(d); time.Now().Before(end); {
				c.heard(wire.Activity{LastHeard: time.Now(), FrameSince: began})
				v.sweepFor(1100 * time.Millisecond)
			}
		}
		dawdle(9900 * time.Millisecond)
		if v.registry.Snapshot().Live() != 1 {
			t.Error("closed before 10 s")
		}
		dawdle(1100 * time.Millisecond)
		if v.closed(FrameTimeout) != 1 {
			t.Errorf("after 11 s: %v", v.registry.Snapshot().Closed)
		}
		v.stop()
	})
}

func TestIdleTimeout(t *testing.T) {
	for _, c := range []struct {
		timeout time.Duration
		idle    time.Duration
		closed  uint64
	}{
		{0, 1000 * time.Hour, 0},
		{time.Minute, 59 * time.Second, 0},
		{time.Minute, 61 * time.Second, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{limits: func(l *Limits) { l.IdleTimeout = c.timeout }})
			v.join(wire.TCP)
			v.registry.Sweep(time.Now().Add(c.idle))
			synctest.Wait()
			if n := v.closed(Heartbeat); n != c.closed {
				t.Errorf("timeout %v, idle for %v: %d closes", c.timeout, c.idle, n)
			}
			v.stop()
		})
	}
}

// TestSweepDrains lets a session that is in no world answer a ping though its connection was full when the ping came.
func TestSweepDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.connect(wire.WebSocket)
		synctest.Wait()
		c.take(3)
		c.control(wire.AppendFrame(nil, idPong, nil))
		v.sweepFor(4 * time.Second)
		c.take(unlimited)
		v.sweepFor(1500 * time.Millisecond)
		if got := c.ids(t); !slices.Equal(got, []uint32{idPong}) {
			t.Errorf("wrote %v", got)
		}
		c.take(3)
		c.control(wire.AppendFrame(nil, idPong, nil))
		v.sweepFor(4500 * time.Millisecond)
		if n := v.closed(SlowConsumer); n != 0 {
			t.Error("closed too early")
		}
		v.sweepFor(2 * time.Second)
		if n := v.closed(SlowConsumer); n != 1 {
			t.Error("who takes nothing is not closed")
		}
		v.stop()
	})
}

func TestServerFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started, stopped atomic.Int64
		v := newServer(t, setup{
			limits: func(l *Limits) { l.MaxSessions = 2 },
			build: func(b *Builder) {
				b.OnStart(func(*Session) { started.Add(1) })
				b.OnStop(func(*Session, CloseReason) { stopped.Add(1) })
			},
		})
		one, _ := v.join(wire.WebSocket), v.join(wire.WebSocket)
		third := v.join(wire.WebSocket)
		if code, _ := third.closeSent(t); code != 4008 || third.closed != 1 {
			t.Errorf("told %d, closed %d times", code, third.closed)
		}
		if started.Load() != 2 || stopped.Load() != 0 {
			t.Errorf("%d started, %d stopped", started.Load(), stopped.Load())
		}
		if n := v.loop.Snapshot().Players; n != 2 {
			t.Errorf("%d players", n)
		}
		one.leave()
		v.tick()
		v.join(wire.WebSocket)
		if n := v.registry.Snapshot().InState(Active); n != 2 {
			t.Errorf("after one left %d play", n)
		}
		v.stop()
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		var conns []*fakeConn
		for range 300 {
			conns = append(conns, v.connect(wire.WebSocket))
		}
		v.tick()
		v.stop()
		times := map[int]int{}
		for i, c := range conns {
			code, text := c.closeSent(t)
			after := 0
			if _, err := fmt.Sscanf(text, Shutdown.Text()+"; come back in %d s", &after); err != nil || code != 4001 {
				t.Fatalf("client %d was told %d %q", i, code, text)
			}
			times[after]++
		}
		for after := 2; after <= 11; after++ {
			if n := times[after]; n < 5 || n > 90 {
				t.Errorf("of 300 clients %d are to come back after %d s", n, after)
			}
		}
		late := v.connect(wire.WebSocket)
		v.running.Wait()
		if code, _ := late.closeSent(t); code != 4001 || v.closed(Shutdown) != 301 {
			t.Errorf("who comes late is told %d; %d closes", code, v.closed(Shutdown))
		}
		v.registry.CloseAll(Internal) // has no effect
		v.stop()
	})
}

func TestShutdownOfAnEmptyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		v.registry.CloseAll(Shutdown)
		if err := v.registry.Wait(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// lingering is a connection whose peer never closes its side.
type lingering struct {
	*fakeConn
	cut  chan struct{}
	once *sync.Once
}

func (c lingering) Next() (wire.Frame, error) {
	<-c.cut
	return wire.Frame{}, wire.ErrClosed
}

func (c lingering) Close() error {
	c.once.Do(func() { close(c.cut) })
	return c.fakeConn.Close()
}

func TestWaitCutsWhoDoesNotGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		v.running.Go(func() {
			live(v.registry.Accept(lingering{newFakeConn(wire.TCP), make(chan struct{}), &sync.Once{}}))
		})
		v.tick()
		v.registry.CloseAll(Shutdown)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		err := v.registry.Wait(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(epoch()) != 2*time.Second {
			t.Errorf("after %v: %v", time.Since(epoch()), err)
		}
		v.stop()
	})
}
