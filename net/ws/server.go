package ws

import (
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/net/wire"
)

// Bounds of the handshake: what is slower or larger is closed.
const (
	handshakeTimeout = 5 * time.Second
	maxHeaderBytes   = 8 << 10
)

// defaultFrames is how many of the largest frames a message has room for by default.
const defaultFrames = 4

// Config says how WebSocket clients are served.
type Config struct {
	Gate    *wire.Gate
	Budget  wire.Budget // of each connection, its handshake included
	Sockets wire.SocketOptions
	// Path is where the upgrade is to be had, as in /ws.
	Path string
	// Page, unless nil, answers whatever else browsers ask for. It may have / even if that is Path, too.
	Page http.Handler
	// AllowedOrigins may embed a client in their pages, as in https://example.org or example.org:8080. A page of the
	// server's own host may always, and who sends no Origin is no page.
	AllowedOrigins []string
	// MaxPayload is the largest frame that a client may send (bytes).
	MaxPayload int
	// Subprotocols, unless nil, says who is handed the connections of clients that choose a subprotocol; all others go to
	// accept.
	Subprotocols map[string]wire.Accept
	// Adopt, unless nil, takes an upgraded connection over, to be read otherwise than by a goroutine of its own.
	Adopt func(net.Conn) net.Conn
	// MaxMessage is the largest message, of one or more frames (bytes); 0 has room for four of the largest frames.
	MaxMessage int
}

// Server is a WebSocket frontend.
type Server struct {
	cfg      Config
	listener *listener
	http     *http.Server
	upgrader websocket.Upgrader
	accept   wire.Accept
	sessions wire.Group
	buffers  wire.Buffers
}

// NewServer returns a server on a bound listener that has accept take in each connection.
func NewServer(l net.Listener, cfg Config, accept wire.Accept, log *slog.Logger) *Server {
	if cfg.MaxMessage == 0 {
		cfg.MaxMessage = defaultFrames * (wire.HeaderSize + cfg.MaxPayload)
	}
	s := &Server{cfg: cfg, accept: accept}
	s.listener = newListener(wire.NewListener(l, cfg.Sockets, log), &s.cfg, &s.buffers)
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout,
		CheckOrigin:      s.originAllowed,
		Subprotocols:     slices.Sorted(maps.Keys(cfg.Subprotocols)),
		Error:            refuse,
	}
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: handshakeTimeout,
		ReadTimeout:       handshakeTimeout,
		WriteTimeout:      handshakeTimeout,
		MaxHeaderBytes:    maxHeaderBytes - 4096,                             // net/http adds that much of its own accord
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // clients' doing, all of it
	}
	s.http.SetKeepAlivesEnabled(false) // who does not upgrade has no business here
	return s
}

// routes says what is to be had where.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+s.cfg.Path, s.upgrade)
	if s.cfg.Page == nil {
		return mux
	}
	if s.cfg.Path != "/" {
		mux.Handle("GET /", s.cfg.Page)
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || websocket.IsWebSocketUpgrade(r) {
			mux.ServeHTTP(w, r)
		} else {
			s.cfg.Page.ServeHTTP(w, r)
		}
	})
}

// Serve serves until the server is closed.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close stops accepting, and ends handshakes. Upgraded connections go on.
func (s *Server) Close() error {
	s.sessions.Stop()
	return s.http.Close()
}

// Wait waits, after Close, until all that were upgraded have been dealt with.
func (s *Server) Wait() { s.sessions.Wait() }

// upgrade makes a WebSocket connection of a request. Nothing of gorilla's is left of it then, nor of net/http's.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	socket, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	c := socket.NetConn().(*handshake).upgraded
	if s.cfg.Adopt != nil {
		c.Adopt(s.cfg.Adopt(c.Socket()))
	}
	accept := s.accept
	if chosen := s.cfg.Subprotocols[socket.Subprotocol()]; chosen != nil {
		accept = chosen
	}
	if !s.sessions.Read(c.Socket(), func() func() bool { return accept(c) }) {
		_ = c.Close() // the server was closed meanwhile
	}
}

// refuse answers a request that cannot be upgraded with what is wrong about it.
func refuse(w http.ResponseWriter, r *http.Request, status int, reason error) {
	if !websocket.IsWebSocketUpgrade(r) {
		status = http.StatusUpgradeRequired
		w.Header().Set("Upgrade", "websocket")
	}
	w.Header().Set("Sec-WebSocket-Version", "13")
	http.Error(w, reason.Error(), status)
}

// originAllowed reports whether a page of the request's origin may connect.
func (s *Server) originAllowed(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	origin := origins[0]
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || len(origins) > 1 {
		return false // "null" has no host
	}
	return strings.EqualFold(u.Host, r.Host) || slices.ContainsFunc(s.cfg.AllowedOrigins, func(allowed string) bool {
		return strings.EqualFold(allowed, origin) || strings.EqualFold(allowed, u.Host)
	})
}
