package aoi

import (
	"math/rand/v2"
	"testing"
)

// walk is a recorded random walk of a population: the benchmark pays for the grid, not for the random numbers.
type walk struct {
	manager *Manager
	steps   []step
}

type step struct {
	slot Slot
	x, z float32
}

// newWalk places walkers in a square world of so many cells a side and records a million steps of up to one unit in
// cells of 32 units: about one step in 40 crosses a border.
func newWalk(b *testing.B, walkers, side int, spread float64) walk {
	size := float64(side) * 32
	cfg := Config{Bounds: Bounds{MaxX: size, MaxZ: size}, Columns: side, Rows: side, Radius: 1}
	w := walk{manager: NewManager(mustGrid(b, cfg))}
	random := rand.New(rand.NewPCG(1, 2))
	at := make([][2]float64, walkers)
	for i := range at {
		at[i] = [2]float64{size/2 + (random.Float64()-0.5)*spread*size, size/2 + (random.Float64()-0.5)*spread*size}
		w.manager.Add(Slot(i), float32(at[i][0]), float32(at[i][1]))
	}
	for range 1 << 20 {
		i := random.IntN(walkers)
		for axis := range at[i] {
			at[i][axis] = min(max(at[i][axis]+random.Float64()*2-1, 0), size)
		}
		w.steps = append(w.steps, step{Slot(i), float32(at[i][0]), float32(at[i][1])})
	}
	return w
}

// BenchmarkMove is one move with its events: who is no longer seen and who newly is, for those that cross a border.
func BenchmarkMove(b *testing.B) {
	for _, c := range []struct {
		name          string
		walkers, side int
		spread        float64
	}{
		{"10k", 10_000, 64, 1},
		{"100k", 100_000, 200, 1},
		{"10k_crowd", 10_000, 64, 0.045},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := newWalk(b, c.walkers, c.side, c.spread)
			events := 0
			b.ResetTimer()
			for i := range b.N {
				s := &w.steps[i&(1<<20-1)]
				if from, to := w.manager.Move(s.slot, s.x, s.z); from != to {
					events += countEvents(w.manager, from, to) + countEvents(w.manager, to, from)
				}
			}
			b.ReportMetric(float64(events)/float64(b.N), "events/op")
		})
	}
}

// countEvents visits everybody who is in view of a and not of b.
func countEvents(m *Manager, a, b Cell) (events int) {
	for _, c := range m.Neighbourhood(a) {
		if !m.Near(b, c) {
			for range m.Members(c) {
				events++
			}
		}
	}
	return events
}
