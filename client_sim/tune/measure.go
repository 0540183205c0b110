package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/study"
)

// Grid is into how many cells a world is cut.
type Grid struct {
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
}

// Plan says what is tried.
type Plan struct {
	// Grids are tried one after another. Where there are none, columns from Least to Most are looked through by a golden-section
	// search, with rows in proportion; where those are 0, the grid stays as it is.
	Grids []Grid `json:"grids,omitempty"`
	Least int    `json:"least,omitempty"`
	Most  int    `json:"most,omitempty"`
	// TickRates are tried with each of them, in Hz; none is as it is.
	TickRates []float64 `json:"tickRates,omitempty"`
	Wish
}

// Check returns what is impossible about a plan. The error wraps ErrPlan.
func (p Plan) Check() error {
	if p.Least < 0 || p.Most < p.Least || p.Least == 0 && p.Most > 0 {
		return fmt.Errorf("%w: from %d to %d columns", ErrPlan, p.Least, p.Most)
	}
	if len(p.Grids) > 0 && p.Most > 0 {
		return fmt.Errorf("%w: both grids and a search for one", ErrPlan)
	}
	for _, g := range p.Grids {
		if g.Columns < 1 || g.Rows < 1 {
			return fmt.Errorf("%w: %d × %d cells", ErrPlan, g.Columns, g.Rows)
		}
	}
	for _, rate := range p.TickRates {
		if !(rate > 0) || math.IsInf(rate, 1) {
			return fmt.Errorf("%w: %v ticks a second", ErrPlan, rate)
		}
	}
	return p.check()
}

// Report is what a study found.
type Report struct {
	study.Header
	Plan Plan `json:"plan"`
	// Loads are the load under each setting, in turn; Recommended is one of them, or -1; Reason says why.
	Loads       []study.Load `json:"loads"`
	Recommended int          `json:"recommended"`
	Reason      string       `json:"reason"`
	// Unfinished is why not everything was tried, or empty.
	Unfinished string `json:"unfinished,omitempty"`
	// NotRestored is why the server has not got its settings back, or empty.
	NotRestored string `json:"notRestored,omitempty"`
}

// Operator changes settings of a running server.
type Operator interface {
	Settings(context.Context) (operator.Settings, error)
	Change(context.Context, operator.Settings) (operator.Settings, error)
}

// Play plays a run, as bot.Run does.
type Play func(context.Context, bot.Config) (bot.Report, error)

// keys are what a study changes, and gives back.
var keys = []string{operator.Columns, operator.Rows, operator.TickRate}

// tuning is a study that is being made.
type tuning struct {
	plan   Plan
	run    bot.Config
	play   Play
	server Operator
	tell   func(*study.Load)
	report *Report
}

// Measure tries everything of a plan with a run's load, each as soon as the server has changed, and gives the server its settings
// back, however it ends. The error is of what could not be begun; what fails later is told in the report.
func Measure(ctx context.Context, plan Plan, run bot.Config, play Play, server Operator, tell func(*study.Load),
) (*Report, error) {
	if err := plan.Check(); err != nil {
		return nil, err
	}
	if plan.Minimise == Cores && run.Probe == nil {
		return nil, fmt.Errorf("%w: to know what the server takes, its metrics must be read", ErrPlan)
	}
	found, err := server.Settings(ctx)
	if err != nil {
		return nil, err
	}
	t := &tuning{plan, run, play, server, tell, &Report{Plan: plan}}
	if err := t.adopt(found); err != nil {
		return nil, err
	}
	err = t.all(ctx)
	if restored := t.restore(ctx, found); restored != nil {
		t.report.NotRestored = restored.Error()
	}
	if err != nil && len(t.report.Loads) == 0 {
		return nil, errors.Join(err, t.notRestored())
	}
	if err != nil {
		t.report.Unfinished = err.Error()
	}
	t.report.ServerSettings = found
	t.report.Recommended, t.report.Reason = plan.recommend(t.report.Loads)
	return t.report, nil
}

// notRestored is an error that tells so, or nil.
func (t *tuning) notRestored() error {
	if t.report.NotRestored == "" {
		return nil
	}
	return errors.New(t.report.NotRestored)
}

