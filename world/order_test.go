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
