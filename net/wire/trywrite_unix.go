//go:build unix

package wire

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// rawWriter writes to a socket by one system call at a time, past Go's poller, which would wait for room.
type rawWriter struct {
	conn  syscall.RawConn
	write func(fd uintptr) (done bool) // w.once, bound at the beginning, so that no call allocates

	// The arguments and results of the call that is under way.
	b   []byte
	n   int
	err error
}

// newRawWriter returns nil for a connection that is no socket.
func newRawWriter(conn net.Conn) TryWriter {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	w := &rawWriter{conn: raw}
	w.write = w.once
	return w
}

// TryWrite hands b to the kernel.
func (w *rawWriter) TryWrite(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	w.b, w.n, w.err = b, 0, nil
	err := w.conn.Write(w.write)
	w.b = nil
	if err == nil {
		err = w.err
	}
	if err != nil {
		return w.n, fmt.Errorf("write: %w", err)
	}
	return w.n, nil
}

// once makes the call; Go's sockets are in non-blocking mode. It always says that it is done: that is what keeps RawConn
// from waiting for room.
func (w *rawWriter) once(fd uintptr) bool {
	for {
		n, err := unix.Write(int(fd), w.b)
		switch {
		case err == nil:
			w.n = n
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EAGAIN):
			w.err = err
		}
		return true
	}
}
