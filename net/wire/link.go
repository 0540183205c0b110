package wire

import (
	"errors"
	"math"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// How long a connection lingers after Shutdown, so that the peer reads what was sent before it learns of the end: closing
// a socket that has unread bytes makes the kernel reset the connection, and what was sent last is lost.
const (
	lingerTime  = time.Second
	lingerBytes = 64 << 10
)

// Budget bounds how many bytes a peer may send, headers and all. The zero value is no bound.
type Budget struct {
	// BytesPerSecond is the long-term rate. 0 is any.
	BytesPerSecond int
	// Burst is how much may come at once (bytes); 0 is what comes in a second.
	Burst int
}

// A budget is charged a lot of bytes at a time, so that the limiter need not be looked at for each message. Its burst is so many
// lots; where one would be smaller than smallest, it is charged each time.
const (
	lots     = 64
	smallest = 16 // bytes
)

// limiter returns what holds a peer to the budget, or nil if nothing does, and how many bytes are a lot.
func (b Budget) limiter() (budget *rate.Limiter, lot int32) {
	if b.BytesPerSecond <= 0 {
		return nil, math.MaxInt32
	}
	burst := b.Burst
	if burst <= 0 {
		burst = b.BytesPerSecond
	}
	if lot = int32(min(burst/lots, math.MaxInt16)); lot < smallest {
		lot = 0
	}
	return rate.NewLimiter(rate.Limit(b.BytesPerSecond), burst), lot
}

// meter is a connection, such as one under TLS, for which more comes than its Read returns: what has come is charged each time
// that it is read.
type meter interface {
	// Taken returns how many bytes have come since it was asked last. It belongs to whoever reads.
	Taken() int
}

// Link is what the transports build their Conns on: a network connection with a budget, a record of activity, writes that
// never block, and an orderly end. Read, Mark and Linger belong to whoever reads, the Writer to whoever writes; the other
// methods may be called from anywhere.
//
// It sets no deadlines while the connection lives: a periodic look at Activity finds the dead and the dawdling.
type Link struct {
	// What each Read touches is one line of the processor's cache.
	conn   net.Conn
	began  time.Time    // the origin of heard and inside; times relative to it do not follow the wall clock
	heard  atomic.Int64 // when bytes last arrived (ns), above 0 once they have
	inside atomic.Int64 // since when the peer is inside a frame (ns), or 0
	down   atomic.Bool  // by Shutdown or Close
	free   int32        // bytes that may be read before they are charged to the budget, a lot at once

	budget    *rate.Limiter // nil without one
	lot       int32
	closeOnce sync.Once
	out       TryWriter
	release   func()
	lingered  int // bytes; Linger's
}

// NewLink returns the link of a connection. It calls release, which may be nil, once when it is closed.
func NewLink(conn net.Conn, budget Budget, release func()) *Link {
	l := &Link{}
	l.Init(conn, budget, release)
	return l
}

// Init is NewLink for a link that is part of something else.
func (l *Link) Init(conn net.Conn, budget Budget, release func()) {
	l.conn, l.out, l.release = conn, NewTryWriter(conn), release
	l.budget, l.lot = budget.limiter()
	if below, is := conn.(meter); is && l.budget != nil {
		below.Taken() // what is over
		l.lot = 0
	}
	l.free = l.lot
	l.began = time.Now().Add(-1)
}

// Adopt has another connection take the place of the link's, to the same peer; nobody may be using the link.
func (l *Link) Adopt(conn net.Conn) { l.conn, l.out = conn, NewTryWriter(conn) }

// Socket returns the connection below.
func (l *Link) Socket() net.Conn { return l.conn }

// Read reads what has arrived. It fails with ErrFlood when that is beyond the budget, and with ErrNothing where the connection
// never waits. After Shutdown or Close it returns no bytes: it discards them, lingering, and then fails with ErrClosed.
func (l *Link) Read(p []byte) (int, error) {
	if l.Down() {
		return 0, l.Linger()
	}
	n, err := l.conn.Read(p)
	if l.Down() {
		return 0, l.Linger()
	}
	if n == 0 {
		return 0, err
	}
	heard := time.Since(l.began)
	l.heard.Store(int64(heard))
	if !l.pay(n, heard) {
		return 0, ErrFlood
	}
	return n, err
}

// pay charges bytes to the budget, no less than a lot at once, and reports whether it had so many left.
func (l *Link) pay(n int, heard time.Duration) bool {
	if l.free -= int32(n); l.free >= 0 {
		return true
	}
	due := int(l.lot) - int(l.free)
	l.free = l.lot
	if below, is := l.conn.(meter); is {
		due = below.Taken()
	}
	return l.budget == nil || l.budget.AllowN(l.began.Add(heard), due)
}

// Mark notes whether what has been read ends inside a frame. One that was not marked before counts from the arrival of
// the last bytes.
func (l *Link) Mark(inside bool) {
	since := l.inside.Load()
	switch {
	case inside && since == 0:
		l.inside.Store(l.heard.Load())
	case !inside && since != 0:
		l.inside.Store(0)
	}
}

// Activity implements Conn for a transport without pings.
func (l *Link) Activity() Activity {
	a := Activity{LastHeard: l.began.Add(time.Duration(l.heard.Load()))}
	if since := l.inside.Load(); since != 0 {
		a.FrameSince = l.began.Add(time.Duration(since))
	}
	return a
}

// Writer implements Conn.
func (l *Link) Writer() TryWriter { return l.out }

// RemoteAddr implements Conn.
func (l *Link) RemoteAddr() netip.AddrPort { return AddrPortOf(l.conn.RemoteAddr()) }

// Down reports whether Shutdown or Close was called.
func (l *Link) Down() bool { return l.down.Load() }

// Shutdown implements Conn: it ends the outgoing side behind what was written and gives Linger its time. Only the first
// call counts.
func (l *Link) Shutdown() error {
	if l.down.Swap(true) {
		return nil
	}
	// The deadline wakes a reader that waits; whatever it was doing, it lingers from then on.
	if err := l.conn.SetReadDeadline(time.Now().Add(lingerTime)); err != nil {
		return err
	}
	half, ok := l.conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	if w, ok := l.out.(finisher); ok {
		return w.finish(half.CloseWrite)
	}
	return half.CloseWrite()
}

// Linger discards what still arrives after Shutdown, until the peer has closed too or has had its time or its bytes. It
// returns ErrClosed, or ErrNothing where the connection never waits and there may be more.
func (l *Link) Linger() error {
	discard := make([]byte, 4<<10)
	for l.lingered < lingerBytes {
		n, err := l.conn.Read(discard[:min(len(discard), lingerBytes-l.lingered)])
		if errors.Is(err, ErrNothing) {
			return ErrNothing
		}
		if err != nil {
			break
		}
		l.lingered += n
	}
	return ErrClosed
}

// Close implements Conn.
func (l *Link) Close() error {
	l.down.Store(true)
	var err error
	l.closeOnce.Do(func() {
		err = l.conn.Close()
		if l.release != nil {
			l.release()
		}
	})
	return err
}

// AddrPortOf returns an address of package net in the form that Conn uses, or the invalid one if it has none.
func AddrPortOf(address net.Addr) netip.AddrPort {
	if tcp, ok := address.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	if address == nil {
		return netip.AddrPort{}
	}
	ap, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return ap
}
