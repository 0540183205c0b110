package cmd

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"aoiworld/conf"
)

// Bounds of the log between the server and whoever reads it.
const (
	maxLogLines  = 1024
	flushTimeout = time.Second
)

// newLogger returns the log that the configuration asks for. The server never waits for whoever reads it: lines that find
// no room are dropped. flush gives those that have found room a little time to get out, and ends the log.
func newLogger(w io.Writer, cfg conf.Log) (log *slog.Logger, flush func()) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(cfg.Level)); err != nil {
		panic(err) // the configuration was checked
	}
	level := &slog.LevelVar{}
	level.Set(least)
	out := newLineWriter(w)
	var handler slog.Handler = slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level})
	if cfg.Format == "text" || cfg.Format == "auto" && isTerminal(w) {
		options := &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w)}
		handler = tint.NewTextHandler(out, options)
	}
	return slog.New(levelled{handler, level, out}), out.flush
}

// levelled is a handler whose least level can change, and that knows what was lost. Those made of it do not know how, and follow.
type levelled struct {
	slog.Handler
	level *slog.LevelVar
	out   *lineWriter
}

// Dropped returns how many lines found no room.
func (l levelled) Dropped() uint64 { return l.out.dropped.Load() }

// SetLevel sets the least level that is written, from now on.
func (l levelled) SetLevel(level slog.Level) { l.level.Set(level) }

// isTerminal reports whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// lineWriter writes lines on a goroutine of its own, so that a pipe that nobody reads holds up nobody.
type lineWriter struct {
	lines   chan []byte
	done    chan struct{} // closed when all lines are out
	close   sync.Once
	dropped atomic.Uint64 // lines that found no room

	mu     sync.RWMutex // held for reading while a line is put in, so that flush can close lines
	closed bool
}

// newLineWriter returns a writer in front of w.
func newLineWriter(w io.Writer) *lineWriter {
	l := &lineWriter{lines: make(chan []byte, maxLogLines), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			_, _ = w.Write(line) // nobody is left to tell
		}
	}()
	return l
}

// Write takes a line, or drops it when there is no room.
func (l *lineWriter) Write(line []byte) (int, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if !l.closed {
		select {
		case l.lines <- append([]byte(nil), line...):
		default:
			l.dropped.Add(1)
		}
	}
	return len(line), nil
}

// flush waits until all lines are out, for as long as flushTimeout. Lines that come later are dropped.
func (l *lineWriter) flush() {
	l.close.Do(func() {
		l.mu.Lock()
		l.closed = true
		close(l.lines)
		l.mu.Unlock()
	})
	select {
	case <-l.done:
	case <-time.After(flushTimeout):
	}
}
