package stream

import (
	"fmt"
	"testing"

	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// recutInto has the next tick cut the world into other cells.
func (c *town) recutInto(in *world.Input) {
	cfg := c.world.Grid().Config()
	cfg.Columns, cfg.Rows, cfg.Radius = 1+c.random.IntN(12), 1+c.random.IntN(12), c.random.IntN(3)
	in.Grid, c.recut = &cfg, true
	description := native.AppendMessage(nil, native.IDWorld, &nativepb.World{Columns: uint32(cfg.Columns)})
	budget := c.view.cfg.Budget
	if len(c.budgets) > 0 {
		budget = c.budgets[c.random.IntN(len(c.budgets))]
	}
	c.view.Configure(budget, c.view.cfg.Period, description)
}

// checkDescriptions fails the test unless viewers who are up to date know into how many columns the world is cut.
func (c *town) checkDescriptions() {
	c.t.Helper()
	want := uint32(c.view.cfg.Grid.Config().Columns)
	for id, v := range c.viewers {
		if _, here := c.slots[id]; here && c.recut && c.upToDate(id) && v.columns != want {
			c.t.Fatalf("tick %d: %d knows of %d columns, there are %d", c.tick, id, v.columns, want)
		}
	}
}

// TestViewersBelieveTheTruthOfOtherCells: nor does it matter that the world is cut into other cells meanwhile, with frames that
// hold a view and that do not, with a budget and without.
func TestViewersBelieveTheTruthOfOtherCells(t *testing.T) {
	for seed := range seeds(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := newTown(t, 6, []int{1 << 17, MinMaxFrame}[seed%2], seed)
			if seed%3 == 2 {
				c = newBudgeted(t, 6, 400, seed)
				c.budgets = []int{0, 256, 400, 2000}
			}
			for range 100 {
				in := &world.Input{}
				if c.random.IntN(6) == 0 {
					c.recutInto(in)
				}
				c.disturbWith(in, 40)
				c.checkDescriptions()
				if c.view.crowds != nil {
					c.checkCrowds()
				} else {
					c.compare()
				}
			}
		})
	}
}
