package world

import (
	"fmt"

	"aoiworld/aoi"
)

// Regrid has the world cut into other cells, seen as far as the configuration says, from the next tick on: of several within
// a tick the last one counts. Nobody is moved, and everybody goes on seeing what there is to see. Anybody may call it. The error
// wraps aoi.ErrGrid, or ErrConfig where the bounds are not the world's.
func (l *Loop) Regrid(cfg aoi.Config) error {
	if want := l.mailbox.rules.bounds; cfg.Bounds != want {
		return fmt.Errorf("%w: a grid over %v, the world's bounds are %v", ErrConfig, cfg.Bounds, want)
	}
	if _, err := aoi.NewGrid(cfg); err != nil {
		return err
	}
	l.mailbox.regrid(cfg)
	return nil
}

// Retune has ticks come by another schedule from the next one on. Anybody may call it. The error wraps ErrConfig.
func (l *Loop) Retune(cfg PaceConfig) error {
	if err := cfg.check(); err != nil {
		return err
	}
	l.retuned.Store(&cfg)
	l.Wake()
	return nil
}

// retune takes over the schedule that was asked for last, if any.
func (l *Loop) retune() {
	if cfg := l.retuned.Swap(nil); cfg != nil {
		l.cfg.Pace = *cfg
		l.pace.retune(*cfg)
	}
}

// regrid posts a grid.
func (m *Mailbox) regrid(cfg aoi.Config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.filling.Grid = &cfg
	m.posted()
}

// regrid cuts the world into other cells, if it is to be, and returns its grid then. Nobody is anywhere else for that.
func (w *World) regrid(cfg *aoi.Config) *aoi.Grid {
	if cfg == nil {
		return nil
	}
	grid, err := aoi.NewGrid(*cfg)
	if err != nil || cfg.Bounds != w.cfg.Grid.Bounds {
		panic(fmt.Sprintf("world: a grid %+v for a world over %v: %v", *cfg, w.cfg.Grid.Bounds, err))
	}
	w.cfg.Grid = *cfg
	w.cells.Regrid(grid, func(s aoi.Slot) (x, z float32) { return w.entities[s].at.X, w.entities[s].at.Z })
	return grid
}
