package capacity

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"aoiworld/client_sim/study"
)

// server is a model of one: it carries so many players, a little more or less from trial to trial, and now and then something
// else takes its processors. Beyond a load of their own, the bots are late.
type server struct {
	limit, botLimit float64
	noise           *rapid.Generator[float64] // by which factor the limits differ in a trial
	mishap          *rapid.Generator[bool]
	t               *rapid.T

	spoilt int // the last load that a mishap befell
	trials int
}

// trial says how a load goes.
func (s *server) trial(_, players int) (study.Verdict, error) {
	if s.trials++; s.trials > 200 {
		s.t.Fatalf("%d trials", s.trials)
	}
	n := float64(players) * s.noise.Draw(s.t, "noise")
	switch {
	case s.spoilt != players && s.mishap.Draw(s.t, "mishap"): // once while a load is looked at
		s.spoilt = players
		return rapid.SampledFrom([]study.Verdict{study.Breaks, study.Late}).Draw(s.t, "as"), nil
	case n > s.botLimit:
		return study.Late, nil
	case n > s.limit:
		return study.Breaks, nil
	}
	return study.Holds, nil
}

// plans draws ways to search.
func plans(t *rapid.T) Plan {
	return Plan{
		Start: rapid.IntRange(1, 5000).Draw(t, "start"), Max: 50_000, Growth: rapid.Float64Range(1.1, 4).Draw(t, "growth"),
		Precision: rapid.Float64Range(0.005, 0.05).Draw(t, "precision"), Rounds: rapid.IntRange(1, 4).Draw(t, "rounds"),
	}
}

// TestTheKnownLimitIsFound: to within 10 %, or one player, though loads near it go either way and others go wrong by chance; and
// if it is the bots that are late, the answer says so.
func TestTheKnownLimitIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &server{
			limit: rapid.Float64Range(1.1, 20_000).Draw(t, "limit"), botLimit: math.Inf(1), t: t,
			noise: rapid.Float64Range(0.97, 1.03), mishap: rapid.Bool(),
		}
		want, verdict := s.limit, study.Breaks
		if rapid.Bool().Draw(t, "the bots are late first") {
			s.botLimit = s.limit * rapid.Float64Range(0.3, 0.8).Draw(t, "of it")
			want, verdict = max(1.1, s.botLimit), study.Late
			s.botLimit = want
		}
		found, err := findAnswer(plans(t), s.trial)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []int{found.Players, found.Least, found.Most} {
			if off := math.Abs(float64(got) - math.Floor(want)); off > max(1, 0.1*want) {
				t.Fatalf("found %d, want %.1f", got, want)
			}
		}
		if want > 2 && found.Rounds[found.median()-1].Verdict != verdict {
			t.Fatalf("%+v, want %s", found, verdict)
		}
	})
}

func TestWhereThereIsNoLimit(t *testing.T) {
	plan := Plan{Start: 100, Max: 1000, Growth: 2, Precision: 0.05, Rounds: 2}
	for name, c := range map[string]struct {
		verdict      study.Verdict
		holds, fails int
	}{
		"all holds": {study.Holds, 1000, 0}, "nothing does": {study.Breaks, 0, 1}, "the bots are late": {study.Late, 0, 1},
	} {
		found, err := findAnswer(plan, func(_, _ int) (study.Verdict, error) { return c.verdict, nil })
		if r := found.Rounds[found.median()-1]; err != nil || r.Holds != c.holds || r.Fails != c.fails || found.Players != c.holds {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// TestAnErrorEndsTheSearch, and what was found until then is told.
func TestAnErrorEndsTheSearch(t *testing.T) {
	broken := errors.New("broken")
	found, err := findAnswer(Plan{Start: 1, Max: 10, Growth: 2, Precision: 0.05, Rounds: 3}, func(round, n int) (study.Verdict, error) {
		if round == 1 {
			return study.Holds, broken
		}
		return study.Holds, nil
	})
	if !errors.Is(err, broken) || len(found.Rounds) != 1 || found.Players != 10 {
		t.Errorf("%+v, %v", found, err)
	}
	for _, p := range []Plan{{}, {Start: 2, Max: 1, Growth: 2, Precision: 1, Rounds: 1}, {Start: 1, Max: 1, Growth: 1, Precision: 1, Rounds: 1}} {
		if _, err := findAnswer(p, nil); !errors.Is(err, ErrPlan) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestTheMedianAndTheSpread(t *testing.T) {
	got := sum([]Round{{Holds: 30}, {Holds: 10}, {Holds: 20}, {Holds: 40}})
	if got.Players != 20 || got.Least != 10 || got.Most != 40 || got.median() != 3 || sum(nil).median() != 0 {
		t.Errorf("%+v", got)
	}
}
