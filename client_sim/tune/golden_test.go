package tune

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// TestTheBestGridIsFound: of costs that fall to one lowest place and rise again, as cells become smaller, the search finds one
// within 10 % of the best of all numbers.
func TestTheBestGridIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(1, 10).Draw(t, "least")
		most := least * rapid.IntRange(2, 32).Draw(t, "times")
		bytes, crossings := rapid.Float64Range(0, 100).Draw(t, "bytes"), rapid.Float64Range(0, 0.05).Draw(t, "crossings")
		cost := func(n int) (float64, error) { return 1 + bytes/float64(n*n) + crossings*float64(n), nil }
		calls := 0
		got, err := golden(least, most, func(n int) (float64, error) { calls++; return cost(n) })
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for n := least; n <= most; n++ {
			c, _ := cost(n)
			best = min(best, c)
		}
		if c, _ := cost(got); c > 1.1*best || calls > 14 {
			t.Fatalf("%d costs %v, the best %v; %d calls", got, c, best, calls)
		}
	})
	broken := errors.New("broken")
	if _, err := golden(1, 9, func(int) (float64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := golden(3, 2, nil); !errors.Is(err, ErrPlan) {
		t.Error(err)
	}
}

// TestTheRecommendation is within the tolerance of the cheapest, and shows farthest of those.
func TestTheRecommendation(t *testing.T) {
	load := func(cell, cores float64, v study.Verdict) study.Load {
		return study.Load{
			CellWidth: cell, CellDepth: cell, ViewRadius: 1, TickRateHz: 20, Verdict: v, Server: &bot.ServerUse{Cores: cores},
		}
	}
	loads := []study.Load{
		load(60, 0.9, study.Breaks), load(32, 0.5, study.Holds), load(16, 0.31, study.Holds), load(8, 0.3, study.Holds),
		load(4, 0.4, study.Holds), load(4, 0.1, study.Late),
	}
	for name, c := range map[string]struct {
		wish Wish
		want int
	}{
		"sees farther for a little": {Wish{Minimise: Cores, Tolerance: 0.1}, 2},
		"the least alone":           {Wish{Minimise: Cores}, 3},
		"must see far":              {Wish{Minimise: Cores, Sight: 20, Tolerance: 0.1}, 1},
		"farther than any that held": {
			Wish{Minimise: Cores, Sight: 50, Tolerance: 0.1}, -1,
		},
	} {
		if got, why := c.wish.recommend(loads); got != c.want || why == "" || strings.Contains(why, "early") {
			t.Errorf("%s: %d, %s", name, got, why)
		}
	}
	blind, idle := loads[3], loads[3]
	blind.Server, idle.Server = nil, &bot.ServerUse{}
	for name, unmeasured := range map[string]study.Load{"metrics that could not be read": blind, "metrics without CPU time": idle} {
		got, why := Wish{Minimise: Cores}.recommend([]study.Load{loads[1], unmeasured})
		if got != 0 {
			t.Errorf("%s: %d, %s", name, got, why)
		}
		if got, why = (Wish{Minimise: Cores}).recommend([]study.Load{unmeasured}); got != -1 || !strings.Contains(why, "not known") {
			t.Errorf("%s alone: %d, %s", name, got, why)
		}
	}
	for _, minimise := range []string{Bytes, P99} { // of which nothing was measured
		if got, why := (Wish{Minimise: minimise}).recommend(loads); got != -1 || why == "" {
			t.Errorf("%s: %d, %s", minimise, got, why)
		}
	}
	loads[2].Server.TicksPerSecond, loads[3].BytesPerPlayer = 200, 1000
	for minimise, told := range map[string]bool{Cores: true, Bytes: false} {
		if _, why := (Wish{Minimise: minimise}).recommend(loads); strings.Contains(why, "200 ticks a second came, most of them early") != told {
			t.Errorf("%s: %s", minimise, why)
		}
	}
}
