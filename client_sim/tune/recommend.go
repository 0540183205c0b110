package tune

import (
	"fmt"
	"math"

	"aoiworld/client_sim/study"
)

// Aims by name: what is to be as little as can be.
const (
	Cores = "cores" // that the server takes
	Bytes = "bytes" // that a player receives
	P99   = "p99"   // of the latency
)

// aims are what the aims say of a load, and in which words; 0 was not measured, and unknown says so.
var aims = map[string]struct {
	of              func(*study.Load) float64
	format, unknown string
}{
	Cores: {(*study.Load).ServerCores, "the server took %.3g cores", "what the server took is not known: its metrics do not say"},
	Bytes: {
		func(l *study.Load) float64 { return l.BytesPerPlayer }, "a player received %.3g bytes a second",
		"nobody was told of anybody",
	},
	P99: {func(l *study.Load) float64 { return l.P99Millis }, "the p99 was %.3g ms", "no latency was measured"},
}

// Wish is what is looked for.
type Wish struct {
	// Minimise is Cores, Bytes or P99.
	Minimise string `json:"minimise"`
	// Sight is how far a player must see at least, in world units: settings with smaller cells are none.
	Sight float64 `json:"sight"`
	// Tolerance is how much more than the least may be taken for whoever sees farther then, as a part of it, ≥ 0.
	Tolerance float64 `json:"tolerance"`
}

// check returns what is impossible about a wish. The error wraps ErrPlan.
func (w Wish) check() error {
	if _, is := aims[w.Minimise]; !is {
		return fmt.Errorf("%w: %q is none of cores, bytes and p99", ErrPlan, w.Minimise)
	}
	if !(w.Sight >= 0) || !(w.Tolerance >= 0) {
		return fmt.Errorf("%w: sight %v, tolerance %v", ErrPlan, w.Sight, w.Tolerance)
	}
	return nil
}

// cost is what a load costs: without end if it does not come into question.
func (w Wish) cost(l *study.Load) float64 {
	if w.refuses(l) != "" {
		return math.Inf(1)
	}
	return aims[w.Minimise].of(l)
}

// sees reports whether players see far enough who see so far.
func (w Wish) sees(sight float64) bool {
	const rounding = 1e-9
	return sight >= w.Sight*(1-rounding)
}

// refuses says why a load does not come into question, or nothing.
func (w Wish) refuses(l *study.Load) string {
	switch {
	case l.Verdict != study.Holds:
		return l.Why()
	case !w.sees(l.Sight()):
		return fmt.Sprintf("players see %.3g units, and are to see %.3g", l.Sight(), w.Sight)
	case !(aims[w.Minimise].of(l) > 0):
		return aims[w.Minimise].unknown
	}
	return ""
}

// recommend returns which load is recommended, -1 for none, and why. Of those that cost no more than the tolerance beyond the
// least, it is the one whose players see farthest, and of those that see as far the one with most ticks, and then the cheapest.
func (w Wish) recommend(loads []study.Load) (best int, reason string) {
	best, least := -1, -1
	for i := range loads {
		if c := w.cost(&loads[i]); !math.IsInf(c, 1) && (least < 0 || c < w.cost(&loads[least])) {
			least = i
		}
	}
	if least < 0 {
		return -1, fmt.Sprintf("no setting comes into question; the first, %s: %s", name(&loads[0]), w.refuses(&loads[0]))
	}
	for i := range loads {
		if w.cost(&loads[i]) <= (1+w.Tolerance)*w.cost(&loads[least]) && (best < 0 || w.better(&loads[i], &loads[best])) {
			best = i
		}
	}
	return best, w.reason(loads, best, least)
}

// better reports whether a load shows more than another, or as much for less.
func (w Wish) better(a, b *study.Load) bool {
	switch {
	case a.Sight() != b.Sight():
		return a.Sight() > b.Sight()
	case a.TickRateHz != b.TickRateHz:
		return a.TickRateHz > b.TickRateHz
	}
	return w.cost(a) < w.cost(b)
}

// reason says why a load is recommended.
func (w Wish) reason(loads []study.Load, best, least int) string {
	aim := aims[w.Minimise]
	l, cheapest := &loads[best], &loads[least]
	text := fmt.Sprintf("with %s "+aim.format, name(l), aim.of(l))
	if best == least {
		text += ", the least of all that come into question"
	} else {
		text += fmt.Sprintf(", within %.0f %% of the least (%.3g with %s)", 100*w.Tolerance, aim.of(cheapest), name(cheapest))
	}
	return text + fmt.Sprintf("; players see at least %.3g units, and %.1f others", l.Sight(), l.Audience) + w.early(loads)
}

// manyEarly is from how many times the ticks that are due on what a server takes is more what it may than what it must.
const manyEarly = 1.5

// early says whether ticks came early where that matters: a server ticks early while it has time for it.
func (w Wish) early(loads []study.Load) string {
	for i := range loads {
		if l := &loads[i]; w.Minimise == Cores && l.Server != nil && l.Server.TicksPerSecond > manyEarly*l.TickRateHz {
			return fmt.Sprintf("; but with %s %.0f ticks a second came, most of them early: "+
				"compare the cores under more players, or with world.early_tick=false", name(l), l.Server.TicksPerSecond)
		}
	}
	return ""
}

// name is a setting in words.
func name(l *study.Load) string {
	return fmt.Sprintf("%d × %d cells at %g Hz", l.Columns, l.Rows, l.TickRateHz)
}
