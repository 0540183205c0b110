package crowd

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"aoiworld/aoi"
)

// plantOf is a controller and what it decides, beat for beat.
type plantOf struct {
	*Controller
	t       *rapid.T
	grid    *aoi.Grid
	now     time.Duration
	crowded map[aoi.Cell]bool
	turned  map[aoi.Cell]time.Duration
	turns   int
}

// newPlant returns a controller of so many cells along each side. Everybody is everywhere.
func newPlant(t *rapid.T, side, budget int) *plantOf {
	grid, err := aoi.NewGrid(aoi.Config{Bounds: aoi.Bounds{MaxX: 1, MaxZ: 1}, Columns: side, Rows: side, Radius: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := &plantOf{t: t, grid: grid, crowded: map[aoi.Cell]bool{}, turned: map[aoi.Cell]time.Duration{}}
	p.Controller = NewController(grid, budget, func(aoi.Cell) bool { return true })
	return p
}

// beat decides once, a while after the time before.
func (p *plantOf) beat(after time.Duration, demand map[aoi.Cell]int) {
	p.now += after
	for c := range aoi.Cell(p.grid.Cells()) {
		if d := demand[c]; d > 0 {
			p.Demand(c, d)
		}
	}
	before := aoi.None
	p.Decide(p.now, func(c aoi.Cell, crowded bool) {
		last, again := p.turned[c]
		if c <= before || crowded == p.crowded[c] || again && p.now-last < Dwell {
			p.t.Fatalf("%v: cell %d is crowded: %v, %v after it turned last", p.now, c, crowded, p.now-last)
		}
		before, p.crowded[c], p.turned[c] = c, crowded, p.now
		p.turns++
	})
	for c := range aoi.Cell(p.grid.Cells()) {
		if p.Crowded(c) != p.crowded[c] {
			p.t.Fatalf("cell %d is crowded: %v", c, p.Crowded(c))
		}
	}
}

// drawDemand draws what happens in some cells.
func drawDemand(t *rapid.T, cells, most int) map[aoi.Cell]int {
	return rapid.MapOfN(rapid.Custom(func(t *rapid.T) aoi.Cell {
		return aoi.Cell(rapid.IntRange(0, cells-1).Draw(t, "cell"))
	}), rapid.IntRange(0, most), 0, 9).Draw(t, "demand")
}

// TestControllerNeverFlaps: whatever happens, no cell turns twice within a second (beat sees to that), and what is small enough
// for every view is never crowded.
func TestControllerNeverFlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlant(t, rapid.IntRange(1, 5).Draw(t, "side"), 900)
		for range 80 {
			demand := drawDemand(t, p.grid.Cells(), rapid.SampledFrom([]int{90, 3000, 100_000}).Draw(t, "most"))
			small := aoi.Cell(rapid.IntRange(0, p.grid.Cells()-1).Draw(t, "small"))
			if len(p.turned) == 0 {
				demand[small] = min(demand[small], 90)
			}
			p.beat(time.Duration(rapid.IntRange(20, 300).Draw(t, "after"))*time.Millisecond, demand)
		}
	})
}

// TestSmallCellsAreNeverShrunk: a cell whose part of a budget would do if all were alike is not crowded, whatever the others do.
func TestSmallCellsAreNeverShrunk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlant(t, 5, 900)
		small := aoi.Cell(rapid.IntRange(0, 24).Draw(t, "small"))
		for range 40 {
			demand := drawDemand(t, 25, 100_000)
			demand[small] = rapid.IntRange(0, 100).Draw(t, "its demand")
			p.beat(50*time.Millisecond, demand)
			if p.crowded[small] {
				t.Fatal("the small cell is crowded")
			}
		}
	})
}

// TestControllerSettles: a demand that stays about as it is turns each cell at most once; then what is not crowded fits into the
// budget, in every view; and two seconds after it has gone nothing is crowded.
func TestControllerSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlant(t, rapid.IntRange(1, 5).Draw(t, "side"), 900)
		steady := drawDemand(t, p.grid.Cells(), rapid.SampledFrom([]int{200, 3000, 1_000_000}).Draw(t, "most"))
		unsteady := rapid.IntRange(0, 10).Draw(t, "percent")
		for range 100 {
			demand := map[aoi.Cell]int{}
			for c := range aoi.Cell(p.grid.Cells()) {
				if d := steady[c]; d > 0 {
					demand[c] = d * (100 + rapid.IntRange(-unsteady, unsteady).Draw(t, "noise")) / 100
				}
			}
			p.beat(50*time.Millisecond, demand)
		}
		if p.turns > len(p.turned) {
			t.Fatalf("%d cells turned %d times", len(p.turned), p.turns)
		}
		for from := range aoi.Cell(p.grid.Cells()) {
			sum := 0
			for _, c := range p.grid.Neighbourhood(from) {
				if !p.crowded[c] {
					sum += steady[c]
				}
			}
			if sum > 900*115/100 {
				t.Fatalf("from cell %d %d bytes are seen, of which nothing is crowded", from, sum)
			}
		}
		for range 40 {
			p.beat(50*time.Millisecond, nil)
		}
		for c, crowded := range p.crowded {
			if crowded {
				t.Fatalf("cell %d is crowded two seconds after", c)
			}
		}
		for range 60 {
			p.beat(50*time.Millisecond, nil)
		}
		if len(p.hot) > 0 {
			t.Fatalf("%d cells are remembered", len(p.hot))
		}
	})
}

// TestCrowdEndsFarBelowWhereItBegan: a demand that sinks a little below the budget ends no crowd.
func TestCrowdEndsFarBelowWhereItBegan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlant(t, 1, 900)
		for _, phase := range []struct {
			demand  int
			crowded bool
		}{{1000, true}, {rapid.IntRange(660, 890).Draw(t, "less"), true}, {600, false}, {890, false}, {950, true}} {
			for range 80 {
				p.beat(50*time.Millisecond, map[aoi.Cell]int{0: phase.demand})
			}
			if p.crowded[0] != phase.crowded {
				t.Fatalf("crowded at %d: %v", phase.demand, p.crowded[0])
			}
		}
	})
}

// TestNobodySeesTwoCrowdsApart: cells that nobody sees together do not make each other crowded.
func TestNobodySeesTwoCrowdsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlant(t, 5, 900)
		p.occupied = func(c aoi.Cell) bool { return c == 10 || c == 12 } // two columns apart
		for range 40 {
			p.beat(50*time.Millisecond, map[aoi.Cell]int{10: 800, 12: 800})
		}
		if p.turns > 0 {
			t.Fatal("crowded")
		}
		p.occupied = func(c aoi.Cell) bool { return c >= 10 && c <= 12 }
		p.beat(50*time.Millisecond, map[aoi.Cell]int{10: 800, 12: 800})
		if !p.crowded[10] || !p.crowded[12] || p.Together(10) != 2 {
			t.Fatalf("crowded %v, %d together", p.crowded, p.Together(10))
		}
	})
}
