package stream

import (
	"slices"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/world"
)

// Bounds of what the parts of a catch-up take (bytes).
const (
	shiftRoom  = 32 // of the beginning of a Tick with a shift that drops nothing
	memberRoom = 26 // of a member, at most
	trackRoom  = 14 // of its track, at most
	traitRoom  = 24 // of traits beside name and attributes, at most
	keyRoom    = 32 // of a key chunk beside its members, at most
)

// catchUp brings a viewer that fell behind up to date: the chats and the mail that it missed, and the keys of its cells. What
// does not fit into the frame follows in later ticks, with the deltas of what was sent. One message and one member go with each
// frame, however small a part is to be: or there would be no end for who is to be told of a longer one.
func (v *View) catchUp(slot world.Slot, viewer *Viewer) {
	w := &v.watchers[slot]
	l := w.lag
	v.press.Begin()
	if viewer.Welcome != nil {
		v.appendWelcome(slot, viewer)
	} else if l.describe {
		v.press.Write(v.description, 0)
	}
	l.describe = false
	most := v.cfg.MaxFrame - personalRoom - shiftRoom - v.press.Size()
	if l.begun && l.done == len(v.streamsToSend(slot)) {
		w.keyed = false
	}
	if l.begun && (v.look(w, &v.sights[slot]) != w.cell || v.sizeOfSent(slot, viewer.Form) > most/2) {
		l.restart()
	}
	room := most
	if v.crowds != nil {
		room = min(most, v.partRoom(slot, viewer.Form)-personalRoom-shiftRoom-v.press.Size())
	}
	told := v.appendMissed(slot, room/2, most/2)
	room = min(most, max(room, v.leastRoom(slot, viewer.Form)+told))
	v.appendTick(func() { v.appendKeys(slot, viewer.Form, room-told) })
	if l.refused != nil {
		v.correct(w, l.refused)
		l.refused = nil
	}
	v.press.Deliver(slot, v.press.End())
	if l.current = false; l.done == len(v.streamsToSend(slot)) && l.chat == v.chatsOf(slot).Next() && l.mail.Empty() {
		w.lag = nil
	}
}

// partRoom is how large a frame with a part of the keys may be. Who has missed something while keys were under way has to be sent
// all of them again: so when that happens parts become smaller, until a link that takes a budget in a tick takes one in a tick.
// Half a budget is always for keys, or there would be no end.
func (v *View) partRoom(slot world.Slot, form Form) int {
	w, sent := &v.watchers[slot], v.sizeOfSent(slot, form)
	if w.slow == 0 {
		return v.keyRoom() + sent
	}
	l := w.lag
	if streams := v.streamsToSend(slot); l.done < len(streams) && l.slot == 0 {
		sent += v.sizeOf(streams[l.done], form)
	}
	return max(v.keyRoom()>>w.slow, v.crowds.budget, sent+v.crowds.budget/2+personalRoom+shiftRoom)
}

// leastRoom is how many bytes the keys of a frame take that go on by one member, with the deltas of what was sent.
func (v *View) leastRoom(slot world.Slot, form Form) (room int) {
	room = v.sizeOfSent(slot, form)
	l, streams := v.watchers[slot].lag, v.streamsToSend(slot)
	if l.done == len(streams) {
		return room
	}
	if l.slot == 0 {
		room += v.sizeOf(streams[l.done], form)
	}
	if s := v.streams[streams[l.done]]; s != nil {
		s.baseline(l.slot, func(_ native.Member, m *member) bool {
			room += keyRoom + v.recordRoom(s, m)
			return false
		})
	}
	return room
}

// appendMissed writes mail and chats that a viewer has not got, within so many bytes, or one that is no longer than most; and
// returns how many it took.
func (v *View) appendMissed(slot world.Slot, room, most int) (taken int) {
	l, chats := v.watchers[slot].lag, v.chatsOf(slot)
	fits := func(b []byte) bool {
		if taken+len(b) > room && (taken > 0 || len(b) > most) {
			return false
		}
		taken += len(b)
		v.press.Write(b, 0)
		return true
	}
	l.mail.Hand(fits)
	missed := chats.Since(l.chat)
	l.chat = chats.Next()
	for i, chat := range missed {
		if !fits(chat) {
			l.chat -= uint64(len(missed) - i)
			break
		}
	}
	return taken
}

// sizeOfSent returns how long the chunks are of the streams whose keys a viewer has got, or in part, but for what is near.
func (v *View) sizeOfSent(slot world.Slot, form Form) (size int) {
	l, streams := v.watchers[slot].lag, v.streamsToSend(slot)
	for i := 0; i < l.done || i == l.done && l.slot > 0; i++ {
		size += v.sizeOf(streams[i], form)
	}
	return size
}

// sizeOf returns how long the chunks of a stream are, but for what is near.
func (v *View) sizeOf(of streamID, form Form) int {
	size := len(v.bytes(v.delta(of, form)))
	if s := v.streams[of]; s != nil && s.mass != nil && v.crowds.beat {
		size += len(v.bytes(v.far(s, form)))
	}
	return size
}

