package wire

import (
	"net"
	"sync"
	"syscall"
)

// Writer hands bytes to the kernel without ever waiting. Calls must not overlap.
type Writer interface {
	// TryWrite returns how much of b was taken; n < len(b) with a nil error means that there is no room for more now.
	TryWrite(b []byte) (n int, err error)
}

// NewWriter returns the writer that fits a connection: its own, if it is one; a raw system call, where there is a file
// descriptor to make it on; else a goroutine that writes one copy at a time.
func NewWriter(conn net.Conn) Writer {
	if own, ok := conn.(Writer); ok {
		return own
	}
	if file, ok := conn.(syscall.Conn); ok {
		if raw, err := file.SyscallConn(); err == nil && rawWrites {
			return newRawWriter(raw)
		}
	}
	return &copyWriter{conn: conn}
}

// copyWriter writes where nothing better is to be had: it takes a copy, which a goroutine of its own writes, and no more
// until that is done.
type copyWriter struct {
	conn net.Conn

	mu   sync.Mutex
	busy bool
	err  error
}

// TryWrite takes all of b, or nothing.
func (w *copyWriter) TryWrite(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy || w.err != nil || len(b) == 0 {
		return 0, w.err
	}
	w.busy = true
	go w.write(append([]byte(nil), b...))
	return len(b), nil
}

// write writes a copy and makes room for the next.
func (w *copyWriter) write(b []byte) {
	_, err := w.conn.Write(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy, w.err = false, err
}
