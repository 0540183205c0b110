package model

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// plain is a wish with nothing special about it.
func plain() Wish {
	return Wish{
		Players: 300, MovesPerSecond: 10, TicksPerSecond: 20, Columns: 12, Rows: 8, ViewRadius: 1, Width: 325, Depth: 300,
	}
}

// TestCountsAreThoseOfACrowd that is really spread, and moves by chance: counted cell by cell.
func TestCountsAreThoseOfACrowd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := plain()
		w.Columns, w.Rows = rapid.IntRange(1, 12).Draw(t, "columns"), rapid.IntRange(1, 12).Draw(t, "rows")
		w.ViewRadius = rapid.IntRange(0, 2).Draw(t, "radius")
		w.TicksPerSecond = rapid.Float64Range(5, 60).Draw(t, "ticks")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		const ticks = 60
		audience, frames, chunks := 0, 0, 0
		for range ticks {
			a, f, c := tickOf(&w, random)
			audience, frames, chunks = audience+a, frames+f, chunks+c
		}
		c := w.counts()
		near := func(name string, got, counted float64) {
			if math.Abs(got-counted) > 0.1*counted+0.3 {
				t.Errorf("%s: %v, counted %v", name, got, counted)
			}
		}
		near("audience", c.Audience, float64(audience)/ticks/float64(w.Players))
		near("frames a tick and player", c.FramesPerSecond/w.TicksPerSecond/float64(w.Players),
			float64(frames)/ticks/float64(w.Players))
		near("chunks a tick and player", w.sent(&c)[1]/w.TicksPerSecond/float64(w.Players),
			float64(chunks)/ticks/float64(w.Players))
	})
}

// tickOf spreads a wish's players anew, lets each move by chance, and counts what they see of that in all.
func tickOf(w *Wish, random *rand.Rand) (audience, frames, chunks int) {
	type cell struct{ column, row int }
	there, moved := map[cell]int{}, map[cell]int{}
	homes := make([]cell, w.Players)
	for i := range homes {
		homes[i] = cell{random.IntN(w.Columns), random.IntN(w.Rows)}
		there[homes[i]]++
		if random.Float64() < w.MovesPerSecond/w.TicksPerSecond {
			moved[homes[i]]++
		}
	}
	for _, home := range homes {
		told := 0
		for column := home.column - w.ViewRadius; column <= home.column+w.ViewRadius; column++ {
			for row := home.row - w.ViewRadius; row <= home.row+w.ViewRadius; row++ {
				audience += there[cell{column, row}]
				told += min(1, moved[cell{column, row}])
			}
		}
		audience--
		chunks += told
		frames += min(1, told)
	}
	return audience, frames, chunks
}

func TestVisible(t *testing.T) {
	for _, c := range []struct {
		n, radius int
		want      float64
	}{{1, 1, 1}, {2, 1, 2}, {3, 1, 7.0 / 3}, {10, 0, 1}, {10, 1, 2.8}, {5, 9, 5}} {
		if got := visible(c.n, c.radius); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("of %d within %d: %v, want %v", c.n, c.radius, got, c.want)
		}
	}
}

func TestWhatAPlayerSendsWithinATick(t *testing.T) {
	w := plain()
	w.MovesPerSecond = 50 // of which 20 are applied, and all get a frame each tick
	c := w.counts()
	if c.MovesPerSecond != 300*20 || c.FramesPerSecond != 300*20 {
		t.Errorf("%+v", c)
	}
	w.Others = 7
	if c := w.counts(); c.Audience != 7 {
		t.Errorf("an audience of %v was asked for: %v", w.Others, c.Audience)
	}
}

func TestImpossibleWishes(t *testing.T) {
	for name, change := range map[string]func(*Wish){
		"nobody":         func(w *Wish) { w.Players = 0 },
		"no columns":     func(w *Wish) { w.Columns = 0 },
		"no rows":        func(w *Wish) { w.Rows = -1 },
		"no sight":       func(w *Wish) { w.ViewRadius = -1 },
		"no width":       func(w *Wish) { w.Width = 0 },
		"endless":        func(w *Wish) { w.Depth = math.Inf(1) },
		"nothing moves":  func(w *Wish) { w.MovesPerSecond = 0 },
		"no ticks":       func(w *Wish) { w.TicksPerSecond = math.NaN() },
		"others not all": func(w *Wish) { w.Others = 300 },
	} {
		w := plain()
		if change(&w); !errors.Is(w.Check(), ErrWish) {
			t.Errorf("%s: %v", name, w.Check())
		}
	}
	if w := plain(); w.Check() != nil {
		t.Error(w.Check())
	}
}
