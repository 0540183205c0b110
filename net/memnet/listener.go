package memnet

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

// backlog is how many connections wait to be accepted before Dial blocks.
const backlog = 128

// defaultCapacity is what a direction of a connection holds unless configured otherwise (bytes).
const defaultCapacity = 64 << 10

// Config says how a Listener's connections are.
type Config struct {
	// Capacity is what each direction of a connection holds that was not read (bytes); 0 is 64 KiB.
	Capacity int
}

// Listener is a net.Listener that is dialled by method. Anybody may call its methods.
type Listener struct {
	capacity int
	address  net.Addr
	ports    atomic.Uint32 // the client's port of the last Dial
	waiting  chan *Conn

	closeOnce sync.Once
	closed    chan struct{}
}

// Listen returns a listener at an address of the loopback network.
func Listen(cfg Config) *Listener {
	l := &Listener{
		capacity: cfg.Capacity,
		address:  net.TCPAddrFromAddrPort(loopback(8999)),
		waiting:  make(chan *Conn, backlog), closed: make(chan struct{}),
	}
	if l.capacity == 0 {
		l.capacity = defaultCapacity
	}
	l.ports.Store(40_000)
	return l
}

// loopback returns an address where everybody is by default.
func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// Dial connects from a loopback address with a port of its own, and returns the client's side.
func (l *Listener) Dial() (*Conn, error) {
	return l.DialFrom(loopback(uint16(l.ports.Add(1))))
}

// DialFrom connects from an address. The error is syscall.ECONNREFUSED when the listener is closed.
func (l *Listener) DialFrom(client netip.AddrPort) (*Conn, error) {
	select {
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	default:
	}
	dialled, accepted := newConns(net.TCPAddrFromAddrPort(client), l.address, l.capacity)
	select {
	case l.waiting <- accepted:
		return dialled, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// Accept returns the server's side of the next connection, a *Conn. It fails with net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.waiting:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close makes Accept return, and cuts the connections that were not accepted.
func (l *Listener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	for {
		select {
		case c := <-l.waiting:
			c.Cut()
		default:
			return nil
		}
	}
}

// Addr returns the listener's address.
func (l *Listener) Addr() net.Addr { return l.address }
