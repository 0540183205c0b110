package stream

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"
)

// TestTheNearestTwentyFindRoom: of the twenty who are nearest to somebody in a crowd less than one in a hundred are not told of in a
// tick, so that the far lane is not what they are seen by: with the budgets that the document names, and with half of the usual one.
func TestTheNearestTwentyFindRoom(t *testing.T) {
	const nearest = 20
	for _, c := range []struct {
		players, budget int
		form            Form
	}{
		{2000, 800, Bits},
		{3000, 800, Bits},
		{2000, 1200, Columns},
		{3000, 1200, Columns},
		{4000, 1200, Columns},
		{3000, 1600, Bits},
		{3000, 1600, Columns},
	} {
		p := newParade(t, c.players, c.budget, 5*time.Millisecond, c.form)
		missed, looks := 0, 0
		for tick := range 60 {
			if p.walk(); tick < 40 || tick%5 != 0 {
				continue // they set out
			}
			for _, told := range p.toldOfNearest(nearest) {
				if looks++; !told {
					missed++
				}
			}
		}
		if part := float64(missed) / float64(looks); looks < nearest*50 || part >= 0.01 {
			t.Errorf("%d players, %d bytes, form %d: of %d looks %.4f found somebody who was not told of", c.players, c.budget, c.form, looks, part)
		}
	}
}

// toldOfNearest returns, for all who look on and so many who are truly nearest to each, whether they are shown where they are.
func (p *parade) toldOfNearest(n int) (all []bool) {
	type other struct {
		distance float64
		told     bool
	}
	for slot, r := range p.replicas {
		self := p.view.sights[slot].player
		here := p.all[self-1].at
		var others []other
		for e := range r.All() {
			if int32(self) == e.ID {
				continue
			}
			at := p.all[e.ID-1].at
			track, _ := r.Track(e)
			others = append(others, other{
				distance: math.Hypot(float64(at.X-here.X), float64(at.Z-here.Z)),
				told:     r.Near(e) || track.Since == r.Time() || r.Place(e) == p.lattice.Place(at.X, at.Y, at.Z, at.V),
			})
		}
		slices.SortFunc(others, func(a, b other) int { return cmp.Compare(a.distance, b.distance) })
		for _, o := range others[:n] {
			all = append(all, o.told)
		}
	}
	return all
}
