package view

import (
	"slices"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// sheet is what is written about one cell in one tick. Changes are named by their index in the output, by ascending
// player id.
type sheet struct {
	// What each class with the cell in view looks at stands together.
	cell    aoi.Cell
	frame   int32   // of the class of those who stayed here, or press.Unset until it is asked for
	moved   chunk   // the moves of stayed, and the attributes of marked
	told    chunk   // chats, gestures, messages
	entered []int32 // came into it, from another or by joining
	left    []int32 // went out of it, into another or by leaving

	stayed []int32 // moved inside the cell
	// marked are those who stayed in the cell and whose attributes are new; chats, gestures and messages are for all who see
	// the cell, by their index in the output.
	marked                    []world.Slot
	chats, gestures, messages []int32

	// The chunks below are written when the first class asks for them.
	appears  chunk // everybody who was and is here
	leaves   chunk // everybody who was and is here
	snapshot chunk // everybody who is here, as entries of a snapshot
	marks    chunk // the attributes of everybody who is here
}

// sheets are the sheets of a tick: a sparse set, so that a tick costs nothing for cells in which nothing happens.
type sheets struct {
	index  []int32  // by cell: where its sheet is in active, if that sheet is the cell's
	active []*sheet // of this tick; beyond its length, sheets of former ticks to use again
}

// newSheets returns no sheets for a grid of so many cells.
func newSheets(cells int) sheets { return sheets{index: make([]int32, cells)} }

// reset starts a tick.
func (t *sheets) reset() { t.active = t.active[:0] }

// get returns a cell's sheet, or nil when there is none.
func (t *sheets) get(c aoi.Cell) *sheet {
	if i := int(t.index[c]); i < len(t.active) && t.active[i].cell == c {
		return t.active[i]
	}
	return nil
}

// of returns a cell's sheet, a blank one when there was none.
func (t *sheets) of(c aoi.Cell) *sheet {
	if s := t.get(c); s != nil {
		return s
	}
	n := len(t.active)
	t.index[c] = int32(n)
	t.active = slices.Grow(t.active, 1)[:n+1]
	if t.active[n] == nil {
		t.active[n] = &sheet{}
	}
	s := t.active[n]
	*s = sheet{
		cell: c, stayed: s.stayed[:0], entered: s.entered[:0], left: s.left[:0],
		marked: s.marked[:0], chats: s.chats[:0], gestures: s.gestures[:0], messages: s.messages[:0],
		frame: press.Unset,
	}
	return s
}

// entered returns who came into a cell.
func (t *sheets) entered(c aoi.Cell) []int32 {
	if s := t.get(c); s != nil {
		return s.entered
	}
	return nil
}

// left returns who went out of a cell.
func (t *sheets) left(c aoi.Cell) []int32 {
	if s := t.get(c); s != nil {
		return s.left
	}
	return nil
}
