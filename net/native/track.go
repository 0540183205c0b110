package native

import "math"

// Velocity is how fast somebody goes, in steps of a world's quantum a second.
type Velocity struct{ X, Y, Z int32 }

// MaxVelocity bounds a velocity along each axis, in both directions. With it a way in thousandths of a step has 53 bits, and is
// exact in a 64-bit float too, for as long as a Track can last.
const MaxVelocity = 1<<20 - 1

// Bounded returns the velocity next to v that can be told.
func (v Velocity) Bounded() Velocity {
	bounded := func(v int32) int32 { return max(-MaxVelocity, min(MaxVelocity, v)) }
	return Velocity{bounded(v.X), bounded(v.Y), bounded(v.Z)}
}

// Extent is how many steps of its quantum a world is wide and deep: X of its places is 0 to Width, Z is 0 to Depth.
type Extent struct{ Width, Depth int32 }

// Extent returns how many steps there are between the bounds.
func (l Lattice) Extent() Extent {
	return Extent{Width: l.step(math.MaxFloat64, l.MaxX-l.MinX), Depth: l.step(math.MaxFloat64, l.MaxZ-l.MinZ)}
}

// Track is what everybody who sees a crowd was told of one of its members last: from where it goes since when, and how fast.
type Track struct {
	From  Place
	Speed Velocity
	Since uint32 // by the world's clock, in milliseconds modulo 2^32
}

// At returns where a member is at a time, by its track. It is the same wherever it is reckoned: server and clients go on from
// it.
func (t *Track) At(now uint32, e Extent) Place {
	elapsed := int64(now - t.Since)
	way := func(v int32) int64 { return int64(v) * elapsed / 1000 }
	return Place{
		X: int32(max(0, min(int64(t.From.X)+way(t.Speed.X), int64(e.Width)))),
		Y: int32(max(-MaxSteps, min(int64(t.From.Y)+way(t.Speed.Y), MaxSteps))),
		Z: int32(max(0, min(int64(t.From.Z)+way(t.Speed.Z), int64(e.Depth)))),
		V: t.From.V,
	}
}
