package view

import (
	"aoiworld/aoi"
	"aoiworld/world"
)

// MinMaxFrame is the least bound of a frame (bytes): room for a newcomer's own records, one chat and a correction.
const MinMaxFrame = 2048

// correctionRoom is what a frame keeps free (bytes) for the answer to a refused move.
const correctionRoom = 64

// Compose puts the tick's frames together, one for each class that has ready viewers, and says who receives which. Both
// slices are valid until the next Encode.
func (v *View) Compose() ([]Frame, []Delivery) {
	v.press.reset()
	v.lags = append(v.lags, make([]*lag, len(v.mirror.players)-len(v.lags))...)
	for slot := range v.mirror.players {
		state := Nobody
		if slot < len(v.states) {
			state = v.states[slot]
		}
		v.serve(world.Slot(slot), state)
	}
	return v.press.finish()
}

// serve gives one viewer its frame, or notes that it falls behind.
func (v *View) serve(slot world.Slot, state State) {
	before, after := v.mirror.class(slot, v.tick)
	switch {
	case state == Nobody || after == aoi.None:
		v.lags[slot] = nil
	case before == aoi.None:
		v.greet(slot, after)
	case state == Busy:
		v.fallBehind(slot, before)
	case v.lags[slot] == nil && v.serveClass(slot, before, after):
	default:
		v.fallBehind(slot, before)
		v.catchUp(slot, after)
	}
}

// serveClass gives an up-to-date viewer the frame of its class, and reports false when that is too large.
func (v *View) serveClass(slot world.Slot, before, after aoi.Cell) bool {
	frame := v.classFrame(before, after)
	if frame == tooLarge {
		return false
	}
	if v.personal(slot) {
		v.press.beginCopy(frame)
		if v.press.size()+v.mailSize(slot) > v.cfg.MaxFrame-correctionRoom {
			v.press.discard()
			return false
		}
		v.writeMail(slot)
		v.correctIfRefused(slot)
		frame = v.press.end()
	}
	v.press.deliver(slot, frame)
	return true
}

// personal reports whether a viewer is told something that nobody else is.
func (v *View) personal(slot world.Slot) bool {
	_, refused := v.refused[slot]
	return refused || len(v.mail[slot]) > 0
}

// classFrame returns the frame of a class, composed when the first viewer asks for it.
func (v *View) classFrame(before, after aoi.Cell) int32 {
	if before != after {
		key := class{before, after}
		frame, there := v.press.crossing[key]
		if !there {
			frame = v.composeClass(before, after)
			v.press.crossing[key] = frame
		}
		return frame
	}
	s := v.sheets.of(after)
	if s.frame == unset {
		s.frame = v.composeClass(before, after)
	}
	return s.frame
}

// composeClass writes the frame of the class (before, after): the rule of the package comment, section by section.
func (v *View) composeClass(before, after aoi.Cell) int32 {
	v.press.begin()
	v.appendAppears(before, after)
	v.appendMoves(before, after)
	v.press.write(v.chats.now, 0)
	v.appendTold(after)
	v.appendLeaves(before, after)
	if v.press.size() > v.cfg.MaxFrame-correctionRoom {
		v.press.discard()
		return tooLarge
	}
	return v.press.end()
}

// appendAppears writes who is in view and was not.
func (v *View) appendAppears(before, after aoi.Cell) {
	grid := v.cfg.Grid
	for _, c := range grid.Neighbourhood(after) {
		if !grid.Near(before, c) {
			v.press.writeChunk(&v.chunks, v.appears(c))
		}
		for _, i := range v.sheets.entered(c) {
			if change := &v.out.Changes[i]; !grid.Near(before, change.Before) {
				v.appendAppear(change.Slot)
			}
		}
	}
}

// appendMoves writes who was and is in view and has moved.
func (v *View) appendMoves(before, after aoi.Cell) {
	grid := v.cfg.Grid
	for _, c := range grid.Neighbourhood(after) {
		s := v.sheets.get(c)
		if s == nil {
			continue
		}
		if grid.Near(before, c) {
			v.press.writeChunk(&v.chunks, s.moved)
		}
		for _, i := range s.entered {
			if change := &v.out.Changes[i]; grid.Near(before, change.Before) {
				v.appendMoved(change.Slot)
			}
		}
	}
}