// adopt takes over from the server what the bots have to suppose.
func (t *tuning) adopt(found operator.Settings) error {
	columns, isColumns := found.Number(operator.Columns)
	rows, isRows := found.Number(operator.Rows)
	rate, isRate := found.Number(operator.TickRate)
	if !isColumns || !isRows || !isRate {
		return fmt.Errorf("%w: the server does not say into what cells its world is cut, or how often it ticks: %v",
			ErrPlan, found)
	}
	t.run.World.Columns, t.run.World.Rows, t.run.TickRate = int(columns), int(rows), rate
	if radius, is := found.Number(operator.ViewRadius); is {
		t.run.World.Radius = int(radius)
	}
	return nil
}

// all tries everything.
func (t *tuning) all(ctx context.Context) error {
	present := Grid{t.run.World.Columns, t.run.World.Rows}
	rates := t.plan.TickRates
	if len(rates) == 0 {
		rates = []float64{t.run.TickRate}
	}
	for _, rate := range rates {
		grids := t.plan.Grids
		switch {
		case len(grids) > 0:
		case t.plan.Most > 0:
			if err := t.search(ctx, present, rate); err != nil {
				return err
			}
		default:
			grids = []Grid{present}
		}
		for _, g := range grids {
			if _, err := t.try(ctx, g, rate); err != nil {
				return err
			}
		}
	}
	return nil
}

// search looks for the best grid of those with cells in the present proportion in which players see far enough. The load is put
// on no others: they may be what is cheapest, and lead astray.
func (t *tuning) search(ctx context.Context, present Grid, rate float64) error {
	grid := func(columns int) Grid {
		rows := float64(columns) * float64(present.Rows) / float64(present.Columns)
		return Grid{columns, max(1, int(math.Round(rows)))}
	}
	most := t.plan.Most
	for !t.plan.sees(t.sight(grid(most))) {
		if most--; most < t.plan.Least {
			return fmt.Errorf("%w: with %d columns and more players see less than %g units", ErrPlan, t.plan.Least, t.plan.Sight)
		}
	}
	_, err := golden(t.plan.Least, most, func(columns int) (float64, error) {
		load, err := t.try(ctx, grid(columns), rate)
		if err != nil {
			return 0, err
		}
		return t.plan.cost(load), nil
	})
	return err
}

// sight is how far players see at least in a grid, in world units.
func (t *tuning) sight(g Grid) float64 {
	w := t.run.World
	w.Columns, w.Rows = g.Columns, g.Rows
	var l study.Load
	l.Cut(w)
	return l.Sight()
}

// try puts the load on the server in a setting.
func (t *tuning) try(ctx context.Context, g Grid, rate float64) (*study.Load, error) {
	to := operator.Settings{operator.Columns: g.Columns, operator.Rows: g.Rows, operator.TickRate: rate}
	if _, err := t.server.Change(ctx, to); err != nil {
		return nil, fmt.Errorf("%d × %d cells at %g Hz: %w", g.Columns, g.Rows, rate, err)
	}
	if len(t.report.Loads) > 0 {
		study.Rest(ctx, t.run.Probe)
	}
	run := t.run
	run.World.Columns, run.World.Rows, run.TickRate = g.Columns, g.Rows, rate
	report, err := t.play(ctx, run)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("broken off: %w", ctx.Err())
	case err != nil:
		return nil, err
	}
	if len(t.report.Loads) == 0 {
		t.report.Header = study.NewHeader(&report)
	}
	load := study.NewLoad(&report)
	t.report.Loads = append(t.report.Loads, load)
	t.tell(&load)
	return &load, nil
}

// patience is how long giving the settings back may take.
const patience = 10 * time.Second

// restore gives the server its settings back, even when the study was broken off.
func (t *tuning) restore(ctx context.Context, found operator.Settings) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	was := found.Only(keys...)
	if _, err := t.server.Change(ctx, was); err != nil {
		return fmt.Errorf("the server has not got its settings back (%v): %w", was, err)
	}
	return nil
}
