package cmd

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHealthy: the exit code says how a server is, by what it answers, and a wrong question is a wrong configuration.
func TestHealthy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte("you asked " + r.URL.Path))
	}))
	here := strings.TrimPrefix(server.URL, "http://")
	gone := httptest.NewServer(http.NotFoundHandler())
	nowhere := strings.TrimPrefix(gone.URL, "http://")
	gone.Close()
	for _, c := range []struct {
		args, address string
		code          int
		said          string
	}{
		{"healthy", here, 0, "you asked /healthz"},
		{"healthy --ready", here, 1, `503 Service Unavailable: "you asked /readyz"`},
		{"healthy", nowhere, 1, "connection refused"},
		{"healthy", "", 2, "ops.address: want an address"},
		{"healthy", "nonsense", 2, "ops.address: want host:port"},
		{"healthy now", here, 2, "what is"},
	} {
		var said bytes.Buffer
		p := Program{Stdout: &said, Stderr: &said, Env: []string{"AOIWORLD_OPS_ADDRESS=" + c.address}}
		if code := Execute(context.Background(), p, strings.Fields(c.args)); code != c.code || !strings.Contains(said.String(), c.said) {
			t.Errorf("%s at %q: code %d, %q", c.args, c.address, code, &said)
		}
	}
	server.Close()
}
