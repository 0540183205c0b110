package view

import (
	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// arena is memory for the chunks of one tick.
type arena struct {
	buf   []byte
	usage press.Usage
}

// chunk is a stretch of an arena that holds so many records. A chunk that nobody has written yet is not there.
type chunk struct {
	start, end int32
	updates    int32
	there      bool
}

// reset gives all memory back.
func (a *arena) reset() { a.buf = a.usage.Clear(a.buf) }

// write appends a chunk; fill returns dst with the records appended, and their number.
func (a *arena) write(fill func(dst []byte) ([]byte, int)) chunk {
	start := len(a.buf)
	buf, updates := fill(a.buf)
	a.buf = buf
	return chunk{start: int32(start), end: int32(len(buf)), updates: int32(updates), there: true}
}

// bytes returns a chunk's bytes, valid until the next write.
func (a *arena) bytes(c chunk) []byte { return a.buf[c.start:c.end] }

// appears returns the appearances of everybody who was and is in a cell.
func (v *View) appears(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.appears.there {
		s.appears = v.writeMembers(c, v.mirror.stayed, (*View).writeAppear)
	}
	return s.appears
}

// leaves returns the departures of everybody who was and is in a cell.
func (v *View) leaves(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.leaves.there {
		s.leaves = v.writeMembers(c, v.mirror.stayed, (*View).writeLeave)
	}
	return s.leaves
}

// snapshot returns the snapshot entries of everybody who is in a cell.
func (v *View) snapshot(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.snapshot.there {
		everybody := func(world.Slot, uint64) bool { return true }
		s.snapshot = v.writeMembers(c, everybody, (*View).writeEntry)
	}
	return s.snapshot
}

// marks returns the attributes of everybody who is in a cell and has any.
func (v *View) marks(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.marks.there {
		withAttributes := func(slot world.Slot, _ uint64) bool { return v.mirror.players[slot].hasAttributes() }
		s.marks = v.writeMembers(c, withAttributes, (*View).writeAttributes)
		s.marks.updates = 0 // they belong to the entries of the snapshot
	}
	return s.marks
}

// writeMembers writes a record of each member of a cell that counts, by ascending player id.
func (v *View) writeMembers(c aoi.Cell, counts func(world.Slot, uint64) bool,
	write func(v *View, dst []byte, p *sight) []byte,
) chunk {
	return v.chunks.write(func(dst []byte) ([]byte, int) {
		updates := 0
		for _, slot := range v.mirror.members(c) {
			if counts(slot, v.tick) {
				dst = write(v, dst, &v.mirror.players[slot])
				updates++
			}
		}
		return dst, updates
	})
}

// writeAppear writes an appearance: the place, and attributes where there are any.
func (v *View) writeAppear(dst []byte, p *sight) []byte {
	dst = v.encoder.AppendAppear(dst, int32(p.player), p.at.X, p.at.Y, p.at.Z, p.at.V)
	if p.hasAttributes() {
		dst = v.writeAttributes(dst, p)
	}
	return dst
}

// writeMoved writes a move, and the attributes when they are newer than a tick.
func (v *View) writeMoved(dst []byte, p *sight, since uint64) []byte {
	dst = v.encoder.AppendMoved(dst, int32(p.player), p.at.X, p.at.Y, p.at.Z, p.at.V)
	if p.marked > since {
		dst = v.writeAttributes(dst, p)
	}
	return dst
}

// writeEntry writes an entry of a snapshot.
func (v *View) writeEntry(dst []byte, p *sight) []byte {
	return v.encoder.AppendSnapshotEntry(dst, int32(p.player), p.at.X, p.at.Y, p.at.Z, p.at.V)
}

// writeLeave writes a departure.
func (v *View) writeLeave(dst []byte, p *sight) []byte {
	return v.encoder.AppendLeave(dst, int32(p.player))
}

// writeAttributes writes attributes.
func (v *View) writeAttributes(dst []byte, p *sight) []byte {
	return v.encoder.AppendAttributes(dst, int32(p.player), uint8(p.kind), p.attributes)
}
