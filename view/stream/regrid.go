package stream

import (
	"time"

	"aoiworld/aoi"
	"aoiworld/world"
)

// Configure changes what frames should hold at most, and how often crowds are told of: see Config. And it gives the message that
// describes the world, which clients are told from then on before the first keys, and behind each welcome. It is called before
// the Encode of a tick in which the world is cut into other cells, or into the same ones anew.
func (v *View) Configure(budget int, period time.Duration, description []byte) {
	v.cfg.Budget, v.cfg.Period, v.description = budget, period, description
}

// regrid goes on with the world cut into other cells, before anything of the tick is taken in. Its streams are others from then
// on, and nobody has got their keys: so all viewers have fallen behind, and catch up.
func (v *View) regrid(grid *aoi.Grid) {
	v.cfg.Grid, v.streams = grid, make([]*stream, grid.Cells()*int(world.Layers))
	for slot := range v.sights {
		e := &v.sights[slot]
		if e.cell == aoi.None {
			continue
		}
		e.cell = grid.CellAt(e.x, e.z)
		s := v.activate(v.id(e.layer, e.cell))
		e.slot = s.enter(member{id: e.player, entity: world.Slot(slot), at: e.at})
	}
	for _, s := range v.active {
		s.endTick() // they were there before
	}
	v.active = v.active[:0]
	if v.crowds = nil; v.cfg.Budget > 0 {
		v.crowds = v.newCrowds()
	}
	for slot := range v.watchers {
		if w := &v.watchers[slot]; w.cell != aoi.None {
			v.lookAnew(w, world.Slot(slot))
		}
	}
}

// lookAnew has a viewer look from its own cell, of which it is to be sent everything, and the description before.
func (v *View) lookAnew(w *watcher, slot world.Slot) {
	w.cell, w.shifted = v.sights[slot].cell, v.now
	if w.lag == nil {
		w.lag = &lag{chat: v.chatsOf(slot).Next(), kept: aoi.None}
	}
	w.lag.describe = true
	w.lag.restart()
}
