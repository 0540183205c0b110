package tracing

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"aoiworld/player"
)

// TestCollectorThatRefuses: its answer is an error, which the log has, and what it would take later comes.
func TestCollectorThatRefuses(t *testing.T) {
	var status atomic.Int32
	status.Store(http.StatusServiceUnavailable)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer collector.Close()
	s := newSender(collector.URL)
	if err := s.UploadTraces(t.Context(), nil); err == nil || err.Error() != "the collector answers 503 Service Unavailable" {
		t.Errorf("got %v", err)
	}
	status.Store(http.StatusAccepted)
	if err := s.UploadTraces(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPathOfACollector: one that the URL has is kept, and that of the protocol is taken where it has none.
func TestPathOfACollector(t *testing.T) {
	var asked atomic.Value
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked.Store(r.URL.Path) }))
	defer collector.Close()
	for path, want := range map[string]string{"": "/v1/traces", "/": "/v1/traces", "/otlp/spans": "/otlp/spans"} {
		tracer, err := New(Config{Endpoint: collector.URL + path, SampleRatio: 1, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		tracer.Login(player.LoginReport{Began: now, Asked: now, Decided: now})
		if err := tracer.Close(t.Context()); err != nil || asked.Load() != want {
			t.Errorf("%q: asked %q, want %q, %v", path, asked.Load(), want, err)
		}
	}
}
