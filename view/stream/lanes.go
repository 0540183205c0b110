package stream

import (
	"aoiworld/aoi"
	"aoiworld/net/native"
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
	told := press.Crowds{Crowded: len(c.streams), Share: c.governor.Share(), Far: c.told.far, Near: c.told.near}
	for _, s := range c.streams {
		told.Bound = max(told.Bound, s.mass.bound)
	}
	return told
}

// leafOf returns the leaf in which a viewer is, counted from 1: all in it are shown the same. Who is hidden among a public crowd
// has the leaf of that which is nearest. It is 0 for who is in no crowd, or while nothing is told of crowds.
func (v *View) leafOf(slot world.Slot) int32 {
	if v.crowds == nil || !v.crowds.beat {
		return 0
	}
	e := &v.sights[slot]
	if m := v.streams[v.id(e.layer, e.cell)].mass; m != nil && !m.ends {
		return m.first + m.tracks[e.slot].leaf + 1
	}
	if s := v.streams[v.id(world.Public, e.cell)]; e.layer != world.Public && s != nil && s.mass != nil && !s.mass.ends {
		return s.mass.first + v.nearestLeaf(s, e) + 1
	}
	return 0
}

// nearestLeaf returns the leaf of a crowd that is nearest to somebody.
func (v *View) nearestLeaf(s *stream, e *sight) (nearest int32) {
	at := v.streams[v.id(e.layer, e.cell)].members[e.slot].at
	v.crowds.search.Begin(crowd.Box{MinX: at.X, MaxX: at.X, MinZ: at.Z, MaxZ: at.Z})
	v.crowds.search.Add(&s.mass.tree)
	for _, leaf := range v.crowds.search.Found() {
		return int32(leaf)
	}
	return 0
}

// far returns what all who see a crowded stream are told of it in this tick.
func (v *View) far(s *stream, form Form) chunk {
	m := s.mass
	if !m.far[form].there {
		m.far[form] = v.writeFar(s, form)
	}
	return m.far[form]
}

// writeFar writes a far chunk. When the crowd ends, everybody is told of all who are not where their track says.
func (v *View) writeFar(s *stream, form Form) chunk {
	m := s.mass
	fixes := v.scratch.fixes[:0]
	if m.ends {
		for slot := range s.members {
			fixes = s.appendFix(fixes, int32(slot))
		}
		v.scratch.fixes = fixes
	}
	return v.write(len(m.told)+len(fixes), func(dst []byte) []byte {
		dst = native.AppendCrowd(dst, &native.Crowd{
			Stream: int32(s.id), Epoch: s.epoch, Fixes: m.told, Aggregates: m.aggregates,
			BoundMillis: uint32(m.bound.Milliseconds()), Ends: m.ends,
		}, form == Bits)
		return native.AppendNear(dst, int32(s.id), s.epoch, fixes, form == Bits)
	})
}

// appendFix appends where a member is, if that is not where its track says.
func (s *stream) appendFix(dst []native.Fix, slot int32) []native.Fix {
	member := &s.members[slot]
	if !s.mass.tracks[slot].off || member.id == 0 || member.flags&hasLeft != 0 {
		return dst
	}
	return append(dst, native.Fix{Slot: slot, At: member.at})
}

// near returns where those of a leaf are who are not where their tracks say.
func (v *View) near(s *stream, leaf int, form Form) chunk {
	m := s.mass
	for len(m.near[form]) < m.tree.Leaves() {
		m.near[form] = append(m.near[form], chunk{})
	}
	if !m.near[form][leaf].there {
		fixes := v.scratch.fixes[:0]
		v.crowds.slots = m.tree.Leaf(v.crowds.slots[:0], leaf)
		for _, slot := range v.crowds.slots {
			fixes = s.appendFix(fixes, slot)
		}
		v.scratch.fixes = fixes
		m.near[form][leaf] = v.write(len(fixes), func(dst []byte) []byte {
			return native.AppendNear(dst, int32(s.id), s.epoch, fixes, form == Bits)
		})
	}
	return m.near[form][leaf]
}

