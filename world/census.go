package world

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"aoiworld/aoi"
)

// Census is where everybody and everything in a world was when a tick ended. It is never changed.
type Census struct {
	World string
	Tick  uint64
	// Rate is how often ticks are due, in ticks a second.
	Rate float64
	// Grid is how the world is cut into cells.
	Grid aoi.Config
	// Places are in no order; of Players of them players are.
	Places  []Place
	Players int
}

// Place is where somebody or something is.
type Place struct {
	ID    ID
	Kind  Kind
	Layer Layer
	Cell  aoi.Cell
	At    Position
}

// censusRequest is a census that was asked for.
type censusRequest struct {
	answered chan struct{} // closed once there is a census
	census   *Census
}

// censuses is how others ask for a census. The loop looks once a tick, and works only if somebody has asked.
type censuses struct {
	asked atomic.Pointer[censusRequest]
	last  time.Time // the loop's: of the last census
}

// Census returns where everybody and everything is, as of the end of a tick that is not over yet. It may be called by anybody,
// and takes up to a tick or a tenth of a second, whichever is longer. The error is the context's.
func (l *Loop) Census(ctx context.Context) (*Census, error) {
	mine := &censusRequest{answered: make(chan struct{})}
	for !l.censuses.asked.CompareAndSwap(nil, mine) {
		if others := l.censuses.asked.Load(); others != nil {
			mine = others
			break
		}
	}
	select {
	case <-mine.answered:
		return mine.census, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// takeCensus takes a census if somebody has asked for one, and the last was long enough ago.
func (l *Loop) takeCensus(now time.Time) {
	if l.censuses.asked.Load() == nil || now.Sub(l.censuses.last) < askedEvery {
		return
	}
	l.censuses.last = now
	asked := l.censuses.asked.Swap(nil) // who asks from here on is told of a later tick
	asked.census = &Census{
		World: l.cfg.Name, Tick: l.tick, Rate: l.pace.rate(), Grid: l.world.cfg.Grid,
		Places: l.world.whereabouts(), Players: l.world.players,
	}
	close(asked.answered)
}

// whereabouts returns where everybody and everything is.
func (w *World) whereabouts() []Place {
	all := make([]Place, 0, len(w.index))
	for slot := range w.entities {
		e := &w.entities[slot]
		if cell := w.cells.CellOf(Slot(slot)); cell != aoi.None {
			all = append(all, Place{ID: e.player, Kind: e.kind, Layer: e.layer, Cell: cell, At: e.at})
		}
	}
	return all
}

// Census returns a census of each world, in the order in which they were added. The error is the context's.
func (m *Manager) Census(ctx context.Context) ([]*Census, error) {
	m.mu.RLock()
	loops := slices.Clone(m.order)
	m.mu.RUnlock()
	all := make([]*Census, len(loops))
	for i, l := range loops {
		c, err := l.Census(ctx)
		if err != nil {
			return nil, err
		}
		all[i] = c
	}
	return all, nil
}
