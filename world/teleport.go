package world

import (
	"fmt"
	"time"
)

// Teleport is the order to take a player to a position, however far. Its client is told.
type Teleport struct {
	Player ID
	To     Position
}

// Apply implements Order. The error wraps ErrNobody or ErrPosition.
func (t Teleport) Apply(tx *Tx) error { return tx.Teleport(t.Player, t.To) }

// staleFor is for how long what a client sends after a teleport may have been sent before it knew of it.
const staleFor = time.Second

// teleport is a place from which a player was taken, and until when its client may send moves from there. The zero value is none.
type teleport struct {
	x, z  float32
	until time.Duration
}

// valid reports whether a teleport can have come about.
func (t teleport) valid() bool { return t.until >= 0 && finite(t.x) && finite(t.z) }

// stale reports whether somebody was taken elsewhere a moment ago, and a move is one from where it was before: it ends nearer to
// that. The first that does not shows that the client knows, and then all count.
func (e *entity) stale(now time.Duration, to Position) bool {
	if now >= e.taken.until {
		return false
	}
	if distance(to, Position{X: e.taken.x, Z: e.taken.z}) < distance(to, e.at) {
		return true
	}
	e.taken = teleport{}
	return false
}

// Teleport is Move for a player, whose client is told that it is elsewhere, by a correction, and goes on from there: what it has
// sent before it knew, from where it was, does not count for a second, and it can move at once as after a rest. An entity without
// a client is moved. The error is ErrNobody or ErrPosition.
func (tx *Tx) Teleport(id ID, to Position) error {
	w := tx.world
	return tx.with("teleport", id, func(slot Slot) error {
		if w.rules.Check(to) != Accepted {
			return fmt.Errorf("%w: %v", ErrPosition, to)
		}
		e := &w.entities[slot]
		if e.kind == PlayerKind {
			e.taken = teleport{x: e.at.X, z: e.at.Z, until: w.now + staleFor}
			e.travel = allowance{left: creditSeconds * w.cfg.Movement.MaxSpeed, at: w.now}
			w.refuse(slot, Teleported, e.sequence)
		}
		w.place(slot, to)
		return nil
	})
}
