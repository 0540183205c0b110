package ws

import (
	"net"
	"time"

	"aoiworld/net/wire"
)

// farewell is what a client is told that is turned away at the gate.
const farewell = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// maxFarewells is how many clients at once are told so. More are closed without a word: who is turned away must cost less
// than who is let in.
const maxFarewells = 32

// handshake is a connection as net/http and gorilla see it: they read through its link, which counts.
type handshake struct {
	net.Conn
	upgraded *conn // as it will be
}

// Read reads through the link.
func (h *handshake) Read(b []byte) (int, error) { return h.upgraded.Link.Read(b) }

// CloseWrite ends the outgoing side, so that net/http can tell a client what was wrong with its request before it closes.
func (h *handshake) CloseWrite() error { return h.upgraded.Shutdown() }

// Close closes the connection and gives its place at the gate back.
func (h *handshake) Close() error { return h.upgraded.Close() }

// listener admits connections, before anything is allocated for their handshake.
type listener struct {
	*wire.Listener
	cfg       *Config
	buffers   *wire.Buffers
	farewells chan struct{} // holds one for each client that is being told
}

// newListener returns a listener that admits by the gate of cfg, and whose connections take their buffers from buffers.
func newListener(inner *wire.Listener, cfg *Config, buffers *wire.Buffers) *listener {
	return &listener{Listener: inner, cfg: cfg, buffers: buffers, farewells: make(chan struct{}, maxFarewells)}
}

// Accept returns the next connection that the gate lets in.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		release, err := l.cfg.Gate.Admit(wire.AddrPortOf(conn.RemoteAddr()).Addr(), time.Now())
		if err == nil {
			return &handshake{Conn: conn, upgraded: newConn(conn, l.cfg, l.buffers, release)}, nil
		}
		l.turnAway(conn)
	}
}

// turnAway tells a client that there is no room. It lingers, since the client's request is still to come: closing before
// that would reset the connection, and the client would not learn why.
func (l *listener) turnAway(conn net.Conn) {
	select {
	case l.farewells <- struct{}{}:
	default:
		_ = conn.Close() // nobody is left to tell
		return
	}
	link := wire.NewLink(conn, wire.Budget{}, func() { <-l.farewells })
	_, _ = link.Writer().TryWrite([]byte(farewell)) // a courtesy
	_ = link.Shutdown()
	go func() {
		_ = link.Linger() // it always ends the same way
		_ = link.Close()
	}()
}
