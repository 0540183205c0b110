package memnet

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// Conn is one side of a connection: a net.Conn that buffers in both directions and has the faults of a real one.
type Conn struct {
	in, out       *pipe
	local, remote net.Addr
	closeOnce     sync.Once
}

// newConns returns both sides of a connection.
func newConns(client, server net.Addr, capacity int) (dialled, accepted *Conn) {
	up, down := newPipe(capacity), newPipe(capacity)
	return &Conn{in: down, out: up, local: client, remote: server},
		&Conn{in: up, out: down, local: server, remote: client}
}

// Read waits for bytes.
func (c *Conn) Read(b []byte) (int, error) { return c.in.read(b) }

// Write waits until everything has found room.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, c.written(err)
}

// TryWrite writes what there is room for, as a non-blocking send does.
func (c *Conn) TryWrite(b []byte) (int, error) {
	n, err := c.out.tryWrite(b)
	return n, c.written(err)
}

// written lets a write to a peer that has closed do what it does with TCP: the answer is a reset, which also loses what
// the peer had sent last.
func (c *Conn) written(err error) error {
	if err == syscall.ECONNRESET {
		c.in.reset()
	}
	return err
}

// CloseWrite ends the outgoing direction: the peer reads what is under way, and then io.EOF.
func (c *Conn) CloseWrite() error {
	c.out.set(func() { c.out.ended, c.out.writeErr = true, first(c.out.writeErr, syscall.EPIPE) })
	return nil
}

// Close closes this side. As with TCP, bytes that have come and were not read turn that into a reset.
func (c *Conn) Close() error {
	c.closeOnce.Do(func() {
		unread := 0
		c.out.set(func() { c.out.ended, c.out.writeErr = true, net.ErrClosed })
		c.in.set(func() {
			unread = c.in.held
			c.in.readErr, c.in.writeErr = net.ErrClosed, first(c.in.writeErr, syscall.ECONNRESET)
		})
		if unread > 0 {
			c.out.reset()
		}
	})
	return nil
}

// Cut breaks the connection for both sides, in the middle of whatever is under way.
func (c *Conn) Cut() {
	c.in.reset()
	c.out.reset()
}

// Stall makes this side's reads wait, whatever has arrived, until it is called with false: what the other side writes
// stays in the buffer, which fills up.
func (c *Conn) Stall(stalled bool) { c.in.set(func() { c.in.stalled = stalled }) }

// Delay is how long bytes are under way from now on, in both directions.
func (c *Conn) Delay(d time.Duration) {
	c.in.set(func() { c.in.delay = d })
	c.out.set(func() { c.out.delay = d })
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

// SetReadDeadline sets when reads give up. A zero time is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.set(func() { c.in.readBy = t })
	return nil
}

// SetWriteDeadline sets when writes give up. A zero time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.set(func() { c.out.writeBy = t })
	return nil
}
