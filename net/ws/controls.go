package ws

import (
	"net"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
)

// farewell is what a client is told that is turned away at the gate.
const farewell = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// listener admits connections, before anything is allocated for their handshake.
type listener struct {
	*wire.Listener
	cfg Config
}

// Accept returns the next connection that the gate lets in.
func (l listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		release, err := l.cfg.Gate.Admit(wire.AddrPortOf(conn.RemoteAddr()).Addr(), time.Now())
		if err == nil {
			return &controls{Conn: conn, Link: wire.NewLink(conn, l.cfg.Budget, release)}, nil
		}
		_, _ = wire.NewTryWriter(conn).TryWrite([]byte(farewell)) // a courtesy
		_ = conn.Close()                                          // nobody is left to tell
	}
}

// controls is a connection as net/http and gorilla see it. Until the upgrade it is a plain one; afterwards what gorilla
// writes by itself - a pong, a close, each whole in one call - is passed to the session's outbox.
type controls struct {
	net.Conn
	*wire.Link
	upgraded atomic.Bool
	closing  atomic.Bool // a close message has been made
	take     func([]byte)
}

// Read reads through the link, which counts, and notes that the peer is inside a message.
func (c *controls) Read(b []byte) (int, error) {
	n, err := c.Link.Read(b)
	if n > 0 {
		c.Mark(true)
	}
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
		c.take(append([]byte(nil), b...))
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

// Close closes the connection and gives its place at the gate back.
func (c *controls) Close() error { return c.Link.Close() }

// RemoteAddr returns the peer's address, in the form of package net.
func (c *controls) RemoteAddr() net.Addr { return c.Conn.RemoteAddr() }
