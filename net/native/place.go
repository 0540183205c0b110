package native

import "math"

// Place is a position in steps of a world's quantum: X and Z from the smallest corner, Y from 0, and the heading V in degrees,
// 0 to 359.
type Place struct{ X, Y, Z, V int32 }

// MaxSteps bounds the coordinates of a Place: X and Z are 0 to MaxSteps, Y is at most MaxSteps up or down, where it
// saturates.
const MaxSteps = 1<<30 - 1

// degrees of a full turn.
const degrees = 360

// Lattice turns positions into places and back. It is the geometry that a Welcome tells.
type Lattice struct {
	MinX, MaxX, MinZ, MaxZ float64 // world units
	Quantum                float64 // world units a step, > 0
}

// Exact reports whether every place in the bounds is a position of its own: whether the bounds are at most MaxSteps wide, and
// float32 tells the steps apart.
func (l Lattice) Exact() bool {
	far := max(math.Abs(l.MinX), math.Abs(l.MaxX), math.Abs(l.MinZ), math.Abs(l.MaxZ))
	const precision = 1 << 24 // of a float32: half a step must be more than it rounds
	return l.Quantum > 0 && (l.MaxX-l.MinX)/l.Quantum <= MaxSteps && (l.MaxZ-l.MinZ)/l.Quantum <= MaxSteps &&
		far/precision < l.Quantum/2
}

// Place returns the place next to a finite position inside the bounds.
func (l Lattice) Place(x, y, z, v float32) Place {
	return Place{
		X: l.step(float64(x)-l.MinX, l.MaxX-l.MinX),
		Y: int32(max(-MaxSteps, min(MaxSteps, math.Round(float64(y)/l.Quantum)))),
		Z: l.step(float64(z)-l.MinZ, l.MaxZ-l.MinZ),
		V: heading(float64(v)),
	}
}

// step is how many steps a distance from the corner is, at most as many as there are.
func (l Lattice) step(distance, width float64) int32 {
	const rounding = 1e-6 // of a step: what 64-bit floats may have lost
	return int32(max(0, min(math.Round(distance/l.Quantum), math.Floor(width/l.Quantum+rounding))))
}

// heading is the whole degree next to v, 0 to 359.
func heading(v float64) int32 {
	whole := int32(math.Mod(math.Round(v), degrees))
	if whole < 0 {
		whole += degrees
	}
	return whole
}

// Position returns the position of a place.
func (l Lattice) Position(p Place) (x, y, z, v float32) {
	return float32(l.MinX + float64(p.X)*l.Quantum), float32(float64(p.Y) * l.Quantum),
		float32(l.MinZ + float64(p.Z)*l.Quantum), float32(p.V)
}

// Turn returns how far it is from one heading to another (degrees, -180 to 179).
func Turn(from, to int32) int32 { return (to-from+degrees+degrees/2)%degrees - degrees/2 }

// Turned returns a heading after a turn.
func Turned(heading, turn int32) int32 { return ((heading+turn)%degrees + degrees) % degrees }