// appendTold writes what was said to all who see a cell in view.
func (v *View) appendTold(after aoi.Cell) {
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		if s := v.sheets.get(c); s != nil {
			v.press.writeChunk(&v.chunks, s.told)
		}
	}
}

// appendLeaves writes who was in view and is not.
func (v *View) appendLeaves(before, after aoi.Cell) {
	grid := v.cfg.Grid
	for _, c := range grid.Neighbourhood(before) {
		if !grid.Near(after, c) {
			v.press.writeChunk(&v.chunks, v.leaves(c))
		}
		for _, i := range v.sheets.left(c) {
			if change := &v.out.Changes[i]; !grid.Near(after, change.After) {
				v.appendLeave(change.Player)
			}
		}
	}
}

// greet gives a newcomer its welcome, itself, and what there is to see and hear. Where that is too large it is shown
// itself alone, and catches up with the rest.
func (v *View) greet(slot world.Slot, after aoi.Cell) {
	me := &v.mirror.players[slot]
	v.press.begin()
	v.press.buf = v.encoder.AppendWelcome(v.press.buf, int32(me.player))
	v.press.buf = v.encoder.AppendAppear(v.press.buf, int32(me.player), me.at.X, me.at.Y, me.at.Z, me.at.V)
	v.press.updates++
	if entries, size := v.sizeOfNeighbourhood(after); v.press.size()+size+v.mailSize(slot) <= v.cfg.MaxFrame-correctionRoom {
		v.showNeighbourhood(after, entries)
		v.writeMail(slot)
	} else {
		v.showAlone(me)
		v.lags[slot] = &lag{known: []known{{slot: slot, player: me.player, seen: v.tick}}, chat: v.chats.began}
		v.lags[slot].keepMail(v.mail[slot])
	}
	v.correctIfRefused(slot)
	v.press.deliver(slot, v.press.end())
}

// sizeOfNeighbourhood returns how long the entries of a snapshot are, and how long all is that showNeighbourhood writes but
// for the snapshot's header (bytes).
func (v *View) sizeOfNeighbourhood(after aoi.Cell) (entries, size int) {
	size = len(v.chats.now)
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		entries += len(v.chunks.bytes(v.snapshot(c)))
		size += len(v.chunks.bytes(v.marks(c))) + len(v.chunks.bytes(v.sheets.of(c).told))
	}
	return entries, entries + size
}

// showNeighbourhood writes the snapshot of a neighbourhood, the attributes in it, and what is said in the tick.
func (v *View) showNeighbourhood(after aoi.Cell, entries int) {
	v.press.buf = v.encoder.AppendSnapshotHeader(v.press.buf, entries)
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		v.press.writeChunk(&v.chunks, v.snapshot(c))
	}
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		v.press.writeChunk(&v.chunks, v.marks(c))
	}
	v.press.write(v.chats.now, 0)
	v.appendTold(after)
}

// showAlone writes a snapshot with nobody in it but its receiver.
func (v *View) showAlone(me *sight) {
	alone := v.writeEntry(nil, me)
	v.press.buf = v.encoder.AppendSnapshotHeader(v.press.buf, len(alone))
	v.press.write(alone, 1)
	if me.hasAttributes() {
		v.press.buf = v.writeAttributes(v.press.buf, me)
	}
}

// correctIfRefused answers a move that was refused in this tick.
func (v *View) correctIfRefused(slot world.Slot) {
	if _, refused := v.refused[slot]; refused {
		v.correct(slot)
	}
}

// correct tells a viewer its own true position.
func (v *View) correct(slot world.Slot) {
	me := &v.mirror.players[slot]
	v.press.buf = v.encoder.AppendMoved(v.press.buf, int32(me.player), me.at.X, me.at.Y, me.at.Z, me.at.V)
	v.press.updates++
}

// appendAppear writes into the open frame that somebody appears.
func (v *View) appendAppear(slot world.Slot) {
	v.press.buf = v.writeAppear(v.press.buf, &v.mirror.players[slot])
	v.press.updates++
}

// appendMoved writes into the open frame that somebody moved, and its attributes if they are new.
func (v *View) appendMoved(slot world.Slot) {
	v.press.buf = v.writeMoved(v.press.buf, &v.mirror.players[slot], v.tick-1)
	v.press.updates++
}

// appendLeave writes into the open frame that somebody leaves.
func (v *View) appendLeave(player world.ID) {
	v.press.buf = v.encoder.AppendLeave(v.press.buf, int32(player))
	v.press.updates++
}
