package sim

import (
	"fmt"
	"math"
	"time"
)

// How a viewer cell may lag behind, as docs/native.md has it.
const (
	margin     = 0.1 // of a cell
	shiftEvery = 250 * time.Millisecond
)

// looksFrom notes from which cell a client looks, and since when: with a welcome, and in a world that was cut into other cells,
// it begins anew.
func (c *client) looksFrom(anew bool) {
	if cell := c.native.replica.Cell(); cell != c.native.cell || anew {
		c.native.cell, c.native.shifted = cell, time.Now()
	}
}

// strays says how a viewer cell has fallen too far behind its viewer, who is beyond the margin though there was time to follow.
func (o *oracle) strays(c *client) string {
	out, at := o.plan.outside(c.native.cell, o.at[c.id]), time.Since(c.native.shifted)
	if out > margin+1e-6 && at >= shiftEvery {
		return fmt.Sprintf("looks from cell %d since %v, but is %.3f cells outside it", c.native.cell, at, out)
	}
	return ""
}

// outside returns how far a place is outside a cell, in sides of a cell; not above 0 for one inside.
func (p plan) outside(cell uint32, at place) float64 {
	beyond := func(v float32, index, n int) float64 {
		scaled := float64(v) / (p.size / float64(n))
		return math.Max(float64(index)-scaled, scaled-float64(index+1))
	}
	return math.Max(beyond(at.x, int(cell)%p.columns, p.columns), beyond(at.z, int(cell)/p.columns, p.rows))
}
