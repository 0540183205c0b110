package bot

import (
	"fmt"
	"math"

	"aoiworld/net/native"
)

// World is the server's geometry, as protocol.md tells it to clients that reckon with cells.
type World struct {
	// MinX to MaxX and MinZ to MaxZ are the borders in world units, all four included.
	MinX, MaxX, MinZ, MaxZ float64
	// Columns along X and Rows along Z, each ≥ 1.
	Columns, Rows int
	// Radius is how many cells in each direction are seen, ≥ 0; 1 is the nine-cell neighbourhood.
	Radius int
	// Quantum is to what positions are rounded in the native dialect, in world units; 0 is a hundredth.
	Quantum float64
}

// flags returns the flags of client_sim that describe the world.
func (w World) flags() string {
	return fmt.Sprintf("--bounds %v,%v,%v,%v --columns %d --rows %d --view-radius %d --quantum %v",
		w.MinX, w.MaxX, w.MinZ, w.MaxZ, w.Columns, w.Rows, w.Radius, w.lattice().Quantum)
}

// lattice is to what positions are rounded.
func (w World) lattice() native.Lattice {
	const hundredth = 0.01
	l := native.Lattice{MinX: w.MinX, MaxX: w.MaxX, MinZ: w.MinZ, MaxZ: w.MaxZ, Quantum: w.Quantum}
	if l.Quantum == 0 {
		l.Quantum = hundredth
	}
	return l
}

// check reports why the world is impossible.
func (w World) check() error {
	sides := w.MinX < w.MaxX && w.MinZ < w.MaxZ && !math.IsInf(w.MaxX-w.MinX, 0) && !math.IsInf(w.MaxZ-w.MinZ, 0)
	if !sides || w.Columns < 1 || w.Rows < 1 || w.Radius < 0 || !(w.Quantum >= 0) {
		return fmt.Errorf("%w: world %v..%v × %v..%v in %d × %d cells, view radius %d, quantum %v",
			ErrConfig, w.MinX, w.MaxX, w.MinZ, w.MaxZ, w.Columns, w.Rows, w.Radius, w.Quantum)
	}
	return nil
}

// cell is a column and a row.
type cell struct{ column, row int }

// id numbers the cells row by row.
func (w World) id(c cell) int { return c.row*w.Columns + c.column }

// width and depth are the size of a cell along X and Z, in world units.
func (w World) width() float64 { return (w.MaxX - w.MinX) / float64(w.Columns) }
func (w World) depth() float64 { return (w.MaxZ - w.MinZ) / float64(w.Rows) }

// cellAt returns the cell of a position inside the world: column floor((x-minX)/((maxX-minX)/columns)) in 64-bit
// floats, row likewise; the far borders belong to the last column and row.
func (w World) cellAt(x, z float32) cell {
	return cell{
		column: strip((float64(x)-w.MinX)/w.width(), w.Columns),
		row:    strip((float64(z)-w.MinZ)/w.depth(), w.Rows),
	}
}

// strip is the whole part of a coordinate counted in cells, within 0 to n-1.
func strip(v float64, n int) int {
	return max(0, min(int(math.Floor(v)), n-1))
}

// sees reports whether somebody in cell a is shown who is in cell b. It holds both ways.
func (w World) sees(a, b cell) bool {
	return abs(a.column-b.column) <= w.Radius && abs(a.row-b.row) <= w.Radius
}

// inside returns the position next to (x, z) that lies in the world.
func (w World) inside(x, z float64) (float32, float32) {
	return within(x, w.MinX, w.MaxX), within(z, w.MinZ, w.MaxZ)
}

// within returns the float32 next to v between low and high, which need not be float32 themselves.
func within(v, low, high float64) float32 {
	f := float32(max(low, min(v, high)))
	switch {
	case float64(f) < low:
		return math.Nextafter32(f, math.MaxFloat32)
	case float64(f) > high:
		return math.Nextafter32(f, -math.MaxFloat32)
	}
	return f
}

// abs is the distance of v from 0.
func abs(v int) int { return max(v, -v) }
