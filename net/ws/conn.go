package ws

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"aoiworld/net/wire"
)

// conn is one client's connection after the handshake.
type conn struct {
	*wire.Link
	closing atomic.Bool // a close message has been made: there is only one

	// Next's.
	messages decoder
	frames   wire.Reader
	answer   func([]byte)
}

// newConn returns the wire.Conn on the link of an upgraded connection.
func newConn(link *wire.Link, buffers *wire.Buffers, cfg Config) *conn {
	c := &conn{Link: link, answer: func([]byte) {}}
	c.messages = decoder{source: source{c}, buffers: buffers, maxMessage: uint64(cfg.MaxMessage), control: c.control}
	c.frames = *wire.NewReader(&c.messages, buffers, cfg.MaxPayload)
	return c
}

// source is where the decoder gets its bytes: the link, which is told whether the peer is inside a message.
type source struct{ *conn }

// Read reads from the link.
func (s source) Read(b []byte) (int, error) {
	s.Mark(s.messages.inside())
	return s.Link.Read(b)
}

// Next returns the next frame of a message, or of the next message. After Shutdown it only lingers.
func (c *conn) Next() (wire.Frame, error) {
	if c.Down() {
		return wire.Frame{}, c.Linger()
	}
	for {
		frame, err := c.next()
		switch {
		case err == nil:
			return frame, nil
		case err == wire.ErrNothing:
			return wire.Frame{}, err
		case err != io.EOF:
			return wire.Frame{}, c.refuse(err)
		}
		c.Mark(false) // the message has ended, and between frames
	}
}

// next returns the next frame of the message, or io.EOF at its end.
func (c *conn) next() (wire.Frame, error) {
	if !c.messages.open {
		c.frames.Release()
		if err := c.messages.begin(); err != nil {
			return wire.Frame{}, err
		}
	}
	return c.frames.Next()
}

// control answers a control message: a ping by a pong, a close by a close, which ends the connection.
func (c *conn) control(opcode byte, payload []byte) error {
	if !c.messages.open {
		c.Mark(false)
	}
	switch opcode {
	case opPing:
		c.answer(wire.AppendPong(nil, payload))
	case opClose:
		code, err := parseClose(payload)
		if err != nil {
			return err
		}
		c.close(code)
		return closure{code}
	}
	return nil
}

// closure is a peer that has closed.
type closure struct{ code uint16 }

// Error says with which code.
func (f closure) Error() string { return fmt.Sprintf("closed by the peer with code %d", f.code) }

// Unwrap returns io.EOF, which is what it is to a session, and wire.ErrAway where a page is left or loaded anew (1001), or a
// client says by a code of its own that it means to come back.
func (f closure) Unwrap() []error {
	const own = 3000 // and above
	if f.code == codeGoingAway || f.code >= own {
		return []error{io.EOF, wire.ErrAway}
	}
	return []error{io.EOF}
}

// refuse has the peer told how it broke the rules, where it did.
func (c *conn) refuse(err error) error {
	if errors.Is(err, wire.ErrProtocol) {
		c.close(codeProtocol)
	}
	return err
}

// close answers with a close message, unless one has been made.
func (c *conn) close(code uint16) {
	if !c.closing.Swap(true) {
		c.answer(wire.AppendClose(nil, code, ""))
	}
}

// Framed reports true: each packet is a message.
func (c *conn) Framed() bool { return true }

// AppendPing appends a ping.
func (c *conn) AppendPing(dst []byte) []byte { return wire.AppendPing(dst) }

// AppendClose appends a close message, unless one has been made already.
func (c *conn) AppendClose(dst []byte, code uint16, reason string) []byte {
	if c.closing.Swap(true) {
		return dst
	}
	return wire.AppendClose(dst, code, reason)
}

// OnControl names the function that takes answers.
func (c *conn) OnControl(take func([]byte)) { c.answer = take }

// Activity tells when the peer was last heard. It answers pings.
func (c *conn) Activity() wire.Activity {
	a := c.Link.Activity()
	a.Pings = true
	return a
}

// Transport returns wire.WebSocket.
func (c *conn) Transport() wire.Transport { return wire.WebSocket }
