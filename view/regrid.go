package view

import (
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Configure changes what frames should hold at most, and how often crowds are told of: see Config. It is called before the Encode
// of a tick in which the world is cut into other cells, or into the same ones anew.
func (v *View) Configure(budget int, period time.Duration) {
	v.cfg.Budget, v.cfg.Period = budget, period
}

// regrid goes on with the world cut into other cells, before anything of the tick is taken in. The classes of the tick are pairs
// of the new cells, and nobody has seen from one of those: so all viewers have fallen behind by what they knew, and catch up.
func (v *View) regrid(grid *aoi.Grid) {
	v.lags = append(v.lags, make([]*lag, len(v.mirror.players)-len(v.lags))...)
	for slot := range v.mirror.players {
		cell := v.mirror.cells.CellOf(world.Slot(slot))
		if slot < len(v.states) && v.states[slot] != press.Nobody && cell != aoi.None && v.lags[slot] == nil {
			v.lags[slot] = &lag{known: v.appendKnowns(nil, cell), chat: v.chats.Next()}
		}
	}
	v.mirror.cells.Regrid(grid, func(s aoi.Slot) (x, z float32) { return v.mirror.players[s].at.X, v.mirror.players[s].at.Z })
	v.cfg.Grid, v.sheets = grid, newSheets(grid.Cells())
	v.disperse()
}

// disperse ends all crowds at once: who is behind, which everybody is, is told where those are of whom not all know.
func (v *View) disperse() {
	if v.crowds != nil {
		for slot := range v.crowds.tracks {
			if v.crowds.tracks[slot].off {
				v.mirror.players[slot].told = v.tick
			}
		}
	}
	if v.crowds = nil; v.cfg.Budget > 0 {
		v.crowds = v.newCrowds()
	}
}
