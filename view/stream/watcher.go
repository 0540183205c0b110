package stream

import (
	"math"
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// How a viewer cell follows its viewer: when that one is Margin of a cell beyond its border, and not more often than once in
// ShiftEvery; but at once when the viewer's own cell is no longer in view.
const (
	Margin     = 0.1
	ShiftEvery = 250 * time.Millisecond
)

// ackEvery is how often moves are confirmed that needed no correction.
const ackEvery = time.Second

// watcher is one viewer.
type watcher struct {
	cell    aoi.Cell      // from which it looks; None while nobody looks
	shifted time.Duration // when that was another one last
	lag     *lag          // nil for who is up to date

	// keyed says that its link may not have taken all keys that it was sent. slow is how often it missed something before it had,
	// since it went along last.
	keyed bool
	slow  int

	sequence, acked uint32 // of its moves: the latest that was applied, and that was confirmed
	ackedAt         time.Duration
}

// lag is what is remembered of a viewer that could not take a frame.
type lag struct {
	chat    uint64         // number of the first chat it has not got
	refused *world.Refusal // to be answered
	mail    press.Mailbag
	// describe says that the description of the world goes before all keys.
	describe bool

	// begun says that keys are under way: of the streams in view, done have been sent, and of the next one all slots below slot.
	// Those come first that were in view from the cell kept, unless that is None.
	begun   bool
	kept    aoi.Cell
	current bool // it has missed nothing yet
	done    int
	slot    int32
}

// restart has all keys begin anew.
func (l *lag) restart() { l.begun, l.kept, l.done, l.slot = false, aoi.None, 0, 0 }

// class is a viewer's cells before and after a tick, the leaf of a crowd in which it is, the layers that it sees, and how it is
// written.
type class struct {
	before, after aoi.Cell
	leaf          int32
	sees          world.Layer
	form          Form
}

// look returns the cell from which a viewer is to look in this tick.
func (v *View) look(w *watcher, e *sight) aoi.Cell {
	switch {
	case w.cell == e.cell:
		return w.cell
	case !v.cfg.Grid.Near(w.cell, e.cell):
		return e.cell
	case v.now-w.shifted >= ShiftEvery && v.beyond(w.cell, e):
		return e.cell
	}
	return w.cell
}

// outlook returns what a viewer looks at.
func (v *View) outlook(slot world.Slot) outlook {
	return outlook{v.watchers[slot].cell, v.sights[slot].sees}
}

// chatsOf returns the log of what a viewer is told of who is anywhere.
func (v *View) chatsOf(slot world.Slot) *press.ChatLog { return &v.chats[v.sights[slot].sees] }

// beyond reports whether somebody is more than the margin outside a cell.
func (v *View) beyond(c aoi.Cell, e *sight) bool {
	b := v.cfg.Grid.CellBounds(c)
	outX := math.Max(b.MinX-float64(e.x), float64(e.x)-b.MaxX)
	outZ := math.Max(b.MinZ-float64(e.z), float64(e.z)-b.MaxZ)
	return outX > Margin*(b.MaxX-b.MinX) || outZ > Margin*(b.MaxZ-b.MinZ)
}

// shift takes a viewer to another cell.
func (v *View) shift(w *watcher, to aoi.Cell) {
	if w.cell != to {
		w.cell, w.shifted = to, v.now
	}
}

// happened reports whether there is anything in a tick that changes what a viewer sees.
func (v *View) happened(w *watcher, e *sight) bool {
	if w.cell == aoi.None || v.look(w, e) != w.cell {
		return true
	}
	for _, id := range v.streamsOf(outlook{w.cell, e.sees}) {
		if s := v.streams[id]; s != nil && (s.changed() || s.mass != nil && v.crowds.beat) {
			return true
		}
	}
	return false
}

// Behind yields the players who have not been told everything yet, for whoever watches: they could not take a frame, or are shown
// a large view in parts.
func (v *View) Behind(yield func(world.ID) bool) {
	for slot := range v.watchers {
		if v.watchers[slot].lag != nil && !yield(v.sights[slot].player) {
			return
		}
	}
}

// interrupt notes that a viewer misses something because its link has not taken the frame before.
func (w *watcher) interrupt() {
	if w.keyed {
		w.keyed = false
		w.slow++
	}
}

// goAlong notes that a viewer has taken all keys that it was sent, and is handed the frame of its class, which may hold some.
func (w *watcher) goAlong(keyed bool) { w.keyed, w.slow = keyed, 0 }

// fallBehind notes what a viewer misses. It is sent keys anew if it missed a change of what it sees; of a tick without one it
// misses chats and mail alone, however long a frame takes.
func (v *View) fallBehind(slot world.Slot, missed bool) {
	w := &v.watchers[slot]
	if w.lag == nil {
		w.lag = &lag{chat: v.chatsOf(slot).Began(), begun: true, kept: aoi.None, done: len(v.streamsOf(v.outlook(slot)))}
	}
	if missed {
		w.lag.restart()
	}
	if r, refused := v.refused[slot]; refused {
		w.lag.refused = &r
	}
	if !w.lag.mail.Keep(v.mail[slot]) {
		v.press.Deliver(slot, press.Overflow)
	}
}
