package figures

import (
	"context"
	"math"
	"sync"
	"time"

	"aoiworld/player"
	"aoiworld/world"
)

// A sample is taken every sampleTime, and those of the last ten minutes are kept.
const (
	sampleTime = time.Second
	kept       = 600
)

// Sources is where samples come from. The functions may be called by anybody, and must not wait for the tick.
type Sources struct {
	// Sessions returns what sessions have counted.
	Sessions func() *player.Snapshot
	// Worlds returns what each world published last.
	Worlds func() []*world.Snapshot
	// Overloaded reports whether nobody new is let in.
	Overloaded func() bool
}

// Recorder takes samples. Its methods may be called by anybody.
type Recorder struct {
	from  Sources
	ticks ticks

	mu      sync.Mutex
	started time.Time
	last    uint64      // number of the last sample
	ring    [kept]ended // by number
	states  [2]state    // as of the last sample, and of the one before
}

// ended is a sample, and how many sessions ended in its time, by reason.
type ended struct {
	sample
	closes [player.CloseReasons]uint32
}

// New returns a recorder. Run must follow.
func New(from Sources) *Recorder {
	r := &Recorder{from: from, started: time.Now()}
	return r
}

// Observe takes in a tick, for world.LoopConfig.Observe. It waits for nobody, and allocates nothing.
func (r *Recorder) Observe(report world.TickReport) { r.ticks.note(report) }

// Run takes samples until ctx ends.
func (r *Recorder) Run(ctx context.Context) {
	r.begin(time.Now())
	ticker := time.NewTicker(sampleTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.take(time.Now())
		}
	}
}

// begin notes from when on is counted.
func (r *Recorder) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.look(now)
	r.started, r.states = now, [2]state{first, first}
}

// take takes a sample.
func (r *Recorder) take(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, after := r.states[0], r.look(now)
	e := ended{sample: r.sample(before, after)}
	for reason := range e.closes {
		e.closes[reason] = uint32(closes(after.sessions, reason) - closes(before.sessions, reason))
	}
	r.last++
	r.ring[r.last%kept] = e
	r.states = [2]state{after, before}
}

// closes returns how many sessions have ended for a reason.
func closes(of *player.Snapshot, reason int) (n uint64) {
	for _, count := range of.Closed[reason] {
		n += count
	}
	return n
}

// Figures are what charts need.
type Figures struct {
	Started time.Time          `json:"started"`
	Last    uint64             `json:"last"`
	Now     map[string]float64 `json:"now"`
	Totals  totals             `json:"totals"`
	History history            `json:"history"`
}

// totals is what was counted since the start.
type totals struct {
	Updates   uint64            `json:"updates"`
	Frames    uint64            `json:"frames"`
	Messages  uint64            `json:"messages"`
	BytesIn   uint64            `json:"bytes_in"`
	BytesOut  uint64            `json:"bytes_out"`
	Opened    uint64            `json:"opened"`
	Lags      uint64            `json:"lags"`
	LateTicks uint64            `json:"late_ticks"`
	Closes    map[string]uint64 `json:"closes"` // by code
}

// history is samples, column by column, the oldest first.
type history struct {
	Numbers []uint64             `json:"numbers"`
	Columns map[string][]float64 `json:"columns"`
	// Closes is how many sessions ended in each sample, by code; those of which there were none are left out.
	Closes map[string][]uint32 `json:"closes"`
}

// Since returns how things stand now, and the samples after one; all that are kept if that is still to come.
func (r *Recorder) Since(number uint64) Figures {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.states[1]
	if before.sessions == nil { // nothing has begun yet
		before = r.look(r.started)
	}
	now := r.look(time.Now())
	sample := r.sample(before, now)
	f := Figures{
		Started: r.started.UTC(), Last: r.last, Now: make(map[string]float64, columns), Totals: now.totals(),
		History: r.history(number),
	}
	for c := range columns {
		f.Now[c.String()] = round(sample[c])
	}
	return f
}

// totals returns what has been counted.
func (s state) totals() totals {
	n := s.sessions
	t := totals{
		Updates: n.Updates, Frames: n.Frames, Messages: n.Messages, BytesIn: n.BytesReceived, BytesOut: n.BytesSent,
		Lags: n.Lagged, LateTicks: s.ticks.late, Closes: make(map[string]uint64),
	}
	for _, opened := range n.Opened {
		t.Opened += opened
	}
	for reason := player.Open + 1; reason < player.CloseReasons; reason++ {
		if c := closes(n, int(reason)); c > 0 {
			t.Closes[reason.Label()] += c
		}
	}
	return t
}

// history returns the samples after one. The recorder is locked.
func (r *Recorder) history(after uint64) history {
	if after > r.last {
		after = 0
	}
	if r.last > kept {
		after = max(after, r.last-kept)
	}
	n := int(r.last - after)
	h := history{
		Numbers: make([]uint64, n), Columns: make(map[string][]float64, columns), Closes: make(map[string][]uint32),
	}
	for c := range columns {
		h.Columns[c.String()] = make([]float64, n)
	}
	for i := range n {
		h.Numbers[i] = after + uint64(i) + 1
		e := &r.ring[h.Numbers[i]%kept]
		for c := range columns {
			h.Columns[c.String()][i] = round(e.sample[c])
		}
		for reason := player.Open + 1; reason < player.CloseReasons; reason++ {
			h.close(reason.Label(), i, e.closes[reason])
		}
	}
	return h
}

// close adds that so many sessions ended in a sample.
func (h *history) close(code string, i int, n uint32) {
	if n == 0 {
		return
	}
	if h.Closes[code] == nil {
		h.Closes[code] = make([]uint32, len(h.Numbers))
	}
	h.Closes[code][i] += n
}

// round leaves a figure as many places as one can see.
func round(v float64) float64 {
	const places = 1e4
	return math.Round(v*places) / places
}
