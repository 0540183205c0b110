package view

import (
	"cmp"
	"slices"

	"aoiworld/aoi"
	"aoiworld/world"
)

// repair is the scratch memory for bringing one viewer up to date.
type repair struct {
	index []int32 // by slot: where the entity is in the lag's known, if that one is it
	moves []known // who is known and in view, and was told of since
	next  []known // whom the viewer knows afterwards

	// The frame's sections, and the bytes that are left for them.
	appears, moved, chats, mail, leaves []byte
	room                                int
	updates                             int
	cut                                 bool // something did not fit
}

// begin starts a repair within so many bytes.
func (r *repair) begin(room int) {
	*r = repair{
		index: r.index, moves: r.moves[:0], next: r.next[:0],
		appears: r.appears[:0], moved: r.moved[:0], chats: r.chats[:0], mail: r.mail[:0], leaves: r.leaves[:0],
		room: room,
	}
}

// grow replaces a section by itself with a record appended, unless the frame is full.
func (r *repair) grow(section *[]byte, grown []byte, updates int) bool {
	n := len(grown) - len(*section)
	if n > r.room {
		r.cut = true
		return false
	}
	r.room -= n
	r.updates += updates
	*section = grown
	return true
}

// catchUp brings a viewer that fell behind up to date: departures of those gone from view, appearances of those new in
// it, moves of those who moved since, the chats it missed, and its mail. What does not fit into the frame follows in later ticks:
// mail, chats, departures and appearances go first, then the stalest moves.
func (v *View) catchUp(slot world.Slot, after aoi.Cell) {
	l, r := v.lags[slot], &v.repair
	v.caughtUp = append(v.caughtUp, slot)
	r.begin(v.catchUpRoom(after) - correctionRoom)
	v.repairMail(l)
	v.repairChats(l)
	v.repairLeaves(l, after)
	v.repairAppears(l, after)
	v.repairMoves()
	v.press.Begin()
	for _, section := range [...][]byte{r.appears, r.moved, r.chats, r.mail, r.leaves} {
		v.press.Write(section, 0)
	}
	v.press.Updates = r.updates
	if l.refused {
		v.correct(slot)
	}
	v.press.Deliver(slot, v.press.End())
	if r.cut {
		l.known, l.refused = append(l.known[:0], r.next...), false
	} else {
		v.lags[slot] = nil
	}
}

// repairChats writes the chats that the viewer has not got.
func (v *View) repairChats(l *lag) {
	r := &v.repair
	missed := v.chats.Since(l.chat)
	l.chat = v.chats.Next()
	for i, chat := range missed {
		if !r.grow(&r.chats, append(r.chats, chat...), 0) {
			l.chat -= uint64(len(missed) - i)
			return
		}
	}
}

// repairLeaves writes the departures of those who are known and not in view.
func (v *View) repairLeaves(l *lag, after aoi.Cell) {
	r := &v.repair
	for _, k := range l.known {
		if v.current(k) && v.cfg.Grid.Near(after, v.mirror.cells.CellOf(k.slot)) {
			continue
		}
		if !r.grow(&r.leaves, v.encoder.AppendLeave(r.leaves, int32(k.player)), 1) {
			r.next = append(r.next, k)
		}
	}
}

// repairAppears writes the appearances of those who are in view and not known, and sorts out who else has moved.
func (v *View) repairAppears(l *lag, after aoi.Cell) {
	r := &v.repair
	v.indexKnown(l)
	for _, c := range v.cfg.Grid.Neighbourhood(after) {
		for _, slot := range v.mirror.members(c) {
			p := &v.mirror.players[slot]
			k := known{slot: slot, player: p.player, seen: v.tick}
			if i := int(r.index[slot]); i < len(l.known) && l.known[i].slot == slot && l.known[i].player == p.player {
				if max(p.told, p.marked) > l.known[i].seen {
					r.moves = append(r.moves, l.known[i])
					continue
				}
			} else if !r.grow(&r.appears, v.writeAppear(r.appears, p), 1) {
				continue
			}
			r.next = append(r.next, k)
		}
	}
}

// repairMoves writes the moves that the viewer has not been told of, the stalest first.
func (v *View) repairMoves() {
	r := &v.repair
	slices.SortStableFunc(r.moves, func(a, b known) int { return cmp.Compare(a.seen, b.seen) })
	for _, k := range r.moves {
		p := &v.mirror.players[k.slot]
		if r.grow(&r.moved, v.writeMoved(r.moved, p, k.seen), 1) {
			k.seen = v.tick
		}
		r.next = append(r.next, k)
	}
}

// indexKnown makes the lag's known findable by slot.
func (v *View) indexKnown(l *lag) {
	r := &v.repair
	r.index = append(r.index, make([]int32, len(v.mirror.players)-len(r.index))...)
	for i, k := range l.known {
		if v.current(k) {
			r.index[k.slot] = int32(i)
		}
	}
}

// current reports whether a slot still belongs to the player that was known by it.
func (v *View) current(k known) bool { return v.mirror.players[k.slot].player == k.player }
