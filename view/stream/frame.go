package stream

import (
	"aoiworld/aoi"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/view/press"
	"aoiworld/world"
)

// personalRoom is what a frame keeps free (bytes) for a confirmation, or the answer to a refused move.
const personalRoom = 64

// Compose puts the tick's frames together, one for each class that has ready viewers, and says who receives which. Both
// slices are valid until the next Encode.
func (v *View) Compose() ([]press.Frame, []press.Delivery) {
	v.press.Reset()
	clear(v.classes)
	for slot := range v.watchers {
		viewer := Viewer{}
		if slot < len(v.viewers) {
			viewer = v.viewers[slot]
		}
		v.serve(world.Slot(slot), &viewer)
	}
	return v.press.Finish()
}

// serve gives one viewer its frame, or notes that it falls behind.
func (v *View) serve(slot world.Slot, viewer *Viewer) {
	w, e := &v.watchers[slot], &v.sights[slot]
	switch {
	case viewer.State == press.Nobody || e.cell == aoi.None:
		*w = watcher{cell: aoi.None}
	case viewer.Welcome != nil && viewer.State == press.Ready:
		v.greet(slot, viewer)
	case viewer.State == press.Busy:
		missed := v.happened(w, e)
		if missed {
			w.interrupt()
		}
		v.fallBehind(slot, missed)
	case w.lag == nil && v.serveClass(slot, viewer.Form):
	default:
		current := w.lag == nil
		v.fallBehind(slot, current)
		w.lag.current = current
		v.catchUp(slot, viewer)
	}
}

// serveClass gives an up-to-date viewer the frame of its class, and reports false when that is too large.
func (v *View) serveClass(slot world.Slot, form Form) bool {
	w := &v.watchers[slot]
	before, after := w.cell, v.look(w, &v.sights[slot])
	class := v.classFrame(class{before, after, v.leafOf(slot), v.sights[slot].sees, form})
	frame := class.frame
	if frame == press.TooLarge {
		return false
	}
	if v.personal(slot) {
		v.press.BeginCopy(frame)
		for _, m := range v.mail[slot] {
			v.press.Write(m, 0)
		}
		if v.press.Size() > v.cfg.MaxFrame-personalRoom {
			v.press.Discard()
			return false
		}
		v.answer(slot)
		frame = v.press.End()
	}
	if v.crowds != nil {
		v.crowds.told.far += class.lanes.far
		v.crowds.told.near += class.lanes.near
	}
	v.shift(w, after)
	w.goAlong(class.keyed)
	v.press.Deliver(slot, frame)
	return true
}

// personal reports whether a viewer is told something that nobody else is.
func (v *View) personal(slot world.Slot) bool {
	_, refused := v.refused[slot]
	return refused || len(v.mail[slot]) > 0 || v.ackDue(&v.watchers[slot])
}

// ackDue reports whether it is time to confirm a viewer's moves.
func (v *View) ackDue(w *watcher) bool {
	return w.sequence != w.acked && (w.acked == 0 || v.now-w.ackedAt >= ackEvery)
}

// answer writes into the open frame what became of a viewer's own moves: why one was refused, or that they count.
func (v *View) answer(slot world.Slot) {
	w := &v.watchers[slot]
	if r, refused := v.refused[slot]; refused {
		v.correct(w, &r)
		return
	}
	if v.ackDue(w) {
		v.press.Buf = native.AppendAck(v.press.Buf, w.sequence)
		w.acked, w.ackedAt = w.sequence, v.now
	}
}

// correct writes into the open frame why a move of a viewer had no effect, and where it truly is.
func (v *View) correct(w *watcher, r *world.Refusal) {
	code, sequence := codes.BadPosition, r.Sequence
	switch r.Reason {
	case world.TooFast:
		code = codes.MoveRejected
	case world.Teleported:
		code, sequence = codes.Teleported, max(sequence, w.sequence)
	}
	at := v.cfg.Lattice.Place(r.At.X, r.At.Y, r.At.Z, r.At.V)
	v.press.Buf = native.AppendCorrection(v.press.Buf, sequence, code, at)
	w.acked, w.ackedAt = max(w.acked, sequence), v.now
}

// shared is the frame of a class, whether it holds keys, and what of it tells of crowds.
type shared struct {
	frame int32
	keyed bool
	lanes lanes
}

