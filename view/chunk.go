package view

import (
	"aoiworld/aoi"
	"aoiworld/world"
)

// arena is memory for the chunks of one tick.
type arena struct {
	buf []byte
}

// chunk is a stretch of an arena that holds so many records. A chunk that nobody has written yet is not there.
type chunk struct {
	start, end int
	updates    int
	there      bool
}

// reset gives all memory back.
func (a *arena) reset() { a.buf = a.buf[:0] }

// write appends a chunk; fill returns dst with the records appended, and their number.
func (a *arena) write(fill func(dst []byte) ([]byte, int)) chunk {
	start := len(a.buf)
	buf, updates := fill(a.buf)
	a.buf = buf
	return chunk{start: start, end: len(buf), updates: updates, there: true}
}

// bytes returns a chunk's bytes, valid until the next write.
func (a *arena) bytes(c chunk) []byte { return a.buf[c.start:c.end] }

// appears returns the appearances of everybody who was and is in a cell.
func (v *View) appears(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.appears.there {
		s.appears = v.writeMembers(c, v.mirror.stayed, v.encoder.AppendAppear)
	}
	return s.appears
}

// leaves returns the departures of everybody who was and is in a cell.
func (v *View) leaves(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.leaves.there {
		s.leaves = v.writeMembers(c, v.mirror.stayed, func(dst []byte, id int32, _, _, _, _ float32) []byte {
			return v.encoder.AppendLeave(dst, id)
		})
	}
	return s.leaves
}

// snapshot returns the snapshot entries of everybody who is in a cell.
func (v *View) snapshot(c aoi.Cell) chunk {
	s := v.sheets.of(c)
	if !s.snapshot.there {
		everybody := func(world.Slot, uint64) bool { return true }
		s.snapshot = v.writeMembers(c, everybody, v.encoder.AppendSnapshotEntry)
	}
	return s.snapshot
}

// writeMembers writes a record of each member of a cell that counts, by ascending player id.
func (v *View) writeMembers(c aoi.Cell, counts func(world.Slot, uint64) bool,
	appendRecord func(dst []byte, id int32, x, y, z, v float32) []byte,
) chunk {
	return v.chunks.write(func(dst []byte) ([]byte, int) {
		updates := 0
		for _, slot := range v.mirror.members(c) {
			if counts(slot, v.tick) {
				p := &v.mirror.players[slot]
				dst = appendRecord(dst, int32(p.player), p.at.X, p.at.Y, p.at.Z, p.at.V)
				updates++
			}
		}
		return dst, updates
	})
}
