package server

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"aoiworld/conf"
)

// TestBadKeyFiles: a server with a key file that is no good does not come about, and the error names the key.
func TestBadKeyFiles(t *testing.T) {
	weak := filepath.Join(t.TempDir(), "weak.key")
	if err := os.WriteFile(weak, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, told := range map[string]string{
		weak:              "want a secret of at least 32 bytes, got 7",
		weak + ".missing": "no such file or directory",
	} {
		cfg, err := conf.Load(conf.Source{Sets: []string{"auth.mode=both", "auth.tokens.key_file=" + path}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), Extension{})
		var wrong *conf.Error
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), "auth.tokens.key_file: "+path+": ") || !strings.Contains(err.Error(), told) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestClassicClientsWhereAccountsPlay: over real sockets they are told by a close, or the end of the stream.
func TestClassicClientsWhereAccountsPlay(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(secret, []byte("0123456789abcdefghijklmnopqrstuv"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := start(t, "auth.mode=tokens", "auth.tokens.key_file="+secret)
	if n, err := dial(t, m, "tcp").conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("TCP: %d bytes, %v", n, err)
	}
	_, err := dial(t, m, "ws").conn.Read(make([]byte, 1))
	if !websocket.IsCloseError(err, 4501) {
		t.Errorf("WebSocket: %v", err)
	}
}
