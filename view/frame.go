package view

import (
	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// MinMaxFrame is the least bound of a frame (bytes): room for a newcomer's own records, one chat and a correction.
const MinMaxFrame = 2048

// correctionRoom is what a frame keeps free (bytes) for the answer to a refused move.
const correctionRoom = 64

// Compose puts the tick's frames together, one for each class that has ready viewers, and says who receives which. Both
// slices are valid until the next Encode.
func (v *View) Compose() ([]press.Frame, []press.Delivery) {
	v.press.Reset()
	clear(v.crossing)
	v.lags = append(v.lags, make([]*lag, len(v.mirror.players)-len(v.lags))...)
	for slot := range v.mirror.players {
		state := press.Nobody
		if slot < len(v.states) {
			state = v.states[slot]
		}
		v.serve(world.Slot(slot), state)
	}
	return v.press.Finish()
}

// serve gives one viewer its frame, or notes that it falls behind.
func (v *View) serve(slot world.Slot, state press.State) {
	before, after := v.mirror.class(slot, v.tick)
	switch {
	case state == press.Nobody || after == aoi.None:
		v.lags[slot] = nil
	case before == aoi.None:
		v.greet(slot, after)
	case state == press.Busy && v.missesNothing(slot, before, after):
	case state == press.Busy:
		v.fallBehind(slot, before)
	case v.lags[slot] == nil && v.serveClass(slot, before, after):
	default:
		v.fallBehind(slot, before)
		v.catchUp(slot, after)
	}
}

// missesNothing reports whether a viewer that can take no frame stays up to date: in a tick that tells nothing of crowds because
// it came early, and nothing else either. Who has to catch up after each is told of those who are nearest in none.
func (v *View) missesNothing(slot world.Slot, before, after aoi.Cell) bool {
	return v.crowds != nil && !v.crowds.beat && v.lags[slot] == nil && !v.personal(slot) &&
		v.classFrame(class{before: before, after: after}) == press.Empty
}

// serveClass gives an up-to-date viewer the frame of its class, and reports false when that is too large.
func (v *View) serveClass(slot world.Slot, before, after aoi.Cell) bool {
	frame := v.classFrame(class{before, after, v.leafOf(slot, after)})
	if frame == press.TooLarge {
		return false
	}
	if v.crowds != nil {
		told := v.crowds.lanes[frame]
		v.crowds.told.far += told.far
		v.crowds.told.near += told.near
	}
	if v.personal(slot) {
		v.press.BeginCopy(frame)
		if v.press.Size()+v.mailSize(slot) > v.cfg.MaxFrame-correctionRoom {
			v.press.Discard()
			return false
		}
		v.writeMail(slot)
		v.correctIfRefused(slot)
		frame = v.press.End()
	}
	v.press.Deliver(slot, frame)
	return true
}

// personal reports whether a viewer is told something that nobody else is.
func (v *View) personal(slot world.Slot) bool {
	_, refused := v.refused[slot]
	return refused || len(v.mail[slot]) > 0
}

// class is the pair of cells of a viewer when the tick began and when it ended, and the leaf of a crowd in which it is.
type class struct {
	before, after aoi.Cell
	leaf          int32
}

// classFrame returns the frame of a class, composed when the first viewer asks for it.
func (v *View) classFrame(c class) int32 {
	if c.before != c.after || c.leaf != 0 {
		frame, there := v.crossing[c]
		if !there {
			frame = v.composeClass(c)
			v.crossing[c] = frame
		}
		return frame
	}
	s := v.sheets.of(c.after)
	if s.frame == press.Unset {
		s.frame = v.composeClass(c)
	}
	return s.frame
}

// composeClass writes the frame of a class: the rule of the package comment, section by section, and then what is told of crowds.
func (v *View) composeClass(c class) int32 {
	v.press.Begin()
	v.look(c.before, c.after)
	v.appendAppears(c.before)
	appears := v.press.Size()
	v.appendMoves(c.before)
	v.press.Write(v.chats.Now(), 0)
	v.appendTold()
	v.appendLeaves(c.before, c.after)
	told := v.appendCrowds(c, v.crowdRoom(appears))
	v.press.Crowded = told != (lanes{})
	if v.press.Size() > v.cfg.MaxFrame-correctionRoom || appears > v.catchUpRoom(c.after) {
		v.press.Discard()
		return press.TooLarge
	}
	frame := v.press.End()
	if told != (lanes{}) {
		v.crowds.lanes[frame] = told
	}
	return frame
}

// writeChunk appends a chunk to the open frame.
func (v *View) writeChunk(c chunk) {
	if c.start < c.end {
		v.press.Write(v.chunks.bytes(c), int(c.updates))
	}
}

// seen is a cell in view in which something happens, or that was not in view when the tick began.
type seen struct {
	*sheet
	isNew bool
}

// look notes what there is to tell a class of viewers about the cells that are in its view when the tick has ended.
func (v *View) look(before, after aoi.Cell) {
	v.scene = v.scene[:0]
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		if before != after && !v.cfg.Grid.Near(before, c) {
			v.scene = append(v.scene, seen{v.sheets.of(c), true})
		} else if s := v.sheets.get(c); s != nil {
			v.scene = append(v.scene, seen{s, false})
		}
	}
}

