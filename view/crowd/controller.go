package crowd

import (
	"math"
	"slices"
	"time"

	"aoiworld/aoi"
)

// How the Controller decides.
const (
	// memory is over how long demand is averaged.
	memory = 300 * time.Millisecond
	// most is how many budgets a demand counts for at most, so that one that is gone is soon forgotten.
	most = 16
	// relief is to which share of the budget demand must have sunk for a crowd to end.
	relief = 0.7
	// Dwell is how long a cell stays what it has become, crowded or not.
	Dwell = time.Second
	// cold is what of a demand is nothing (bytes).
	cold = 1
)

// Controller says which cells are crowded: the large ones of those that are in view together, where all of them would take more
// bytes than the budget; to those that would fit if all others were as small, nothing happens. It decides by what happens
// in the cells alone, and not by who looks on.
type Controller struct {
	grid     *aoi.Grid
	budget   float64
	cells    float64 // in a view, at most
	occupied func(aoi.Cell) bool
	index    []int32 // by cell: where it is in hot, and one more; 0 is nowhere
	hot      []heat  // by ascending cell
	newly    []aoi.Cell
	last     time.Duration // when it decided last

	looked  []uint32 // by cell: in which decision a view from there was looked at last
	looking uint32
	demands []float64
}

// heat is what is known of a cell in which something happens.
type heat struct {
	cell       aoi.Cell
	bytes      float64 // since the last decision
	demand     float64 // on average
	changed    time.Duration
	turned     bool // changed is a time at all
	crowded    bool
	over, kept bool // in this decision: some view is over the budget because of it, or over what would end it
}

// NewController returns the controller of a grid's cells, none of which is crowded. A view is what is seen from a cell, if it is
// occupied; budget is in bytes.
func NewController(grid *aoi.Grid, budget int, occupied func(aoi.Cell) bool) *Controller {
	g := grid.Config()
	return &Controller{
		grid: grid, budget: float64(budget), occupied: occupied,
		cells: float64(min(g.Columns, 2*g.Radius+1) * min(g.Rows, 2*g.Radius+1)),
		index: make([]int32, grid.Cells()), looked: make([]uint32, grid.Cells()),
	}
}

// Demand notes that it would take so many bytes to tell all of what happened in a cell. It may be called several times.
func (c *Controller) Demand(cell aoi.Cell, bytes int) {
	if i := c.index[cell]; i > 0 {
		c.hot[i-1].bytes += float64(bytes)
		return
	}
	c.newly = append(c.newly, cell)
	c.hot = append(c.hot, heat{cell: cell, bytes: float64(bytes)})
	c.index[cell] = int32(len(c.hot))
}

// Decide decides anew, by what was demanded since it did last, and tells which cells have become crowded or are so no longer, by
// ascending cell. Time never goes backwards.
func (c *Controller) Decide(now time.Duration, turned func(cell aoi.Cell, crowded bool)) {
	c.average(now)
	c.judge()
	for i := range c.hot {
		h := &c.hot[i]
		want := h.over || h.crowded && h.kept
		if want != h.crowded && (!h.turned || now-h.changed >= Dwell) {
			h.crowded, h.changed, h.turned = want, now, true
			turned(h.cell, want)
		}
	}
}

// average takes in what was demanded, and forgets the cells in which nothing happens any more.
func (c *Controller) average(now time.Duration) {
	if len(c.newly) > 0 {
		slices.SortFunc(c.hot, func(a, b heat) int { return int(a.cell) - int(b.cell) })
		c.newly = c.newly[:0]
	}
	weight := 1 - math.Exp(-float64(now-c.last)/float64(memory))
	c.last = now
	kept := c.hot[:0]
	for _, h := range c.hot {
		h.demand += weight * (min(h.bytes, most*c.budget) - h.demand)
		h.bytes, h.over, h.kept = 0, false, false
		if h.demand < cold && !h.crowded && (!h.turned || now-h.changed >= Dwell) {
			c.index[h.cell] = 0
			continue
		}
		kept = append(kept, h)
		c.index[h.cell] = int32(len(kept))
	}
	c.hot = kept
}

// judge looks at all views that may be over.
func (c *Controller) judge() {
	c.looking++
	for i := range c.hot {
		if c.hot[i].demand*c.cells < relief*c.budget {
			continue // of a view that is over, at least one cell is not so small
		}
		for _, from := range c.grid.Neighbourhood(c.hot[i].cell) {
			if c.looked[from] != c.looking && c.occupied(from) {
				c.looked[from] = c.looking
				c.look(from)
			}
		}
	}
}

// look judges the cells that are seen from one.
func (c *Controller) look(from aoi.Cell) {
	c.demands = c.demands[:0]
	sum := 0.0
	for _, cell := range c.grid.Neighbourhood(from) {
		if i := c.index[cell]; i > 0 {
			sum += c.hot[i-1].demand
			c.demands = append(c.demands, c.hot[i-1].demand)
		}
	}
	if sum <= relief*c.budget {
		return
	}
	slices.Sort(c.demands)
	over, kept := level(c.demands, c.budget), level(c.demands, relief*c.budget)
	for _, cell := range c.grid.Neighbourhood(from) {
		if i := c.index[cell]; i > 0 {
			h := &c.hot[i-1]
			h.over = h.over || h.demand > over
			h.kept = h.kept || h.demand > kept
		}
	}
}

// level returns how much each of some demands may have, the smallest of them first, if a budget is given to all alike and what
// one does not need is for the others: infinitely much where it is enough for all.
func level(demands []float64, budget float64) float64 {
	for i, d := range demands {
		if share := budget / float64(len(demands)-i); d > share {
			return share
		}
		budget -= d
	}
	return math.Inf(1)
}

// Crowded returns whether a cell is crowded.
func (c *Controller) Crowded(cell aoi.Cell) bool {
	i := c.index[cell]
	return i > 0 && c.hot[i-1].crowded
}

// Together returns how many crowded cells are in view together with one at most, itself included.
func (c *Controller) Together(cell aoi.Cell) int {
	together := 1
	for _, from := range c.grid.Neighbourhood(cell) {
		if !c.occupied(from) {
			continue
		}
		count := 0
		for _, seen := range c.grid.Neighbourhood(from) {
			if c.Crowded(seen) {
				count++
			}
		}
		together = max(together, count)
	}
	return together
}
