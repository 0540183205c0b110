package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"testing"

	"aoiworld/conf"
)

// levelled is a log in memory whose least level can change.
type levelled struct {
	slog.Handler
	level *slog.LevelVar
}

// SetLevel sets the least level.
func (l levelled) SetLevel(level slog.Level) { l.level.Set(level) }

// lines is where a log goes.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write takes a line.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(line)
}

// count returns how many lines have each message.
func (l *lines) count(t *testing.T) map[string]int {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[string]int{}
	for line := range bytes.Lines(l.all.Bytes()) {
		var is struct{ Msg string }
		if err := json.Unmarshal(line, &is); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		counts[is.Msg]++
	}
	return counts
}

// TestLogDoesNotGrowWithPlayers: a hundred who come, move and go leave no line; the level can change while they do.
func TestLogDoesNotGrowWithPlayers(t *testing.T) {
	out, level := &lines{}, &slog.LevelVar{}
	log := slog.New(levelled{slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}), level})
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=", "net.ws.address=127.0.0.1:0", "ops.address=", "world.tick_rate=60",
		"limits.overload_tick_share=0", // others may use this machine, too
	}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(cfg, log, Extension{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	<-m.Ready()
	comeAndGo := func(n int) {
		for i := range n {
			c := dial(t, m, [...]string{"tcp", "ws"}[i%2])
			id := c.join()
			c.move(170, 140)
			c.await(id, 170, 140)
			_ = c.conn.Close()
		}
	}
	comeAndGo(100)
	quiet := out.count(t)
	delete(quiet, "ticks take too long, and come less often") // on a machine that has no time
	delete(quiet, "ticks come as often as configured again")
	delete(quiet, "ticks skipped")
	if len(quiet) != 2 || quiet["room for players"] != 1 || quiet["ready"] != 1 {
		t.Errorf("a hundred players leave %v", quiet)
	}
	amend(t, m, "log.level=debug")
	last := dial(t, m, "tcp")
	last.join()
	stop()
	if _, err := io.Copy(io.Discard, last.conn); err != nil {
		t.Error(err)
	}
	_ = last.conn.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if loud := out.count(t); loud["session closed"] == 0 || loud["stopping"] != 1 || loud["stopped"] != 1 {
		t.Errorf("at level debug there is %v", loud)
	}
}
