// Package capacity finds how many players a server carries: it puts load after load on it until one does not hold, and comes
// nearer to the largest that does from both sides.
package capacity

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"aoiworld/client_sim/study"
)

// ErrPlan is wrapped by every error that says why a Plan describes no search.
var ErrPlan = errors.New("impossible search")

// Plan says how to search.
type Plan struct {
	// Start is the first load, in players, ≥ 1; Max is the largest that is tried, ≥ Start.
	Start int `json:"start"`
	Max   int `json:"max"`
	// Growth is the factor from load to load until one breaks, > 1.
	Growth float64 `json:"growth"`
	// Precision is how near the largest load that holds and the least that does not come, as a part of the former, > 0.
	Precision float64 `json:"precision"`
	// Rounds is how often the search is made, ≥ 1: what the answers differ by is the spread.
	Rounds int `json:"rounds"`
}

// Check returns what is impossible about a plan. The error wraps ErrPlan.
func (p Plan) Check() error {
	if p.Start < 1 || p.Max < p.Start || !(p.Growth > 1) || !(p.Precision > 0) || p.Rounds < 1 {
		return fmt.Errorf("%w: from %d to %d players, growing by %v, to %v, %d times",
			ErrPlan, p.Start, p.Max, p.Growth, p.Precision, p.Rounds)
	}
	return nil
}

// Round is what one search found.
type Round struct {
	// Holds is the largest load that held, 0 if none did. Fails is the least that did not, 0 if all that were tried held.
	Holds int `json:"holds"`
	Fails int `json:"fails"`
	// Verdict is of Fails: Breaks, or Late when the bots were.
	Verdict study.Verdict `json:"verdict"`
}

// answer is what all searches found.
type answer struct {
	// Players is the median of what held, Least and Most are the spread.
	Players int `json:"players"`
	Least   int `json:"least"`
	Most    int `json:"most"`

	Rounds []Round `json:"rounds"`
}

// After the first round it is known about where to search.
const (
	nearStart  = 0.85 // of the answer of the round before
	nearGrowth = 1.2
)

// findAnswer searches in rounds, from 0, by a trial that puts a load on the server and says whether that held. An error of a
// trial ends it, with the answer of the rounds that were finished; an error wraps ErrPlan when the plan is impossible.
func findAnswer(p Plan, trial func(round, players int) (study.Verdict, error)) (answer, error) {
	if err := p.Check(); err != nil {
		return answer{}, err
	}
	var rounds []Round
	for i := range p.Rounds {
		s := search{trial: func(players int) (study.Verdict, error) { return trial(i, players) }, plan: p}
		if i > 0 {
			s.plan.Start = min(p.Max, max(1, int(nearStart*float64(rounds[i-1].Holds))))
			s.plan.Growth = min(p.Growth, nearGrowth)
		}
		if err := s.run(); err != nil {
			return sum(rounds), err
		}
		rounds = append(rounds, s.found)
	}
	return sum(rounds), nil
}

// sum is the answer of some rounds. Of an even number the lesser of the two in the middle counts.
func sum(rounds []Round) answer {
	if len(rounds) == 0 {
		return answer{}
	}
	held := make([]int, len(rounds))
	for i, r := range rounds {
		held[i] = r.Holds
	}
	slices.Sort(held)
	return answer{Players: held[(len(held)-1)/2], Least: held[0], Most: held[len(held)-1], Rounds: rounds}
}

// median returns the number of the round that counts, from 1, as in Step: the first whose answer is the median; 0 where no round
// was finished.
func (a answer) median() int {
	return 1 + slices.IndexFunc(a.Rounds, func(r Round) bool { return r.Holds == a.Players })
}

// search is one round.
type search struct {
	plan  Plan
	trial func(players int) (study.Verdict, error)
	found Round
}

// run searches: up until a load fails, down until one holds if the very first failed, and then between the two.
func (s *search) run() error {
	for n := s.plan.Start; s.found.Fails == 0 && s.found.Holds < s.plan.Max; n = min(s.plan.Max, larger(n, s.plan.Growth)) {
		if err := s.try(n); err != nil {
			return err
		}
	}
	for n := s.plan.Start; s.found.Holds == 0 && n > 1; {
		n = smaller(n, s.plan.Growth)
		if err := s.try(n); err != nil {
			return err
		}
	}
	for s.found.Fails > 0 && s.found.Holds > 0 && !s.near() {
		if err := s.try(between(s.found.Holds, s.found.Fails)); err != nil {
			return err
		}
	}
	return nil
}

// near reports whether the answer is as precise as it is to be.
func (s *search) near() bool {
	return float64(s.found.Fails-s.found.Holds) <= max(1, s.plan.Precision*float64(s.found.Holds))
}

// try finds out whether a load holds, and narrows what is known.
func (s *search) try(players int) error {
	verdict, err := s.decide(players)
	switch {
	case err != nil:
		return err
	case verdict == study.Holds:
		s.found.Holds = players
	default:
		s.found.Fails, s.found.Verdict = players, verdict
	}
	return nil
}

// decide says whether a load holds. One that does not gets a second chance, for another program may have taken the processors;
// where the two differ in why, a third.
func (s *search) decide(players int) (study.Verdict, error) {
	said := map[study.Verdict]int{}
	for {
		verdict, err := s.trial(players)
		if err != nil || verdict == study.Holds {
			return verdict, err
		}
		if said[verdict]++; said[verdict] == 2 {
			return verdict, nil
		}
	}
}

// larger and smaller return a load that is larger, or smaller, by a factor, and by one player at least; between returns one in
// the middle between two that differ by two at least, as far from either by its factor.
func larger(n int, factor float64) int { return max(n+1, int(math.Round(float64(n)*factor))) }

func smaller(n int, factor float64) int { return max(1, min(n-1, int(math.Round(float64(n)/factor)))) }

func between(low, high int) int {
	middle := int(math.Round(math.Sqrt(float64(low) * float64(high))))
	return max(low+1, min(middle, high-1))
}