// appendAppears writes who is in view and was not.
func (v *View) appendAppears(before aoi.Cell) {
	for _, s := range v.scene {
		if s.isNew {
			v.writeChunk(v.appears(s.cell))
		}
		for _, i := range s.entered {
			if change := v.change(i); !v.cfg.Grid.Near(before, change.Before) {
				v.appendAppear(change.Slot)
			}
		}
	}
}

// appendMoves writes who was and is in view and has moved.
func (v *View) appendMoves(before aoi.Cell) {
	for _, s := range v.scene {
		if !s.isNew {
			v.writeChunk(s.moved)
		}
		for _, i := range s.entered {
			if change := v.change(i); v.cfg.Grid.Near(before, change.Before) {
				v.appendMoved(change.Slot)
			}
		}
	}
}

// appendTold writes what was said to all who see a cell in view.
func (v *View) appendTold() {
	for _, s := range v.scene {
		v.writeChunk(s.told)
	}
}

// appendLeaves writes who was in view and is not.
func (v *View) appendLeaves(before, after aoi.Cell) {
	if before == after {
		for _, s := range v.scene {
			v.appendLeft(s.left, after)
		}
		return
	}
	for _, c := range v.cfg.Grid.Neighbourhood(before) {
		if !v.cfg.Grid.Near(after, c) {
			v.writeChunk(v.leaves(c))
		}
		v.appendLeft(v.sheets.left(c), after)
	}
}

// appendLeft writes who of those who went out of a cell has gone out of view.
func (v *View) appendLeft(left []int32, after aoi.Cell) {
	for _, i := range left {
		if change := v.change(i); !v.cfg.Grid.Near(after, change.After) {
			v.appendLeave(change.Player)
		}
	}
}

// greet gives a newcomer its welcome, itself, and what there is to see and hear. Where that is too large it is shown
// itself alone, and catches up with the rest.
func (v *View) greet(slot world.Slot, after aoi.Cell) {
	me := &v.mirror.players[slot]
	v.press.Begin()
	v.press.Buf = v.encoder.AppendWelcome(v.press.Buf, int32(me.player))
	v.press.Buf = v.encoder.AppendAppear(v.press.Buf, int32(me.player), me.at.X, me.at.Y, me.at.Z, me.at.V)
	v.press.Updates++
	entries, size := v.sizeOfNeighbourhood(after)
	if v.press.Size()+size+v.mailSize(slot) <= v.catchUpRoom(after)-correctionRoom {
		v.showNeighbourhood(after, entries)
		v.writeMail(slot)
	} else {
		v.showAlone(me)
		v.lags[slot] = &lag{known: []known{{slot: slot, player: me.player, seen: v.tick}}, chat: v.chats.Began()}
		v.lags[slot].mail.Keep(v.mail[slot])
	}
	v.correctIfRefused(slot)
	v.press.Deliver(slot, v.press.End())
}

// sizeOfNeighbourhood returns how long the entries of a snapshot are, and how long all is that showNeighbourhood writes but
// for the snapshot's header (bytes).
func (v *View) sizeOfNeighbourhood(after aoi.Cell) (entries, size int) {
	size = len(v.chats.Now())
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		entries += len(v.chunks.bytes(v.snapshot(c)))
		size += len(v.chunks.bytes(v.marks(c))) + len(v.chunks.bytes(v.sheets.of(c).told))
	}
	return entries, entries + size
}

// showNeighbourhood writes the snapshot of a neighbourhood, the attributes in it, and what is said in the tick.
func (v *View) showNeighbourhood(after aoi.Cell, entries int) {
	v.press.Buf = v.encoder.AppendSnapshotHeader(v.press.Buf, entries)
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		v.writeChunk(v.snapshot(c))
	}
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		v.writeChunk(v.marks(c))
	}
	v.press.Write(v.chats.Now(), 0)
	v.look(after, after)
	v.appendTold()
}

// showAlone writes a snapshot with nobody in it but its receiver.
func (v *View) showAlone(me *sight) {
	alone := v.writeEntry(nil, me)
	v.press.Buf = v.encoder.AppendSnapshotHeader(v.press.Buf, len(alone))
	v.press.Write(alone, 1)
	if me.hasAttributes() {
		v.press.Buf = v.writeAttributes(v.press.Buf, me)
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
	v.press.Buf = v.encoder.AppendMoved(v.press.Buf, int32(me.player), me.at.X, me.at.Y, me.at.Z, me.at.V)
	v.press.Updates++
}

// appendAppear writes into the open frame that somebody appears.
func (v *View) appendAppear(slot world.Slot) {
	v.press.Buf = v.writeAppear(v.press.Buf, &v.mirror.players[slot])
	v.press.Updates++
}

// appendMoved writes into the open frame that somebody moved, and its attributes if they are new.
func (v *View) appendMoved(slot world.Slot) {
	v.press.Buf = v.writeMoved(v.press.Buf, &v.mirror.players[slot], v.tick-1)
	v.press.Updates++
}

// appendLeave writes into the open frame that somebody leaves.
func (v *View) appendLeave(player world.ID) {
	v.press.Buf = v.encoder.AppendLeave(v.press.Buf, int32(player))
	v.press.Updates++
}
