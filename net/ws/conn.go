package ws

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/net/wire"
)

// smallMessage is the memory for messages that an idle connection keeps (bytes).
const smallMessage = 512

// conn is one client's connection.
type conn struct {
	socket     *websocket.Conn
	meter      *wire.Meter
	controls   *controls
	maxPayload int
	wire.Writer

	// Next's.
	message []byte // its memory is used again
	rest    []byte // of the message: frames that Next has not returned
}

// newConn returns the wire.Conn on an upgraded connection.
func newConn(socket *websocket.Conn, cfg Config) *conn {
	controls := socket.NetConn().(*controls)
	socket.SetReadLimit(int64(cfg.MaxMessage))
	controls.upgraded.Store(true)
	m := controls.Meter
	m.FrameDone(false) // the handshake was none
	return &conn{
		socket: socket, meter: m, controls: controls, maxPayload: cfg.MaxPayload,
		Writer: wire.NewWriter(m.Conn),
	}
}

// Next returns the next frame of a message, or waits for the next message.
func (c *conn) Next() (wire.Frame, error) {
	for len(c.rest) == 0 {
		if err := c.receive(); err != nil {
			return wire.Frame{}, c.classify(err)
		}
		c.meter.FrameDone(false)
	}
	f, rest, err := wire.Cut(c.rest, c.maxPayload)
	if err != nil {
		return wire.Frame{}, err
	}
	c.rest = rest
	return f, nil
}

// receive reads a whole message.
func (c *conn) receive() error {
	kind, r, err := c.socket.NextReader()
	if err != nil {
		return err
	}
	if kind != websocket.BinaryMessage {
		return wire.ErrText
	}
	if cap(c.message) > smallMessage {
		c.message = nil // it was a large one
	}
	c.message = c.message[:0]
	for {
		if len(c.message) == cap(c.message) {
			c.message = append(c.message, make([]byte, max(64, cap(c.message)))...)[:len(c.message)]
		}
		n, err := r.Read(c.message[len(c.message):cap(c.message)])
		c.message = c.message[:len(c.message)+n]
		if err == io.EOF {
			c.rest = c.message
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// classify gives gorilla's errors the names that sessions know.
func (c *conn) classify(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, wire.ErrText), errors.Is(err, wire.ErrFlood), errors.Is(err, wire.ErrClosed):
		return err
	case errors.Is(err, websocket.ErrReadLimit):
		return fmt.Errorf("%w: %w", wire.ErrTooLarge, err)
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return fmt.Errorf("closed by the peer with code %d: %w", closed.Code, io.EOF)
	case c.controls.closing.Load():
		return fmt.Errorf("%w: %w", wire.ErrProtocol, err)
	}
	return err
}

// Bytes picks the message form.
func (c *conn) Bytes(p wire.Packet) []byte { return p.Message() }

// AppendPing appends a ping.
func (c *conn) AppendPing(dst []byte) []byte { return wire.AppendPing(dst) }

// AppendClose appends a close message, unless gorilla has made one already: there is only one.
func (c *conn) AppendClose(dst []byte, code uint16, reason string) []byte {
	if c.controls.closing.Swap(true) {
		return dst
	}
	return wire.AppendClose(dst, code, reason)
}

// OnControl names the function that takes gorilla's answers.
func (c *conn) OnControl(take func([]byte)) { c.controls.take = take }

// Activity tells when the peer was last heard.
func (c *conn) Activity() wire.Activity {
	a := c.meter.Activity()
	a.Pings = true
	return a
}

// Shutdown ends the outgoing side.
func (c *conn) Shutdown() error { return c.meter.Shutdown() }

// Close releases the connection.
func (c *conn) Close() error { return c.meter.Close() }

// RemoteAddr returns the client's address.
func (c *conn) RemoteAddr() netip.AddrPort { return c.meter.Peer() }

// Transport returns wire.WebSocket.
func (c *conn) Transport() wire.Transport { return wire.WebSocket }

// controls is a connection as net/http and gorilla see it. Until the upgrade it writes; afterwards what gorilla writes by
// itself - a pong, a close, each whole in one call - is passed to the session's outbox.
type controls struct {
	*wire.Meter
	upgraded atomic.Bool
	closing  atomic.Bool // a close message has been made
	take     func([]byte)
}

// Write writes the handshake, and passes on control messages.
func (c *controls) Write(b []byte) (int, error) {
	if !c.upgraded.Load() {
		return c.Meter.Write(b)
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
	return c.Meter.SetWriteDeadline(t)
}

// listener gives each accepted connection its controls.
type listener struct{ *wire.Listener }

// Accept returns the next connection.
func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &controls{Meter: conn.(*wire.Meter)}, nil
}
