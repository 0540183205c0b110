package overload

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestGaugeNeverFlaps: whatever the values and whenever they come, it is busy only from its limit on, normal only once the value has
// sunk well below, and busy for a while at least: so there are no more than two changes in each such while.
func TestGaugeNeverFlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := gauge{
			limit:     rapid.Float64Range(0.1, 10).Draw(t, "limit"),
			smoothing: time.Duration(rapid.IntRange(0, 10_000).Draw(t, "smoothing")) * time.Millisecond,
		}
		now := time.Now()
		var changes []time.Time
		for range rapid.IntRange(1, 300).Draw(t, "values") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			value := rapid.OneOf(
				rapid.Float64Range(0, 20), rapid.Just(0.0), rapid.Just(g.limit), rapid.Just(relief*g.limit), rapid.Just(math.Inf(1)),
			).Draw(t, "value")
			before := g
			changed := g.observe(value, now)
			switch {
			case changed != (g.busy != before.busy):
				t.Fatalf("says that it has changed: %v, from %v to %v", changed, before.busy, g.busy)
			case !changed:
			case g.busy && g.value < g.limit, !g.busy && g.value > relief*g.limit:
				t.Fatalf("busy %v at %v of %v", g.busy, g.value, g.limit)
			case !g.busy && now.Sub(changes[len(changes)-1]) < hold:
				t.Fatalf("busy for %v only", now.Sub(changes[len(changes)-1]))
			}
			if changed {
				changes = append(changes, now)
			}
			if n := len(changes); n > 2 && changes[n-1].Sub(changes[n-3]) < hold {
				t.Fatalf("three changes within %v", changes[n-1].Sub(changes[n-3]))
			}
			if !(g.value >= 0 && g.value <= outlier*g.limit*(1+1e-9)) {
				t.Fatalf("value %v", g.value)
			}
			if !g.busy && g.value >= g.limit || g.busy && g.value <= relief*g.limit && now.Sub(g.since) >= hold {
				t.Fatalf("busy %v at %v of %v since %v", g.busy, g.value, g.limit, now.Sub(g.since))
			}
		}
	})
}

// TestGaugeBetween: a value that stays between relief and limit changes nothing, whatever it does there.
func TestGaugeBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, busy := range []bool{false, true} {
			g, now := gauge{limit: 1, busy: busy, value: 0.9, last: time.Now()}, time.Now()
			for range 100 {
				now = now.Add(time.Second)
				if g.observe(rapid.Float64Range(0.801, 0.999).Draw(t, "value"), now) {
					t.Fatalf("from %v to %v at %v", busy, g.busy, g.value)
				}
			}
		}
	})
}

// TestGaugeInTime: how long it takes to become busy, and normal again; one value alone does nothing; without a limit it never is.
func TestGaugeInTime(t *testing.T) {
	const every = 50 * time.Millisecond
	// after returns when a gauge changes its mind under a value, or the time given.
	after := func(g *gauge, value float64, from time.Time, most time.Duration) time.Duration {
		for d := every; d <= most; d += every {
			if g.observe(value, from.Add(d)) {
				return d
			}
		}
		return most
	}
	start := time.Now()
	g := &gauge{limit: 1, smoothing: tickSmoothing}
	g.observe(0.1, start)
	if d := after(g, 100, start, every); d != every || g.busy {
		t.Error("one tick alone makes it busy")
	}
	g = &gauge{limit: 1, smoothing: tickSmoothing}
	g.observe(0.7, start)
	if g.observe(100, start.Add(time.Minute)) {
		t.Error("one tick for which everything stood still makes it busy")
	}
	g = &gauge{limit: 1, smoothing: tickSmoothing}
	g.observe(0.1, start)
	took := after(g, 2, start, time.Minute)
	if took < 3*time.Second || took > 4*time.Second || !g.busy {
		t.Errorf("busy after %v", took)
	}
	start = start.Add(took)
	if took = after(g, 0.1, start, time.Minute); took != hold || g.busy {
		t.Errorf("normal again after %v", took)
	}
	start = start.Add(took)
	start = start.Add(after(g, 2, start, time.Minute))
	if took = after(g, 0.7, start, time.Minute); took < hold || took > 15*time.Second || g.busy {
		t.Errorf("normal again after %v", took)
	}
	if never := (&gauge{}); never.observe(1e9, start) || never.busy || never.value != 1e9 {
		t.Error("without a limit it is busy")
	}
}
