package overload

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestMonitor: too slow ticks, and too much memory, are each told of once as they begin and end, and make the server busy while
// either lasts.
func TestMonitor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var used atomic.Uint64
		m := NewMonitor(Config{
			Period: 50 * time.Millisecond, TickShare: 1, Memory: 1000, Usage: used.Load,
		}, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, stop := context.WithCancel(t.Context())
		go m.Run(ctx)
		// run ticks for some time, each of which takes so long, and checks what is short then.
		run := func(took time.Duration, memory uint64, seconds int, ticks, mem bool) {
			t.Helper()
			used.Store(memory)
			for range 20 * seconds {
				<-time.After(50 * time.Millisecond)
				m.Tick(took, time.Now())
			}
			synctest.Wait()
			if m.Short(Ticks) != ticks || m.Short(Memory) != mem || m.Busy() != (ticks || mem) {
				t.Errorf("short of ticks %v (%.2f), of memory %v (%.2f), busy %v", m.Short(Ticks), m.Used(Ticks), m.Short(Memory),
					m.Used(Memory), m.Busy())
			}
		}
		run(10*time.Millisecond, 100, 5, false, false)
		run(60*time.Millisecond, 100, 30, true, false)
		run(60*time.Millisecond, 900, 2, true, true)
		run(10*time.Millisecond, 800, 30, false, true)
		run(10*time.Millisecond, 720, 2, false, false)
		stop()
		synctest.Wait()
		if n := strings.Count(log.String(), "overloaded: nobody new is let in"); n != 2 || strings.Count(log.String(), "\n") != 4 {
			t.Errorf("the log says:\n%s", &log)
		}
	})
}

// TestUnlimited: where nobody says how much there is, there is enough.
func TestUnlimited(t *testing.T) {
	m := NewMonitor(Config{Period: time.Second}, slog.New(slog.DiscardHandler))
	for range 1000 {
		m.Tick(time.Hour, time.Now())
	}
	m.Run(t.Context()) // returns at once
	if m.Busy() || m.Used(Memory) != 0 || Resources.String() != "?" {
		t.Error("busy without limits")
	}
}

// TestMemoryLimit: what is configured counts, and else what the runtime was told.
func TestMemoryLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	debug.SetMemoryLimit(1 << 40)
	if MemoryLimit(7) != 7 || MemoryLimit(0) != 1<<40 {
		t.Errorf("limits %d, %d", MemoryLimit(7), MemoryLimit(0))
	}
}

// TestMemoryUsage: what is in use counts, and garbage only where nobody collects it in time.
func TestMemoryUsage(t *testing.T) {
	const much = 64 << 20
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	debug.SetMemoryLimit(1 << 40)
	all, kept := MemoryUsage(1<<39), MemoryUsage(1<<41)
	debug.FreeOSMemory() // what was used before would be used again
	allBefore, keptBefore := all(), kept()
	held := make([]byte, much)
	runtime.GC()
	if rise := int64(all()) - int64(allBefore); rise < much/2 {
		t.Errorf("%d bytes more are in use, of %d", rise, much)
	}
	if rise := int64(kept()) - int64(keptBefore); rise < much/2 {
		t.Errorf("%d bytes more are kept, of %d", rise, much)
	}
	runtime.KeepAlive(held)
	if kept() > all() {
		t.Errorf("%d are kept, of %d", kept(), all())
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	keptBefore = kept()
	for range much >> 20 {
		garbage = make([]byte, 1<<20)
	}
	if rise := int64(kept()) - int64(keptBefore); rise > much/4 {
		t.Errorf("of %d bytes of garbage %d are kept", much, rise)
	}
	garbage = nil
}

// garbage has the compiler make what nobody uses.
var garbage []byte
