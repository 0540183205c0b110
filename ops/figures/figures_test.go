package figures

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/player"
	"aoiworld/world"
)

// fake is a server whose figures a test sets.
type fake struct {
	sessions player.Snapshot
	worlds   []*world.Snapshot
	busy     bool
}

// recorder returns a recorder of it.
func (f *fake) recorder() *Recorder {
	return New(Sources{
		Sessions: func() *player.Snapshot { s := f.sessions; return &s },
		Worlds:   func() []*world.Snapshot { return f.worlds }, Overloaded: func() bool { return f.busy },
	})
}

// report is a tick that took so long.
func report(took, late time.Duration) world.TickReport {
	r := world.TickReport{Late: late, Period: 50 * time.Millisecond}
	r.Took[world.PhaseStep], r.Took[world.PhaseDeliver] = took/4, took-took/4
	return r
}

// TestSample: counts are told a second, whatever the time between two samples, the rest as it stands.
func TestSample(t *testing.T) {
	f := &fake{worlds: []*world.Snapshot{{Players: 3, Rate: 20}, {Players: 4, Rate: 10}}}
	r := f.recorder()
	start := time.UnixMilli(1_000_000)
	r.begin(start)
	f.sessions.Updates, f.sessions.Frames, f.sessions.Messages = 1000, 100, 50
	f.sessions.BytesReceived, f.sessions.BytesSent, f.sessions.Detached = 400, 4000, 2
	f.sessions.Sessions[player.Active][0], f.sessions.Sessions[player.Lagging][1] = 5, 1
	f.sessions.Closed[player.Kicked][0], f.sessions.Closed[player.Kicked][1] = 1, 2
	f.busy = true
	for i := range 200 {
		r.Observe(report(time.Duration(i+1)*time.Millisecond/100, time.Duration(i/199)*time.Hour))
	}
	r.take(start.Add(2 * time.Second))
	h := r.Since(0).History
	for column, want := range map[column]float64{
		columnTime: 1_002_000, columnPlayers: 7, columnSessions: 6, columnDetached: 2, columnLagging: 1, columnUpdates: 500,
		columnFrames: 50, columnMessages: 25, columnBytesIn: 200, columnBytesOut: 2000, columnTicks: 100, columnTickMean: 1.005,
		columnTickP99: 1.98, columnTickMax: 2, columnTickBudget: 100, columnLateTicks: 0.5, columnTickShare: 0.1005,
		columnOverloaded: 1,
	} {
		if got := h.Columns[column.String()]; len(got) != 1 || got[0] != want {
			t.Errorf("%v: %v, want %v", column, got, want)
		}
	}
	for _, column := range []column{columnMemory, columnGoroutines} {
		if got := h.Columns[column.String()]; len(got) != 1 || got[0] < 1 {
			t.Errorf("%v: %v", column, got)
		}
	}
	if got := h.Closes["4503"]; len(h.Closes) != 1 || len(got) != 1 || got[0] != 3 {
		t.Errorf("closes %v", h.Closes)
	}
	f.sessions.Closed[player.Kicked][0]++
	r.take(start.Add(3 * time.Second)) // in which there is no tick
	now := r.Since(1)
	if c := now.History.Columns; c["ticks"][0] != 0 || c["tick_p99"][0] != 1.98 || c["tick_max"][0] != 0 || c["updates"][0] != 0 || now.History.Closes["4503"][0] != 1 {
		t.Errorf("in a second without ticks: %v, %v", c, now.History.Closes)
	}
	if now.Totals.Updates != 1000 || now.Totals.LateTicks != 1 || now.Totals.Closes["4503"] != 4 || now.Last != 2 {
		t.Errorf("totals %+v", now.Totals)
	}
}

// TestHistory: a sample a second, of the last ten minutes; whoever has some is told the rest, and who has too many, all.
func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{worlds: []*world.Snapshot{{Rate: 20}}}
		r := f.recorder()
		if f := r.Since(0); f.Last != 0 || len(f.History.Numbers) != 0 || len(f.Now) != int(columns) {
			t.Errorf("before it runs: %+v", f)
		}
		ctx, stop := context.WithCancel(t.Context())
		go r.Run(ctx)
		<-time.After(3500 * time.Millisecond)
		check := func(since uint64, want ...uint64) {
			t.Helper()
			f := r.Since(since)
			if got := f.History.Numbers; !slices.Equal(got, want) || len(f.History.Columns["time"]) != len(want) {
				t.Errorf("since %d: %v, want %v", since, got, want)
			}
		}
		check(0, 1, 2, 3)
		check(2, 3)
		check(3)
		check(4, 1, 2, 3)
		<-time.After(kept * time.Second)
		f0 := r.Since(0)
		if n := f0.History.Numbers; len(n) != kept || n[0] != 4 || n[kept-1] != kept+3 || f0.Last != kept+3 {
			t.Errorf("%d samples, %d to %d", len(n), n[0], n[len(n)-1])
		}
		times := f0.History.Columns["time"]
		for i := 1; i < kept; i++ {
			if times[i]-times[i-1] != 1000 {
				t.Fatalf("sample %d is of %v, the one before of %v", i, times[i], times[i-1])
			}
		}
		check(kept+2, kept+3)
		stop()
	})
}

// TestTicksLeaveFiguresForNothing: what a tick leaves allocates nothing.
func TestTicksLeaveFiguresForNothing(t *testing.T) {
	r := (&fake{}).recorder()
	tick := report(time.Millisecond, 0)
	if n := testing.AllocsPerRun(100, func() { r.Observe(tick) }); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// TestHistoryIsSmall: ten minutes in JSON are no more than a page can take, and a second of them is little.
func TestHistoryIsSmall(t *testing.T) {
	f := &fake{worlds: []*world.Snapshot{{Rate: 20}}}
	r := f.recorder()
	r.begin(time.Unix(1_800_000_000, 0))
	for i := range 2 * kept {
		f.sessions.Updates += uint64(i) * 1_000_003
		r.take(time.Unix(1_800_000_001+int64(i), 0))
	}
	for since, limit := range map[uint64]int{0: 150 << 10, 2*kept - 1: 3 << 10} {
		if b, err := json.Marshal(r.Since(since)); err != nil || len(b) > limit || !strings.Contains(string(b), `"tick_p99"`) {
			t.Errorf("since %d: %d bytes, %v", since, len(b), err)
		}
	}
}
