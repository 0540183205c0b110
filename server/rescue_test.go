package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/conf"
	"aoiworld/player"
	"aoiworld/world"
)

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestBrokenWorldStops: everybody is told to come back, the world is written down as it last was good, for its owner's eyes, and the
// server ends with what has happened, long before its patience does.
func TestBrokenWorldStops(t *testing.T) {
	folder := t.TempDir()
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=",
		"world.rescue_directory=" + folder, "limits.shutdown_timeout=1m",
	}})
	if err != nil {
		t.Fatal(err)
	}
	var faulty atomic.Bool
	var log lockedBuffer
	m, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil)), Extension{Record: func(*world.Input) {
		if faulty.Load() {
			panic("a bug in the tick")
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(context.Background()) }()
	<-m.Ready()
	overTCP, overWS := dial(t, m, "tcp"), dial(t, m, "ws")
	overTCP.join()
	overWS.join()
	faulty.Store(true)
	overTCP.move(200, 200) // there is a tick
	if err := overWS.ended(); !websocket.IsCloseError(err, int(player.Shutdown.Code())) {
		t.Errorf("over WebSocket it ends with %v", err)
	}
	if err := overTCP.ended(); !errors.Is(err, io.EOF) {
		t.Errorf("over TCP it ends with %v", err)
	}
	_ = overWS.conn.Close()
	_ = overTCP.conn.Close()
	var broken *world.BrokenError
	select {
	case err = <-ended:
	case <-time.After(patience):
		t.Fatal("the server goes on")
	}
	if !errors.As(err, &broken) || !errors.Is(err, world.ErrBroken) {
		t.Fatalf("the server ended with %v", err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "aoiworld-main-"+broken.Incident+"-tick*.state"))
	if err != nil || len(files) != 1 {
		t.Fatalf("written are %v, %v; the log says:\n%s", files, err, &log)
	}
	state, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if w, err := world.Restore(worldConfig(cfg.World), state); err != nil || w.Players() != 2 {
		t.Errorf("what is written is no world of two players: %v", err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

// TestRescueFails: that nothing can be written, or nothing was kept, is told beside what has happened.
func TestRescueFails(t *testing.T) {
	var log lockedBuffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.cfg.World.RescueDirectory = filepath.Join(t.TempDir(), "there is none")
	broken := &world.BrokenError{World: "main", Incident: "ABC", Cause: world.ErrBroken, State: []byte{1}}
	if err := s.rescue(broken); !errors.Is(err, world.ErrBroken) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it ends with %v", err)
	}
	broken.State = nil
	if err := s.rescue(broken); err != error(broken) {
		t.Errorf("it ends with %v", err)
	}
	if err := s.rescue(nil); err != nil {
		t.Errorf("a world that has not broken: %v", err)
	}
}
