package figures

import (
	"runtime/metrics"
	"time"

	"aoiworld/player"
)

// column is one thing that samples tell.
type column uint8

// The columns. Those that are counted are told a second, over the time since the sample before.
const (
	columnTime       column = iota // ms since 1970
	columnPlayers                  // in all worlds
	columnSessions                 // connections
	columnDetached                 // players without one
	columnLagging                  // sessions that cannot take what there is for them
	columnUpdates                  // records about entities in all frames, a second
	columnFrames                   // a second
	columnMessages                 // of clients, a second
	columnBytesIn                  // a second
	columnBytesOut                 // a second
	columnTicks                    // a second
	columnTickMean                 // what a tick took, ms
	columnTickP99                  // the same: one in a hundred of the last thousand took longer
	columnTickMax                  // the same: the longest
	columnTickBudget               // from one tick to when the next is due, ms
	columnLateTicks                // that began a period or more after they were due, a second
	columnTickShare                // part of the time that was spent in ticks
	columnMemory                   // bytes that the process has of the system
	columnGoroutines
	columnCPU        // processors that the process kept busy
	columnOverloaded // 1 while nobody new is let in
	columns          // how many there are
)

// names are the columns' for whoever reads them.
var names = [columns]string{
	"time", "players", "sessions", "detached", "lagging", "updates", "frames", "messages", "bytes_in", "bytes_out", "ticks",
	"tick_mean", "tick_p99", "tick_max", "tick_budget", "late_ticks", "tick_share", "memory", "goroutines", "cpu", "overloaded",
}

// String returns the column's name.
func (c column) String() string { return names[c] }

// sample is how a server stood, by columns.
type sample [columns]float64

// state is what samples are made of: everything that is counted, at one time.
type state struct {
	at       time.Time
	sessions *player.Snapshot
	ticks    tally
	cpu      time.Duration
}

// look returns how the server stands now.
func (r *Recorder) look(now time.Time) state {
	return state{at: now, sessions: r.from.Sessions(), ticks: r.ticks.tally(), cpu: processorTime()}
}

// sample returns what has happened from one state to another, and how things stand as of that.
func (r *Recorder) sample(from, to state) (s sample) {
	elapsed := max(to.at.Sub(from.at).Seconds(), 1e-9)
	rate := func(before, after uint64) float64 { return float64(after-before) / elapsed }
	a, b := from.sessions, to.sessions
	s[columnTime] = float64(to.at.UnixMilli())
	for _, w := range r.from.Worlds() {
		s[columnPlayers] += float64(w.Players)
		s[columnTickBudget] = max(s[columnTickBudget], millis(time.Duration(float64(time.Second)/w.Rate)))
	}
	s[columnSessions], s[columnDetached] = float64(b.Live()), float64(b.Detached)
	s[columnLagging] = float64(b.InState(player.Lagging))
	s[columnUpdates], s[columnFrames] = rate(a.Updates, b.Updates), rate(a.Frames, b.Frames)
	s[columnMessages] = rate(a.Messages, b.Messages)
	s[columnBytesIn], s[columnBytesOut] = rate(a.BytesReceived, b.BytesReceived), rate(a.BytesSent, b.BytesSent)
	s[columnTicks], s[columnLateTicks] = rate(from.ticks.count, to.ticks.count), rate(from.ticks.late, to.ticks.late)
	spent := to.ticks.took - from.ticks.took
	if n := to.ticks.count - from.ticks.count; n > 0 {
		s[columnTickMean] = millis(spent) / float64(n)
	}
	s[columnTickShare] = spent.Seconds() / elapsed
	s[columnTickP99], s[columnTickMax] = r.ticks.slowest(from.ticks.count, to.ticks.count)
	s[columnMemory], s[columnGoroutines] = resources()
	s[columnCPU] = (to.cpu - from.cpu).Seconds() / elapsed
	if r.from.Overloaded() {
		s[columnOverloaded] = 1
	}
	return s
}

// millis is a time in milliseconds.
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// resources returns how many bytes the process has of the system, and how many goroutines.
func resources() (memory, goroutines float64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	value := func(i int) float64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return float64(samples[i].Value.Uint64())
	}
	return value(0) - value(1), value(2)
}
