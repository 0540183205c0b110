package view

import (
	"slices"
	"testing"
	"time"

	"aoiworld/view/press"
	"aoiworld/world"
)

// mostLeaf is how many are in a leaf at most.
const mostLeaf = 24

// newBudgetedTown returns an empty town whose frames have a budget.
func newBudgetedTown(t testing.TB, side, budget int, seed uint64) *town {
	c := newTown(t, side, seed)
	cfg := c.view.cfg
	cfg.Budget, cfg.Period = budget, 50*time.Millisecond
	c.view = New(cfg, c.view.encoder)
	return c
}

// compareCrowds holds what every client that is up to date believes against brute force: exactly who is there and how it looks,
// and exactly where, but for those in a crowd who have moved since all were told of them.
func (c *town) compareCrowds() {
	c.t.Helper()
	grid := c.view.cfg.Grid
	for id, me := range c.clients {
		if c.view.lags[c.slots[id]] != nil {
			continue
		}
		here, count := grid.CellAt(c.truth[id].X, c.truth[id].Z), 0
		for other, at := range c.truth {
			cell := grid.CellAt(at.X, at.Z)
			if !grid.Near(here, cell) {
				continue
			}
			count++
			shown, known := me.shown[other]
			switch m := c.view.crowds.mass(cell); {
			case !known:
				c.t.Fatalf("tick %d: %d misses %d in %d", c.tick, id, other, cell)
			case shown != at && (m == nil || m.ends || !c.view.crowds.tracks[c.slots[other]].off):
				c.t.Fatalf("tick %d: %d is shown %d at %v, not %v; crowd: %v", c.tick, id, other, shown, at, m != nil)
			}
		}
		if len(me.shown) != count {
			c.t.Fatalf("tick %d: %d is shown %d, of whom %d are there", c.tick, id, len(me.shown), count)
		}
		if c.view.crowds != nil && c.view.crowds.beat && !c.busy[id] {
			c.compareLeaf(id, me)
		}
	}
}

// compareLeaf holds what a client believes of those in its own leaf against the truth.
func (c *town) compareLeaf(id world.ID, me *client) {
	c.t.Helper()
	own, leaf := c.view.crowds.leaf(c.view.leafOf(c.slots[id], c.view.mirror.cells.CellOf(c.slots[id])))
	if own == nil || c.handed[id] != c.tick || c.sizes[id]+mostLeaf*c.view.crowds.record > c.view.cfg.Budget {
		return // nothing, or nothing more, was told it
	}
	for _, slot := range own.tree.Leaf(nil, leaf) {
		p := &c.view.mirror.players[slot]
		if me.shown[p.player] != p.at {
			c.t.Fatalf("tick %d: %d is shown %d, in its leaf, at %v, not %v", c.tick, id, p.player, me.shown[p.player], p.at)
		}
	}
}

// TestCrowdsAreShownTheTruth: whatever happens under a small budget and whoever lags, everybody who is up to date knows exactly
// who is there; where somebody is who has not moved since all were told; and everything when all is quiet.
func TestCrowdsAreShownTheTruth(t *testing.T) {
	for seed := range uint64(18) {
		side := []int{1, 3, 6}[seed%3]
		c := newBudgetedTown(t, side, []int{256, 600}[seed/3%2], seed)
		if c.recuts = seed%4 == 3; seed%8 == 3 {
			c.budgets = []int{0, 256, 600, 4000}
		}
		crowds := 0
		for range 150 {
			c.step(float32(side)*10, float64(seed%4)/8)
			c.compareCrowds()
			crowds += c.view.Crowds().Crowded
		}
		if crowds == 0 && side == 1 && !c.recuts && c.view.cfg.Budget == 256 {
			t.Errorf("seed %d: there was no crowd of %d", seed, len(c.clients))
		}
		clear(c.busy)
		for range 80 {
			c.quiet()
			c.compareCrowds()
		}
		if slices.ContainsFunc(c.view.lags, func(l *lag) bool { return l != nil }) || c.view.Crowds().Crowded > 0 {
			t.Fatalf("seed %d: %d crowds, or somebody behind, after 80 quiet ticks", seed, c.view.Crowds().Crowded)
		}
		c.compare()
	}
}

