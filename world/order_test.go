package world

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// deed is an order that a test gives.
type deed func(tx *Tx) error

func (d deed) Apply(tx *Tx) error { return d(tx) }

// TestOrders: each is carried out with the next tick, in the order in which they were given, and whoever has given it is told what
// has become of it; one that panics harms nobody.
func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := newTestLoop(t, &recorder{})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = l.Run(ctx) })
		l.Join(Join{Player: 1, Epoch: 1})
		if _, err := l.Do(t.Context(), Teleport{Player: 1, To: at(25, 25)}); err != nil {
			t.Fatal(err)
		}
		var done []string
		no := errors.New("no")
		if err := l.Order(deed(func(*Tx) error { done = append(done, "first"); return nil })); err != nil {
			t.Fatal(err)
		}
		before := l.Snapshot().Tick
		tick, err := l.Do(t.Context(), deed(func(tx *Tx) error { done = append(done, "second"); return no }))
		if !errors.Is(err, no) || tick <= before || tick > l.Snapshot().Tick || len(done) != 2 || done[0] != "first" {
			t.Errorf("tick %d after %d: %v, done %v", tick, before, err, done)
		}
		var f Failure
		if _, err := l.Do(t.Context(), deed(func(*Tx) error { panic("a bug") })); !errors.As(err, &f) || f.Fault != "a bug" {
			t.Errorf("a panic is told as %v", err)
		}
		for _, c := range []struct {
			order Teleport
			want  error
		}{{Teleport{Player: 2, To: at(1, 1)}, ErrNobody}, {Teleport{Player: 1, To: at(31, 1)}, ErrPosition}} {
			if _, err := l.Do(t.Context(), c.order); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.order, err, c.want)
			}
		}
		if c := count(t, l); c.Places[0].At != at(25, 25) {
			t.Errorf("the player is at %v", c.Places[0].At)
		}
		stop()
		running.Wait()
	})
}

// TestOrdersAreBounded: in a tick, and in the time that one waits for a world that does not tick.
func TestOrdersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := newTestLoop(t, &recorder{})
		for i := range maxOrders {
			if err := l.Order(Teleport{}); err != nil {
				t.Fatalf("order %d: %v", i, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Do(ctx, Teleport{}); !errors.Is(err, ErrOrderBusy) {
			t.Errorf("one too many: %v", err)
		}
		tick(t, l, time.Now())
		if _, err := l.Do(ctx, Teleport{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("in a world that does not tick: %v", err)
		}
	})
}

// taken is a world in which player 1 was just taken from 5, 5 to 25, 25, with nothing left of its speed budget before.
func taken(t *testing.T, mode Mode) (w *World, move func(now time.Duration, to Position) Reason) {
	t.Helper()
	cfg := small()
	cfg.Movement = Movement{Mode: mode, MaxSpeed: 10}
	w = mustNew(t, cfg)
	step(w, &Input{Tick: 1, Joins: []Join{{Player: 1, Epoch: 1}}})
	move = func(now time.Duration, to Position) Reason {
		in := &Input{Now: now, Moves: []Move{{Player: 1, Epoch: 1, To: to, Valid: true, Sequence: 7}}}
		if refusals := step(w, in).Refusals; len(refusals) > 0 {
			return refusals[0].Reason
		}
		return Accepted
	}
	if got := move(0, at(8.9, 5)); got != Accepted {
		t.Fatalf("the first move: %v", got)
	}
	out := step(w, &Input{Orders: []Order{Teleport{Player: 1, To: at(25, 25)}}})
	if r := out.Refusals; len(r) != 1 || r[0].Reason != Teleported || r[0].At != at(25, 25) || out.Ordered[0] != nil {
		t.Fatalf("told %+v, %v", r, out.Ordered)
	}
	if c := out.Changes; len(c) != 1 || c[0].At != at(25, 25) || c[0].After != w.Grid().CellAt(25, 25) {
		t.Fatalf("changed %+v", c)
	}
	return w, move
}

// TestTeleport: who was taken elsewhere can move from there at once, and what was sent from where it was does not take it back;
// neither counts as too fast. Once the client has moved from where it is now, or after a second, all moves count.
func TestTeleport(t *testing.T) {
	const ms = time.Millisecond
	for _, mode := range []Mode{MovementOff, MovementEnforce} {
		_, move := taken(t, mode)
		for _, c := range []struct {
			now  time.Duration
			to   Position
			want Reason
		}{
			{10 * ms, at(9, 5), Teleported},
			{900 * ms, at(12, 12), Teleported},
			{901 * ms, at(22, 24), Accepted},
		} {
			if got := move(c.now, c.to); got != c.want {
				t.Errorf("%s: to %v after %v: %v, want %v", mode, c.to, c.now, got, c.want)
			}
		}
		want := map[Mode]Reason{MovementOff: Accepted, MovementEnforce: TooFast}[mode]
		if got := move(902*ms, at(5, 5)); got != want {
			t.Errorf("%s: back to where it was: %v, want %v", mode, got, want)
		}
		_, move = taken(t, mode)
		if got := move(0, at(22, 25)); got != Accepted {
			t.Errorf("%s: on from there at once: %v", mode, got)
		}
		_, move = taken(t, mode)
		if got := move(1000*ms, at(5, 5)); got != want {
			t.Errorf("%s: back after a second: %v, want %v", mode, got, want)
		}
	}
}

// TestTeleportIsPartOfTheState: a world that is restored meanwhile knows of it.
func TestTeleportIsPartOfTheState(t *testing.T) {
	w, _ := taken(t, MovementOff)
	restored, err := Restore(w.cfg, w.AppendState(nil))
	if err != nil {
		t.Fatal(err)
	}
	in := &Input{Now: time.Second / 2, Moves: []Move{{Player: 1, Epoch: 1, To: at(5, 5), Valid: true}}}
	if r := step(restored, in).Refusals; len(r) != 1 || r[0].Reason != Teleported {
		t.Errorf("refused %+v", r)
	}
}
