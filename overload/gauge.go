// Package overload is WHEN IT IS TOO MUCH: from what ticks take and what memory is in use it decides whether anybody new is let
// in. Those who play already, and those who come back to their player, are never turned away for it.
package overload

import (
	"math"
	"time"
)

// What a gauge needs to change its mind. It takes something to become busy, more of the opposite to be normal again, and time in
// between, so that it does not flap.
const (
	// relief is the part of the limit to which the value has to sink.
	relief = 0.8
	// hold is for how long it is busy at least.
	hold = 10 * time.Second
	// outlier is how many times the limit a value counts for at most, and rise for which part of the smoothing, at most, one does
	// that is above the average: one alone changes nothing, even where all stood still meanwhile.
	outlier = 4
	rise    = 0.1
)

// gauge watches one value: it is busy from when the value has come to its limit until it has sunk well below. It belongs to
// one goroutine, and takes its time from whoever observes.
type gauge struct {
	limit     float64       // 0 is none
	smoothing time.Duration // over which values are averaged; 0 is not at all

	value float64   // on average
	last  time.Time // when it was observed; zero if never
	busy  bool
	since time.Time // when it became busy
}

// observe takes in a value, and reports whether that has changed the gauge's mind. Time never goes backwards.
func (g *gauge) observe(value float64, now time.Time) (changed bool) {
	if g.limit <= 0 {
		g.value = value
		return false
	}
	g.average(min(value, outlier*g.limit), now)
	switch {
	case !g.busy && g.value >= g.limit:
		g.busy, g.since = true, now
		return true
	case g.busy && g.value <= relief*g.limit && now.Sub(g.since) >= hold:
		g.busy = false
		return true
	}
	return false
}

// average moves the value to another one, the more so the longer ago the last one was.
func (g *gauge) average(value float64, now time.Time) {
	weight := 1.0
	if g.smoothing > 0 {
		weight = 0
		if !g.last.IsZero() {
			weight = 1 - math.Exp(-float64(max(0, now.Sub(g.last)))/float64(g.smoothing))
		}
		if value > g.value {
			weight = min(weight, 1-math.Exp(-rise))
		}
	}
	g.value += weight * (value - g.value)
	g.last = now
}
