package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	dial := link.New
	if cfg.Stalls > 0 {
		dial = link.Portable // a bot that does not read holds up nobody else
	}
	machine, d := thisMachine(), dialers{}
	for _, dialect := range cfg.dialects() {
		links := cfg.links(dialect)
		links.Cores = machine.Cores
		var err error
		if d[dialect], err = dial(links); err != nil {
			d.close()
			return Report{}, err
		}
	}
	f := newFleet(cfg, d)
	f.machine = machine
	return play(ctx, f)
}

// dialers make the connections of the bots by their dialect.
type dialers map[string]link.Dialer

// close ends all that the dialers run.
func (d dialers) close() {
	for _, dialer := range d {
		if dialer != nil {
			dialer.Close()
		}
	}
}

// dialects are those that the bots speak.
func (c *Config) dialects() []string {
	if c.Dialect == Both {
		return []string{Native, Classic}
	}
	return []string{c.Dialect}
}

// play plays a fleet's run, and ends the fleet.
func play(ctx context.Context, f *fleet) (Report, error) {
	cfg := &f.cfg
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
	if f.alive() == 0 {
		closes, _ := f.ends()
		var why []string
		for _, cause := range slices.Sorted(maps.Keys(closes)) {
			why = append(why, fmt.Sprintf("%d × %s", closes[cause], cause))
		}
		return Report{}, fmt.Errorf("%w at %s: %s", ErrNobody, cfg.Server, strings.Join(why, "; "))
	}
	r := newRounds(f)
	if cfg.Ramp > 0 {
		r.ramp(ctx)
	}
	r.gather(ctx)
	said := f.ask(runPatience)
	m := f.begin()
	stopLooking := f.look(ctx)
	r.run(ctx)
	stopLooking()
	m.usage = usage() - m.usage
	m.wall = f.clock() - m.wall
	m.stolen = stolen(proc) - m.stolen
	m.server = f.ask(runPatience).since(said)
	if !cfg.Verify { // then the last checkpoint has done so
		r.checkpoint(ctx)
	}
	r.regrids.restore(ctx)
	f.closeAccounts()
	stopWatching()
	return f.report(r, m), nil
}
