package player

import (
	"strings"
	"testing"
	"testing/synctest"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// wave is a command of a game: everybody near is told, and the waver alone.
type wave struct{ Text string }

func (w wave) Apply(tx *world.Tx, by world.Entity) {
	switch {
	case w.Text == "panic":
		panic("no such wave")
	case strings.HasPrefix(w.Text, "flood"):
		for range 300 {
			_ = tx.Tell(by.ID, world.Message{ID: 10002})
		}
	case w.Text == "pester the first":
		for range 300 {
			_ = tx.Tell(1, world.Message{ID: 10002})
		}
	default:
		_ = tx.SetAttributes(by.ID, []byte(w.Text))
		_ = tx.Announce(by.ID, world.Message{ID: 10001, Payload: []byte(w.Text)})
		_ = tx.Tell(by.ID, world.Message{ID: 10002, Payload: []byte("done")})
	}
}

// waving is a game whose message 10000 is a wave.
func waving(b *Builder) {
	b.Handle(10000, func(s *Session, f wire.Frame) error { return s.Act(wave{string(f.Payload)}) })
}

// toldOfGame returns the game's messages, and the attributes, that a client was told of.
func toldOfGame(t testing.TB, c *fakeConn) (all []string) {
	t.Helper()
	for _, f := range c.got(t) {
		must(t, classic.Decode(f, func(e classic.Event) {
			switch {
			case e.Kind == classic.Message && e.Number == 10001:
				all = append(all, "near: "+string(e.Bytes))
			case e.Kind == classic.Message:
				all = append(all, "alone: "+string(e.Bytes))
			case e.Kind == classic.Looks:
				all = append(all, "looks: "+string(e.Bytes))
			}
		}))
	}
	return all
}

func TestHandlersReachTheWorldByCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{build: waving})
		a, b := v.join(wire.TCP), v.join(wire.WebSocket)
		a.send(10000, []byte("hello"))
		v.tick()
		if got := strings.Join(toldOfGame(t, a), ", "); got != "looks: hello, near: hello, alone: done" {
			t.Errorf("the waver was told %q", got)
		}
		if got := strings.Join(toldOfGame(t, b), ", "); got != "looks: hello, near: hello" {
			t.Errorf("the other was told %q", got)
		}
		v.stop()
	})
}

func TestTooManyCommandsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{build: waving})
		a := v.join(wire.TCP)
		for range 20 {
			a.send(10000, []byte("x"))
		}
		v.tick()
		if n := v.refused(RefusedActBusy); n != 4 {
			t.Errorf("%d of 20 commands were refused, want 4", n)
		}
		a.send(10000, []byte("y"))
		v.tick()
		if n := v.refused(RefusedActBusy); n != 4 || v.registry.Snapshot().Live() != 1 {
			t.Errorf("%d refused in the next tick, or the session has ended", n-4)
		}
		v.stop()
	})
}

// TestFailingCommandEndsItsSession: and no other, and the log and the client have the same incident.
func TestFailingCommandEndsItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{build: waving})
		bad, good := v.join(wire.WebSocket), v.join(wire.TCP)
		bad.send(10000, []byte("panic"))
		good.send(10000, []byte("hello"))
		v.tick()
		v.tick()
		if s := v.registry.Snapshot(); s.Live() != 1 || v.closed(Internal) != 1 {
			t.Errorf("sessions %v, closed %v", s.Sessions, s.Closed)
		}
		if !told(t, good, classic.Leave, 1) {
			t.Error("the other was not told that it has left")
		}
		if log := v.log.String(); strings.Count(log, "no such wave") < 2 || !strings.Contains(log, "game_test.go") {
			t.Errorf("the log says:\n%s", log)
		}
		v.stop()
	})
}

// TestMailBeyondMeasureEndsTheSession: what is for one client alone is kept while it does not read, but not without end.
func TestMailBeyondMeasureEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{build: waving})
		a := v.join(wire.TCP)
		a.take(3)
		a.send(10000, []byte("this is taken in part"))
		v.tick()
		a.send(10000, []byte("flood"))
		v.tick()
		if v.closed(SlowConsumer) != 1 {
			t.Errorf("closed %v", v.registry.Snapshot().Closed)
		}
		v.stop()
	})
}
