package view

import (
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Looks returns the cell from which a viewer looks after the last tick, None if it is nowhere, and how it stands. As Lane and Why
// it is for between Compose and the next Encode.
func (v *View) Looks(slot world.Slot) (from aoi.Cell, standing press.Standing) {
	if int(slot) >= len(v.states) || v.states[slot] == press.Nobody {
		return aoi.None, press.NotWatched
	}
	switch {
	case v.states[slot] == press.Busy:
		standing = press.Behind
	case v.lags[slot] != nil:
		standing = press.InParts
	}
	return v.mirror.cells.CellOf(slot), standing
}

// Lane says as what a move counts that a viewer was told of somebody: of one in a crowd, as its turn, or as near; and whether the
// viewer was told more than the tick's, for it had fallen behind.
func (v *View) Lane(viewer, of world.Slot) (lane press.Records, caughtUp bool) {
	m := v.crowds.mass(v.mirror.cells.CellOf(of))
	switch {
	case m == nil || !v.crowds.beat || !v.mirror.stayed(of, v.tick):
		lane = press.RecordMoved
	case slices.Contains(m.told, of):
		lane = press.RecordFar
	default:
		lane = press.RecordNear
	}
	return lane, slices.Contains(v.caughtUp, viewer)
}

// Why says why the frame of a viewer in the last tick did not tell of an entity that is in the world, and within which time it is
// told of at the latest, if it waits. changed says that the tick did something to it.
func (v *View) Why(viewer, of world.Slot, changed bool) (why press.Why, within time.Duration) {
	from, standing := v.Looks(viewer)
	cell := v.mirror.cells.CellOf(of)
	switch {
	case cell == aoi.None:
		return press.Veiled, 0
	case standing == press.NotWatched:
		return press.Absent, 0
	case !v.cfg.Grid.Near(from, cell):
		return press.Outside, 0
	case standing == press.Behind:
		return press.Lagging, 0
	case standing == press.InParts && !v.known(viewer, of):
		return press.CatchingUp, 0
	}
	if m := v.crowds.mass(cell); m != nil && v.mirror.stayed(of, v.tick) {
		if v.crowds.tracks[of].off {
			return press.Waiting, m.bound
		}
		return press.Unchanged, 0
	}
	if changed && standing == press.UpToDate {
		return press.Missing, 0
	}
	return press.Unchanged, 0
}

// known reports whether a viewer that catches up knows where somebody is.
func (v *View) known(viewer, of world.Slot) bool {
	p := &v.mirror.players[of]
	return slices.ContainsFunc(v.lags[viewer].known, func(k known) bool {
		return k.slot == of && k.player == p.player && k.seen >= p.told
	})
}
