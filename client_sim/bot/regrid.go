package bot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// regrids has the world cut into other cells while the bots move, and back in the end. It belongs to whoever runs the rounds,
// who waits for it before every look.
type regrids struct {
	fleet  *fleet
	random *rand.Rand
	done   int
	failed []string // what went wrong
}

// newRegrids returns what cuts a fleet's world.
func newRegrids(f *fleet) *regrids {
	return &regrids{fleet: f, random: rand.New(rand.NewPCG(f.cfg.Seed, 1<<63))}
}

// play cuts the world as often as a round asks for, evenly over it.
func (r *regrids) play(ctx context.Context, length time.Duration) {
	n := r.fleet.cfg.Regrids
	for range n {
		if pause(ctx, length/time.Duration(n+1)) != nil {
			return
		}
		r.cut(ctx, r.another())
	}
}

// another returns the world in other cells: half to twice as many columns as were configured, and rows.
func (r *regrids) another() World {
	w, now := r.fleet.cfg.World, r.fleet.atlas.now()
	near := func(n int) int { least := max(1, n/2); return least + r.random.IntN(2*n-least+1) }
	next := now
	for next.Columns == now.Columns && next.Rows == now.Rows {
		next.Columns, next.Rows = near(w.Columns), near(w.Rows)
	}
	return next
}

// cut has the world cut into the cells of another one.
func (r *regrids) cut(ctx context.Context, to World) {
	r.fleet.atlas.expect(to)
	if err := r.fleet.cfg.Regrid(ctx, to.Columns, to.Rows); err != nil {
		if ctx.Err() == nil {
			r.failed = append(r.failed, fmt.Sprintf("the world was not cut into %d × %d cells: %v", to.Columns, to.Rows, err))
		}
		return
	}
	r.fleet.atlas.become(to)
	r.done++
}

// restorePatience is how long it may take to have the world cut as it was found.
const restorePatience = 10 * time.Second

// restore has the world cut as it was found, even when the run was broken off.
func (r *regrids) restore(ctx context.Context) {
	if r.fleet.cfg.Regrids == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restorePatience)
	defer cancel()
	done := r.done
	r.cut(ctx, r.fleet.cfg.World)
	r.done = done
}
