// Package tcp is the frontend for plain TCP: frames follow one another on the stream.
package tcp

import (
	"errors"
	"log/slog"
	"net"
	"time"

	"aoiworld/net/wire"
)

// Config says how TCP clients are served.
type Config struct {
	Gate       *wire.Gate
	Budget     wire.Budget // of each connection
	Sockets    wire.SocketOptions
	MaxPayload int // bytes of the largest frame that a client may send
	// Adopt, unless nil, takes a connection over, to be read otherwise than by a goroutine of its own.
	Adopt func(net.Conn) net.Conn
}

// Server is a TCP frontend.
type Server struct {
	listener *wire.Listener
	cfg      Config
	accept   wire.Accept
	sessions wire.Group
	buffers  wire.Buffers
}

// NewServer returns a server on a bound listener that has accept take in each connection.
func NewServer(l net.Listener, cfg Config, accept wire.Accept, log *slog.Logger) *Server {
	return &Server{listener: wire.NewListener(l, cfg.Sockets, log), cfg: cfg, accept: accept}
}

// Serve serves until the server is closed. Who is not admitted is closed without a word: the dialect has none.
func (s *Server) Serve() error {
	for {
		socket, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		release, err := s.cfg.Gate.Admit(wire.AddrPortOf(socket.RemoteAddr()).Addr(), time.Now())
		if err != nil {
			_ = socket.Close() // nobody is left to tell
			continue
		}
		if s.cfg.Adopt != nil {
			socket = s.cfg.Adopt(socket)
		}
		s.begin(newConn(socket, &s.cfg, &s.buffers, release))
	}
}

// begin hands a connection over.
func (s *Server) begin(c *conn) {
	if !s.sessions.Read(c.Socket(), func() func() bool { return s.accept(c) }) {
		_ = c.Close() // the server was closed meanwhile
	}
}

// Close stops accepting. Connections go on.
func (s *Server) Close() error {
	s.sessions.Stop()
	return s.listener.Close()
}

// Wait waits, after Close, until all connections have been dealt with.
func (s *Server) Wait() { s.sessions.Wait() }

// conn is one client's connection.
type conn struct {
	reader wire.Reader // what each message touches stands together
	wire.Link
	_ [8]byte // so that it begins with a line of the cache
}

// newConn returns the wire.Conn of a socket. It calls release once when it is closed.
func newConn(socket net.Conn, cfg *Config, buffers *wire.Buffers, release func()) *conn {
	c := &conn{}
	c.Init(socket, cfg.Budget, release)
	c.reader = *wire.NewReader(source{c}, buffers, cfg.MaxPayload)
	return c
}

// source is where the reader gets its bytes: the link, which is told whether the peer is inside a frame.
type source struct{ *conn }

// Read reads from the link.
func (s source) Read(b []byte) (int, error) {
	s.Mark(s.reader.Inside())
	return s.Link.Read(b)
}

// Next returns the next frame. After Shutdown it only lingers.
func (c *conn) Next() (wire.Frame, error) {
	if c.Down() {
		return wire.Frame{}, c.Linger()
	}
	frame, err := c.reader.Next()
	if err == nil {
		c.Mark(false) // if the next one has begun, the reader asking for more tells
	}
	return frame, err
}

// Framed reports false: packets follow one another as they are.
func (c *conn) Framed() bool { return false }

// AppendPing appends nothing: the classic dialect has no ping.
func (c *conn) AppendPing(dst []byte) []byte { return dst }

// AppendClose appends nothing: the stream just ends.
func (c *conn) AppendClose(dst []byte, _ uint16, _ string) []byte { return dst }

// OnControl is never called back: there is nothing to answer.
func (c *conn) OnControl(func([]byte)) {}

// Transport returns wire.TCP.
func (c *conn) Transport() wire.Transport { return wire.TCP }
