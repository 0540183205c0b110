package world

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// count asks for a census, which must come, and returns its places by ascending id.
func count(t *testing.T, l *Loop) *Census {
	c, err := l.Census(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(c.Places, func(a, b Place) int { return cmp.Compare(a.ID, b.ID) })
	return c
}

// TestCensus: whoever asks is told where all players are, and what they had asked for before.
func TestCensus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := newTestLoop(t, &recorder{})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		if c := count(t, l); c.World != "main" || len(c.Places) != 0 || c.Grid != small().Grid || c.Rate != 20 {
			t.Errorf("an empty world has %+v", c)
		}
		a := l.Join(Join{Player: 1, Epoch: 1, Sees: Hidden, Layer: Hidden})
		b := l.Join(Join{Player: 2, Epoch: 1})
		to := Position{X: 5, Z: 5, Y: 1, V: 90}
		b.Move(to, 0)
		c := count(t, l)
		if c.Players != 2 || len(c.Places) != 2 || c.Places[0].Layer != Hidden || c.Places[1].At != to || c.Places[1].Layer != Public {
			t.Errorf("got %+v", c)
		}
		if want := l.world.Grid().CellAt(to.X, to.Z); c.Places[1].Cell != want {
			t.Errorf("cell %d, want %d", c.Places[1].Cell, want)
		}
		a.Leave()
		if c := count(t, l); len(c.Places) != 1 || c.Places[0].ID != 2 {
			t.Errorf("after one has left: %+v", c)
		}
		stop()
		running.Wait()
	})
}

// TestCensusesAreShared: however many ask, there are ten censuses a second, and nobody's is older than his question.
func TestCensusesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reports, _ := newTestLoop(t, &recorder{})
		ctx, stop := context.WithCancel(t.Context())
		var running, asking sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		began := time.Now()
		var mu sync.Mutex
		ticks := map[uint64]int{}
		for range 8 {
			asking.Go(func() {
				for time.Since(began) < time.Second {
					before := l.Snapshot().Tick
					c, err := l.Census(ctx)
					if err != nil || c.Tick <= before {
						t.Errorf("asked in tick %d, told of %+v, %v", before, c, err)
						return
					}
					mu.Lock()
					ticks[c.Tick]++
					mu.Unlock()
				}
			})
		}
		asking.Wait()
		stop()
		running.Wait()
		if len(ticks) > 11 || len(ticks) < 9 || len(*reports) < 20 {
			t.Errorf("%d censuses in %d ticks: %v", len(ticks), len(*reports), ticks)
		}
	})
}

// TestCensusOfAStoppedWorld: who asks a world that does not tick does not wait for ever.
func TestCensusOfAStoppedWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := newTestLoop(t, &recorder{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if c, err := l.Census(ctx); c != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("told %+v, %v", c, err)
		}
	})
}

// BenchmarkCensus is what a census costs a tick with 10,000 players.
func BenchmarkCensus(b *testing.B) {
	w, err := New(small())
	if err != nil {
		b.Fatal(err)
	}
	in := &Input{Tick: 1}
	for id := range ID(10_000) {
		in.Joins = append(in.Joins, Join{Player: id + 1, Epoch: 1})
	}
	w.Step(in)
	for b.Loop() {
		if len(w.whereabouts()) != 10_000 {
			b.Fatal("somebody is missing")
		}
	}
}
