package ws

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"aoiworld/net/wire"
)

// conn is one client's connection, from its handshake on.
type conn struct {
	// What each message touches stands together.
	decoder    decoder
	message    []byte      // what is left of a message that arrived whole
	maxPayload int32       // bytes
	closing    atomic.Bool // a close message has been made: there is only one
	answer     func([]byte)
	wire.Link

	frames wire.Reader // of a message that did not arrive whole
	_      [8]byte     // so that it begins with a line of the cache
}

// newConn returns the wire.Conn of a socket. It calls release once when it is closed.
func newConn(socket net.Conn, cfg *Config, buffers *wire.Buffers, release func()) *conn {
	c := &conn{maxPayload: int32(cfg.MaxPayload), answer: func([]byte) {}}
	c.Init(socket, cfg.Budget, release)
	c.decoder = decoder{source: source{c}, buffers: buffers, maxMessage: int32(cfg.MaxMessage), control: c.control}
	c.frames = *wire.NewReader(&c.decoder, buffers, cfg.MaxPayload)
	return c
}

// source is where the decoder gets its bytes: the link, which is told whether the peer is inside a message.
type source struct{ *conn }

// Read reads from the link.
func (s source) Read(b []byte) (int, error) {
	s.Mark(s.decoder.inside())
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

// next returns the next frame of the message, or of the next one, or io.EOF at its end.
func (c *conn) next() (frame wire.Frame, err error) {
	if len(c.message) == 0 && !c.decoder.open {
		if c.message, err = c.decoder.begin(); err != nil {
			return wire.Frame{}, err
		}
		c.Mark(c.decoder.open) // if the next one has begun, the decoder asking for more tells
	}
	if c.decoder.open {
		return c.part()
	}
	if len(c.message) == 0 {
		return wire.Frame{}, io.EOF
	}
	frame, c.message, err = wire.Cut(c.message, int(c.maxPayload))
	if err == wire.ErrTruncated {
		err = fmt.Errorf("%w: it ends after %d bytes of a frame", err, len(c.message))
	}
	return frame, err
}

// part returns the next frame of a message that comes in parts, or io.EOF at its end.
func (c *conn) part() (wire.Frame, error) {
	frame, err := c.frames.Next()
	if err == io.EOF {
		c.frames.Release()
	}
	return frame, err
}

// control answers a control message: a ping by a pong, a close by a close, which ends the connection.
func (c *conn) control(opcode byte, payload []byte) error {
	if !c.decoder.open {
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
