package world

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// course plays ticks on a pace that are begun as soon as it allows, when eager, or when they are due, and take as long as
// cost says.
type course struct {
	*pace
	now            time.Time
	spent, skipped time.Duration
}

func newCourse(cfg PaceConfig) *course {
	start := time.Unix(0, 0)
	return &course{pace: newPace(cfg, start), now: start}
}

// tick plays one, and returns how long after the one before it began.
func (c *course) tick(eager bool, cost time.Duration) time.Duration {
	at, before := c.due, c.start
	if eager {
		at = c.earliest()
	}
	if at.After(c.now) {
		c.now = at
	}
	late := c.begin(c.now)
	c.skipped += time.Duration(late.skipped) * c.period
	c.now = c.now.Add(cost)
	c.done(c.now)
	c.spent += cost
	return c.start.Sub(before)
}

// drawPace draws when ticks come.
func drawPace(t *rapid.T) PaceConfig {
	rate := rapid.Float64Range(0.5, 120).Draw(t, "tick rate")
	return PaceConfig{
		TickRate: rate, MinTickRate: rate * rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.5, 1, 2}).Draw(t, "least rate, part"),
		MinInterval: time.Duration(rapid.IntRange(1, 50).Draw(t, "least interval, ms")) * time.Millisecond,
	}
}

// TestPaceIsBounded: whatever ticks take, the period stays within its bounds, no tick comes sooner than the least interval
// after another unless it is due, nothing is due in the past of a tick that was late, and an early tick is never due.
func TestPaceIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawPace(t)
		c := newCourse(cfg)
		for i := range 200 {
			due, pause := c.due, time.Duration(rapid.IntRange(0, 100).Draw(t, "wait, ms"))*time.Millisecond
			c.now = c.now.Add(pause * time.Duration(rapid.IntRange(0, 1).Draw(t, "waits")))
			gap := c.tick(true, time.Duration(rapid.IntRange(0, 500_000).Draw(t, "cost, us"))*time.Microsecond)
			if c.period < c.shortest || c.period > c.longest {
				t.Fatalf("a period of %v, bounds %v and %v", c.period, c.shortest, c.longest)
			}
			if i > 0 && gap < cfg.MinInterval && c.start.Before(due) {
				t.Fatalf("an early tick %v after another, at least %v", gap, cfg.MinInterval)
			}
			if behind := c.start.Sub(c.due); behind > maxLateTicks*c.longest {
				t.Fatalf("the next tick is due %v before this one", behind)
			}
			if c.earliest().After(c.due) {
				t.Fatal("a tick that is due may not come")
			}
		}
	})
}

// TestEarlyTicksStayWithinTheirShare: when ticks come as soon as they may, they take earlyShare of the time at most, and
// what ticks that are due take when that is more, whatever one takes.
func TestEarlyTicksStayWithinTheirShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := PaceConfig{TickRate: rapid.Float64Range(2, 60).Draw(t, "tick rate"), MinInterval: 2 * time.Millisecond}
		c := newCourse(cfg)
		most := time.Duration(rapid.Float64Range(0, 0.5).Draw(t, "cost, periods at most") * float64(c.shortest))
		ticks, start := 0, c.now
		for ; c.now.Sub(start) < 20*time.Second; ticks++ {
			c.tick(true, time.Duration(rapid.Float64Range(0.5, 1).Draw(t, "cost")*float64(most)))
		}
		elapsed := c.now.Sub(start)
		due := time.Duration(float64(elapsed) * float64(most) / float64(c.shortest))
		if limit := max(due, part(earlyShare, elapsed+saving)) + most; c.spent > limit {
			t.Fatalf("%d ticks took %v of %v, at most %v", ticks, c.spent, elapsed, limit)
		}
		if heavy := time.Duration(2 * lightShare * float64(c.shortest)); most > heavy && ticks > 10+int(elapsed/c.shortest) {
			t.Fatalf("%d ticks in %v although each takes up to %v", ticks, elapsed, most)
		}
	})
}

// TestEarlyTicksFadeOut: the longer a tick takes, the rarer they are, down to what is due.
func TestEarlyTicksFadeOut(t *testing.T) {
	last := math.MaxInt
	for _, c := range []struct {
		cost        time.Duration
		least, most int // ticks in 10 s at 20 Hz
	}{
		{0, 3300, 3335},
		{500 * time.Microsecond, 3300, 3335},
		{time.Millisecond, 2200, 3335},
		{2 * time.Millisecond, 900, 1100},
		{3 * time.Millisecond, 300, 400},
		{4 * time.Millisecond, 200, 240},
		{40 * time.Millisecond, 200, 240},
	} {
		run, ticks := newCourse(PaceConfig{TickRate: 20, MinInterval: 3 * time.Millisecond}), 0
		for start := run.now; run.now.Sub(start) < 10*time.Second; ticks++ {
			run.tick(true, c.cost)
		}
		if ticks < c.least || ticks > c.most || ticks > last {
			t.Errorf("ticks of %v: %d in 10 s, want %d to %d and at most %d", c.cost, ticks, c.least, c.most, last)
		}
		last = ticks
	}
}

