package entry

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// messages is a log whose messages a test reads.
type messages struct {
	slog.Handler
	all chan string
}

// Enabled is always true.
func (messages) Enabled(context.Context, slog.Level) bool { return true }

// Handle hands a message to the test.
func (m messages) Handle(_ context.Context, r slog.Record) error {
	m.all <- r.Message
	return nil
}

// store is a folder with a certificate and its key.
type store struct {
	t                testing.TB
	certificate, key string
}

// put replaces both files as tools do: others are renamed to them.
func (s store) put(certificate, key []byte) {
	s.t.Helper()
	for name, content := range map[string][]byte{s.certificate: certificate, s.key: key} {
		if err := errors.Join(os.WriteFile(name+".new", content, 0o600), os.Rename(name+".new", name)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// fresh puts a new pair there, and returns its serial number.
func (s store) fresh() string {
	s.t.Helper()
	certificate, key, err := SelfSigned([]string{"game.example"}, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(certificate, key)
	pair, err := s.load()
	if err != nil {
		s.t.Fatal(err)
	}
	return pair.Leaf.SerialNumber.String()
}

// load loads the pair.
func (s store) load() (tls.Certificate, error) { return tls.LoadX509KeyPair(s.certificate, s.key) }

// shown returns the serial number of what clients are shown.
func shown(t testing.TB, c *Certificates) string {
	t.Helper()
	pair, err := c.TLS().GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.SerialNumber.String()
}

// TestReload: a new pair is shown once it is there; a broken one is told of, and the old one stays.
func TestReload(t *testing.T) {
	folder := t.TempDir()
	s := store{t, filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")}
	first := s.fresh()
	log := messages{slog.DiscardHandler, make(chan string, 100)}
	c, err := NewCertificates(s.load, []string{s.certificate, s.key}, slog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	if got := shown(t, c); got != first {
		t.Errorf("shows %s, want %s", got, first)
	}
	await := func(want string) {
		t.Helper()
		select {
		case got := <-log.all:
			if !strings.Contains(got, want) {
				t.Errorf("the log says %q, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("nobody says %q", want)
		}
	}
	second := s.fresh()
	await("changed")
	if got := shown(t, c); got != second {
		t.Errorf("shows %s, want %s", got, second)
	}
	s.put([]byte("no certificate"), []byte("no key"))
	await("stays")
	if got := shown(t, c); got != second {
		t.Errorf("shows %s, want %s", got, second)
	}
	third := s.fresh()
	await("changed")
	if got := shown(t, c); got != third {
		t.Errorf("shows %s, want %s", got, third)
	}
	if left := time.Until(c.Until()); left <= 50*time.Minute || left > time.Hour {
		t.Errorf("the certificate of an hour ends in %v", left)
	}
	stop()
	<-done
}

// TestNoCertificate: what is not there, or cannot be watched, is no beginning.
func TestNoCertificate(t *testing.T) {
	bad := errors.New("bad")
	folder := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	_, err := NewCertificates(func() (tls.Certificate, error) { return tls.Certificate{}, bad }, []string{folder + "/x"}, log)
	if !errors.Is(err, bad) {
		t.Error(err)
	}
	_, err = NewCertificates(func() (tls.Certificate, error) { return tls.Certificate{}, nil }, []string{folder + "/none/x"}, log)
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
