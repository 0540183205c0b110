package entry

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
)

// Bounds of what is on its way in.
const (
	// patience is how long the header and the handshake may take together.
	patience = 5 * time.Second
	// maxEntering is how many connections may be about it at once. More are closed: each costs a goroutine and, with TLS, some
	// ten kilobytes.
	maxEntering = 1024
)

// Config says what connections go through.
type Config struct {
	// Trusted are the networks of proxies: each of their connections begins with a PROXY header, version 1 or 2, which says
	// who the client is. Nobody else's is taken for one.
	Trusted []netip.Prefix
	// TLS, unless nil, is for all connections.
	TLS *tls.Config
	// Gate, unless nil, admits connections before their TLS handshake, which costs more than anything that a client is given
	// before it has shown itself. Who gets them has no need to ask again.
	Gate *wire.Gate
	// Sockets is how connections are set up.
	Sockets wire.SocketOptions
	// Stats, unless nil, counts who did not get in.
	Stats *Stats
}

// Failure says why a connection did not get in. The set is fixed: it labels metrics.
type Failure uint8

// The failures.
const (
	Crowded      Failure = iota // too many were on their way in
	BadProxy                    // a trusted proxy sent no PROXY header, or a bad one, or none in time
	BadHandshake                // the TLS handshake failed, or was not over in time
	Failures                    // how many there are
)

// String returns the failure's metric label.
func (f Failure) String() string {
	return [...]string{"entry_crowded", "bad_proxy_header", "bad_tls_handshake", "?"}[min(f, Failures)]
}

// Stats counts the connections that did not get in. Anybody may use it.
type Stats struct{ counts [Failures]atomic.Uint64 }

// Failed returns how many failed in that way so far.
func (s *Stats) Failed(f Failure) uint64 { return s.counts[f].Load() }

// count counts one.
func (s *Stats) count(f Failure) {
	if s != nil {
		s.counts[f].Add(1)
	}
}

// Listener hands over connections that are ready: their RemoteAddr is the client's, and what is read from them is what the
// client sends the frontend. Those without TLS still are syscall.Conns. Anybody may call its methods.
type Listener struct {
	*wire.Listener
	cfg      Config
	ready    chan net.Conn
	entering chan struct{} // holds one for each connection that is on its way in

	open   context.Context // until Close
	close  context.CancelFunc
	failed chan error // what has ended accepting
}

// NewListener returns a Listener on a bound one. It accepts from now on, until it is closed.
func NewListener(inner net.Listener, cfg Config, log *slog.Logger) *Listener {
	open, closing := context.WithCancel(context.Background())
	l := &Listener{
		Listener: wire.NewListener(inner, cfg.Sockets, log), cfg: cfg,
		ready: make(chan net.Conn), entering: make(chan struct{}, maxEntering),
		open: open, close: closing, failed: make(chan error, 1),
	}
	go l.run()
	return l
}

// Accept returns the next connection that is ready.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.ready:
		return conn, nil
	case err := <-l.failed:
		l.failed <- err // for the next call
		return nil, err
	}
}

// Close ends Accept, and cuts who is on its way in.
func (l *Listener) Close() error {
	l.close()
	return l.Listener.Close()
}

// run accepts until that fails, which it does when the listener is closed.
func (l *Listener) run() {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			l.failed <- err
			return
		}
		if l.cfg.TLS == nil && !l.trusts(conn) {
			l.hand(conn)
			continue
		}
		select {
		case l.entering <- struct{}{}:
			go l.enter(conn)
		default:
			l.cfg.Stats.count(Crowded)
			_ = conn.Close() // nobody is left to tell
		}
	}
}

// enter makes a connection ready, or closes it. It is cut when its time is over, and when the listener is closed.
func (l *Listener) enter(conn net.Conn) {
	defer func() { <-l.entering }()
	spare := context.AfterFunc(l.open, func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patience)) // writes do not wait; a broken connection shows below
	ready, failure := l.prepare(conn)
	spare()
	if ready == nil {
		if failure < Failures {
			l.cfg.Stats.count(failure)
		}
		_ = conn.Close() // whoever it is has broken the rules, or was turned away
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	l.hand(ready)
}

// prepare lets a connection do what it has to. It returns nil and why when it does not; Failures is that of the gate, which
// counts by itself.
func (l *Listener) prepare(conn net.Conn) (net.Conn, Failure) {
	if l.trusts(conn) {
		client, err := readProxyHeader(conn)
		if err != nil {
			return nil, BadProxy
		}
		conn = behindProxy(conn, client)
	}
	if l.cfg.TLS == nil {
		return conn, 0
	}
	release, err := l.cfg.Gate.Admit(wire.AddrPortOf(conn.RemoteAddr()).Addr(), time.Now())
	if err != nil {
		return nil, Failures
	}
	secured := secure(conn, l.cfg.TLS, release)
	if err := secured.Handshake(); err != nil {
		release()
		return nil, BadHandshake
	}
	return secured, 0
}

// hand waits until somebody accepts the connection.
func (l *Listener) hand(conn net.Conn) {
	select {
	case l.ready <- conn:
	case <-l.open.Done():
		_ = conn.Close() // nobody will
	}
}

// trusts reports whether a connection comes from a proxy.
func (l *Listener) trusts(conn net.Conn) bool {
	if len(l.cfg.Trusted) == 0 {
		return false
	}
	peer := wire.AddrPortOf(conn.RemoteAddr()).Addr().WithZone("")
	return slices.ContainsFunc(l.cfg.Trusted, func(network netip.Prefix) bool { return network.Contains(peer) })
}
