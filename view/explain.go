package view

import (
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Looks returns the cell from which a viewer looks after the last tick, None if it is nowhere, and how it stands. As Lane and
// Untold it is for between Compose and the next Encode.
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

// Untold returns what says why a viewer was not told of somebody.
func (v *View) Untold(viewer world.Slot) press.Untold {
	from, standing := v.Looks(viewer)
	known := v.knownTo(viewer)
	return func(of world.Slot, changed bool) (why press.Why, within time.Duration) {
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
		case standing == press.InParts && !known[of]:
			return press.CatchingUp, 0
		}
		return v.whyUntold(of, cell, changed && standing == press.UpToDate)
	}
}

// whyUntold says why who knows of everybody in a cell was not told of somebody there; overdue says that it should have been, if
// it is in no crowd.
func (v *View) whyUntold(of world.Slot, cell aoi.Cell, overdue bool) (why press.Why, within time.Duration) {
	if m := v.crowds.mass(cell); m != nil && v.mirror.stayed(of, v.tick) {
		if v.crowds.tracks[of].off {
			return press.Waiting, m.bound
		}
		return press.Unchanged, 0
	}
	if overdue {
		return press.Missing, 0
	}
	return press.Unchanged, 0
}

// knownTo returns of whom a viewer that catches up knows where they are; nil of one that does not.
func (v *View) knownTo(viewer world.Slot) map[world.Slot]bool {
	if int(viewer) >= len(v.lags) || v.lags[viewer] == nil {
		return nil
	}
	all := make(map[world.Slot]bool, len(v.lags[viewer].known))
	for _, k := range v.lags[viewer].known {
		p := &v.mirror.players[k.slot]
		all[k.slot] = k.player == p.player && k.seen >= p.told
	}
	return all
}
