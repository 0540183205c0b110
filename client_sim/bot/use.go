package bot

import (
	"context"
	"time"
)

// ServerUse is what a server did and took while the bots moved, from what it says of itself before and after. Rates are a second.
type ServerUse struct {
	Seconds         float64 `json:"seconds"` // between the two answers
	Cores           float64 `json:"cores"`
	MachineCores    float64 `json:"machineCores"` // that the server may use; 0 where it does not say
	RSSBytes        float64 `json:"rssBytes"`     // in the end
	FramesPerSecond float64 `json:"framesPerSecond"`
	MovesPerSecond  float64 `json:"movesPerSecond"` // that it applied
	BytesPerSecond  float64 `json:"bytesPerSecond"` // that it sent
	TicksPerSecond  float64 `json:"ticksPerSecond"` // of all its worlds together
	// TickPart is the part of the time that its ticks took.
	TickPart float64 `json:"tickPart"`
	// LongestTickMillis is what no tick took longer than: the next bound of the server's histogram.
	LongestTickMillis float64 `json:"longestTickMillis"`
	LateTicks         float64 `json:"lateTicks"`    // that began a period late or more, in all
	SkippedTicks      float64 `json:"skippedTicks"` // that were given up, in all
	Lags              float64 `json:"lags"`         // how often a client began to fall behind, in all
}

// Bucket is a bucket of a histogram: how many values so far were no larger than a bound.
type Bucket struct{ Bound, Count float64 }

// answer is what a server said of itself at some time.
type answer struct {
	at       time.Time
	counters ServerCounters
}

// ask asks the server how it does. It returns nil where it does not say so in time.
func (f *fleet) ask(patience time.Duration) *answer {
	if f.cfg.Probe == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	counters, err := f.cfg.Probe(ctx)
	if err != nil {
		return nil
	}
	return &answer{time.Now(), counters}
}

// since returns what a server did between two answers, or nil where one is missing or another server gave it.
func (a *answer) since(before *answer) *ServerUse {
	if a == nil || before == nil || a.counters.restarted(&before.counters) {
		return nil
	}
	seconds, now, then := a.at.Sub(before.at).Seconds(), &a.counters, &before.counters
	return &ServerUse{
		Seconds:           seconds,
		Cores:             ratio(now.CPUSeconds-then.CPUSeconds, seconds),
		MachineCores:      now.Cores,
		RSSBytes:          now.RSSBytes,
		FramesPerSecond:   ratio(now.Frames-then.Frames, seconds),
		MovesPerSecond:    ratio(now.Moves-then.Moves, seconds),
		BytesPerSecond:    ratio(now.SentBytes-then.SentBytes, seconds),
		TicksPerSecond:    ratio(now.Ticks-then.Ticks, seconds),
		TickPart:          ratio(now.TickSeconds-then.TickSeconds, seconds),
		LongestTickMillis: 1000 * min(now.longest(then), now.TickSeconds-then.TickSeconds),
		LateTicks:         now.LateTicks - then.LateTicks,
		SkippedTicks:      now.SkippedTicks - then.SkippedTicks,
		Lags:              now.Lags - then.Lags,
	}
}

// longest returns the bound that no tick since before took longer than, in seconds; without such a bound, the time that all
// took together, which none took longer than either.
func (c *ServerCounters) longest(before *ServerCounters) float64 {
	all := c.TickSeconds - before.TickSeconds
	if len(c.TickBuckets) == 0 || len(c.TickBuckets) != len(before.TickBuckets) {
		return all
	}
	count := func(i int) float64 { return c.TickBuckets[i].Count - before.TickBuckets[i].Count }
	last := len(c.TickBuckets) - 1
	for i := range last {
		if count(i) == count(last) {
			return c.TickBuckets[i].Bound
		}
	}
	return all
}

// restarted reports whether counters have fallen: another server has taken the place of the first.
func (c *ServerCounters) restarted(before *ServerCounters) bool {
	return c.CPUSeconds < before.CPUSeconds || c.Ticks < before.Ticks || c.LateTicks < before.LateTicks
}
