package sim

import "math"

// plan is the map, as the protocol's document describes it.
type plan struct {
	size          float64 // of a side, in world units, from 0
	columns, rows int
}

// cell returns the column and row of a place.
func (p plan) cell(at place) (column, row int) {
	index := func(v float32, n int) int {
		return min(int(math.Floor(float64(v)/(p.size/float64(n)))), n-1)
	}
	return index(at.x, p.columns), index(at.z, p.rows)
}

// contains reports whether a place is one at all.
func (p plan) contains(at place) bool {
	for _, v := range []float32{at.x, at.y, at.z, at.v} {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return at.x >= 0 && float64(at.x) <= p.size && at.z >= 0 && float64(at.z) <= p.size
}

// near reports whether two places see each other.
func (p plan) near(a, b place) bool {
	ax, az := p.cell(a)
	bx, bz := p.cell(b)
	return ax-bx <= 1 && bx-ax <= 1 && az-bz <= 1 && bz-az <= 1
}

// nearCell reports whether a place is seen from a cell.
func (p plan) nearCell(cell uint32, at place) bool {
	ax, az := int(cell)%p.columns, int(cell)/p.columns
	bx, bz := p.cell(at)
	return ax-bx <= 1 && bx-ax <= 1 && az-bz <= 1 && bz-az <= 1
}

// oracle knows where everybody truly is, from what was sent alone.
type oracle struct {
	plan   plan
	at     map[int32]place
	chats  []saying           // all that was ever said
	hidden map[int32]bool     // who is
	looks  map[int32]string   // what players wear, if anything
	mail   map[int32][]string // all that a player was ever told alone
	since  map[int32]int      // how many of them were said before a player joined
}

// view returns whom a client must be shown: everybody who is near and not hidden, itself included.
func (o *oracle) view(c *client) map[int32]place {
	seen := map[int32]place{}
	for other, at := range o.at {
		if o.plan.near(o.at[c.id], at) && o.shown(c, other) {
			seen[other] = at
		}
	}
	return seen
}
