package wire

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Budget is how many bytes a client may send. The zero value is no limit.
type Budget struct {
	BytesPerSecond int
	Burst          int // bytes at once
}

// How long Meter.Shutdown listens to a peer that has not closed its side yet.
const (
	lingerTime  = time.Second
	lingerBytes = 64 << 10
)

// Meter is a connection as it was accepted: a net.Conn that counts what comes in, against the budget and for Activity, and
// that ends in good order. It lies between a transport's reader and the socket, so nothing that a client sends is free.
type Meter struct {
	net.Conn
	budget  *rate.Limiter // nil is no limit
	release func()        // gives the place at the gate back
	began   time.Time     // what the times below count from

	heard     atomic.Int64 // nanoseconds until the last bytes came
	since     atomic.Int64 // nanoseconds until the first byte of the frame that is coming in, or 0
	lingering atomic.Bool
	lingered  int // bytes read while lingering; the reader's
}

// NewMeter returns a meter round a connection that has just been made; release is called when it is closed.
func NewMeter(conn net.Conn, b Budget, release func()) *Meter {
	m := &Meter{Conn: conn, release: release, began: time.Now()}
	if b.BytesPerSecond > 0 {
		m.budget = rate.NewLimiter(rate.Limit(b.BytesPerSecond), max(b.Burst, 1))
	}
	return m
}

// Read reads what has arrived. The error is ErrFlood when that is more than the budget allows: it was read, and is lost.
// After Shutdown any end is ErrClosed.
func (m *Meter) Read(b []byte) (int, error) {
	if m.budget != nil {
		b = b[:min(len(b), m.budget.Burst())]
	}
	n, err := m.Conn.Read(b)
	if m.lingering.Load() {
		return m.linger(n, err)
	}
	if n > 0 {
		now := time.Now()
		m.heard.Store(int64(now.Sub(m.began)))
		m.since.CompareAndSwap(0, max(1, int64(now.Sub(m.began))))
		if m.budget != nil && !m.budget.AllowN(now, n) {
			return 0, ErrFlood
		}
	}
	return n, err
}

// linger counts what is read after Shutdown.
func (m *Meter) linger(n int, err error) (int, error) {
	m.lingered += n
	if err != nil || m.lingered > lingerBytes {
		return 0, ErrClosed
	}
	return n, nil
}

// Shutdown ends the outgoing side and lets the incoming one go on for a little while: a connection that is closed while
// bytes are unread is reset by the kernel, and the peer would lose what it was told last.
func (m *Meter) Shutdown() error {
	if m.lingering.Swap(true) {
		return nil
	}
	err := m.Conn.SetReadDeadline(time.Now().Add(lingerTime))
	if half, ok := m.Conn.(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, half.CloseWrite())
	}
	return err
}

// Close closes the connection, and gives its place at the gate back.
func (m *Meter) Close() error {
	m.release()
	return m.Conn.Close()
}

// FrameDone notes that a frame is complete; partial says that the next has begun.
func (m *Meter) FrameDone(partial bool) {
	if partial {
		m.since.Store(max(1, m.heard.Load()))
	} else {
		m.since.Store(0)
	}
}

// Activity returns what the meter has seen.
func (m *Meter) Activity() Activity {
	a := Activity{LastHeard: m.began.Add(time.Duration(m.heard.Load()))}
	if since := m.since.Load(); since != 0 {
		a.FrameSince = m.began.Add(time.Duration(since))
	}
	return a
}

// Peer returns the address of the other side, or none where there is no such thing.
func (m *Meter) Peer() netip.AddrPort { return addrPort(m.Conn.RemoteAddr()) }

// addrPort returns an address of the net package as a value.
func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		p := tcp.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	p, _ := netip.ParseAddrPort(a.String()) // one that is none is the zero address
	return p
}
