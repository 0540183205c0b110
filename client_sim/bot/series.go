package bot

import (
	"context"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Sample is one second of a run in which the bots moved all the time.
type Sample struct {
	// Seconds is when it ended, since the load began.
	Seconds          float64 `json:"seconds"`
	Bots             int     `json:"bots"`
	MovesPerSecond   float64 `json:"movesPerSecond"`
	UpdatesPerSecond float64 `json:"updatesPerSecond"`
	BytesPerSecond   float64 `json:"bytesPerSecond"` // received
	// P50Millis and P99Millis are latencies of that second alone.
	P50Millis float64 `json:"p50Millis"`
	P99Millis float64 `json:"p99Millis"`
	// LateSends are moves that the bots sent late in that second.
	LateSends int64   `json:"lateSends"`
	Cores     float64 `json:"cores"` // of this process
	// Staleness is how old what bots were shown was, nil where nobody was looked at.
	Staleness *StalenessSample `json:"staleness,omitempty"`
	// Server is how the server did, nil where that is not known.
	Server *ServerSample `json:"server,omitempty"`
}

// ServerSample is one second of a server.
type ServerSample struct {
	Cores     float64 `json:"cores"`
	RSSBytes  float64 `json:"rssBytes"`
	Players   float64 `json:"players"`
	Ticks     float64 `json:"ticks"` // of all its worlds together
	LateTicks float64 `json:"lateTicks"`
}

// ServerCounters is what a server says of itself; but for RSSBytes, Players, Overloaded and Cores they only rise.
type ServerCounters struct {
	CPUSeconds, Ticks, LateTicks, SkippedTicks float64
	RSSBytes, Players                          float64
	// Overloaded is in how many ways there is too much to do to let anybody new in.
	Overloaded float64
	// Cores is how many the server may use at once.
	Cores float64
	// TickSeconds is the time that all ticks took together; TickBuckets are how many took no longer than each bound, in seconds,
	// the last of them without one.
	TickSeconds float64
	TickBuckets []Bucket
	// Frames, SentBytes, Moves and Lags are frames and bytes that were sent, moves that were applied, and how often a client
	// began to fall behind.
	Frames, SentBytes, Moves, Lags float64
}

// Probe asks a server how it does. It is called once a second, and must not take much longer.
type Probe func(context.Context) (ServerCounters, error)

// How long a server may take to answer: each second, and before and after a run, without which nothing is known of it.
const (
	probePatience = 500 * time.Millisecond
	runPatience   = 5 * time.Second
)

// totals are the counters from which a sample's rates are worked out.
type totals struct {
	at             time.Duration
	moves, updates int64
	bytes, late    int64
	usage          time.Duration
	server         *ServerCounters
}

// count returns how the counters stand.
func (f *fleet) count() totals {
	sum, moves := f.totals()
	now := totals{at: f.clock(), moves: moves, updates: sum.updates, bytes: sum.bytes, late: f.sends.late.Load(), usage: usage()}
	if said := f.ask(probePatience); said != nil { // else that second goes without
		now.server = &said.counters
	}
	return now
}

// since returns the sample between two counts, of bots whose latencies were recent.
func (t totals) since(before totals, began time.Duration, bots int, recent *hdrhistogram.Histogram) Sample {
	seconds := (t.at - before.at).Seconds()
	return Sample{
		Seconds:          (t.at - began).Seconds(),
		Bots:             bots,
		MovesPerSecond:   ratio(float64(t.moves-before.moves), seconds),
		UpdatesPerSecond: ratio(float64(t.updates-before.updates), seconds),
		BytesPerSecond:   ratio(float64(t.bytes-before.bytes), seconds),
		P50Millis:        float64(recent.ValueAtPercentile(50)) / 1000,
		P99Millis:        float64(recent.ValueAtPercentile(99)) / 1000,
		LateSends:        t.late - before.late,
		Cores:            ratio((t.usage - before.usage).Seconds(), seconds),
		Server:           t.server.since(before.server, seconds),
	}
}

// since returns a server's sample between two of its answers, or nil: where one is missing, and where the counters have
// fallen, for then another server has taken the place of the first.
func (c *ServerCounters) since(before *ServerCounters, seconds float64) *ServerSample {
	if c == nil || before == nil || c.restarted(before) {
		return nil
	}
	return &ServerSample{
		Cores:     ratio(c.CPUSeconds-before.CPUSeconds, seconds),
		RSSBytes:  c.RSSBytes,
		Players:   c.Players,
		Ticks:     c.Ticks - before.Ticks,
		LateTicks: c.LateTicks - before.LateTicks,
	}
}

// serverUse is what a server took in a run: cores on average, memory at most; 0 where nothing is known of it. Samples are of
// whole seconds of moving alone: where they are of less than half of the time, what it said before and after the run tells more.
func serverUse(series []Sample, whole *ServerUse, moving time.Duration) (cores, rssBytes, lateTicks float64) {
	n := 0.0
	for _, s := range series {
		if s.Server != nil {
			n++
			cores += s.Server.Cores
			lateTicks += s.Server.LateTicks
			rssBytes = max(rssBytes, s.Server.RSSBytes)
		}
	}
	if whole != nil && n < moving.Seconds()/2 {
		return whole.Cores, max(rssBytes, whole.RSSBytes), whole.LateTicks
	}
	return ratio(cores, n), rssBytes, lateTicks
}
