package world

import "context"

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
