package view

import (
	"aoiworld/aoi"
	"aoiworld/view/crowd"
	"aoiworld/view/press"
	"aoiworld/world"
)

// lanes is how many bytes of a frame tell of crowds: of each some, to all who see it, and of who is near its viewers.
type lanes struct{ far, near int }

// Crowds returns what was told of crowds in the last tick.
func (v *View) Crowds() press.Crowds {
	c := v.crowds
	if c == nil {
		return press.Crowds{Share: 1}
	}
	told := press.Crowds{Crowded: len(c.crowded), Share: c.governor.Share(), Far: c.told.far, Near: c.told.near}
	for _, m := range c.crowded {
		told.Bound = max(told.Bound, m.bound)
	}
	return told
}

// leafOf returns the leaf in which a viewer is, counted from 1: all in it are shown the same. It is 0 for who is in no crowd, or
// while nothing is told of crowds.
func (v *View) leafOf(slot world.Slot, after aoi.Cell) int32 {
	if v.crowds == nil || !v.crowds.beat {
		return 0
	}
	if m := v.crowds.mass(after); m != nil && !m.ends {
		return m.first + v.crowds.tracks[slot].leaf + 1
	}
	return 0
}

// far returns the moves that all are told who see a crowd.
func (v *View) far(m *mass) chunk {
	if !m.far.there {
		m.far = v.chunks.write(func(dst []byte) ([]byte, int) {
			for _, slot := range m.told {
				dst = v.writePlace(dst, slot)
			}
			return dst, len(m.told)
		})
	}
	return m.far
}

// near returns the moves of those in a leaf who are not where all know them to be.
func (v *View) near(m *mass, leaf int) chunk {
	for len(m.near) < m.tree.Leaves() {
		m.near = append(m.near, chunk{})
	}
	if !m.near[leaf].there {
		v.crowds.slots = m.tree.Leaf(v.crowds.slots[:0], leaf)
		m.near[leaf] = v.chunks.write(func(dst []byte) ([]byte, int) {
			updates := 0
			for _, slot := range v.crowds.slots {
				if v.crowds.tracks[slot].off {
					dst = v.writePlace(dst, world.Slot(slot))
					updates++
				}
			}
			return dst, updates
		})
	}
	return m.near[leaf]
}

// writePlace writes where somebody is.
func (v *View) writePlace(dst []byte, slot world.Slot) []byte {
	p := &v.mirror.players[slot]
	return v.encoder.AppendMoved(dst, int32(p.player), p.at.X, p.at.Y, p.at.Z, p.at.V)
}

// appendCrowds writes what a class is told of the crowds that it saw before and sees: some of each, and all of the leaves next to
// its own, the nearest first, until the frame is as large as room says.
func (v *View) appendCrowds(c class, room int) (told lanes) {
	if v.crowds == nil || !v.crowds.beat || len(v.crowds.crowded) == 0 {
		return lanes{}
	}
	before := v.press.Size()
	seen := v.crowds.seen[:0]
	for _, cell := range v.cfg.Grid.Neighbourhood(c.after) {
		if m := v.crowds.mass(cell); m != nil && v.cfg.Grid.Near(c.before, cell) {
			seen = append(seen, m)
			v.writeChunk(v.far(m))
		}
	}
	v.crowds.seen = seen
	told.far = v.press.Size() - before
	v.appendNear(c, room)
	told.near = v.press.Size() - before - told.far
	return told
}

// appendNear writes all of the leaves next to a class's own, in the crowds that it sees, until the frame is as large as room
// says.
func (v *View) appendNear(c class, room int) {
	own, leaf := v.crowds.leaf(c.leaf)
	box := v.boxOf(c.after)
	if own != nil {
		box = own.tree.Box(leaf)
		if v.cfg.Grid.Near(c.before, own.cell) && !v.writeWithin(v.near(own, leaf), room) {
			return
		}
	}
	search, seen := &v.crowds.search, v.crowds.seen
	search.Begin(box)
	for _, m := range seen {
		search.Add(&m.tree)
	}
	for tree, next := range search.Found() {
		if m := seen[tree]; (m != own || next != leaf) && !v.writeWithin(v.near(m, next), room) {
			return
		}
	}
}

// writeWithin writes a chunk into the open frame unless that becomes larger than room says.
func (v *View) writeWithin(c chunk, room int) bool {
	if v.press.Size()+len(v.chunks.bytes(c)) > room {
		return false
	}
	v.writeChunk(c)
	return true
}

// leaf returns the crowd and the leaf in it of one counted from 1; nil for 0.
func (c *crowds) leaf(number int32) (m *mass, leaf int) {
	if number == 0 {
		return nil, 0
	}
	i := len(c.crowded) - 1
	for c.crowded[i].ends || c.crowded[i].first > number-1 {
		i--
	}
	return c.crowded[i], int(number - 1 - c.crowded[i].first)
}

// boxOf returns the steps between a cell's borders.
func (v *View) boxOf(cell aoi.Cell) crowd.Box {
	b, world := v.cfg.Grid.CellBounds(cell), v.cfg.Grid.Config().Bounds
	step := func(from, to float64) int32 { return int32((to - from) * v.crowds.steps) }
	return crowd.Box{
		MinX: step(world.MinX, b.MinX), MaxX: step(world.MinX, b.MaxX),
		MinZ: step(world.MinZ, b.MinZ), MaxZ: step(world.MinZ, b.MaxZ),
	}
}

// crowdRoom returns how large a frame may become by what is near, of which some bytes tell of who appears.
func (v *View) crowdRoom(appears int) int {
	if v.crowds == nil {
		return 0
	}
	return appears + int(v.crowdBudget())
}

// catchUpRoom is how many bytes a frame may hold that brings a viewer up to date: besides who comes and goes in its view, which
// cannot wait.
func (v *View) catchUpRoom(after aoi.Cell) int {
	const catchUps, coming = 4, 2 // budgets; moves, about, that an appearance or a departure is as long as
	if v.crowds == nil {
		return v.cfg.MaxFrame
	}
	room := max(catchUps*v.crowds.budget, MinMaxFrame)
	for _, cell := range v.cfg.Grid.Neighbourhood(after) {
		room += coming * v.crowds.record * (len(v.sheets.entered(cell)) + len(v.sheets.left(cell)))
	}
	return min(v.cfg.MaxFrame, room)
}
