// Package tcp is the frontend for plain TCP: frames follow one another on the stream.
package tcp

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	"aoiworld/net/wire"
)

// Config says how TCP clients are served.
type Config struct {
	Listener   wire.ListenerConfig
	MaxPayload int // bytes of the largest frame that a client may send
}

// Server is a TCP frontend.
type Server struct {
	listener *wire.Listener
	cfg      Config
	sessions sync.WaitGroup
}

// NewServer returns a server on a bound listener.
func NewServer(l net.Listener, cfg Config) *Server {
	return &Server{listener: wire.NewListener(l, cfg.Listener), cfg: cfg}
}

// Serve hands each connection to accept, on a goroutine of its own, until the server is closed.
func (s *Server) Serve(accept func(wire.Conn)) error {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		s.sessions.Go(func() { accept(newConn(conn.(*wire.Meter), s.cfg.MaxPayload)) })
	}
}

// Close stops accepting. Connections go on.
func (s *Server) Close() error { return s.listener.Close() }

// Wait waits until all that were accepted have been dealt with.
func (s *Server) Wait() { s.sessions.Wait() }

// conn is one client's connection.
type conn struct {
	meter  *wire.Meter
	reader *wire.Reader
	wire.Writer
}

// newConn returns the wire.Conn on an accepted connection.
func newConn(m *wire.Meter, maxPayload int) *conn {
	return &conn{meter: m, reader: wire.NewReader(m, maxPayload), Writer: wire.NewWriter(m.Conn)}
}

// Next waits for the next frame.
func (c *conn) Next() (wire.Frame, error) {
	f, err := c.reader.Next()
	if err == nil {
		c.meter.FrameDone(c.reader.Partial())
	}
	return f, err
}

// Bytes picks the stream form.
func (c *conn) Bytes(p wire.Packet) []byte { return p.Stream() }

// AppendPing appends nothing: the classic dialect has no ping.
func (c *conn) AppendPing(dst []byte) []byte { return dst }

// AppendClose appends nothing: the stream just ends.
func (c *conn) AppendClose(dst []byte, _ uint16, _ string) []byte { return dst }

// OnControl is never called back: there is nothing to answer.
func (c *conn) OnControl(func([]byte)) {}

// Activity tells when the peer was last heard.
func (c *conn) Activity() wire.Activity { return c.meter.Activity() }

// Shutdown ends the outgoing side.
func (c *conn) Shutdown() error { return c.meter.Shutdown() }

// Close releases the connection.
func (c *conn) Close() error { return c.meter.Close() }

// RemoteAddr returns the client's address.
func (c *conn) RemoteAddr() netip.AddrPort { return c.meter.Peer() }

// Transport returns wire.TCP.
func (c *conn) Transport() wire.Transport { return wire.TCP }
