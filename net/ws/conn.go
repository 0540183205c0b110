package ws

import (
	"errors"
	"fmt"
	"io"

	"github.com/gorilla/websocket"

	"aoiworld/net/wire"
)

// conn is one client's connection.
type conn struct {
	*wire.Link
	socket   *websocket.Conn
	controls *controls

	// Next's.
	message message // the one that is being read
	frames  *wire.Reader
}

// message is the Reader's source: one message after the other, each of which ends with io.EOF. Between messages it is nil.
type message struct{ io.Reader }

// newConn returns the wire.Conn on an upgraded connection.
func newConn(socket *websocket.Conn, cfg Config) *conn {
	controls := socket.NetConn().(*controls)
	controls.upgraded.Store(true)
	socket.SetReadLimit(int64(cfg.MaxMessage))
	c := &conn{Link: controls.link, socket: socket, controls: controls}
	c.frames = wire.NewReader(&c.message, cfg.MaxPayload)
	return c
}

// Next returns the next frame of a message, or waits for the next message. After Shutdown it only lingers.
func (c *conn) Next() (wire.Frame, error) {
	if c.Down() {
		return wire.Frame{}, c.Linger()
	}
	for {
		if c.message.Reader == nil {
			if err := c.begin(); err != nil {
				return wire.Frame{}, c.explain(err)
			}
		}
		frame, err := c.frames.Next()
		switch {
		case err == nil:
			return frame, nil
		case err != io.EOF:
			return wire.Frame{}, c.explain(err)
		}
		c.message.Reader = nil // it has ended, and between frames
	}
}

// begin waits for the next message.
func (c *conn) begin() error {
	kind, reader, err := c.socket.NextReader()
	if err != nil {
		return err
	}
	if kind != websocket.BinaryMessage {
		return wire.ErrText
	}
	c.message.Reader = reader
	return nil
}

// explain gives an error the name that sessions know. What the connection below did not report is the peer's breach of
// the protocol, for which gorilla has no type.
func (c *conn) explain(err error) error {
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, wire.ErrTooLarge), errors.Is(err, wire.ErrTruncated), errors.Is(err, wire.ErrText):
		return err
	case c.controls.broken != nil:
		return c.controls.broken
	case errors.Is(err, websocket.ErrReadLimit):
		return fmt.Errorf("%w: message above the limit", wire.ErrTooLarge)
	case errors.As(err, &closed):
		return fmt.Errorf("closed by the peer with code %d: %w", closed.Code, io.EOF)
	}
	return fmt.Errorf("%w: %w", wire.ErrProtocol, err)
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

// Activity tells when the peer was last heard. It answers pings.
func (c *conn) Activity() wire.Activity {
	a := c.Link.Activity()
	a.Pings = true
	return a
}

// Transport returns wire.WebSocket.
func (c *conn) Transport() wire.Transport { return wire.WebSocket }
