package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/study"
	"aoiworld/client_sim/tune"
)

// tuneCommand returns `client_sim tune`.
func tuneCommand() *cobra.Command {
	cfg := bot.Defaults()
	cfg.Motion, cfg.Bots = bot.Patrol, 1000
	plan := tune.Plan{Wish: tune.Wish{Minimise: tune.Cores, Tolerance: 0.1}}
	var options runOptions
	command := &cobra.Command{
		Use:   "tune",
		Short: "Put one load on a running server in one grid after another, and recommend one",
		Long: "Has the operator of a running server cut its world into one grid after another, or tick at one rate\n" +
			"after another, puts the same load on each, with the flags of run, and recommends one. In the end the\n" +
			"server is as it was.",
		Example: "  client_sim tune --admin-token-file token --grids 5x10,10x20,20x40 --html tune.html\n" +
			"  client_sim tune --admin-token-file token --search 5-80 --sight 10 --max-p99 100ms\n" +
			"  client_sim tune --admin-token-file token --tick-rates 10,20,30",
		Args: exactly(0),
	}
	flags := command.Flags()
	addRunFlags(flags, &cfg)
	goalFlags(flags, &cfg.Goals)
	outputFlags(flags, &options)
	flags.Var((*grids)(&plan.Grids), "grids", "columns and rows to try, as in 10x20,20x40")
	flags.Var(&columnRange{&plan}, "search",
		"search from so many columns to so many, as in 5-80, with rows in the present proportion")
	flags.Float64SliceVar(&plan.TickRates, "tick-rates", nil, "tick rates to try with each, in Hz")
	flags.StringVar(&plan.Minimise, "minimise", plan.Minimise,
		"what is to be little: cores (the server's), bytes (a player's) or p99")
	flags.Float64Var(&plan.Sight, "sight", plan.Sight, "how far players must see at least, in world units")
	flags.Float64Var(&plan.Tolerance, "tolerance", plan.Tolerance,
		"how much more it may be for players to see farther, as a part of the least")
	for _, told := range []string{"columns", "rows", "view-radius", "tick-rate"} {
		_ = flags.MarkHidden(told) // the server says
	}
	command.RunE = func(c *cobra.Command, _ []string) error {
		if err := setFromEnvironment(flags); err != nil {
			return err
		}
		return measureTuning(c, plan, chooseTransport(cfg, flags), options)
	}
	return command
}

// measureTuning tries everything of a plan, and reports on it.
func measureTuning(c *cobra.Command, plan tune.Plan, cfg bot.Config, options runOptions) error {
	if err := plan.Check(); err != nil {
		return err
	}
	admin, err := options.admin.operator(cfg.Server)
	if err != nil {
		return err
	}
	if err := options.prepare(c.Context(), &cfg); err != nil {
		return err
	}
	if len(plan.Grids) == 0 && plan.Most == 0 && len(plan.TickRates) == 0 {
		if plan, err = searchAround(c, plan, admin); err != nil {
			return err
		}
	}
	report, err := tune.Measure(c.Context(), plan, cfg, options.play(c), admin, func(l *study.Load) {
		if !options.quiet {
			fmt.Fprintln(c.ErrOrStderr(), plan.Line(l))
		}
	})
	switch {
	case errors.Is(err, tune.ErrPlan):
		return err
	case err != nil:
		return runError{err}
	}
	return finish(c.OutOrStdout(), report, report.Good(), options)
}

// around is how many times fewer, and more, columns than there are now are searched.
const around = 4

// searchAround has a plan search around the present grid.
func searchAround(c *cobra.Command, plan tune.Plan, admin *operator.Operator) (tune.Plan, error) {
	found, err := admin.Settings(c.Context())
	if err != nil {
		return plan, runError{err}
	}
	columns, _ := found.Number(operator.Columns)
	plan.Least, plan.Most = max(1, int(columns)/around), int(columns)*around
	return plan, nil
}

// grids is a flag of columns and rows.
type grids []tune.Grid

// String implements pflag.Value.
func (g *grids) String() string {
	parts := make([]string, len(*g))
	for i, one := range *g {
		parts[i] = fmt.Sprintf("%dx%d", one.Columns, one.Rows)
	}
	return strings.Join(parts, ",")
}

// Type implements pflag.Value.
func (g *grids) Type() string { return "columns×rows" }

// Set implements pflag.Value.
func (g *grids) Set(text string) error {
	*g = nil
	for part := range strings.SplitSeq(text, ",") {
		columns, rows, is := pair(strings.TrimSpace(part), "x")
		if !is {
			return fmt.Errorf("want columns and rows, as in 10x20,20x40, got %q", part)
		}
		*g = append(*g, tune.Grid{Columns: columns, Rows: rows})
	}
	return nil
}

// columnRange is a flag of the least and the most columns of a plan.
type columnRange struct{ plan *tune.Plan }

// String implements pflag.Value.
func (r *columnRange) String() string {
	if r.plan == nil || r.plan.Most == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%d", r.plan.Least, r.plan.Most)
}

// Type implements pflag.Value.
func (r *columnRange) Type() string { return "least-most" }

// Set implements pflag.Value.
func (r *columnRange) Set(text string) error {
	least, most, is := pair(text, "-")
	if !is {
		return fmt.Errorf("want the least and the most columns, as in 5-80, got %q", text)
	}
	r.plan.Least, r.plan.Most = least, most
	return nil
}

// pair reads two numbers with something between them.
func pair(text, between string) (a, b int, is bool) {
	first, second, found := strings.Cut(text, between)
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	return a, b, found && errA == nil && errB == nil && a > 0 && b > 0
}
