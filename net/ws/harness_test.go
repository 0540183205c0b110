package ws_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
)

const maxPayload = 4096

// fixture is a server on a network in memory.
type fixture struct {
	*memnet.Listener
	server  *ws.Server
	served  chan error
	conns   chan wire.Conn // those that were accepted
	ended   chan error     // what ended their sessions
	release chan struct{}  // for handlers that wait for the test
}

// serve runs a server for the length of a test, in a bubble, which a goroutine that is left fails.
func serve(t *testing.T, cfg ws.Config, test func(*fixture)) {
	t.Helper()
	serveBy(t, cfg, (*fixture).session, test)
}

// serveBy is serve with another handler than session.
func serveBy(t *testing.T, cfg ws.Config, handle func(*fixture, wire.Conn), test func(*fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := start(cfg, handle)
		test(f)
		if err := f.close(); err != nil {
			t.Error(err)
		}
		f.server.Wait()
		pause(time.Second) // after some answers net/http waits before it closes, so that they are read
	})
}

// start starts a server.
func start(cfg ws.Config, handle func(*fixture, wire.Conn)) *fixture {
	cfg.MaxPayload, cfg.Path = maxPayload, "/ws"
	f := &fixture{
		Listener: memnet.Listen(memnet.Config{}), served: make(chan error, 1),
		conns: make(chan wire.Conn, 10), ended: make(chan error, 10),
		release: make(chan struct{}),
	}
	f.server = ws.NewServer(f.Listener, cfg, whole(func(c wire.Conn) { handle(f, c) }), slog.New(slog.DiscardHandler))
	go func() { f.served <- f.server.Serve() }()
	return f
}

// whole is what takes a connection in that waits: handle does all there is to do about it.
func whole(handle func(wire.Conn)) wire.Accept {
	return func(c wire.Conn) func() bool {
		return func() bool {
			handle(c)
			_ = c.Close()
			return false
		}
	}
}

// close closes the server, and waits for Serve.
func (f *fixture) close() error { return errors.Join(f.server.Close(), <-f.served) }

// session does what the server's sessions do with a connection, as far as the transport can tell: it writes the
// transport's answers, sends every frame back, and when the connection ends it says why and lingers.
func (f *fixture) session(c wire.Conn) {
	f.conns <- c
	c.OnControl(func(b []byte) { _, _ = c.TryWrite(b) })
	for {
		frame, err := c.Next()
		if err != nil {
			sayWhy(c, err)
			f.ended <- err
			return
		}
		packet := wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), frame.ID, frame.Payload))
		_, _ = c.TryWrite(c.Bytes(packet))
	}
}

// sayWhy ends a connection as a session does.
func sayWhy(c wire.Conn, err error) {
	for known, code := range map[error]uint16{
		wire.ErrTooLarge: 1009, wire.ErrText: 1003, wire.ErrFlood: 4009, wire.ErrTruncated: 4504,
	} {
		if errors.Is(err, known) {
			_, _ = c.TryWrite(c.AppendClose(nil, code, ""))
		}
	}
	_ = c.Shutdown()
	_, _ = c.Next()
}

// client is a WebSocket client that does exactly as it is told.
type client struct {
	t testing.TB
	*memnet.Conn
	in *bufio.Reader
}

// upgrade is the request of a client without fault.
const upgrade = "GET /ws HTTP/1.1\r\nHost: game.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// connect dials, and upgrades.
func connect(t testing.TB, f *fixture) *client {
	t.Helper()
	c := dial(t, f)
	c.write([]byte(upgrade + "\r\n"))
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept := response.Header.Get("Sec-WebSocket-Accept"); response.StatusCode != http.StatusSwitchingProtocols ||
		accept != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" || response.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Fatalf("answer %s, accept %q", response.Status, accept)
	}
	return c
}

// dial connects, and no more.
func dial(t testing.TB, f *fixture) *client {
	t.Helper()
	conn, err := f.Dial()
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, Conn: conn, in: bufio.NewReader(conn)}
}

// write sends bytes.
func (c *client) write(b []byte) {
	c.t.Helper()
	if _, err := c.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// next reads a message of the server: its first byte and its payload.
func (c *client) next() (first byte, payload []byte, err error) {
	var header [2]byte
	if _, err := io.ReadFull(c.in, header[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(header[1])
	if length >= 126 {
		more := make([]byte, map[uint64]int{126: 2, 127: 8}[length])
		if _, err := io.ReadFull(c.in, more); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(append(make([]byte, 8-len(more)), more...))
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(c.in, payload)
	return header[0], payload, err
}

// rest reads all that the server still says, in words, until it ends the stream.
func (c *client) rest() string {
	var all []string
	for {
		first, payload, err := c.next()
		if err == io.EOF {
			return strings.Join(all, ", ")
		}
		if err != nil {
			return strings.Join(append(all, err.Error()), ", ")
		}
		all = append(all, words(first, payload))
	}
}

// words describes a message of the server.
func words(first byte, payload []byte) string {
	switch first {
	case 0x82:
		frame, rest, err := wire.Cut(payload, maxPayload)
		if err != nil || len(rest) > 0 {
			return fmt.Sprintf("bad binary % x", payload)
		}
		return fmt.Sprintf("frame %d %q", frame.ID, frame.Payload)
	case 0x88:
		if len(payload) < 2 {
			return "close"
		}
		return fmt.Sprintf("close %d", binary.BigEndian.Uint16(payload))
	case 0x89:
		return fmt.Sprintf("ping %q", payload)
	case 0x8a:
		return fmt.Sprintf("pong %q", payload)
	}
	return fmt.Sprintf("%#x % x", first, payload)
}

// Opcodes, with the FIN bit.
const (
	opText   = 0x81
	opBinary = 0x82
	opClose  = 0x88
	opPing   = 0x89
	opPong   = 0x8a
)

// mask is every client frame's.
var mask = [4]byte{0xA5, 0x5A, 0x01, 0xFE}

// message returns a client's WebSocket frame with the given first byte.
func message(first byte, payload string) []byte {
	b := append(declare(first, len(payload)), mask[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

// declare returns the header of a client's frame up to its mask.
func declare(first byte, length int) []byte {
	switch {
	case length < 126:
		return []byte{first, 0x80 | byte(length)}
	case length < 1<<16:
		return []byte{first, 0x80 | 126, byte(length >> 8), byte(length)}
	}
	return bigEndian([]byte{first, 0x80 | 127}, uint64(length))
}

// bigEndian appends a number in 8 bytes.
func bigEndian(b []byte, n uint64) []byte {
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(n>>shift))
	}
	return b
}

// frame returns a frame of ours.
func frame(id uint32, payload string) string {
	return string(wire.AppendFrame(nil, id, []byte(payload)))
}

// pause lets virtual time pass.
func pause(d time.Duration) { <-time.After(d) }

// A memnet connection is a net.Conn.
var _ net.Conn = (*client)(nil)
