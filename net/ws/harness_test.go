package ws_test

import (
	"bufio"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

const maxPayload = wstest.MaxPayload

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

// session sends every frame back.
func (f *fixture) session(c wire.Conn) {
	f.take(c, func(frame wire.Frame) {
		packet := wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), frame.ID, frame.Payload))
		_, _ = c.Writer().TryWrite(packet.Bytes(c.Framed()))
	})
}

// take does what the server's sessions do with a connection, as far as the transport can tell: it writes the transport's
// answers, hands over every frame, and when the connection ends it says why and lingers.
func (f *fixture) take(c wire.Conn, deliver func(wire.Frame)) {
	f.conns <- c
	c.OnControl(func(b []byte) { _, _ = c.Writer().TryWrite(b) })
	for {
		frame, err := c.Next()
		if err != nil {
			sayWhy(c, err)
			f.ended <- err
			return
		}
		deliver(frame)
	}
}

// sayWhy ends a connection as a session does.
func sayWhy(c wire.Conn, err error) {
	for known, code := range map[error]uint16{
		wire.ErrTooLarge: 1009, wire.ErrText: 1003, wire.ErrFlood: 4009, wire.ErrTruncated: 4504,
	} {
		if errors.Is(err, known) {
			_, _ = c.Writer().TryWrite(c.AppendClose(nil, code, ""))
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
func (c *client) next() (first byte, payload []byte, err error) { return wstest.ReadMessage(c.in) }

// rest reads all that the server still says, in words, until it ends the stream.
func (c *client) rest() string { return wstest.Listen(c.in) }

// message returns a client's WebSocket frame with the given first byte.
func message(first byte, payload string) []byte { return []byte(wstest.Message(first, payload)) }

// hello is a frame of ours that the session sends back, and echoed its echo.
var hello = wstest.Frame(3, "hello")

const echoed = `frame 3 "hello"`

// pause lets virtual time pass.
func pause(d time.Duration) { <-time.After(d) }

// A memnet connection is a net.Conn.
var _ net.Conn = (*client)(nil)
