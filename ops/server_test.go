package ops

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadiness(t *testing.T) {
	s := NewServer(NewMetrics(busy()), nil, quiet())
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	expect := func(when, path string, wantStatus int, wantText string) {
		t.Helper()
		if status, text := ask(path); status != wantStatus || text != wantText {
			t.Errorf("%s: %s answers %d %q", when, path, status, text)
		}
	}
	expect("starting", "/readyz", 503, "not ready\n")
	expect("starting", "/healthz", 200, "alive\n")
	s.SetReady(true)
	expect("running", "/readyz", 200, "ready\n")
	s.SetReady(false)
	expect("draining", "/readyz", 503, "not ready\n")
	expect("draining", "/healthz", 200, "alive\n")
}

func TestOnlyGetOfWhatIsThere(t *testing.T) {
	s := NewServer(NewMetrics(busy()), nil, quiet())
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/metrics", 200},
		{http.MethodHead, "/healthz", 200},
		{http.MethodPost, "/metrics", 405},
		{http.MethodPost, "/healthz", 405},
		{http.MethodDelete, "/readyz", 405},
		{http.MethodGet, "/", 404},
		{http.MethodGet, "/debug/pprof/", 404},
		{http.MethodGet, "/healthz/x", 404},
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.want {
			t.Errorf("%s %s answers %d, want %d", c.method, c.path, w.Code, c.want)
		}
	}
}

func TestServeAndClose(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(NewMetrics(busy()), nil, quiet())
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	if status, text := body(t, client, "http://"+l.Addr().String()+"/metrics"); status != 200 ||
		!strings.Contains(text, "\naoiworld_players{world=\"main\"} 5\n") {
		t.Errorf("status %d, %d bytes", status, len(text))
	}
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := s.Serve(l); err != nil {
		t.Errorf("serving after Close: %v", err)
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := NewServer(NewMetrics(busy()), nil, quiet()).Serve(l); err == nil {
		t.Error("a closed listener is served")
	}
}

// oneConn is a listener of one connection.
type oneConn struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l oneConn) Close() error {
	close(l.done)
	return nil
}

func (oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// converse sends bytes to a server and returns what came back until it hung up, and after how long.
func converse(t *testing.T, request string) (response string, took time.Duration) {
	t.Helper()
	l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
	s := NewServer(NewMetrics(busy()), nil, quiet())
	go func() { _ = s.Serve(l) }()
	here, there := net.Pipe()
	l.conns <- there
	began := time.Now()
	go func() { _, _ = here.Write([]byte(request)) }() // the server may hang up in between
	b, _ := io.ReadAll(bufio.NewReader(here))
	took = time.Since(began)
	_ = here.Close()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	return string(b), took
}

func TestHalfAHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		response, took := converse(t, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		if took > 5*time.Second || strings.Contains(response, "200 OK") {
			t.Errorf("after %v: %q", took, response)
		}
	})
}

func TestHugeHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		huge := "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Huge: " + strings.Repeat("x", 32<<10) + "\r\n\r\n"
		if response, _ := converse(t, huge); !strings.HasPrefix(response, "HTTP/1.1 431") {
			t.Errorf("got %q", response)
		}
	})
}

func TestIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		response, took := converse(t, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		if !strings.Contains(response, "alive") || took != time.Minute {
			t.Errorf("after %v: %q", took, response)
		}
	})
}
