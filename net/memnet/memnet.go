package memnet

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Options of a connection.
type Options struct {
	// From is the client's address; the zero value is one of the loopback's.
	From netip.AddrPort
	// Capacity is what each direction holds that has not been read (bytes); 0 is 64 KiB.
	Capacity int
	// Delay is how long bytes are on their way.
	Delay time.Duration
}

// Listener is a net.Listener whose clients Dial it.
type Listener struct {
	address net.Addr
	queue   chan *Conn
	once    sync.Once
	closed  chan struct{}
}

// Listen returns a listener.
func Listen() *Listener {
	return &Listener{
		address: net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:1")),
		queue:   make(chan *Conn), closed: make(chan struct{}),
	}
}

// Dial connects to the listener and returns the client's side, when the other side has been accepted.
func (l *Listener) Dial(o Options) (*Conn, error) {
	if !o.From.IsValid() {
		o.From = netip.MustParseAddrPort("127.0.0.1:2")
	}
	if o.Capacity == 0 {
		o.Capacity = 64 << 10
	}
	from := net.TCPAddrFromAddrPort(o.From)
	up, down := newPipe(o.Capacity, o.Delay), newPipe(o.Capacity, o.Delay)
	server := &Conn{in: up, out: down, local: l.address, remote: from}
	select {
	case l.queue <- server:
		return &Conn{in: down, out: up, local: from, remote: l.address}, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// Accept returns the server's side of the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close makes Accept return.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address that stands for the listener.
func (l *Listener) Addr() net.Addr { return l.address }

// Conn is one side of a connection: a net.Conn, with the faults of one.
type Conn struct {
	in, out       *pipe
	local, remote net.Addr
}

// Read waits for bytes.
func (c *Conn) Read(b []byte) (int, error) { return c.in.read(b) }

// Write waits until everything has found room.
func (c *Conn) Write(b []byte) (int, error) { return c.out.write(b) }

// TryWrite writes what there is room for, as a non-blocking send does.
func (c *Conn) TryWrite(b []byte) (int, error) { return c.out.tryWrite(b) }

// CloseWrite ends the outgoing direction: the peer reads what is on its way, and then io.EOF.
func (c *Conn) CloseWrite() error {
	c.out.set(func() { c.out.ended = true })
	return nil
}

// Close closes this side. As with TCP, bytes that nobody has read turn it into a reset.
func (c *Conn) Close() error {
	unread := false
	c.in.set(func() {
		unread = c.in.size > 0
		c.in.broken = net.ErrClosed
	})
	if unread {
		c.out.set(func() { c.out.broken = syscall.ECONNRESET })
		return nil
	}
	return c.CloseWrite()
}

// Cut breaks the connection for both sides, in the middle of whatever is on its way.
func (c *Conn) Cut() {
	for _, p := range []*pipe{c.in, c.out} {
		p.set(func() { p.chunks, p.size, p.broken = nil, 0, syscall.ECONNRESET })
	}
}

// LocalAddr returns this side's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the other side's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets when waiting reads give up.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.set(func() { c.in.readBy = t })
	return nil
}

// SetWriteDeadline sets when waiting writes give up.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.set(func() { c.out.writeBy = t })
	return nil
}
