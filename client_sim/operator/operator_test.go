package operator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// secret is the token of the tests, as a file has it.
const secret = "0123456789abcdef0123456789abcdef"

// serve starts a server that answers and returns its operator.
func serve(t *testing.T, answer http.HandlerFunc) *Operator {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := New(strings.TrimPrefix(s.URL, "http://"), file)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSettingsAreReadAndChanged(t *testing.T) {
	settings := Settings{Columns: 10.0, Rows: 20.0, TickRate: 20.0, "log.level": "info"}
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret || r.URL.Path != "/admin/v1/settings" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPost {
			if r.Header.Get("Content-Type") != "application/json" {
				w.WriteHeader(http.StatusUnsupportedMediaType)
				return
			}
			if err := json.NewDecoder(r.Body).Decode(&settings); err != nil {
				t.Error(err)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"settings": settings, "changed": []string{Columns}})
	})
	before, err := o.Settings(t.Context())
	if n, is := before.Number(Rows); err != nil || n != 20 || !is {
		t.Errorf("%v, %v", before, err)
	}
	if _, is := before.Number("log.level"); is {
		t.Error("a word is a number")
	}
	if err := o.Regrid(t.Context(), 40, 41); err != nil {
		t.Error(err)
	}
	after, err := o.Settings(t.Context())
	want := Settings{Columns: 40.0, Rows: 41.0}
	if diff := cmp.Diff(want, after.Only(Columns, Rows, "none")); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got := want.String(); got != "world.columns=40 world.rows=41" {
		t.Errorf("%q", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		refused bool
		says    string
	}{
		"a bad value":    {400, `{"error":{"code":"invalid","message":"world.columns: want at least 1"}}`, true, "invalid: world.columns"},
		"an older one":   {404, "no such page", true, "404"},
		"another's":      {200, "<html>", false, "settings: "},
		"no settings":    {200, "{}", true, "told no settings"},
		"sent elsewhere": {302, "", true, "302"},
	} {
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		if _, err := o.Settings(t.Context()); err == nil || errors.Is(err, ErrRefused) != c.refused || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheTokenStaysOnThisMachine: it is not sent in the clear to another, and not without a file.
func TestTheTokenStaysOnThisMachine(t *testing.T) {
	for address, good := range map[string]bool{
		"127.0.0.1:9090": true, "localhost:9090": true, "[::1]:9090": true, "http://127.3.4.5:1": true, "https://a.test": true,
		"10.0.0.1:9090": false, "http://a.test": false, "ftp://127.0.0.1": false, "": false, "http://": false, "http://%": false,
	} {
		if _, err := New(address, "token"); errors.Is(err, ErrAddress) == good || (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := New("127.0.0.1:9090", ""); !errors.Is(err, ErrAddress) {
		t.Errorf("without a file: %v", err)
	}
	o, err := New("127.0.0.1:1", filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Settings(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with a file that is not there: %v", err)
	}
}

// TestWhoIsOnThisMachine: of several servers the first counts.
func TestWhoIsOnThisMachine(t *testing.T) {
	for servers, want := range map[string]struct {
		host string
		here bool
	}{
		"127.0.0.1:9000": {"127.0.0.1", true}, "localhost:1": {"localhost", true}, "ws://[::1]:8080/ws": {"::1", true},
		"[::1]:9000": {"::1", true}, "tls://127.9.9.9:1,10.0.0.1:1": {"127.9.9.9", true}, "ws://localhost/ws": {"localhost", true},
		"10.0.0.1:9000,127.0.0.1:1": {"10.0.0.1", false}, "example.test:1": {"example.test", false},
		"wss://example.test/ws": {"example.test", false}, "nothing": {}, "": {},
	} {
		if host := HostOf(servers); host != want.host || OnThisMachine(host) != want.here {
			t.Errorf("%q: %q, here %v", servers, host, OnThisMachine(host))
		}
	}
}
