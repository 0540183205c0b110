package view

import (
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/view/crowd"
	"aoiworld/world"
)

// crowds is what a view with a budget knows beside its mirror.
type crowds struct {
	budget     int     // bytes of a frame
	record     int     // bytes of a move
	steps      float64 // in a world unit: in which distances are reckoned
	controller *crowd.Controller
	governor   crowd.Governor
	beats      crowd.Beats
	masses     []*mass // by cell; nil where there is no crowd
	crowded    []*mass // by ascending cell
	spare      []*mass
	tracks     []track // by slot

	beat   bool   // this tick is one
	now    uint32 // milliseconds
	picker crowd.Picker
	search crowd.Search
	slots  []int32
	seen   []*mass
	told   lanes           // in this tick, to all viewers together
	lanes  map[int32]lanes // by frame of this tick
}

// mass is a cell that is crowded.
type mass struct {
	cell  aoi.Cell
	tree  crowd.Tree
	first int32 // number of the tree's first leaf among those of all crowds
	pace  crowd.Pace
	bound time.Duration // within which everybody is told of who is not where all know it to be

	// Of this tick.
	ends bool // everything is told, and it is crowded no longer
	told []world.Slot

	// Written when the first class asks for them.
	far  chunk
	near []chunk // by leaf
}

// track is what is known of somebody in a crowd.
type track struct {
	told  world.Position // where it is, as far as all know who see it
	at    uint32         // since when
	off   bool           // it has moved since,
	since uint32         // since then
	leaf  int32
}

// newCrowds returns the crowds of a view in which there is nobody.
func (v *View) newCrowds() *crowds {
	const most = 1 << 28 // steps along a side of the world
	b := v.cfg.Grid.Config().Bounds
	c := &crowds{
		budget: v.cfg.Budget, beats: crowd.NewBeats(v.cfg.Period),
		record: max(1, len(v.encoder.AppendMoved(nil, 1<<20, 123.4, 5.6, 123.4, 90))),
		steps:  most / max(b.MaxX-b.MinX, b.MaxZ-b.MinZ),
		masses: make([]*mass, v.cfg.Grid.Cells()),
		lanes:  make(map[int32]lanes),
	}
	occupied := func(cell aoi.Cell) bool { return len(v.mirror.cells.Members(cell)) > 0 }
	c.controller = crowd.NewController(v.cfg.Grid, v.cfg.Budget, occupied)
	return c
}

// mass returns the crowd of a cell, or nil.
func (c *crowds) mass(cell aoi.Cell) *mass {
	if c == nil || cell == aoi.None {
		return nil
	}
	return c.masses[cell]
}

// endTick forgets what the tick before told, and the crowds that have ended in it.
func (c *crowds) endTick() {
	for _, m := range c.crowded {
		m.told, m.far, m.near = m.told[:0], chunk{}, m.near[:0]
		m.tree.Reset()
		if m.ends {
			c.masses[m.cell] = nil
			c.spare = append(c.spare, m)
		}
	}
	c.crowded = slices.DeleteFunc(c.crowded, func(m *mass) bool { return m.ends })
}

// planCrowds decides what crowds are told in this tick.
func (v *View) planCrowds() {
	c := v.crowds
	clear(c.lanes)
	c.now, c.told = uint32(v.out.Now.Milliseconds()), lanes{}
	c.tracks = append(c.tracks, make([]track, len(v.mirror.players)-len(c.tracks))...)
	for _, s := range v.sheets.active {
		if len(s.stayed) > 0 {
			c.controller.Demand(s.cell, len(s.stayed)*c.record)
		}
		if c.masses[s.cell] != nil {
			v.follow(s)
		}
	}
	if len(c.crowded) == 0 {
		c.governor.Rest()
	} else {
		c.governor.Tick(v.out.Load, v.out.Now)
	}
	if c.beat = c.beats.Next(v.out.Now); !c.beat {
		return
	}
	c.controller.Decide(v.out.Now, v.turn)
	leaves := int32(0)
	for _, m := range c.crowded {
		m.first = leaves
		v.tellFar(m)
		leaves += int32(m.tree.Leaves())
	}
}

