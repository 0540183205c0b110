package stream

import (
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/view/crowd"
	"aoiworld/world"
)

// crowds is what a view with a budget knows beside its streams.
type crowds struct {
	budget    int // bytes of a frame
	extent    native.Extent
	tolerance int64 // steps that do not matter

	controllers [world.Layers]*crowd.Controller // no layer's streams depend on another's
	governor    crowd.Governor
	streams     []*stream // that are crowded, by ascending id
	spare       []*mass

	beats crowd.Beats
	beat  bool   // this tick is one
	now   uint32 // Tick.time

	picker crowd.Picker
	search crowd.Search
	sums   []crowd.Sum
	slots  []int32
	seen   []*stream
	leaves int32 // of all trees, in this tick
	told   lanes // in this tick, to all viewers together
}

// mass is what there is to a crowded stream beside its members.
type mass struct {
	tracks     []track // by slot
	tree       crowd.Tree
	first      int32 // number of the tree's first leaf among those of all streams
	fixBits    int   // of a record of the far lane, as of the last beat,
	fixBytes   int   // and in columns
	pace       crowd.Pace
	aggregated time.Duration

	// Of this tick.
	fresh      bool // it is crowded only since now: its key is as of before
	ends       bool // everything is told, and it is crowded no longer
	told       []native.Fix
	aggregates []native.Aggregate
	bound      time.Duration

	// Written when the first class asks for them.
	far  [forms]chunk
	near [forms][]chunk // by leaf
}

// track is what a member's track is, and where it truly goes.
type track struct {
	native.Track
	course crowd.Course
	off    bool   // it is not where its track says,
	since  uint32 // since then
	leaf   int32
}

// How the far lane spends its share.
const (
	// farRoom is the beginning of a far chunk (bytes), aggregateRoom an aggregate, firstBits and firstBytes a record while
	// nothing is known.
	farRoom, aggregateRoom, firstBits, firstBytes = 16, 9, 80, 14
	// columnsShare is how many times its room the far lane may take in columns.
	columnsShare = 1.7
	// nearRecord is a record of the near lane (bytes): about as much as in columns, with what the far lane's then take more.
	nearRecord = 14
	// maxAggregates is how many a stream is shown as, and aggregateEvery how often.
	maxAggregates  = 32
	aggregateEvery = time.Second
	// aggregateAbove is the bound above which a crowd is shown as aggregates too.
	aggregateAbove = 5 * time.Second
	// never is when that was which is not shown as aggregates.
	never = -time.Hour
	// straightness is the part of the tolerance by which a straight line may be left.
	straightness = 10
	// soonest and latest are for how long a new track is aimed (milliseconds).
	soonest, latest = 1000, 2000
)

// newCrowds returns the crowds of a view in which there is nobody.
func (v *View) newCrowds() *crowds {
	c := &crowds{
		budget: v.cfg.Budget, beats: crowd.NewBeats(v.cfg.Period), extent: v.cfg.Lattice.Extent(),
		tolerance: int64(max(1, crowd.Tolerance/v.cfg.Lattice.Quantum)),
	}
	for layer := range world.Layers {
		c.controllers[layer] = crowd.NewController(v.cfg.Grid, v.cfg.Budget, func(cell aoi.Cell) bool {
			s := v.streams[v.id(layer, cell)]
			return s != nil && s.count > 0
		})
	}
	return c
}

// endTick forgets what the tick before told, and the crowds that have ended in it.
func (c *crowds) endTick() {
	for _, s := range c.streams {
		if s.mass.ends {
			c.spare = append(c.spare, s.mass)
			s.mass = nil
			continue
		}
		s.mass.endTick()
	}
	c.streams = slices.DeleteFunc(c.streams, func(s *stream) bool { return s.mass == nil })
}

// endTick forgets what the tick before told.
func (m *mass) endTick() {
	m.fresh, m.told, m.aggregates = false, m.told[:0], m.aggregates[:0]
	m.far, m.near = [forms]chunk{}, [forms][]chunk{m.near[Columns][:0], m.near[Bits][:0]}
	m.tree.Reset()
}