// appendKeys writes into the open Tick, within so many bytes, the deltas of what a viewer has got, and further keys, each with
// its delta.
func (v *View) appendKeys(slot world.Slot, form Form, room int) {
	w := &v.watchers[slot]
	l := w.lag
	if !l.begun {
		v.beginKeys(slot)
	}
	streams, start := v.streamsToSend(slot), v.press.Size()
	limit := start + room
	for i := range l.done {
		room -= v.sizeOf(streams[i], form)
		v.appendDelta(streams[i], form, false)
	}
	sent, keys := l.done, 0
	for l.done < len(streams) {
		id := streams[l.done]
		room -= v.sizeOf(id, form)
		before := v.press.Size()
		whole := v.appendKeyPart(l, id, room)
		if !whole && l.slot == 0 {
			break // nothing of this stream fits
		}
		keys += v.press.Size() - before
		room -= v.press.Size() - before
		v.appendDelta(id, form, false)
		sent++
		if !whole {
			break
		}
		l.slot = 0
		l.done++
	}
	for _, id := range streams[:sent] {
		v.appendDelta(id, form, true)
	}
	if v.crowds != nil {
		limit = min(limit, start+keys+int(v.crowdBudget()))
	}
	told := v.appendCrowds(streams[:sent], form, v.press.Size() > start, v.vicinityAmong(streams[:sent], slot), limit)
	v.press.Crowded = told != (lanes{})
}

// vicinityAmong returns from where distances count for a viewer that has got some streams: from its leaf, once its own is one.
func (v *View) vicinityAmong(streams []streamID, slot world.Slot) vicinity {
	near := vicinity{cell: v.watchers[slot].cell}
	if e := &v.sights[slot]; slices.Contains(streams, v.id(e.layer, e.cell)) {
		near.leaf = v.leafOf(slot)
	}
	return near
}

// beginKeys writes into the open Tick from where a viewer looks that is to be sent keys. It forgets all that it was told; but if
// it has missed nothing yet, and only looks from another cell, from where it has too much to see for one frame, it keeps what it
// sees still.
func (v *View) beginKeys(slot world.Slot) {
	w := &v.watchers[slot]
	l, before, after := w.lag, w.cell, v.sights[slot].cell
	l.begun, l.done, l.slot, l.kept, w.keyed = true, 0, 0, aoi.None, true
	v.shift(w, after)
	if v.crowds == nil || !l.current || before == aoi.None || before == after || !v.cfg.Grid.Near(before, after) {
		v.press.Buf = native.AppendShift(native.AppendForget(v.press.Buf), after, nil)
		return
	}
	l.kept = before
	v.press.Buf = native.AppendShift(v.press.Buf, streamID(after), v.dropped(before, after, v.sights[slot].sees))
	for _, id := range v.streamsToSend(slot) {
		if v.inView(before, id) {
			l.done++
		}
	}
}

// streamsToSend returns the streams in view of a viewer that is sent keys: those that it has kept, those of the cell from which
// it looks, for that is about where it is itself, and the others. The slice is valid until the next call, or that of streamsOf.
func (v *View) streamsToSend(slot world.Slot) []streamID {
	ids, l := v.streamsOf(v.outlook(slot)), v.watchers[slot].lag
	rank := func(id streamID) int {
		switch _, cell := v.layerCell(id); {
		case v.inView(l.kept, id):
			return 0
		case cell == v.watchers[slot].cell:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(ids, func(a, b streamID) int { return rank(a) - rank(b) })
	return ids
}

// appendDelta writes a stream's delta into the open Tick, if its slots are dealt anew in this tick, or if they are not. Those of
// which they are go last: they are keys as of after the tick, and where somebody has come over from another stream they must have
// the last word.
func (v *View) appendDelta(of streamID, form Form, dealt bool) {
	if s := v.streams[of]; s != nil && s.dealt == dealt {
		v.appendChunk(v.delta(of, form))
	}
}

// appendKeyPart writes as much of a stream's key as fits into so many bytes, from l.slot on, and reports whether that was all;
// otherwise l.slot is where the next part begins. A stream whose slots are dealt anew waits for the next tick, unless it fits
// whole: its delta is its key.
func (v *View) appendKeyPart(l *lag, of streamID, room int) (whole bool) {
	s := v.streams[of]
	if s == nil || s.dealt {
		l.slot = 0
		return room >= 0
	}
	w := &v.scratch
	w.reset()
	room -= keyRoom
	first := l.slot
	end := s.baseline(first, func(record native.Member, m *member) bool {
		if room -= v.recordRoom(s, m); room < 0 {
			return false
		}
		v.appendMember(s, record, m)
		return true
	})
	if room < 0 && len(w.members) == 0 {
		return false // nothing fits: l.slot stays
	}
	l.slot = end
	v.press.Updates += len(w.members)
	v.press.Buf = native.AppendKey(v.press.Buf, native.Key{
		Stream: int32(of), Epoch: s.epoch, First: first, End: end, Tracks: w.tracks, Time: v.time(),
	}, w.members, w.traits)
	return end == 0
}

// recordRoom is how many bytes a member takes of its stream's key, at most.
func (v *View) recordRoom(s *stream, m *member) int {
	room := memberRoom
	if e := &v.sights[m.entity]; !e.plain() {
		room += traitRoom + len(e.name) + len(e.attributes)
	}
	if s.tracked() {
		room += trackRoom
	}
	return room
}
