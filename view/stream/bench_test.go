package stream

import (
	"testing"
	"time"

	"aoiworld/world"
)

// stroll returns a world of so many players in cells of ten units, with a budget or none, and a tick in which all of them walk on.
func stroll(t testing.TB, players, side, budget int) (c *town, walk func()) {
	c = newTown(t, side, 1<<17, 1)
	if budget > 0 {
		c = newBudgeted(t, side, budget, 1)
	}
	in := &world.Input{}
	for range players {
		c.viewers[c.enter(in, Form(c.next%2))].model = nil
	}
	c.play(in)
	viewers := c.states()
	in = &world.Input{}
	for id, e := range c.truth {
		in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: e.At, Valid: true})
	}
	return c, func() {
		c.tick++
		in.Tick, in.Now = c.tick, time.Duration(c.tick)*50*time.Millisecond
		for i := range in.Moves {
			m := &in.Moves[i]
			m.To.X = min(max(m.To.X+(c.random.Float32()-0.5)/2, 0), c.size)
			m.To.Z = min(max(m.To.Z+(c.random.Float32()-0.5)/2, 0), c.size)
			m.Sequence = uint32(c.tick)
		}
		c.view.Encode(c.world.Step(in), viewers)
		c.view.Compose()
	}
}

// BenchmarkTick is step, encode and compose of 2,000 walkers with about 18 in view, in both forms at once.
func BenchmarkTick(b *testing.B) {
	const players = 2000
	_, walk := stroll(b, players, 31, 0)
	b.ReportAllocs()
	for b.Loop() {
		walk()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/players, "ns/frame")
}

// BenchmarkCrowd is step, encode and compose of 2,000 walkers in one cell, told within 3,200 bytes.
func BenchmarkCrowd(b *testing.B) {
	const players = 2000
	c, walk := stroll(b, players, 1, 3200)
	for range 100 {
		walk()
	}
	if len(c.view.crowds.streams) == 0 {
		b.Fatal("no crowd")
	}
	b.ReportAllocs()
	for b.Loop() {
		walk()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/players, "ns/frame")
}

// TestSteadyStateDoesNotAllocate: once memory has grown, a tick takes none.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, at := range map[string]struct{ side, budget int }{
		"without a budget": {6, 0}, "with one that is large": {6, 1 << 15}, "a crowd": {1, 400}, "crowds in sight of one another": {2, 400},
	} {
		c, walk := stroll(t, 300, at.side, at.budget)
		for range 300 {
			walk()
		}
		if n := testing.AllocsPerRun(200, walk); n > 0 {
			t.Errorf("%s: %v allocations a tick", name, n)
		}
		if crowded := at.budget == 400; crowded && len(c.view.crowds.streams) == 0 {
			t.Errorf("%s: there was none", name)
		}
	}
}