// planCrowds decides what crowds are told in this tick.
func (v *View) planCrowds() {
	c := v.crowds
	c.now = uint32(v.now.Milliseconds())
	c.leaves, c.told = 0, lanes{}
	for _, s := range v.active {
		layer, cell := v.layerCell(s.id)
		if bytes := s.demand(); bytes > 0 {
			c.controllers[layer].Demand(cell, bytes)
		}
	}
	for _, s := range c.streams {
		s.follow(c.now)
	}
	if len(c.streams) == 0 {
		c.governor.Rest()
	} else {
		c.governor.Tick(v.out.Load, v.now)
	}
	if c.beat = c.beats.Next(v.now); !c.beat {
		return
	}
	for layer := range world.Layers {
		c.controllers[layer].Decide(v.now, func(cell aoi.Cell, crowded bool) { v.turn(v.id(layer, cell), crowded) })
	}
	for _, s := range c.streams {
		v.tellFar(s)
	}
}

// layerCell returns what a stream is of.
func (v *View) layerCell(of streamID) (world.Layer, aoi.Cell) {
	cells := v.cfg.Grid.Cells()
	return world.Layer(int(of) / cells), aoi.Cell(int(of) % cells)
}

// turn makes a stream crowded: each member's track is where it was told to be last. Or it has a crowd end.
func (v *View) turn(of streamID, crowded bool) {
	c, s := v.crowds, v.streams[of]
	if !crowded {
		s.mass.ends = true
		return
	}
	m := &mass{}
	if n := len(c.spare); n > 0 {
		m = c.spare[n-1]
		c.spare = c.spare[:n-1]
		m.endTick()
	}
	m.fixBits, m.fixBytes, m.pace, m.bound = firstBits, firstBytes, crowd.Pace{}, 0
	m.aggregated, m.fresh, m.ends = never, true, false
	s.mass = m
	m.tracks = m.tracks[:0]
	m.grow(len(s.members))
	for slot := range s.members {
		member := &s.members[slot]
		at := member.at
		if member.flags&hasMoved != 0 {
			at = member.was
		}
		m.tracks[slot].begin(at, c.now)
	}
	i, _ := slices.BinarySearchFunc(c.streams, of, func(s *stream, of streamID) int { return int(s.id - of) })
	c.streams = slices.Insert(c.streams, i, s)
}

// grow makes room for the tracks of so many slots.
func (m *mass) grow(slots int) {
	if n := slots - len(m.tracks); n > 0 {
		m.tracks = append(m.tracks, make([]track, n)...)
	}
}

// begin begins a track with somebody who stands somewhere, as far as is known.
func (t *track) begin(at native.Place, now uint32) {
	*t = track{Track: native.Track{From: at, Since: now}}
}

// follow takes what happened in the tick into the tracks of a crowded stream.
func (s *stream) follow(now uint32) {
	m := s.mass
	m.grow(len(s.members))
	for _, slot := range s.entered {
		m.tracks[slot].begin(s.members[slot].at, now)
	}
	for _, slot := range s.moved {
		at := &s.members[slot].at
		m.tracks[slot].course.Move(crowd.Vector{X: at.X, Y: at.Y, Z: at.Z}, now)
	}
}

// demand returns how many bytes it takes at most to tell of all who moved in the tick.
func (s *stream) demand() (bytes int) {
	for _, slot := range s.moved {
		m := &s.members[slot]
		bytes += native.StepSize(m.was, m.at)
	}
	return bytes
}

// tellFar chooses who is told of in a stream's far lane, and cuts its members into leaves.
func (v *View) tellFar(s *stream) {
	c, m := v.crowds, s.mass
	c.picker.Begin()
	for slot := range s.members {
		if member := &s.members[slot]; member.id != 0 && member.flags&hasLeft == 0 {
			m.tree.Add(member.at.X, member.at.Z, int32(slot))
			if t := &m.tracks[slot]; t.judge(member.at, c) {
				c.picker.Add(crowd.Candidate{
					Member: int32(slot), Off: t.distance(member.at, c), Tolerance: c.tolerance,
					Age: c.now - t.Since, Wait: c.now - t.since,
				})
			}
		}
	}
	if m.ends {
		return // everything is told anyway
	}
	budget := v.crowdBudget()
	far := crowd.FarRoom(budget, nearRecord)
	m.tree.Cut(crowd.LeafSize(budget-far, nearRecord))
	m.first = c.leaves
	c.leaves += int32(m.tree.Leaves())
	for leaf := range m.tree.Leaves() {
		c.slots = m.tree.Leaf(c.slots[:0], leaf)
		for _, slot := range c.slots {
			m.tracks[slot].leaf = int32(leaf)
		}
	}
	layer, cell := v.layerCell(s.id)
	room := far/float64(c.controllers[layer].Together(cell)) - farRoom
	v.tellTracks(s, room-float64(v.aggregate(s, room)))
}

