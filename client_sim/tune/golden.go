// Package tune puts one load on a server in one setting after another, and recommends one of them.
package tune

import (
	"errors"
	"fmt"
	"math"
)

// ErrPlan is wrapped by every error that says why a Plan describes no study.
var ErrPlan = errors.New("impossible study")

const (
	// kept is the part of an interval that is kept in each step: of the two places that are looked at in it, one is in that
	// part, where it divides it just so.
	kept = 0.6180339887498949
	// nearEnough is the factor between the ends of an interval in which no more is looked for: cells differ little then.
	nearEnough = 1.25
)

// golden looks for the number from least to most for which cost is least, with few calls, where cost falls to one lowest place
// and rises from there on. It looks evenly by factors: 5 to 10 is as far as 10 to 20. Where two places cost the same it goes on
// towards the larger number. cost is asked once for each number, and every one that was asked for may be the answer.
func golden(least, most int, cost func(int) (float64, error)) (best int, err error) {
	if least < 1 || most < least {
		return 0, fmt.Errorf("%w: from %d to %d", ErrPlan, least, most)
	}
	g := goldenSearch{known: map[int]float64{}, cost: cost}
	low, high := math.Log(float64(least)), math.Log(float64(most))
	g.at(low)
	g.at(high)
	for g.err == nil && high-low > math.Log(nearEnough) {
		left, right := high-kept*(high-low), low+kept*(high-low)
		if g.at(left) >= g.at(right) {
			low = left
		} else {
			high = right
		}
	}
	return g.best, g.err
}

// goldenSearch is what a search knows.
type goldenSearch struct {
	cost  func(int) (float64, error)
	known map[int]float64
	best  int
	err   error
}

// at returns the cost of the number next to a place.
func (g *goldenSearch) at(place float64) float64 {
	n := int(math.Round(math.Exp(place)))
	if cost, is := g.known[n]; is || g.err != nil {
		return cost
	}
	cost, err := g.cost(n)
	if err != nil {
		g.err = err
		return 0
	}
	if g.known[n] = cost; g.best == 0 || cost < g.known[g.best] {
		g.best = n
	}
	return cost
}
