package bot

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Goals is what a run must reach. The zero value asks for no violation, and no more.
type Goals struct {
	// MaxP99 is the largest latency that 99 of 100 moves may have; 0 is any.
	MaxP99 time.Duration
	// MinDelivered is the least part of the moves that must arrive within two ticks, 0 to 1.
	MinDelivered float64
	// MaxViolations is how many violations are forgiven.
	MaxViolations int64
}

// failures says what of a run was not as it should be. It is empty, never nil, where all was well.
func (g Goals) failures(r *Report) []string {
	failures := []string{}
	fail := func(broken bool, format string, values ...any) {
		if broken {
			failures = append(failures, fmt.Sprintf(format, values...))
		}
	}
	fail(r.MovesPerSecond == 0, "nobody moved")
	fail(r.Failed > 0, "%d bots could not join", r.Failed)
	for _, cause := range slices.Sorted(maps.Keys(r.Closes)) {
		fail(true, "%d connections ended: %s", r.Closes[cause], cause)
	}
	fail(r.Violations > g.MaxViolations, "%d violations, at most %d", r.Violations, g.MaxViolations)
	maxP99 := float64(g.MaxP99) / float64(time.Millisecond)
	fail(g.MaxP99 > 0 && !(r.LatencyMillis.P99 <= maxP99), "p99 of %.1f ms, at most %.1f", r.LatencyMillis.P99, maxP99)
	fail(g.MaxP99 > 0 && r.LatencyMillis.Count == 0, "no latency was measured")
	fail(g.MinDelivered > 0 && r.Expected == 0, "no move was expected of anybody: nobody was seen, or crowds alone")
	fail(g.MinDelivered > 0 && r.Expected > 0 && !(r.DeliveredPart >= g.MinDelivered), "%.4f delivered, at least %.4f",
		r.DeliveredPart, g.MinDelivered)
	return failures
}
