package player

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

func TestSessionLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.connect(wire.TCP)
		synctest.Wait()
		if s := v.registry.Snapshot(); s.Sessions[Connecting][wire.TCP] != 1 || s.Opened[wire.TCP] != 1 {
			t.Errorf("before the tick: %v", s.Sessions)
		}
		v.tick()
		if s := v.registry.Snapshot(); s.Sessions[Active][wire.TCP] != 1 || v.loop.Snapshot().Players != 1 {
			t.Errorf("after the tick: %v", s.Sessions)
		}
		want := []uint32{classic.IDWelcome, classic.IDBroadcast, classic.IDSnapshot}
		if got := c.ids(t); !slices.Equal(got, want) {
			t.Errorf("the newcomer got %v, want %v", got, want)
		}
		c.leave()
		v.tick()
		if v.closed(PeerLeft) != 1 || v.loop.Snapshot().Players != 0 || c.closed != 1 {
			t.Errorf("%d closes, %d players, closed %d times", v.closed(PeerLeft), v.loop.Snapshot().Players, c.closed)
		}
		v.stop()
	})
}

func TestSessionTellsWhyItEnds(t *testing.T) {
	for _, c := range []struct {
		err    error
		reason CloseReason
		code   uint16 // sent
	}{
		{wire.ErrTooLarge, TooLarge, 1009},
		{wire.ErrFlood, Flood, 4009},
		{wire.ErrText, TextMessage, 1003},
		{wire.ErrProtocol, ProtocolError, 0},
		{errReset, PeerLeft, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{})
			conn, other := v.join(wire.WebSocket), v.join(wire.WebSocket)
			conn.incoming <- c.err
			v.tick()
			code, text := conn.closeSent(t)
			if v.closed(c.reason) != 1 || code != c.code || (code != 0 && text != c.reason.Text()) {
				t.Errorf("%v: %d closes, sent %d %q", c.reason, v.closed(c.reason), code, text)
			}
			if !told(t, other, classic.Leave, 1) || conn.lingered != 1 {
				t.Errorf("%v: the other was not told, or lingered %d times", c.reason, conn.lingered)
			}
			v.stop()
		})
	}
}

// told reports whether a client was told of a kind of event about a player.
func told(t testing.TB, c *fakeConn, kind classic.Kind, player int32) (yes bool) {
	t.Helper()
	for _, f := range c.got(t) {
		if f.ID < idPing {
			must(t, classic.Decode(f, func(e classic.Event) { yes = yes || e.Kind == kind && e.PID == player }))
		}
	}
	return yes
}

func TestPanicEndsOneSessionOnly(t *testing.T) {
	explode := func(s *Session) {
		if s.Player() == 1 {
			panic("boom")
		}
	}
	for name, build := range map[string]func(*Builder){
		"handler": func(b *Builder) { b.Handle(66, func(s *Session, _ wire.Frame) error { explode(s); return nil }) },
		"before":  func(b *Builder) { b.Before(func(s *Session, _ wire.Frame) error { explode(s); return nil }) },
		"after":   func(b *Builder) { b.After(func(s *Session, _ wire.Frame, _ error) { explode(s) }) },
		"enter":   func(b *Builder) { b.OnEnter(explode) },
	} {
		synctest.Test(t, func(t *testing.T) {
			var stopped atomic.Int64
			v := newServer(t, setup{build: func(b *Builder) {
				build(b)
				b.OnStop(func(*Session, CloseReason) { stopped.Add(1) })
			}})
			bad, good := v.join(wire.WebSocket), v.join(wire.WebSocket)
			bad.send(66, nil)
			good.send(66, nil)
			v.tick()
			code, text := bad.closeSent(t)
			incident := text[strings.LastIndex(text, " ")+1:]
			log := v.log.String()
			if code != 4003 || len(incident) != 12 || len(text) > 120 || !strings.Contains(log, "incident="+incident) {
				t.Errorf("%s: told %d %q; log %s", name, code, text, log)
			}
			if !strings.Contains(log, "boom") || !strings.Contains(log, "session_test.go") {
				t.Errorf("%s: the log has no fault or no stack: %s", name, log)
			}
			s := v.registry.Snapshot()
			if s.InState(Active) != 1 || s.Live() != 1 || stopped.Load() != 1 {
				t.Errorf("%s: sessions %v, %d stopped", name, s.Sessions, stopped.Load())
			}
			good.sendBytes(classic.AppendMove(nil, 50, 0, 50, 0))
			v.tick()
			if !told(t, good, classic.Moved, 2) || !told(t, good, classic.Leave, 1) == (name != "enter") {
				t.Errorf("%s: the other does not go on", name)
			}
			v.stop()
		})
	}
}

func TestPanicWhenStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := false
		v := newServer(t, setup{build: func(b *Builder) {
			b.OnStop(func(*Session, CloseReason) { panic("boom") })
			b.OnStop(func(*Session, CloseReason) { second = true })
		}})
		c := v.join(wire.TCP)
		c.leave()
		v.tick()
		if !second || v.closed(PeerLeft) != 1 || !strings.Contains(v.log.String(), "boom") {
			t.Errorf("second hook %v, closes %d, log %s", second, v.closed(PeerLeft), v.log)
		}
		v.stop()
	})
}

func TestPanicBelowTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.WebSocket)
		c.incoming <- 3 // makes Next panic
		v.tick()
		if code, _ := c.closeSent(t); code != 4003 || v.closed(Internal) != 1 || c.closed != 1 {
			t.Errorf("told %d, %d closes", code, v.closed(Internal))
		}
		v.stop()
	})
}

// abuses are what a client may do now and then, and not too often.
var abuses = []struct {
	name     string
	offend   func(*fakeConn)
	forgiven int // a minute
	reason   CloseReason
	off      func(*Limits)
}{
	{
		"unknown id", func(c *fakeConn) { c.send(9, nil) },
		20, ProtocolAbuse, func(l *Limits) { l.UnknownPerMinute = 0 },
	},
	{
		"server-only id", func(c *fakeConn) { c.send(classic.IDSnapshot, nil) },
		20, ProtocolAbuse, func(l *Limits) { l.UnknownPerMinute = 0 },
	},
	{
		"malformed", func(c *fakeConn) { c.send(classic.IDPosition, []byte{0xff}) },
		5, ProtocolAbuse, func(l *Limits) { l.MalformedPerMinute = 0 },
	},
	{
		"bad position", func(c *fakeConn) { c.sendBytes(classic.AppendMove(nil, float32(math.NaN()), 0, 0, 0)) },
		10, MoveAbuse, func(l *Limits) { l.BadPositionsPerMinute = 0 },
	},
	{
		"too fast", func(c *fakeConn) { c.sendBytes(classic.AppendMove(nil, 99, 0, 99, 0)) },
		30, MoveAbuse, func(l *Limits) { l.TooFastPerMinute = 0 },
	},
}

// strict makes a world enforce a speed of one unit a second.
func strict(cfg *world.Config) {
	cfg.Movement = world.Movement{Mode: world.MovementEnforce, MaxSpeed: 1}
}

func TestAbuse(t *testing.T) {
	for _, c := range abuses {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{world: strict})
			abuser, patient := v.join(wire.WebSocket), v.join(wire.WebSocket)
			for range 2 {
				<-time.After(time.Minute)
				for range c.forgiven {
					c.offend(abuser)
					c.offend(patient)
					v.tick()
				}
			}
			if n := v.registry.Snapshot().InState(Active); n != 2 {
				t.Fatalf("%s: %d of 2 are left when all should be forgiven", c.name, n)
			}
			c.offend(abuser)
			v.tick()
			if code, _ := abuser.closeSent(t); code != c.reason.Code() || v.closed(c.reason) != 1 {
				t.Errorf("%s: told %d, %d closes", c.name, code, v.closed(c.reason))
			}
			if n := v.registry.Snapshot().InState(Active); n != 1 {
				t.Errorf("%s: %d are left", c.name, n)
			}
			v.stop()
		})
	}
}

func TestKindsOfAbuseAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{world: strict})
		c := v.join(wire.WebSocket)
		for _, kind := range []int{0, 2, 3, 4} {
			for range abuses[kind].forgiven {
				abuses[kind].offend(c)
				v.tick()
			}
		}
		if n := v.registry.Snapshot().InState(Active); n != 1 {
			t.Errorf("closed: %v", v.registry.Snapshot().Closed)
		}
		v.stop()
	})
}

func TestAbuseCanBeTolerated(t *testing.T) {
	for _, c := range abuses {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{world: strict, limits: c.off})
			tolerated := v.join(wire.WebSocket)
			for range 100 {
				c.offend(tolerated)
				v.tick()
			}
			if n := v.registry.Snapshot().InState(Active); n != 1 {
				t.Errorf("%s: closed though the limit is off", c.name)
			}
			v.stop()
		})
	}
}

func TestMessagesAfterTheEndAreDiscarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := 0
		v := newServer(t, setup{build: func(b *Builder) {
			b.Handle(70, func(s *Session, _ wire.Frame) error { handled++; s.Close(Goodbye); return nil })
		}})
		c := v.join(wire.WebSocket)
		c.send(70, nil)
		c.send(70, nil)
		v.tick()
		if code, _ := c.closeSent(t); handled != 1 || code != 1000 || v.closed(Goodbye) != 1 {
			t.Errorf("handled %d, told %d", handled, code)
		}
		v.stop()
	})
}

func TestTransportAnswersThroughTheOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.WebSocket)
		c.control(wire.AppendFrame(nil, idPong, nil))
		if ids := c.ids(t); ids[len(ids)-1] != idPong {
			t.Errorf("wrote %v", ids)
		}
		c.broken = errReset
		c.control(wire.AppendFrame(nil, idPong, nil))
		v.registry.Sweep(time.Now())
		v.tick()
		if v.closed(PeerLeft) != 0 {
			t.Error("a broken connection is closed before its reader has had time to read on")
		}
		v.registry.Sweep(time.Now().Add(sweepEvery))
		v.tick()
		if v.closed(PeerLeft) != 1 {
			t.Error("a broken connection is not closed")
		}
		v.stop()
	})
}

func TestProperties(t *testing.T) {
	type key struct{}
	s, _ := newIdleSession(&syncBuffer{})
	if _, ok := s.Get(key{}); ok {
		t.Error("a property that was never set is there")
	}
	s.Delete(key{})
	s.Set(key{}, 1)
	s.Set("key", 2)
	s.Set(key{}, 3)
	if got, ok := s.Get(key{}); !ok || got != 3 {
		t.Errorf("got %v, %v", got, ok)
	}
	s.Delete(key{})
	if _, ok := s.Get(key{}); ok {
		t.Error("a deleted property is there")
	}
	if got, ok := s.Get("key"); !ok || got != 2 {
		t.Errorf("the other property is %v, %v", got, ok)
	}
}

func TestWhatASessionSaysOfItself(t *testing.T) {
	s, c := newIdleSession(&syncBuffer{})
	if s.RemoteAddr() != c.RemoteAddr() || s.Transport() != wire.WebSocket || s.CloseReason() != Open {
		t.Errorf("%v, %v, %v", s.RemoteAddr(), s.Transport(), s.CloseReason())
	}
	s.Close(Heartbeat)
	s.Close(Shutdown)
	if s.CloseReason() != Heartbeat {
		t.Errorf("the second close counts: %v", s.CloseReason())
	}
}

func TestHandlingAMessageCostsNoAllocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		s := newSession(v.registry.config(), newFakeConn(wire.TCP), Classic)
		f, _, err := wire.Cut(classic.AppendMove(nil, 1, 2, 3, 4), 100)
		must(t, err)
		v.audience.Enter(s, v.loop, world.Join{Player: 7, Epoch: 1})
		v.tick()
		s.handle(f) // the first makes room in the mailbox
		if n := testing.AllocsPerRun(100, func() { s.guard(func() { s.handle(f) }) }); n != 0 {
			t.Errorf("%v allocations a message", n)
		}
	})
}