// TestOneSlowTickChangesLittle: early ticks go on, and nothing sinks.
func TestOneSlowTickChangesLittle(t *testing.T) {
	c := newCourse(PaceConfig{TickRate: 20, MinTickRate: 5, MinInterval: 3 * time.Millisecond})
	for range 500 {
		c.tick(true, 200*time.Microsecond)
	}
	c.tick(true, 20*time.Millisecond)
	if gap := c.tick(true, 0); gap > 21*time.Millisecond || c.sunk() {
		t.Errorf("after a tick of 20 ms the next comes %v after it, period %v", gap, c.period)
	}
	c.tick(false, time.Minute)
	if c.sunk() {
		t.Errorf("one tick of a minute made the period %v", c.period)
	}
}

// TestHeavyLoadIsForgotten: a second after it, ticks are as early as ever.
func TestHeavyLoadIsForgotten(t *testing.T) {
	c := newCourse(PaceConfig{TickRate: 20, MinInterval: 3 * time.Millisecond})
	for range 1000 {
		c.tick(true, 40*time.Millisecond)
	}
	for end := c.now.Add(time.Second); c.now.Before(end); {
		c.tick(true, 500*time.Microsecond)
	}
	if gap := c.tick(true, 0); gap != c.minInterval {
		t.Errorf("%v from tick to tick", gap)
	}
}

// TestRateSinksAndRises: under ticks that take equally long the period goes to what they need without turning back, and,
// when they are quick again, back to what is configured; longer ticks never give a shorter period.
func TestRateSinksAndRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawPace(t)
		a, b := newCourse(cfg), newCourse(cfg)
		costs := rapid.SliceOfN(rapid.Float64Range(0, 12), 2, 2).Draw(t, "costs, periods")
		cost := func(periods float64) time.Duration { return time.Duration(periods * float64(a.shortest)) }
		low, high := cost(min(costs[0], costs[1])), cost(max(costs[0], costs[1]))
		for range 120 {
			before := a.period
			a.tick(false, low)
			b.tick(false, high)
			if a.period < before || a.period > b.period {
				t.Fatalf("ticks of %v: from %v to %v; of %v: %v", low, before, a.period, high, b.period)
			}
		}
		want := min(a.longest, max(a.shortest, time.Duration(float64(low)/dueShare)))
		if off := (a.period - want).Abs(); off > want/100 {
			t.Fatalf("ticks of %v: a period of %v, want %v", low, a.period, want)
		}
		for range 120 {
			before := a.period
			a.tick(false, 0)
			if a.period > before {
				t.Fatalf("with nothing to do the period goes from %v to %v", before, a.period)
			}
		}
		if a.sunk() {
			t.Fatalf("the period is %v for ever", a.period)
		}
	})
}

// TestWaitingForTheProcessorCounts: ticks that begin late again and again come less often.
func TestWaitingForTheProcessorCounts(t *testing.T) {
	c := newCourse(PaceConfig{TickRate: 20, MinTickRate: 5})
	for range 50 {
		c.now = c.due.Add(60 * time.Millisecond)
		c.tick(false, time.Millisecond)
	}
	if want := time.Duration(float64(61*time.Millisecond) / dueShare); (c.period - want).Abs() > time.Millisecond {
		t.Errorf("ticks that begin 60 ms late are due every %v, want %v", c.period, want)
	}
}

// TestSunkRateMissesNothing: where the bounds allow it, ticks that take too long are none too late in the end.
func TestSunkRateMissesNothing(t *testing.T) {
	c := newCourse(PaceConfig{TickRate: 20, MinTickRate: 5})
	for range 100 {
		c.tick(false, 100*time.Millisecond)
	}
	skipped := c.skipped
	for range 1000 {
		c.tick(false, 100*time.Millisecond)
		if late := c.start.Sub(c.due.Add(-c.period)); late > time.Millisecond {
			t.Fatalf("a tick is %v late with a period of %v", late, c.period)
		}
	}
	if c.skipped != skipped {
		t.Errorf("%v were skipped", c.skipped-skipped)
	}
}
