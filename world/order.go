package world

import (
	"context"
	"fmt"
	"time"
)

// Order is something that the operator does to a world: plain data, as a Command is. It is carried out in the next tick.
type Order interface {
	// Apply does it, under the rules of Game. The error says why it is not done; then nothing is.
	Apply(tx *Tx) error
}

// carriedOut is what has become of an order.
type carriedOut struct {
	tick uint64
	err  error
}

// Order gives a world an order. Anybody may call it; it does not wait for the world. The error is ErrOrderBusy.
func (l *Loop) Order(o Order) error {
	_, err := l.mailbox.order(o)
	return err
}

// Do gives a world an order, and waits until the tick is over in which it was carried out, whose number it returns. The error is
// the order's, ErrOrderBusy, or the context's: then it may be carried out all the same.
func (l *Loop) Do(ctx context.Context, o Order) (tick uint64, err error) {
	done, err := l.mailbox.order(o)
	if err != nil {
		return 0, err
	}
	select {
	case c := <-done:
		return c.tick, c.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// order posts an order, and returns where to wait for what becomes of it.
func (m *Mailbox) order(o Order) (done <-chan carriedOut, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.filling.Orders) >= maxOrders {
		return nil, ErrOrderBusy
	}
	waits := make(chan carriedOut, 1)
	m.filling.Orders = append(m.filling.Orders, o)
	m.ordering = append(m.ordering, waits)
	m.posted()
	return waits, nil
}

// confirm tells those who have given the tick's orders what has become of them.
func (l *Loop) confirm(out *Output) {
	if len(out.Ordered) == 0 {
		return
	}
	l.mailbox.mu.Lock()
	defer l.mailbox.mu.Unlock()
	for i, err := range out.Ordered {
		l.mailbox.ordered[i] <- carriedOut{l.tick, err}
	}
	clear(l.mailbox.ordered)
}

// carryOut carries out an order. One that panics is a failure of nobody's.
func (w *World) carryOut(o Order) (err error) {
	failures := len(w.out.Failures)
	w.attempt(0, func(tx *Tx) { err = o.Apply(tx) })
	if len(w.out.Failures) > failures {
		err = w.out.Failures[failures]
	}
	return err
}

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