// classFrame returns the frame of a class, composed when the first viewer asks for it.
func (v *View) classFrame(c class) shared {
	composed, there := v.classes[c]
	if !there {
		composed = v.composeClass(c)
		v.classes[c] = composed
	}
	return composed
}

// composeClass writes the frame of a class: what happened in its cells, the keys of those that are new to it, and what was
// said.
func (v *View) composeClass(c class) (composed shared) {
	v.press.Begin()
	keys := 0
	v.appendTick(func() {
		start := v.press.Size()
		if c.before != c.after {
			composed.keyed = v.appendShift(c)
			keys = v.press.Size() - start
		}
		room := v.nearRoom(keys, &c)
		ids := v.streamsOf(outlook{c.after, c.sees})
		for _, id := range ids {
			v.appendChunk(v.delta(id, c.form))
		}
		composed.lanes = v.appendCrowds(ids, c.form, v.press.Size() > start, vicinity{c.leaf, c.after}, room)
	})
	v.press.Crowded = composed.lanes != (lanes{})
	v.press.Write(v.chats[c.sees].Now(), 0)
	for _, id := range v.streamsOf(outlook{c.after, c.sees}) {
		v.appendChunk(v.told(id))
	}
	if v.press.Size() > v.cfg.MaxFrame-personalRoom || keys > v.keyRoom() {
		v.press.Discard()
		return shared{frame: press.TooLarge}
	}
	composed.frame = v.press.End()
	return composed
}

// appendTick writes a Tick with what fill appends into the open frame, or nothing when that is nothing.
func (v *View) appendTick(fill func()) {
	start := len(v.press.Buf)
	v.press.Buf = native.BeginTick(v.press.Buf, v.tick)
	empty := len(v.press.Buf)
	fill()
	if len(v.press.Buf) == empty {
		v.press.Buf = v.press.Buf[:start]
		return
	}
	v.press.Buf = native.EndFrame(v.press.Buf, start)
}

// appendShift writes that the viewer's cells are others, and the keys of those that are new, and reports whether there are any.
func (v *View) appendShift(c class) (keyed bool) {
	if c.before == aoi.None {
		v.press.Buf = native.AppendForget(v.press.Buf)
	}
	v.press.Buf = native.AppendShift(v.press.Buf, streamID(c.after), v.dropped(c.before, c.after, c.sees))
	before := v.press.Size()
	for _, id := range v.streamsOf(outlook{c.after, c.sees}) {
		if !v.inView(c.before, id) {
			v.appendChunk(v.key(id))
		}
	}
	return v.press.Size() > before
}

// dropped returns the streams that are in view from one cell and not from another. The slice is valid until the next call.
func (v *View) dropped(before, after aoi.Cell, sees world.Layer) []streamID {
	dropped := v.scratch.dropped[:0]
	for _, id := range v.streamsOf(outlook{before, sees}) {
		if !v.inView(after, id) {
			dropped = append(dropped, id)
		}
	}
	v.scratch.dropped = dropped
	return dropped
}

// appendChunk writes a chunk into the open frame.
func (v *View) appendChunk(c chunk) { v.press.Write(v.bytes(c), c.updates) }

// greet welcomes a session that begins in this tick, and shows it what there is. Who resumes is also told what it has missed.
func (v *View) greet(slot world.Slot, viewer *Viewer) {
	w, e := &v.watchers[slot], &v.sights[slot]
	if w.lag == nil {
		*w = watcher{cell: aoi.None, sequence: w.sequence}
		class := v.classFrame(class{aoi.None, e.cell, 0, e.sees, viewer.Form})
		if class.frame != press.TooLarge && len(v.mail[slot]) == 0 {
			v.press.Begin()
			v.appendWelcome(slot, viewer)
			v.press.Copy(class.frame)
			if v.press.Size() <= v.cfg.MaxFrame-personalRoom {
				v.answer(slot)
				v.shift(w, e.cell)
				w.goAlong(class.keyed)
				v.press.Deliver(slot, v.press.End())
				return
			}
			v.press.Discard()
		}
	}
	w.goAlong(false) // its link is a new one
	v.fallBehind(slot, true)
	v.catchUp(slot, viewer)
}

// appendWelcome writes a viewer's welcome into the open frame, and what has become different of the world since.
func (v *View) appendWelcome(slot world.Slot, viewer *Viewer) {
	v.press.Buf = native.AppendWelcome(v.press.Buf, viewer.Welcome, v.sights[slot].at, v.tick)
	v.press.Write(v.description, 0)
}
