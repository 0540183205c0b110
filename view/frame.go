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
	if _, refused := v.refused[slot]; refused {
		v.press.beginCopy(frame)
		v.correct(slot)
		frame = v.press.end()
	}
	v.press.deliver(slot, frame)
	return true
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
				v.appendAppear(change.Player, change.At)
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
				v.appendMoved(change.Player, change.At)
			}
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

// greet gives a newcomer its welcome, itself, the snapshot of its neighbourhood and the tick's chats. Where the snapshot
// is too large it holds the newcomer alone, who then catches up with the rest.
func (v *View) greet(slot world.Slot, after aoi.Cell) {
	me := &v.mirror.players[slot]
	v.press.begin()
	v.press.buf = v.encoder.AppendWelcome(v.press.buf, int32(me.player))
	v.appendAppear(me.player, me.at)
	size := 0
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		size += len(v.chunks.bytes(v.snapshot(c)))
	}
	if v.press.size()+size+len(v.chats.now) <= v.cfg.MaxFrame-correctionRoom {
		v.press.buf = v.encoder.AppendSnapshotHeader(v.press.buf, size)
		for _, c := range v.cfg.Grid.Neighbourhood(after) {
			v.press.writeChunk(&v.chunks, v.snapshot(c))
		}
	} else {
		alone := v.encoder.AppendSnapshotEntry(nil, int32(me.player), me.at.X, me.at.Y, me.at.Z, me.at.V)
		v.press.buf = v.encoder.AppendSnapshotHeader(v.press.buf, len(alone))
		v.press.write(alone, 1)
		v.lags[slot] = &lag{known: []known{{slot: slot, player: me.player, seen: v.tick}}, chat: v.chats.next}
	}
	v.press.write(v.chats.now, 0)
	v.correctIfRefused(slot)
	v.press.deliver(slot, v.press.end())
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
	v.appendMoved(me.player, me.at)
}

// appendAppear writes a record into the open frame.
func (v *View) appendAppear(player world.ID, at world.Position) {
	v.press.buf = v.encoder.AppendAppear(v.press.buf, int32(player), at.X, at.Y, at.Z, at.V)
	v.press.updates++
}

// appendMoved writes a record into the open frame.
func (v *View) appendMoved(player world.ID, at world.Position) {
	v.press.buf = v.encoder.AppendMoved(v.press.buf, int32(player), at.X, at.Y, at.Z, at.V)
	v.press.updates++
}

// appendLeave writes a record into the open frame.
func (v *View) appendLeave(player world.ID) {
	v.press.buf = v.encoder.AppendLeave(v.press.buf, int32(player))
	v.press.updates++
}
