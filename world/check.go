package world

import (
	"errors"
	"fmt"
	"slices"

	"aoiworld/aoi"
)

// ErrBroken is wrapped by every error that says which invariant of a world does not hold.
var ErrBroken = errors.New("broken world")

// Check returns the first invariant that does not hold, as an error that wraps ErrBroken, or nil. It is for between two ticks,
// looks at everything once, and changes nothing:
//
//   - Who is in the world has an id above 0 that nobody else has, and is found by it. He is at a position where one can be, in
//     the cell of that position and in no other, and in a layer that there is and that he sees. His budget is one, and his name,
//     attributes and state are within their bounds.
//   - The lists of the cells have everybody who is in the world once, and nobody else.
//   - The books agree: players and things of each kind together are who is in the world, and with the free slots all slots.
//   - Nothing is left of the tick: no change that is not told yet.
func (w *World) Check() error {
	if err := w.checkBooks(); err != nil {
		return err
	}
	for place := range w.places() {
		if err := w.checkPlace(place); err != nil {
			return err
		}
	}
	return w.checkLists()
}

// places is how many places there are to check one by one: slots and cells.
func (w *World) places() int { return len(w.entities) + w.Grid().Cells() }

// checkPlace checks one of them.
func (w *World) checkPlace(place int) (err error) {
	if place < len(w.entities) {
		err = w.checkSlot(Slot(place))
	} else {
		err = w.cells.CheckCell(aoi.Cell(place - len(w.entities)))
	}
	if err != nil && !errors.Is(err, ErrBroken) {
		err = fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return err
}

// broken returns what is wrong.
func broken(format string, facts ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBroken}, facts...)...)
}

// checkBooks checks what is so of the world as a whole.
func (w *World) checkBooks() error {
	things := 0
	for _, ids := range w.kinds {
		things += len(ids)
	}
	switch here := len(w.index); {
	case w.players < 0 || w.players+things != here:
		return broken("%d players and %d things are %d entities", w.players, things, here)
	case here+len(w.free) != len(w.entities):
		return broken("%d entities and %d free slots are %d slots", here, len(w.free), len(w.entities))
	case len(w.free) > 0 && w.unfree(w.free[len(w.free)-1]):
		return broken("slot %d is the next to be used, and in use", w.free[len(w.free)-1])
	case w.now < 0 || !w.chat.valid() || !w.ids.valid():
		return broken("time %v, chat allowance %v, ids %v", w.now, w.chat, w.ids)
	case len(w.shared) > MaxKeys:
		return broken("%d keys", len(w.shared))
	}
	return nil
}

// checkSlot checks a slot: who is in it, or that nobody is.
func (w *World) checkSlot(slot Slot) error {
	e := &w.entities[slot]
	found, known := w.index[e.player]
	cell := w.cells.CellOf(slot)
	switch {
	case e.touched || e.marked:
		return broken("a change of entity %d in slot %d is not told", e.player, slot)
	case e.player == 0 && cell == aoi.None:
		return nil
	case e.player <= 0 || !known || found != slot:
		return broken("slot %d in cell %d has entity %d, which is found in slot %d, %v", slot, cell, e.player, found, known)
	case w.rules.Check(e.at) != Accepted:
		return broken("entity %d is at %v", e.player, e.at)
	case w.Grid().CellAt(e.at.X, e.at.Z) != cell:
		return broken("entity %d is at %v, and in cell %d", e.player, e.at, cell)
	case !e.fits(e.layer):
		return broken("entity %d is in layer %d, and sees %d", e.player, e.layer, e.sees)
	case !e.travel.valid() || !e.taken.valid():
		return broken("entity %d has the speed budget %v, and was taken from %v", e.player, e.travel, e.taken)
	case len(e.name) > MaxName || len(e.attributes) > MaxAttributes || len(e.state) > MaxState:
		return broken("entity %d has %d, %d and %d bytes", e.player, len(e.name), len(e.attributes), len(e.state))
	case e.kind != PlayerKind && !w.booked(e):
		return broken("entity %d is not among those of kind %d", e.player, e.kind)
	}
	return w.cells.CheckSlot(slot)
}

// booked reports whether an entity is in the list of its kind.
func (w *World) booked(e *entity) bool {
	_, found := slices.BinarySearch(w.kinds[e.kind], e.player)
	return found
}

// checkLists checks that the free slots are nobody's, and in the list once. With the books that means that none is missing.
func (w *World) checkLists() error {
	free := slices.Sorted(slices.Values(w.free))
	for i, slot := range free {
		switch {
		case w.unfree(slot):
			return broken("slot %d is free, and in use", slot)
		case i > 0 && free[i-1] == slot:
			return broken("slot %d is free twice", slot)
		}
	}
	return nil
}

// unfree reports whether a slot cannot be free.
func (w *World) unfree(slot Slot) bool {
	return slot < 0 || int(slot) >= len(w.entities) || w.entities[slot].player != 0
}
