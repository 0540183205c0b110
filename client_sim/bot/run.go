package bot

import (
	"context"
	"errors"
	"fmt"

	"aoiworld/client_sim/link"
)

// ErrNobody: not one bot could join.
var ErrNobody = errors.New("no bot could join")

// Run plays a run and reports on it. The error wraps ErrConfig or ErrNobody, or is the context's when that ends before
// the bots have joined; a context that ends later ends the run early, with a report of what there was. What went wrong
// in the run itself is in the report: see Report.Good.
func Run(ctx context.Context, cfg Config) (Report, error) {
	if err := cfg.Check(); err != nil {
		return Report{}, err
	}
	d, err := link.New(cfg.links())
	if err != nil {
		return Report{}, err
	}
	return play(ctx, cfg, d)
}

// play plays a run over a dialer's connections.
func play(ctx context.Context, cfg Config, d link.Dialer) (Report, error) {
	f := newFleet(cfg, d)
	defer f.close()
	f.enter("connecting")
	stopWatching := f.watch(cfg.OnStatus)
	defer stopWatching()
	first := cfg.phases()[0].Bots
	if cfg.Ramp > 0 {
		first = 1
	}
	if err := f.join(ctx, first, 0); err != nil {
		return Report{}, fmt.Errorf("joining: %w", err)
	}
	if len(f.live()) == 0 {
		closes, _ := f.ends()
		return Report{}, fmt.Errorf("%w: %v", ErrNobody, closes)
	}
	r := newRounds(f)
	if cfg.Ramp > 0 {
		r.ramp(ctx)
	}
	r.gather(ctx)
	m := f.begin()
	r.run(ctx)
	m.usage = usage() - m.usage
	m.wall = f.clock() - m.wall
	if !cfg.Verify { // then the last checkpoint has done so
		r.checkpoint(ctx)
	}
	f.closeAccounts()
	stopWatching()
	return f.report(r, m), nil
}
