package ops

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Bounds of a request: nobody who watches needs more.
const (
	readTimeout    = 5 * time.Second
	writeTimeout   = 10 * time.Second
	idleTimeout    = time.Minute
	maxHeaderBytes = 4 << 10 // net/http adds another 4 KiB of its own accord
)

// Server answers GET /healthz (200 as long as the process lives), /readyz (200 while players can come in, 503 before and
// after), /metrics (for Prometheus), and what is below /admin/, if there is an API for the operator; and what Handle
// adds. It is not ready until it is told so. Anybody may call its methods.
type Server struct {
	http  *http.Server
	mux   *http.ServeMux
	ready atomic.Bool
}

// NewServer returns a server of the metrics that does not listen yet. admin, unless nil, is the operator's API.
func NewServer(metrics *Metrics, admin http.Handler, log *slog.Logger) *Server {
	mux := http.NewServeMux()
	s := &Server{mux: mux}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", s.tellReady)
	mux.Handle("GET /metrics", metrics.handler(log))
	if admin != nil {
		mux.Handle("/admin/", admin)
	}
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s
}

// Handle has a handler answer what is below a path, which must not be one of the others'. It is for before Serve.
func (s *Server) Handle(path string, handler http.Handler) { s.mux.Handle(path, handler) }

// Ready reports what SetReady has said.
func (s *Server) Ready() bool { return s.ready.Load() }

// SetReady says whether players can play: true once every listener is bound, false when the server begins to drain.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Handler returns what answers the requests.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Serve answers on l until Close, and then returns nil.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close stops listening, waits until what was asked is answered or ctx ends, and closes all connections.
func (s *Server) Close(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// tellReady answers /readyz.
func (s *Server) tellReady(w http.ResponseWriter, _ *http.Request) {
	if s.ready.Load() {
		say(w, http.StatusOK, "ready")
		return
	}
	say(w, http.StatusServiceUnavailable, "not ready")
}

// say answers with a status and a line of text.
func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // who has hung up does not want to know
}
