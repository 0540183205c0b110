package ops

import (
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

// TestProfilesTakeTheirTime: one that takes longer than any other request may is there whole.
func TestProfilesTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
		s := NewServer(NewMetrics(busy()), nil, quiet())
		s.Handle(ProfilesPath, Profiles())
		go func() { _ = s.Serve(l) }()
		here, there := net.Pipe()
		l.conns <- there
		go func() {
			_, _ = io.WriteString(here, "GET /debug/pprof/goroutine?seconds=30 HTTP/1.0\r\nHost: x\r\n\r\n")
		}()
		began := time.Now()
		answer, err := io.ReadAll(here)
		if took := time.Since(began); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 200 OK\r\n") || took != 30*time.Second {
			t.Errorf("after %v: %v, %.100q", took, err, answer)
		}
		_ = here.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// TestNobodyIsShownProfiles unless they were asked for.
func TestNobodyIsShownProfiles(t *testing.T) {
	w := httptest.NewRecorder()
	NewServer(NewMetrics(busy()), nil, quiet()).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, ProfilesPath, nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}
