package world

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"aoiworld/aoi"
)

// censusEvery is the least time from one census to the next: those who ask more often share one.
const censusEvery = 100 * time.Millisecond

// Census is where all players of a world were when a tick ended. It is never changed.
type Census struct {
	World string
	Tick  uint64
	// Players are in no order.
	Players []Place
}

// Place is where a player is.
type Place struct {
	Player ID
	At     Position
	Cell   aoi.Cell
	Layer  Layer
}

// inquiry is a census that was asked for.
type inquiry struct {
	answered chan struct{} // closed once there is a census
	census   *Census
}

// inquiries is how others ask for a census. The loop looks once a tick, and works only if somebody has asked.
type inquiries struct {
	asked atomic.Pointer[inquiry]
	last  time.Time // the loop's: of the last census
}

// Census returns where all players are, as of the end of a tick that is not over yet. It may be called by anybody, and takes up
// to a tick or a tenth of a second, whichever is longer. The error is the context's.
func (l *Loop) Census(ctx context.Context) (*Census, error) {
	mine := &inquiry{answered: make(chan struct{})}
	for !l.inquiries.asked.CompareAndSwap(nil, mine) {
		if others := l.inquiries.asked.Load(); others != nil {
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

// answer takes a census if somebody has asked for one, and the last was long enough ago.
func (l *Loop) answer(now time.Time) {
	if l.inquiries.asked.Load() == nil || now.Sub(l.inquiries.last) < censusEvery {
		return
	}
	l.inquiries.last = now
	asked := l.inquiries.asked.Swap(nil) // who asks from here on is told of a later tick
	asked.census = &Census{World: l.cfg.Name, Tick: l.tick, Players: l.world.whereabouts()}
	close(asked.answered)
}

// whereabouts returns where all players are.
func (w *World) whereabouts() []Place {
	all := make([]Place, 0, w.players)
	for slot := range w.entities {
		e, cell := &w.entities[slot], w.cells.CellOf(Slot(slot))
		if e.kind == PlayerKind && cell != aoi.None {
			all = append(all, Place{Player: e.player, At: e.at, Cell: cell, Layer: e.layer})
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
