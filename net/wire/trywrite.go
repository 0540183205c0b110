package wire

import (
	"bytes"
	"net"
	"sync"
)

// TryWriter writes without ever blocking. Calls must not overlap.
type TryWriter interface {
	// TryWrite hands over what is taken of b without waiting and returns how much that was: n < len(b) with a nil error
	// means that there is no room now. It does not keep b.
	TryWrite(b []byte) (n int, err error)
}

// Toucher is a TryWriter for whose own memory a write has to wait where there are thousands of them. Touch, which anybody may
// call, has the processor fetch it and does nothing else: who is about to write to some touches all of them first, and their
// memory comes together.
type Toucher interface {
	TryWriter
	Touch()
}

// finisher is a TryWriter whose taken bytes may still be on their way.
type finisher interface {
	// finish calls f once everything that was taken has been written, perhaps on another goroutine.
	finish(f func() error) error
}

// NewTryWriter returns the TryWriter of a connection: itself, if it is one; raw writes past Go's poller, if it is a
// socket of a unix system; else a writer that hands one copy at a time to a goroutine. The connection's write deadline
// must not be used beside it.
func NewTryWriter(conn net.Conn) TryWriter {
	if w := NonBlocking(conn); w != nil {
		return w
	}
	return &copyWriter{conn: conn}
}

// NonBlocking is NewTryWriter without the last way: nil for a connection that can only block.
func NonBlocking(conn net.Conn) TryWriter {
	if w, ok := conn.(TryWriter); ok {
		return w
	}
	return newRawWriter(conn)
}

// copyWriter makes a TryWriter of a connection that can only block. A goroutine lives for as long as a copy is being
// written; the next one is taken after that.
type copyWriter struct {
	conn net.Conn

	mu    sync.Mutex
	busy  bool
	err   error        // the first failure; nothing is taken after it
	after func() error // what finish asked for while busy
}

// TryWrite takes b whole, or nothing of it while the former is being written.
func (w *copyWriter) TryWrite(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || w.busy || len(b) == 0 {
		return 0, w.err
	}
	w.busy = true
	go w.write(bytes.Clone(b))
	return len(b), nil
}

// write writes the pending copy, and then does what finish asked for meanwhile.
func (w *copyWriter) write(pending []byte) {
	_, err := w.conn.Write(pending)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy, w.err = false, err
	if w.after != nil {
		_ = w.after() // whoever asked has gone on; a reader learns of the failure
	}
}

// finish calls f now, or when the pending copy has been written.
func (w *copyWriter) finish(f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy {
		w.after = f
		return nil
	}
	return f()
}
