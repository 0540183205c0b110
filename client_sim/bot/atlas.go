package bot

import (
	"fmt"
	"slices"
	"sync"

	nativepb "aoiworld/pb/native"
)

// atlas is the world as it is, and as it has been in this run: an operator may have it cut into other cells while bots are in
// it. Safe for everybody.
type atlas struct {
	strict bool // nobody else is to change the world: views are held against the truth

	mu    sync.Mutex
	known []World // as it is, last; before that, as it has been or is about to be
}

// newAtlas returns the atlas of a run that supposes a world.
func newAtlas(w World, strict bool) *atlas {
	w.Quantum = w.lattice().Quantum
	return &atlas{strict: strict, known: []World{w}}
}

// now is the world as it is.
func (a *atlas) now() World {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[len(a.known)-1]
}

// expect makes a world one of which bots may be told, before it is asked for.
func (a *atlas) expect(w World) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.known, w) {
		a.known = slices.Insert(a.known, 0, w)
	}
}

// become makes a world the one that is.
func (a *atlas) become(w World) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known = append(slices.DeleteFunc(a.known, func(k World) bool { return k == w }), w)
}

// welcomes returns what is wrong with the world that a newcomer is told of.
func (a *atlas) welcomes(told World) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.known, told) {
		return nil
	}
	return fmt.Errorf("%w: its world is %s, the bots were told %s", errFarewell, told.flags(), a.known[len(a.known)-1].flags())
}

// hears returns what is wrong with the world that bots are told of while they are in it. Somebody else may have had it cut,
// which is well unless views are held against the truth.
func (a *atlas) hears(told World) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.known[len(a.known)-1]
	cut := now
	cut.Columns, cut.Rows, cut.Radius = told.Columns, told.Rows, told.Radius
	switch {
	case slices.Contains(a.known, told):
		return nil
	case a.strict || cut != told:
		return fmt.Errorf("%w: its world became %+v, for which the bots did not ask; it was %+v", errFarewell, told, now)
	}
	a.known = append(a.known, told)
	return nil
}

// worldOf is a world as the native dialect tells of it.
func worldOf(w *nativepb.World) World {
	return World{
		MinX: w.GetMinX(), MaxX: w.GetMaxX(), MinZ: w.GetMinZ(), MaxZ: w.GetMaxZ(), Columns: int(w.GetColumns()),
		Rows: int(w.GetRows()), Radius: int(w.GetViewRadius()), Quantum: w.GetQuantum(),
	}
}
