package ws

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
)

// controls is a connection as net/http and gorilla see it. Until the upgrade it is a plain one; afterwards what gorilla
// writes by itself - a pong, a close, each whole in one call - is passed to the session's outbox.
type controls struct {
	net.Conn
	link     *wire.Link
	upgraded atomic.Bool
	closing  atomic.Bool // a close message has been made

	// The reading goroutine's, after the upgrade.
	take   func([]byte)
	edge   edge
	broken error // how reading has ended, before gorilla renames it
}

// Read reads through the link, which counts, and notes whether the peer is inside a message.
func (c *controls) Read(b []byte) (int, error) {
	n, err := c.link.Read(b)
	if !c.upgraded.Load() {
		return n, err
	}
	if c.edge.pass(b[:n]) {
		c.link.Mark(false)
	}
	c.link.Mark(c.edge.inside())
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // a peer that goes says so by a close message
	}
	c.broken = err
	return n, err
}

// Write writes the handshake, and passes on control messages.
func (c *controls) Write(b []byte) (int, error) {
	if !c.upgraded.Load() {
		return c.Conn.Write(b)
	}
	if wire.IsClose(b) && c.closing.Swap(true) {
		return len(b), nil // the server has closed first
	}
	if c.take != nil {
		c.take(bytes.Clone(b))
	}
	return len(b), nil
}

// SetWriteDeadline holds for the handshake. Later writes never wait, and gorilla's deadlines are not for the outbox's.
func (c *controls) SetWriteDeadline(t time.Time) error {
	if c.upgraded.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// CloseWrite ends the outgoing side, so that net/http can tell a client what was wrong with its request before it closes.
func (c *controls) CloseWrite() error { return c.link.Shutdown() }

// Close closes the connection and gives its place at the gate back.
func (c *controls) Close() error { return c.link.Close() }
