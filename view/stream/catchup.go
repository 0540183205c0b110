package stream

import (
	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/world"
)

// Bounds of what the parts of a catch-up take (bytes).
const (
	shiftRoom  = 32 // of the beginning of a Tick with a shift that drops nothing
	memberRoom = 26 // of a member, at most
	traitRoom  = 24 // of traits beside name and attributes, at most
	keyRoom    = 32 // of a key chunk beside its members, at most
)

// catchUp brings a viewer that fell behind up to date: the chats and the mail that it missed, and the keys of its cells. What
// does not fit into the frame follows in later ticks, with the deltas of what was sent.
func (v *View) catchUp(slot world.Slot, viewer *Viewer) {
	w := &v.watchers[slot]
	l := w.lag
	v.press.Begin()
	if viewer.Welcome != nil {
		v.appendWelcome(slot, viewer)
	}
	room := v.cfg.MaxFrame - personalRoom - shiftRoom - v.press.Size()
	if l.begun && (v.look(w, &v.sights[slot]) != w.cell || v.sizeOfSent(l, w.cell, viewer.Form) > room/2) {
		l.begun = false
	}
	told := v.appendMissed(l, room/2)
	v.appendTick(func() { v.appendKeys(slot, viewer.Form, room-told) })
	if l.refused != nil {
		v.correct(w, l.refused)
		l.refused = nil
	}
	v.press.Deliver(slot, v.press.End())
	if l.done == len(v.cfg.Grid.Neighbourhood(w.cell)) && l.chat == v.chats.Next() && l.mail.Empty() {
		w.lag = nil
	}
}

// appendMissed writes mail and chats that a viewer has not got, within so many bytes, and returns how many it took.
func (v *View) appendMissed(l *lag, room int) (taken int) {
	fits := func(b []byte) bool {
		if taken+len(b) > room {
			return false
		}
		taken += len(b)
		v.press.Write(b, 0)
		return true
	}
	l.mail.Hand(fits)
	missed := v.chats.Since(l.chat)
	l.chat = v.chats.Next()
	for i, chat := range missed {
		if !fits(chat) {
			l.chat -= uint64(len(missed) - i)
			break
		}
	}
	return taken
}

// sizeOfSent returns how long the deltas are of the cells whose keys a viewer has got, or in part.
func (v *View) sizeOfSent(l *lag, viewed aoi.Cell, form Form) (size int) {
	cells := v.cfg.Grid.Neighbourhood(viewed)
	for i := 0; i < l.done || i == l.done && l.slot > 0; i++ {
		size += len(v.bytes(v.delta(cells[i], form)))
	}
	return size
}

// appendKeys writes into the open Tick, within so many bytes, the deltas of what a viewer has got, and further keys, each with
// its delta.
func (v *View) appendKeys(slot world.Slot, form Form, room int) {
	w := &v.watchers[slot]
	l := w.lag
	if !l.begun {
		l.begun, l.done, l.slot = true, 0, 0
		v.shift(w, v.sights[slot].cell)
		v.press.Buf = native.AppendShift(native.AppendForget(v.press.Buf), w.cell, nil)
	}
	cells := v.cfg.Grid.Neighbourhood(w.cell)
	for i := range l.done {
		room -= v.appendWithin(v.delta(cells[i], form))
	}
	for ; l.done < len(cells); l.done++ {
		cell := cells[l.done]
		delta := v.delta(cell, form)
		room -= len(v.bytes(delta))
		before := v.press.Size()
		whole := v.appendKeyPart(l, cell, room)
		if !whole && l.slot == 0 {
			return // nothing of this cell fits
		}
		room -= v.press.Size() - before
		v.appendChunk(delta)
		if !whole {
			return
		}
		l.slot = 0
	}
}

// appendWithin writes a chunk into the open frame and returns its length.
func (v *View) appendWithin(c chunk) int {
	v.appendChunk(c)
	return len(v.bytes(c))
}

// appendKeyPart writes as much of a cell's key as fits into so many bytes, from l.slot on, and reports whether that was all;
// otherwise l.slot is where the next part begins. A stream whose slots are dealt anew waits for the next tick, unless it fits
// whole: its delta is its key.
func (v *View) appendKeyPart(l *lag, cell aoi.Cell, room int) (whole bool) {
	s := v.streams[cell]
	if s == nil || s.dealt {
		l.slot = 0
		return room >= 0
	}
	w := &v.scratch
	w.reset()
	room -= keyRoom
	first := l.slot
	end := s.baseline(first, func(record native.Member, m *member) bool {
		e := &v.sights[m.entity]
		if room -= memberRoom; !e.plain() {
			room -= traitRoom + len(e.name) + len(e.attributes)
		}
		if room < 0 {
			return false
		}
		w.members = append(w.members, record)
		v.appendTraits(record.Slot, m.entity, false)
		return true
	})
	if room < 0 && len(w.members) == 0 {
		return false // nothing fits: l.slot stays
	}
	l.slot = end
	v.press.Updates += len(w.members)
	v.press.Buf = native.AppendKey(v.press.Buf, native.Key{
		Stream: int32(cell), Epoch: s.epoch, First: first, End: end,
	}, w.members, w.traits)
	return end == 0
}
