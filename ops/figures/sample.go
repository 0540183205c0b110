package figures

import (
	"runtime/metrics"
	"time"

	"aoiworld/player"
)

// Column is one thing that samples tell.
type Column uint8

// The columns. Those that are counted are told a second, over the time since the sample before.
const (
	Time       Column = iota // ms since 1970
	Players                  // in all worlds
	Sessions                 // connections
	Detached                 // players without one
	Lagging                  // sessions that cannot take what there is for them
	Updates                  // records about entities in all frames, a second
	Frames                   // a second
	Messages                 // of clients, a second
	BytesIn                  // a second
	BytesOut                 // a second
	Ticks                    // a second
	TickMean                 // what a tick took, ms
	TickP99                  // the same: one in a hundred of the last thousand took longer
	TickMax                  // the same: the longest
	TickBudget               // from one tick to when the next is due, ms
	LateTicks                // that began a period or more after they were due, a second
	TickShare                // part of the time that was spent in ticks
	Memory                   // bytes that the process has of the system
	Goroutines
	CPU        // processors that the process kept busy
	Overloaded // 1 while nobody new is let in
	Columns    // how many there are
)

// names are the columns' for whoever reads them.
var names = [Columns]string{
	"time", "players", "sessions", "detached", "lagging", "updates", "frames", "messages", "bytes_in", "bytes_out", "ticks",
	"tick_mean", "tick_p99", "tick_max", "tick_budget", "late_ticks", "tick_share", "memory", "goroutines", "cpu", "overloaded",
}

// String returns the column's name.
func (c Column) String() string { return names[c] }

// Sample is how a server stood, by columns.
type Sample [Columns]float64

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
func (r *Recorder) sample(from, to state) (s Sample) {
	elapsed := max(to.at.Sub(from.at).Seconds(), 1e-9)
	rate := func(before, after uint64) float64 { return float64(after-before) / elapsed }
	a, b := from.sessions, to.sessions
	s[Time] = float64(to.at.UnixMilli())
	for _, w := range r.from.Worlds() {
		s[Players] += float64(w.Players)
		s[TickBudget] = max(s[TickBudget], millis(time.Duration(float64(time.Second)/w.Rate)))
	}
	s[Sessions], s[Detached], s[Lagging] = float64(b.Live()), float64(b.Detached), float64(b.InState(player.Lagging))
	s[Updates], s[Frames], s[Messages] = rate(a.Updates, b.Updates), rate(a.Frames, b.Frames), rate(a.Messages, b.Messages)
	s[BytesIn], s[BytesOut] = rate(a.BytesReceived, b.BytesReceived), rate(a.BytesSent, b.BytesSent)
	s[Ticks], s[LateTicks] = rate(from.ticks.count, to.ticks.count), rate(from.ticks.late, to.ticks.late)
	spent := to.ticks.took - from.ticks.took
	if n := to.ticks.count - from.ticks.count; n > 0 {
		s[TickMean] = millis(spent) / float64(n)
	}
	s[TickShare] = spent.Seconds() / elapsed
	s[TickP99], s[TickMax] = r.ticks.slowest(from.ticks.count, to.ticks.count)
	s[Memory], s[Goroutines] = resources()
	s[CPU] = (to.cpu - from.cpu).Seconds() / elapsed
	if r.from.Overloaded() {
		s[Overloaded] = 1
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
