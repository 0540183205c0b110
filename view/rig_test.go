package view

import (
	"math/rand/v2"
	"testing"
	"time"

	"aoiworld/view/press"
	"aoiworld/world"
)

// rig is a world of walkers with all their viewers, for measuring.
type rig struct {
	*stage
	random *rand.Rand
	in     world.Input
	at     []world.Position
	size   float32
	ready  []press.State
	frames int
}

// newRig returns a rig of so many walkers in a world of so many cells of ten units a side.
func newRig(t testing.TB, walkers, side int) *rig {
	r := &rig{stage: newStage(t, side, side), random: rand.New(rand.NewPCG(1, 1)), size: float32(side) * 10}
	for i := range walkers {
		id := world.ID(i + 1)
		r.in.Joins = append(r.in.Joins, world.Join{Player: id, Epoch: 1})
		r.in.Moves = append(r.in.Moves, world.Move{Player: id, Epoch: 1, Valid: true})
		r.at = append(r.at, world.Position{X: r.random.Float32() * r.size, Z: r.random.Float32() * r.size})
		r.ready = append(r.ready, press.Ready)
	}
	r.tick()
	r.in.Joins = nil
	return r
}

// tick moves everybody by up to half a unit and composes all frames.
func (r *rig) tick() {
	r.in.Tick++
	r.in.Now += 50 * time.Millisecond
	for i := range r.at {
		p := &r.at[i]
		p.X = min(max(p.X+r.random.Float32()-0.5, 0), r.size)
		p.Z = min(max(p.Z+r.random.Float32()-0.5, 0), r.size)
		r.in.Moves[i].To = *p
	}
	r.view.Encode(r.world.Step(&r.in), r.ready)
	_, deliveries := r.view.Compose()
	r.frames += len(deliveries)
}

// BenchmarkTick is a whole tick without sockets - step, encode, compose - of 2,000 walkers with about 18 in view.
func BenchmarkTick(b *testing.B) {
	r := newRig(b, 2000, 32)
	r.frames = 0
	b.ReportAllocs()
	for b.Loop() {
		r.tick()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(r.frames), "ns/frame")
}
