package ws

import (
	"errors"
	"fmt"
	"io"

	"github.com/gorilla/websocket"

	"aoiworld/net/wire"
)

// smallMessage is the memory for messages that an idle connection keeps (bytes).
const smallMessage = 512

// conn is one client's connection.
type conn struct {
	*wire.Link
	socket     *websocket.Conn
	controls   *controls
	maxPayload int

	// Next's.
	inside  bool   // a message
	message []byte // its memory is used again
	rest    []byte // of the message: frames that Next has not returned
}

// newConn returns the wire.Conn on an upgraded connection.
func newConn(socket *websocket.Conn, cfg Config) *conn {
	controls := socket.NetConn().(*controls)
	controls.upgraded.Store(true)
	controls.Mark(false) // the handshake is over
	socket.SetReadLimit(int64(cfg.MaxMessage))
	c := &conn{Link: controls.Link, socket: socket, controls: controls, maxPayload: cfg.MaxPayload}
	socket.SetPingHandler(c.whole(socket.PingHandler()))
	socket.SetPongHandler(c.whole(socket.PongHandler()))
	return c
}

// whole makes a handler of control messages note that one is complete. It ends no message that it came in between of.
func (c *conn) whole(handle func(string) error) func(string) error {
	return func(data string) error {
		c.Mark(c.inside)
		return handle(data)
	}
}

// Next returns the next frame of a message, or waits for the next message.
func (c *conn) Next() (wire.Frame, error) {
	for len(c.rest) == 0 {
		if err := c.receive(); err != nil {
			return wire.Frame{}, c.classify(err)
		}
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
	c.inside = true
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
			c.inside, c.rest = false, c.message
			c.Mark(false)
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
	a := c.Link.Activity()
	a.Pings = true
	return a
}

// Transport returns wire.WebSocket.
func (c *conn) Transport() wire.Transport { return wire.WebSocket }