// fit is how many new tracks fit into a room (bytes), but one at least: in bits, unless columns would take far more. They take
// some nine bytes for a record, however little there is to it.
func (m *mass) fit(room float64) int {
	return max(1, min(int(room*8)/m.fixBits, int(room*columnsShare)/m.fixBytes))
}

// crowdBudget is what a frame may hold, as far as crowds are concerned (bytes).
func (v *View) crowdBudget() float64 { return v.crowds.governor.Share() * float64(v.crowds.budget) }

// tellTracks gives so many members new tracks as their records fit into a room (bytes), but one at least.
func (v *View) tellTracks(s *stream, room float64) {
	c, m := v.crowds, s.mass
	n := m.fit(room)
	m.pace.Take(n)
	ahead := c.ahead(n)
	for _, slot := range c.picker.Pick(n) {
		member, t := &s.members[slot], &m.tracks[slot]
		speed := t.course.Velocity(c.now, int32(max(1, c.tolerance/straightness)), ahead)
		t.Track = native.Track{From: member.at, Speed: native.Velocity{X: speed.X, Y: speed.Y, Z: speed.Z}, Since: c.now}
		t.off = false
		m.told = append(m.told, native.Fix{Slot: slot, At: member.at, Speed: t.Speed})
	}
	m.bound = m.pace.Bound(&c.picker, c.beats.Apart())
	if n := len(m.told); n > 0 {
		v.scratch.columns = native.AppendCrowd(v.scratch.columns[:0], &native.Crowd{Fixes: m.told}, false)
		m.fixBits, m.fixBytes = max(1, 8*native.FixBitsSize(m.told)/n), max(1, len(v.scratch.columns)/n)
	}
}

// ahead is for how long tracks are aimed (milliseconds): until it is their turn again, where so many are told of in each beat.
func (c *crowds) ahead(n int) float64 {
	return max(soonest, min(latest, float64(c.beats.Apart().Milliseconds())*float64(c.picker.Len())/float64(n)))
}

// aggregate shows a stream as parts, if it is time to, and returns what that takes (bytes). It is time while a long bound is
// about to be declared: once a second, and at once where the last one was short.
func (v *View) aggregate(s *stream, room float64) int {
	c, m := v.crowds, s.mass
	pace := m.pace
	pace.Take(m.fit(room))
	if pace.Bound(&c.picker, c.beats.Apart()).Truncate(time.Millisecond) <= aggregateAbove {
		m.aggregated = never
		return 0
	}
	if v.now-m.aggregated < aggregateEvery {
		return 0
	}
	parts := maxAggregates
	for parts > 1 && float64(parts*aggregateRoom) > room/2 {
		parts /= 2
	}
	m.aggregated = v.now
	c.sums = m.tree.Sums(c.sums[:0], parts)
	for _, sum := range c.sums {
		m.aggregates = append(m.aggregates, native.Aggregate{Count: sum.Count, X: sum.X, Z: sum.Z})
	}
	return len(m.aggregates) * aggregateRoom
}

// judge notes whether a member is where its track says, and since when it is not.
func (t *track) judge(at native.Place, c *crowds) (off bool) {
	switch {
	case t.At(c.now, c.extent) == at:
		t.off = false
	case !t.off:
		t.off, t.since = true, c.now
	}
	return t.off
}

// distance is how far a member is from where its track says (steps): turning round counts as far as the tolerance, twice.
func (t *track) distance(at native.Place, c *crowds) int64 {
	says := t.At(c.now, c.extent)
	apart := func(a, b int32) int64 { return max(int64(a)-int64(b), int64(b)-int64(a)) }
	turn := apart(native.Turn(says.V, at.V), 0) * c.tolerance / 90
	return max(apart(says.X, at.X), apart(says.Y, at.Y), apart(says.Z, at.Z), turn)
}
