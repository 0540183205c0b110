package cmd

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/conf"
)

// TestLogComesOut: every line that found room, in order.
func TestLogComesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		log, flush := newLogger(&out, conf.Log{Level: "info", Format: "json"})
		for i := range 100 {
			log.Info("line", "n", i)
		}
		log.Debug("not this one")
		flush()
		log.Info("nor this one")
		flush()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 100 {
			t.Fatalf("%d lines, want 100", len(lines))
		}
		for i, line := range lines {
			if !strings.Contains(line, fmt.Sprintf(`"n":%d}`, i)) {
				t.Errorf("line %d is %s", i, line)
			}
		}
	})
}

// TestBlockedLogHoldsUpNobody: a pipe that nobody reads costs lines, and at the end a second.
func TestBlockedLogHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		log, flush := newLogger(writer, conf.Log{Level: "info", Format: "text"})
		began := time.Now()
		for range 10 * maxLogLines {
			log.Info("nobody reads this")
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("logging waited %v", waited)
		}
		if dropped := log.Handler().(levelled).Dropped(); dropped < 9*maxLogLines-1 || dropped > 9*maxLogLines {
			t.Errorf("%d lines were dropped", dropped)
		}
		flush()
		if waited := time.Since(began); waited != flushTimeout {
			t.Errorf("the end waited %v, want %v", waited, flushTimeout)
		}
		_ = reader.Close() // lets the goroutine go
	})
}
