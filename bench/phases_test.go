package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/view"
	"aoiworld/view/press"
	"aoiworld/view/stream"
	"aoiworld/world"
)

// shower is a view as a tick uses it.
type shower struct {
	encode  func(*world.Output)
	compose func() ([]press.Frame, []press.Delivery)
}

// stroll is a world of walkers who all move in each tick, and what their viewers are shown.
type stroll struct {
	world  *world.World
	random *rand.Rand
	in     world.Input
	size   float32
	shower shower
}

// newStroll returns a world as the harness's, with so many walkers, who have joined. show makes the view of one dialect.
func newStroll(b *testing.B, walking int, show func(grid *aoi.Grid, size float64) shower) *stroll {
	side := walkers(walking).Columns
	size := float64(side * cellUnits)
	bounds := aoi.Bounds{MaxX: size, MaxZ: size}
	w, err := world.New(world.Config{Grid: aoi.Config{Bounds: bounds, Columns: side, Rows: side, Radius: 1}, Spawn: bounds, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	s := &stroll{world: w, random: rand.New(rand.NewPCG(1, 1)), size: float32(size), shower: show(w.Grid(), size)}
	for i := range walking {
		id := world.ID(i + 1)
		s.in.Joins = append(s.in.Joins, world.Join{Player: id, Epoch: 1})
		at := world.Position{X: s.random.Float32() * s.size, Z: s.random.Float32() * s.size}
		s.in.Moves = append(s.in.Moves, world.Move{Player: id, Epoch: 1, To: at, Valid: true})
	}
	s.tick()
	s.in.Joins = nil
	return s
}

// tick moves everybody by up to a unit, and returns how long each phase took, and how many frames there are.
func (s *stroll) tick() (step, encode, compose time.Duration, frames int) {
	s.in.Tick++
	s.in.Now += 100 * time.Millisecond
	for i := range s.in.Moves {
		m := &s.in.Moves[i]
		m.To.X = min(max(m.To.X+2*s.random.Float32()-1, 0), s.size)
		m.To.Z = min(max(m.To.Z+2*s.random.Float32()-1, 0), s.size)
		m.Sequence++
	}
	began := time.Now()
	out := s.world.Step(&s.in)
	stepped := time.Now()
	s.shower.encode(out)
	encoded := time.Now()
	_, deliveries := s.shower.compose()
	return stepped.Sub(began), encoded.Sub(stepped), time.Since(encoded), len(deliveries)
}

// showClassic is the view of the classic dialect for so many viewers.
func showClassic(viewers int) func(*aoi.Grid, float64) shower {
	states := make([]press.State, viewers)
	for i := range states {
		states[i] = press.Ready
	}
	return func(grid *aoi.Grid, _ float64) shower {
		v := view.New(view.Config{Grid: grid, MaxFrame: 1 << 17}, classic.Encoder{})
		return shower{func(out *world.Output) { v.Encode(out, states) }, v.Compose}
	}
}

// showNative is the view of the native dialect for so many viewers, who take one form or the other in turn.
func showNative(viewers int) func(*aoi.Grid, float64) shower {
	states := make([]stream.Viewer, viewers)
	for i := range states {
		states[i] = stream.Viewer{State: press.Ready, Form: stream.Form(i % 2)}
	}
	return func(grid *aoi.Grid, size float64) shower {
		lattice := native.Lattice{MaxX: size, MaxZ: size, Quantum: 0.01}
		v := stream.New(stream.Config{Grid: grid, Lattice: lattice, MaxFrame: 1 << 17})
		return shower{func(out *world.Output) { v.Encode(out, states) }, v.Compose}
	}
}

// BenchmarkTick is a tick without sockets, phase by phase, of as many walkers as the harness has bots.
func BenchmarkTick(b *testing.B) {
	for _, dialect := range []struct {
		name string
		show func(viewers int) func(*aoi.Grid, float64) shower
	}{{classicBots, showClassic}, {nativeBots, showNative}} {
		for _, walking := range []int{2000, 5000} {
			b.Run(fmt.Sprintf("%s/players=%d", dialect.name, walking), func(b *testing.B) {
				benchmarkTick(b, newStroll(b, walking, dialect.show(walking)))
			})
		}
	}
}

// benchmarkTick tells the phases apart.
func benchmarkTick(b *testing.B, s *stroll) {
	for range 20 {
		s.tick() // memory grows
	}
	var sums [3]time.Duration
	frames := 0
	b.ReportAllocs()
	for b.Loop() {
		step, encode, compose, n := s.tick()
		sums[0], sums[1], sums[2], frames = sums[0]+step, sums[1]+encode, sums[2]+compose, frames+n
	}
	if frames < b.N*len(s.in.Moves)*9/10 {
		b.Fatalf("%d frames in %d ticks: not everybody was shown what happened", frames, b.N)
	}
	for i, phase := range []string{"step", "encode", "compose"} {
		b.ReportMetric(float64(sums[i].Nanoseconds())/float64(frames), phase+"-ns/frame")
	}
}