// crowdsAmong returns the crowded streams among some. The slice is valid until the next call.
func (v *View) crowdsAmong(ids []streamID) []*stream {
	c := v.crowds
	c.seen = c.seen[:0]
	if len(c.streams) > 0 {
		for _, id := range ids {
			if s := v.streams[id]; s != nil && s.mass != nil {
				c.seen = append(c.seen, s)
			}
		}
	}
	return c.seen
}

// appendCrowds writes into the open Tick, in which so much has been written, what its viewers are told of the crowds among some
// streams: in a beat the far lanes, and the near ones of the leaves next to theirs until the frame is as large as room says.
func (v *View) appendCrowds(ids []streamID, form Form, written bool, near vicinity, room int) (told lanes) {
	if v.crowds == nil {
		return lanes{}
	}
	c, seen := v.crowds, v.crowdsAmong(ids)
	if len(seen) == 0 || !c.beat && !written {
		return lanes{}
	}
	v.press.Buf = native.AppendTime(v.press.Buf, c.now)
	if !c.beat {
		return lanes{}
	}
	before := v.press.Size()
	for _, s := range seen {
		v.appendChunk(v.far(s, form))
	}
	told.far = v.press.Size() - before
	v.appendNear(seen, form, near, room)
	told.near = v.press.Size() - before - told.far
	return told
}

// vicinity is from where distances count: from a leaf, counted from 1, or from a cell.
type vicinity struct {
	leaf int32
	cell aoi.Cell
}

// appendNear writes the near lanes of the leaves of some streams, the nearest first, until the frame is as large as room says.
func (v *View) appendNear(seen []*stream, form Form, near vicinity, room int) {
	search := &v.crowds.search
	own, leaf := v.crowds.leaf(near.leaf)
	box := v.boxOf(near.cell)
	if own != nil {
		box = own.mass.tree.Box(leaf)
		if !v.appendWithin(v.near(own, leaf, form), room) {
			return
		}
	}
	search.Begin(box)
	for _, s := range seen {
		search.Add(&s.mass.tree)
	}
	for tree, next := range search.Found() {
		if s := seen[tree]; (s != own || next != leaf) && !v.appendWithin(v.near(s, next, form), room) {
			return
		}
	}
}

// appendWithin writes a chunk into the open frame unless that becomes larger than room says.
func (v *View) appendWithin(c chunk, room int) bool {
	if v.press.Size()+c.end-c.start > room {
		return false
	}
	v.appendChunk(c)
	return true
}

// leaf returns the stream and the leaf in it of one counted from 1; nil for 0.
func (c *crowds) leaf(number int32) (s *stream, leaf int) {
	if number == 0 {
		return nil, 0
	}
	i := len(c.streams) - 1
	for c.streams[i].mass.ends || c.streams[i].mass.first > number-1 {
		i--
	}
	return c.streams[i], int(number - 1 - c.streams[i].mass.first)
}

// boxOf returns the steps between a cell's borders.
func (v *View) boxOf(cell aoi.Cell) crowd.Box {
	b, l := v.cfg.Grid.CellBounds(cell), v.cfg.Lattice
	step := func(from, to float64) int32 { return int32(max(0, min(native.MaxSteps, (to-from)/l.Quantum))) }
	return crowd.Box{
		MinX: step(l.MinX, b.MinX), MaxX: step(l.MinX, b.MaxX), MinZ: step(l.MinZ, b.MinZ), MaxZ: step(l.MinZ, b.MaxZ),
	}
}

// time returns the Tick's time.
func (v *View) time() uint32 {
	if v.crowds == nil {
		return 0
	}
	return v.crowds.now
}

// nearRoom returns how large the open frame may become by near lanes: keys do not count, and what is said is to find room too.
func (v *View) nearRoom(keys int, c *class) int {
	if v.crowds == nil {
		return 0
	}
	sayings := len(v.chats[c.sees].Now())
	for _, id := range v.streamsOf(outlook{c.after, c.sees}) {
		sayings += len(v.bytes(v.told(id)))
	}
	return keys + int(v.crowdBudget()) - sayings
}

// keyRoom is how many bytes of keys a frame may hold.
func (v *View) keyRoom() int {
	const catchUps = 4 // budgets
	if v.crowds == nil {
		return v.cfg.MaxFrame
	}
	return min(v.cfg.MaxFrame, max(catchUps*v.crowds.budget, MinMaxFrame))
}
