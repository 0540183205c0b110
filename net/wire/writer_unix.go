//go:build unix

package wire

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// rawWrites says that this system has non-blocking sends.
const rawWrites = true

// rawWriter sends by one system call on the descriptor, which the runtime has made non-blocking.
type rawWriter struct {
	raw  syscall.RawConn
	send func(fd uintptr) bool // bound once, so that a write allocates nothing

	// Of the write in progress.
	b   []byte
	n   int
	err error
}

// newRawWriter returns a writer on a descriptor.
func newRawWriter(raw syscall.RawConn) *rawWriter {
	w := &rawWriter{raw: raw}
	w.send = w.attempt
	return w
}

// TryWrite sends as much of b as the socket's buffer has room for.
func (w *rawWriter) TryWrite(b []byte) (int, error) {
	w.b, w.n, w.err = b, 0, nil
	err := w.raw.Write(w.send)
	w.b = nil
	if w.err != nil {
		err = w.err
	}
	return w.n, err
}

// attempt sends until the socket takes no more. It always says that it is done, so that the runtime never waits.
func (w *rawWriter) attempt(fd uintptr) bool {
	for w.n < len(w.b) {
		n, err := unix.SendmsgN(int(fd), w.b[w.n:], nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return true
		case err != nil:
			w.err = err
			return true
		}
		w.n += n
	}
	return true
}
