package poll

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"aoiworld/net/wire"
)

// turnBytes is how much a socket may be read in a turn (bytes). The rest waits for the next one.
const turnBytes = 64 << 10

// Socket is a TCP connection that a Poller has taken over. Nothing of it ever waits. It is a net.Conn as far as a wire.Link
// needs one, and a wire.TryWriter; Read and TryWrite may run beside each other.
type Socket struct {
	// What each turn and each write touch is one line of the processor's cache (64 bytes).

	mu       sync.Mutex   // held for one system call
	fd       int          // -1 once closed; guarded by mu
	deadline atomic.Int64 // of reading (ns since the poller's beginning); 0 is none
	sent     atomic.Int32 // bytes that were written last
	hung     atomic.Bool  // a short read is not all: either side has closed, the connection is broken, or urgent data has come

	// The turn's.
	left  int32 // of turnBytes
	ready bool  // there may be something to read
	ended bool  // read has reported false

	// Poll's; guarded by the poller's lists lock from queued to done.
	steady bool                             // the kernel is silent about it
	queued bool                             // for a turn
	streak int32                            // how many polls have spoken against steady in a row
	polled uint32                           // the last of them
	begin  func() (read func() (more bool)) // nil until Watch

	read func() (more bool) // the turn's; nil before the first

	done          func()
	poller        *Poller
	local, remote net.Addr
	_             [16]byte // so that it begins with a line
}

// Read reads what has arrived. It fails with wire.ErrNothing when that is nothing, or enough for this turn.
func (s *Socket) Read(p []byte) (int, error) {
	if at := s.deadline.Load(); at != 0 && s.poller.now() >= at {
		return 0, os.ErrDeadlineExceeded
	}
	if s.left <= 0 || !s.ready && !s.hung.Load() {
		return 0, wire.ErrNothing
	}
	p = p[:min(len(p), int(s.left))]
	n, err := s.receive(p)
	s.ready = n == len(p) // otherwise that was all: what arrives from now on, and urgent data, are events of their own
	switch {
	case err == unix.EAGAIN:
		return 0, wire.ErrNothing
	case err != nil:
		return 0, fmt.Errorf("read: %w", err)
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	s.left -= int32(n)
	return n, nil
}

// receive makes the system call, unless the socket is closed.
func (s *Socket) receive(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return 0, net.ErrClosed
	}
	return receive(s.fd, p)
}

// TryWrite implements wire.TryWriter.
func (s *Socket) TryWrite(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return 0, net.ErrClosed
	}
	n, err = send(s.fd, b)
	s.sent.Store(int32(n))
	if err != nil && err != unix.EAGAIN {
		return 0, fmt.Errorf("write: %w", err)
	}
	return n, nil
}

// Touch implements wire.Toucher.
func (s *Socket) Touch() { s.hung.Load() }

// Watch implements wire.Watched: all that is called is called in turns of the Poller, the first of which is the next.
func (s *Socket) Watch(begin func() (read func() (more bool)), done func()) {
	if err := s.poller.add(s); err != nil {
		_ = s.Close() // which the first turn finds out
	}
	s.poller.begin(s, begin, done)
}

// turn has the socket read once, as many bytes as are left of its turn, unless that is over.
func (s *Socket) turn() {
	if s.ended {
		return
	}
	if s.read == nil {
		s.read = s.begin()
	}
	if s.read() {
		if s.left <= 0 {
			s.poller.spur(s)
		}
		return
	}
	s.ended = true
	s.done()
}

// SetReadDeadline has reading fail from a time on, and a turn then; the zero time is none.
func (s *Socket) SetReadDeadline(t time.Time) error {
	if t.IsZero() {
		s.deadline.Store(0)
		return nil
	}
	s.deadline.Store(max(1, int64(t.Sub(s.poller.began))))
	s.poller.await(s)
	return nil
}

// CloseWrite ends the outgoing side.
func (s *Socket) CloseWrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	return os.NewSyscallError("shutdown", unix.Shutdown(s.fd, unix.SHUT_WR))
}

// Close closes the socket, and has a turn see it. It may be called more than once.
func (s *Socket) Close() error {
	s.mu.Lock()
	fd := s.fd
	s.fd = -1
	s.mu.Unlock()
	if fd < 0 {
		return nil
	}
	s.poller.drop(s, fd)
	s.hung.Store(true)
	s.poller.spur(s)
	return os.NewSyscallError("close", unix.Close(fd))
}

// LocalAddr returns the server's address.
func (s *Socket) LocalAddr() net.Addr { return s.local }

// RemoteAddr returns the client's address.
func (s *Socket) RemoteAddr() net.Addr { return s.remote }

// errBlocking says that a socket of a Poller is written by TryWrite alone.
var errBlocking = errors.New("a polled socket does not wait")

// Write is not to be had: it could not but wait.
func (s *Socket) Write([]byte) (int, error) { return 0, errBlocking }

// SetDeadline is not to be had, for the same reason.
func (s *Socket) SetDeadline(time.Time) error { return errBlocking }

// SetWriteDeadline is not to be had, for the same reason.
func (s *Socket) SetWriteDeadline(time.Time) error { return errBlocking }
