package view

import (
	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// lag is what is remembered of a viewer that could not take a frame: whom it knows. It costs nothing while it waits, and
// is gone when the viewer is up to date.
type lag struct {
	known   []known
	chat    uint64 // number of the first chat it has not got
	refused bool   // an answer to a refused move is due
	mail    press.Mailbag
}

// known is somebody of whom a viewer has been told.
type known struct {
	slot   world.Slot
	player world.ID
	seen   uint64 // the tick as of which the viewer knows its position
}

// fallBehind notes whom a viewer knew when the tick began, unless it is behind already, and what it misses.
func (v *View) fallBehind(slot world.Slot, before aoi.Cell) {
	l := v.lags[slot]
	if l == nil {
		l = &lag{known: v.appendKnowns(nil, before), chat: v.chats.Began()}
		v.lags[slot] = l
	}
	_, refused := v.refused[slot]
	l.refused = l.refused || refused
	if !l.mail.Keep(v.mail[slot]) {
		v.press.Deliver(slot, press.Overflow)
	}
}

// Behind yields the players who have not been told everything yet, for whoever watches: they could not take a frame, or are shown
// a large view in parts.
func (v *View) Behind(yield func(world.ID) bool) {
	for slot, l := range v.lags {
		if l != nil && !yield(v.mirror.players[slot].player) {
			return
		}
	}
}

// appendKnowns appends who was in the neighbourhood of a cell when the tick began.
func (v *View) appendKnowns(dst []known, around aoi.Cell) []known {
	for _, c := range v.cfg.Grid.Neighbourhood(around) {
		dst = v.appendKnown(dst, c)
	}
	return dst
}

// appendKnown appends who was in a cell when the tick began: those who are still there, and those who left.
func (v *View) appendKnown(dst []known, c aoi.Cell) []known {
	for _, slot := range v.mirror.members(c) {
		if v.mirror.stayed(slot, v.tick) {
			dst = append(dst, known{slot: slot, player: v.mirror.players[slot].player, seen: v.tick - 1})
		}
	}
	for _, i := range v.sheets.left(c) {
		change := &v.out.Changes[i]
		dst = append(dst, known{slot: change.Slot, player: change.Player, seen: v.tick - 1})
	}
	return dst
}
