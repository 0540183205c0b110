package malformed

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/net/ws/wstest"
)

// Addresses are where a server listens (host:port), and the path of its WebSocket.
type Addresses struct{ Classic, Native, WebSocket, Path string }

// Client is a connection over which anything may be sent.
type Client struct {
	net.Conn
	way    Way
	stream *stream
	frames *wire.Reader
}

// largestFrame is the largest frame of a server that is read (bytes).
const largestFrame = 1 << 20

// errRefused says that a server did not answer a WebSocket's handshake as it should.
var errRefused = errors.New("no WebSocket")

// Dial connects on a way, and shakes hands where it is a WebSocket. Patience is for all that the client ever does.
func Dial(ctx context.Context, at Addresses, w Way, patience time.Duration) (*Client, error) {
	address := at.Classic
	switch {
	case w.WebSocket:
		address = at.WebSocket
	case w.Native:
		address = at.Native
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	incoming := &stream{from: bufio.NewReader(conn), webSocket: w.WebSocket}
	c := &Client{Conn: conn, way: w, stream: incoming, frames: wire.NewReader(incoming, &wire.Buffers{}, largestFrame)}
	err = conn.SetDeadline(time.Now().Add(patience))
	if err == nil && w.WebSocket {
		err = c.upgrade(at)
	}
	if err != nil {
		_ = conn.Close() // nothing came of it
		return nil, err
	}
	return c, nil
}

// upgrade shakes hands.
func (c *Client) upgrade(at Addresses) error {
	protocol := ""
	if c.way.Native {
		protocol = "Sec-WebSocket-Protocol: " + native.Subprotocol + "\r\n"
	}
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n", at.Path, at.WebSocket, protocol)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(c.stream.from, nil)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("%w: %s", errRefused, response.Status)
	}
	return nil
}

// Enter logs in where the dialect asks for it, and returns when the server has let the client into the world.
func (c *Client) Enter() error {
	last := uint32(classic.IDSnapshot)
	if c.way.Native {
		last = native.IDWelcome
		if _, err := c.Write(c.way.wrap(wire.AppendFrame(nil, native.IDHello, []byte{0x08, native.Version}))); err != nil {
			return err
		}
	}
	for {
		frame, err := c.frames.Next()
		if err != nil || frame.ID == last {
			return err
		}
	}
}

// Leave says goodbye where the dialect asks for it, so that the player does not stay to resume, and returns when the server has
// ended the connection.
func (c *Client) Leave() error {
	if !c.way.Native {
		return nil
	}
	if _, err := c.Write(c.way.wrap(wire.AppendFrame(nil, native.IDGoodbye, nil))); err != nil {
		return err
	}
	_, err := c.Ended()
	return err
}

// Ended reads until the server ends the connection, and returns the code of its close frame, or 0 where it sent none. The error
// says that it did not end.
func (c *Client) Ended() (code int, err error) {
	for {
		_, err := c.frames.Next()
		var timeout net.Error
		switch {
		case err == nil:
		case errors.As(err, &timeout) && timeout.Timeout():
			return 0, err
		default:
			return c.stream.code, nil
		}
	}
}

// stream is the bytes of the frames that a server sends, whatever they are wrapped in.
type stream struct {
	from      *bufio.Reader
	webSocket bool
	rest      []byte // of a message
	code      int    // of the close frame, once that has come
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	if !s.webSocket {
		return s.from.Read(p)
	}
	for len(s.rest) == 0 {
		first, payload, err := wstest.ReadMessage(s.from)
		switch {
		case err != nil:
			return 0, err
		case first == wstest.Binary:
			s.rest = payload
		case first == wstest.Close && len(payload) >= 2:
			s.code = int(binary.BigEndian.Uint16(payload))
			return 0, io.EOF
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