// follow takes what happened in a crowded cell into its tracks: of those who came everybody is told.
func (v *View) follow(s *sheet) {
	for _, i := range s.entered {
		slot := v.out.Changes[i].Slot
		v.crowds.tracks[slot] = track{told: v.mirror.players[slot].at, at: v.crowds.now}
	}
	for _, i := range s.stayed {
		v.crowds.tracks[v.out.Changes[i].Slot].moved(v.crowds.now)
	}
}

// moved notes that somebody is no longer where all know it to be: even if it should come back there, for some may have been told
// of it meanwhile.
func (t *track) moved(now uint32) {
	if !t.off {
		t.off, t.since = true, now
	}
}

// turn makes a cell crowded: everybody in it was told of, but for those who have moved in this tick. Or it has a crowd end.
func (v *View) turn(cell aoi.Cell, crowded bool) {
	c := v.crowds
	if !crowded {
		c.masses[cell].ends = true
		return
	}
	m := &mass{}
	if n := len(c.spare); n > 0 {
		m = c.spare[n-1]
		c.spare = c.spare[:n-1]
	}
	m.cell, m.pace, m.ends = cell, crowd.Pace{}, false
	c.masses[cell] = m
	i, _ := slices.BinarySearchFunc(c.crowded, cell, func(m *mass, cell aoi.Cell) int { return int(m.cell - cell) })
	c.crowded = slices.Insert(c.crowded, i, m)
	for _, slot := range v.mirror.cells.Members(cell) {
		c.tracks[slot] = track{told: v.mirror.players[slot].at, at: c.now}
	}
	for _, i := range v.sheets.of(cell).stayed {
		c.tracks[v.out.Changes[i].Slot].moved(c.now)
	}
}

// tellFar chooses who is told to all that see a crowd, and cuts its members into leaves. If it ends that is everybody.
func (v *View) tellFar(m *mass) {
	c := v.crowds
	c.slots = c.slots[:0]
	for _, slot := range v.mirror.cells.Members(m.cell) {
		c.slots = append(c.slots, int32(slot))
	}
	slices.Sort(c.slots)
	c.picker.Begin()
	b := v.cfg.Grid.Config().Bounds
	for _, slot := range c.slots {
		t, at := &c.tracks[slot], &v.mirror.players[slot].at
		m.tree.Add(int32((float64(at.X)-b.MinX)*c.steps), int32((float64(at.Z)-b.MinZ)*c.steps), slot)
		if t.off {
			c.picker.Add(crowd.Candidate{
				Member: slot, Off: t.distance(at, c.steps), Tolerance: int64(max(1, crowd.Tolerance*c.steps)),
				Age: c.now - t.at, Wait: c.now - t.since,
			})
		}
	}
	n := c.picker.Len()
	if !m.ends {
		budget := v.crowdBudget()
		far := crowd.FarRoom(budget, c.record)
		m.tree.Cut(crowd.LeafSize(budget-far, c.record))
		v.fileLeaves(m)
		room := far / float64(c.controller.Together(m.cell))
		n = max(1, int(room)/c.record)
	}
	m.pace.Take(n)
	for _, slot := range c.picker.Pick(n) {
		p := &v.mirror.players[slot]
		c.tracks[slot].told, c.tracks[slot].at, c.tracks[slot].off, p.told = p.at, c.now, false, v.tick
		m.told = append(m.told, world.Slot(slot))
	}
	m.bound = m.pace.Bound(&c.picker, c.beats.Apart())
}

// fileLeaves notes who is in which leaf.
func (v *View) fileLeaves(m *mass) {
	c := v.crowds
	for leaf := range m.tree.Leaves() {
		c.slots = m.tree.Leaf(c.slots[:0], leaf)
		for _, slot := range c.slots {
			c.tracks[slot].leaf = int32(leaf)
		}
	}
}

// distance is how far somebody is from where all know it to be, in steps.
func (t *track) distance(at *world.Position, steps float64) int64 {
	apart := max(abs(at.X-t.told.X), abs(at.Y-t.told.Y), abs(at.Z-t.told.Z), abs(at.V-t.told.V)*crowd.Tolerance/90)
	const most = 1 << 40
	return int64(min(float64(apart)*steps, most))
}

// abs is how far v is from 0.
func abs(v float32) float32 { return max(v, -v) }

// crowdBudget is what a frame may hold, as far as crowds are concerned (bytes).
func (v *View) crowdBudget() float64 { return v.crowds.governor.Share() * float64(v.crowds.budget) }
