package stream

import (
	"slices"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/world"
)

// streamID names a stream: cells of the public layer have their own numbers, those of the layers above follow.
type streamID int32

// id returns the stream of a layer's cell.
func (v *View) id(layer world.Layer, c aoi.Cell) streamID {
	return streamID(int(layer)*v.cfg.Grid.Cells() + int(c))
}

// outlook is what a viewer looks at: from a cell, the layers up to one.
type outlook struct {
	cell aoi.Cell
	sees world.Layer
}

// inView reports whether a stream is one of those in view from a cell: its cell is near, in whatever layer it is.
func (v *View) inView(from aoi.Cell, of streamID) bool {
	return v.cfg.Grid.Near(from, aoi.Cell(int(of)%v.cfg.Grid.Cells()))
}

// streamsOf returns the streams in view of an outlook, layer by layer. The slice is valid until the next call.
func (v *View) streamsOf(o outlook) []streamID {
	ids := v.scratch.seen[:0]
	for layer := range o.sees + 1 {
		for _, c := range v.cfg.Grid.Neighbourhood(o.cell) {
			ids = append(ids, v.id(layer, c))
		}
	}
	v.scratch.seen = ids
	return ids
}

// stream is one layer's members in one cell by slot, as of now and as of before this tick, and what happened in this tick.
type stream struct {
	id      streamID
	epoch   uint32
	members []member
	free    []int32 // slots to use again, the last one first
	count   int     // members that are there
	mass    *mass   // nil while it is not crowded

	// Of this tick.
	active  bool
	dealt   bool    // slots are dealt anew: a key takes the delta's place
	left    []int32 // slots
	entered []int32
	moved   []int32
	marked  []int32 // of those who did not enter
	// chats, gestures and messages are for all who see the cell, by their index in the output.
	chats, gestures, messages []int32

	// Written when the first class asks for them.
	delta [forms]chunk
	key   chunk
	told  chunk
}

// chunk is a stretch of the view's chunks that holds so many records. A chunk that nobody has written yet is not there.
type chunk struct {
	start, end int
	updates    int
	there      bool
}

// member is one entity in a stream.
type member struct {
	id     world.ID     // 0: the slot is free
	entity world.Slot   // in the world
	at     native.Place // after this tick, or where it left
	was    native.Place // before this tick, of who moved
	flags  flags
}

// flags say what a member did in this tick.
type flags uint8

const (
	hasEntered flags = 1 << iota
	hasMoved
	hasLeft
	hasMarked
)

// Sparse streams are dealt anew: of more than sparseSlots slots, less than one in sparseShare is taken.
const (
	sparseSlots = 32
	sparseShare = 4
)

// enter gives an entity a slot.
func (s *stream) enter(m member) (slot int32) {
	if n := len(s.free); n > 0 {
		slot = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		slot = int32(len(s.members))
		s.members = append(s.members, member{})
	}
	m.flags = hasEntered
	s.members[slot] = m
	s.entered = append(s.entered, slot)
	s.count++
	return slot
}

// leave takes an entity out. Its slot is free from the next tick on; until then the member stands for what the stream told
// before.
func (s *stream) leave(slot int32) {
	s.members[slot].flags |= hasLeft
	s.left = append(s.left, slot)
	s.count--
}

// move takes a member to another place. What rounds to the same one is no move.
func (s *stream) move(slot int32, at native.Place) {
	m := &s.members[slot]
	if m.at == at {
		return
	}
	m.was, m.at = m.at, at
	m.flags |= hasMoved
	s.moved = append(s.moved, slot)
}

// mark notes that a member's traits are new.
func (s *stream) mark(slot int32) {
	if m := &s.members[slot]; m.flags&(hasEntered|hasMarked) == 0 {
		m.flags |= hasMarked
		s.marked = append(s.marked, slot)
	}
}

// endTick makes ready for the next tick: what was told is what is known, and freed slots can be used again.
func (s *stream) endTick() {
	for _, slots := range [...][]int32{s.entered, s.moved, s.marked} {
		for _, slot := range slots {
			s.members[slot].flags &= hasLeft
		}
	}
	for _, slot := range s.left {
		s.members[slot] = member{}
		s.free = append(s.free, slot)
	}
	s.left, s.entered, s.moved, s.marked = s.left[:0], s.entered[:0], s.moved[:0], s.marked[:0]
	s.chats, s.gestures, s.messages = s.chats[:0], s.gestures[:0], s.messages[:0]
	s.delta, s.key, s.told = [forms]chunk{}, chunk{}, chunk{}
	s.active, s.dealt = false, false
}

// changed reports whether the stream's delta changes what those see who look on. Of a crowd it tells no moves.
func (s *stream) changed() bool {
	return s.dealt || len(s.left)+len(s.entered)+len(s.marked) > 0 || s.mass == nil && len(s.moved) > 0
}

// sparse reports whether slots should be dealt anew. Those of a crowd are not.
func (s *stream) sparse() bool {
	return s.mass == nil && len(s.members) > sparseSlots && s.count*sparseShare < len(s.members)
}

// deal moves all members together, in a new epoch. What happened in this tick is forgotten: a key tells it.
func (s *stream) deal() {
	s.members = slices.DeleteFunc(s.members, func(m member) bool { return m.id == 0 || m.flags&hasLeft != 0 })
	s.members = slices.Clip(slices.Clone(s.members))
	for i := range s.members {
		s.members[i].flags = 0
	}
	s.left, s.entered, s.moved, s.marked, s.free = s.left[:0], s.entered[:0], s.moved[:0], s.marked[:0], s.free[:0]
	s.epoch++
	s.dealt = true
}

// tracked reports whether the stream's key has tracks.
func (s *stream) tracked() bool { return s.mass != nil && !s.mass.fresh }

// baseline appends the members of slots from first on as the stream told them last, before this tick, until take objects: of a
// crowd where their tracks begin. It returns the slot at which it stopped, or 0 at the end.
func (s *stream) baseline(first int32, take func(native.Member, *member) bool) (end int32) {
	tracked := s.tracked()
	for slot := first; slot < int32(len(s.members)); slot++ {
		m := &s.members[slot]
		if m.id == 0 || m.flags&hasEntered != 0 {
			continue
		}
		at := m.at
		switch {
		case tracked:
			at = s.mass.tracks[slot].From
		case m.flags&hasMoved != 0:
			at = m.was
		}
		if !take(native.Member{Slot: slot, ID: int32(m.id), At: at}, m) {
			return slot
		}
	}
	return 0
}
