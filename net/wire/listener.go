package wire

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// How long a Listener rests after accepting has failed: shortest, doubling, longest. With no file descriptors left a
// loop without rest makes some ten thousand errors a second.
const (
	minRest = 10 * time.Millisecond
	maxRest = time.Second
)

// logEvery is how often at most a Listener complains.
const logEvery = time.Second

// Listener accepts connections and sets them up. Errors that pass are not returned: it rests, and tries again. Accept
// belongs to one goroutine.
type Listener struct {
	net.Listener
	sockets SocketOptions
	log     *slog.Logger

	closed    chan struct{}
	closeOnce sync.Once

	// The accepting goroutine's.
	rest   time.Duration
	logged time.Time
}

// NewListener returns a Listener on top of another one.
func NewListener(inner net.Listener, sockets SocketOptions, log *slog.Logger) *Listener {
	return &Listener{Listener: inner, sockets: sockets, log: log, closed: make(chan struct{})}
}

// Accept waits for the next connection. It fails when the listener is closed or broken.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			l.rest = 0
			if l.sockets.apply(conn) == nil {
				return conn, nil
			}
			_ = conn.Close() // the peer has gone already
		case !passes(err):
			return nil, err
		case !l.wait(err):
			return nil, net.ErrClosed
		}
	}
}

// Close ends Accept, also while it rests.
func (l *Listener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// wait rests after an error, twice as long as the last time, and reports whether to go on.
func (l *Listener) wait(err error) bool {
	l.rest = min(max(2*l.rest, minRest), maxRest)
	if now := time.Now(); now.Sub(l.logged) >= logEvery {
		l.logged = now
		l.log.Warn("cannot accept connections", "address", l.Addr(), "error", err, "retry", l.rest)
	}
	timer := time.NewTimer(l.rest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.closed:
		return false
	}
}

// passes reports whether an error of accept goes away by itself. Most do: the process or the system is out of something, or
// accept hands over what has happened to a peer before it was accepted. What does not is that there is no listener.
func passes(err error) bool {
	for _, final := range [...]error{net.ErrClosed, syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK, syscall.EOPNOTSUPP} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}