// TestCrowdsKeepToTheBudget: frames of a crowd in which all move are as large as the budget at most, tell each viewer of all that
// are next to it, and of everybody in turn.
func TestCrowdsKeepToTheBudget(t *testing.T) {
	const players, budget = 300, 1500
	c := newBudgetedTown(t, 1, budget, 1)
	in := &world.Input{}
	for c.next <= players {
		in.Joins = append(in.Joins, world.Join{Player: c.next, Epoch: 1})
		c.next++
	}
	c.play(in)
	for tick := range 200 {
		in := &world.Input{}
		for id := world.ID(1); id < c.next; id++ {
			to := world.Position{X: c.random.Float32() * 10, Z: c.random.Float32() * 10, V: float32(tick + 1)}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		c.play(in)
		c.compareCrowds()
		for id, size := range c.sizes {
			if tick > 5 && size > budget {
				t.Fatalf("tick %d: %d is handed %d bytes", tick, id, size)
			}
		}
	}
	for id, me := range c.clients {
		for other, at := range me.shown {
			if age := 200 - at.V; age > 60 {
				t.Fatalf("%d sees %d as it was %v ticks ago", id, other, age)
			}
		}
	}
}

// TestBudgetThatIsNotReachedChangesNothing: not a byte.
func TestBudgetThatIsNotReachedChangesNothing(t *testing.T) {
	for seed := range uint64(6) {
		c := newTown(t, 4, seed)
		c.other = newBudgetedTown(t, 4, 1<<15, seed).view
		for range 60 {
			c.step(40, 0.2)
		}
	}
}

// compareOther holds what another view hands everybody against what this one does.
func (c *town) compareOther(out *world.Output, states []press.State, frames []press.Frame, deliveries []press.Delivery) {
	c.t.Helper()
	c.other.Encode(out, states)
	others, handed := c.other.Compose()
	if !slices.Equal(handed, deliveries) {
		c.t.Fatalf("tick %d: %v is delivered, and %v", c.tick, deliveries, handed)
	}
	for i := range frames {
		if !slices.Equal(frames[i].Bytes, others[i].Bytes) || frames[i].Updates != others[i].Updates {
			c.t.Fatalf("tick %d: frame %d is\n%x\nand\n%x", c.tick, i, frames[i].Bytes, others[i].Bytes)
		}
	}
}

// TestCrowdAllocatesNothing: once all memory has grown.
func TestCrowdAllocatesNothing(t *testing.T) {
	rig := newRig(t, 300, 1)
	cfg := rig.view.cfg
	cfg.Budget = 1500
	rig.view = New(cfg, rig.view.encoder)
	rig.rejoin()
	for range 300 {
		rig.tick()
	}
	if allocations := testing.AllocsPerRun(100, rig.tick); allocations > 0 || len(rig.view.crowds.crowded) == 0 {
		t.Errorf("%v allocations a tick, %d crowds", allocations, len(rig.view.crowds.crowded))
	}
}

// rejoin shows the view of a rig everybody who is there.
func (r *rig) rejoin() {
	out := world.Output{Tick: r.in.Tick}
	for i, at := range r.at {
		out.Changes = append(out.Changes, world.Change{Player: world.ID(i + 1), Slot: world.Slot(i), Before: -1, At: at})
	}
	r.view.Encode(&out, make([]press.State, len(r.at)))
	r.view.Compose()
}

// TestBusyInEarlyTicks: who cannot take the ticks that come early, in which nothing is told of a crowd, is told of those who are
// nearest in each that is due.
func TestBusyInEarlyTicks(t *testing.T) {
	c := newBudgetedTown(t, 1, 3000, 1)
	in := &world.Input{}
	for c.next <= 400 {
		in.Joins = append(in.Joins, world.Join{Player: c.next, Epoch: 1})
		c.next++
	}
	now := time.Duration(0)
	tick := func(in *world.Input, gap time.Duration) {
		c.tick++
		now += gap
		in.Tick, in.Now = c.tick, now
		out := c.world.Step(in)
		c.follow(out)
		c.show(out, c.states(nil))
	}
	tick(in, 50*time.Millisecond)
	const id = world.ID(7)
	for i := range 100 {
		early := i%2 == 0
		c.busy[id] = early
		in, gap := &world.Input{}, 30*time.Millisecond
		if early {
			gap = 20 * time.Millisecond
		}
		for p := world.ID(1); p < c.next; p++ {
			to := c.truth[p]
			to.X, to.Z = min(10, max(0, to.X+(c.random.Float32()-0.5)/2)), min(10, max(0, to.Z+(c.random.Float32()-0.5)/2))
			in.Moves = append(in.Moves, world.Move{Player: p, Epoch: 1, To: to, Valid: true})
		}
		tick(in, gap)
		if i < 50 || early {
			continue
		}
		if !c.view.crowds.beat || c.view.Crowds().Crowded == 0 {
			t.Fatal("no crowd is told of")
		}
		if c.clients[id].shown[id] != c.truth[id] || c.view.lags[c.slots[id]] != nil {
			t.Fatalf("tick %d: it is shown itself at %v, and is at %v", c.tick, c.clients[id].shown[id], c.truth[id])
		}
	}
}
