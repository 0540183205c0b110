package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/capacity"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/page"
)

// capacityCommand returns `client_sim capacity`.
func capacityCommand() *cobra.Command {
	cfg := bot.Defaults()
	cfg.Motion, cfg.Goals = bot.Patrol, bot.Goals{MaxP99: 100 * time.Millisecond, MinDelivered: 0.99}
	plan := capacity.Plan{Start: 200, Max: 20_000, Growth: 2, Precision: 0.05, Rounds: 3}
	var options runOptions
	command := &cobra.Command{
		Use:   "capacity",
		Short: "Find how many players a server carries, and what gives way first",
		Long: "Puts load after load on a server until one does not reach the goals, then comes nearer to the largest\n" +
			"that does. Each load is a run of its own, with the flags of run. One that the bots were late for is not\n" +
			"counted as a failure of the server.",
		Example: "  client_sim capacity --max-p99 100ms --min-delivered 0.99 --html capacity.html --json=capacity.json\n" +
			"  client_sim capacity --start 2000 --rounds 5 --duration 20s",
		Args: exactly(0),
	}
	flags := command.Flags()
	addRunFlags(flags, &cfg)
	goalFlags(flags, &cfg.Goals)
	outputFlags(flags, &options)
	flags.IntVar(&plan.Start, "start", plan.Start, "players of the first load")
	flags.IntVar(&plan.Max, "max", plan.Max, "the most players that are tried")
	flags.Float64Var(&plan.Growth, "growth", plan.Growth, "so many times as many from load to load, until one breaks")
	flags.Float64Var(&plan.Precision, "precision", plan.Precision, "how near to come, as a part of the answer")
	flags.IntVar(&plan.Rounds, "rounds", plan.Rounds, "how often to search: what the answers differ by is the spread")
	_ = flags.MarkHidden("bots") // as many as the search asks for
	command.RunE = func(c *cobra.Command, _ []string) error {
		if err := setFromEnvironment(flags); err != nil {
			return err
		}
		return measureCapacity(c, plan, chooseTransport(cfg, flags), options)
	}
	return command
}

// measureCapacity searches, and reports on it.
func measureCapacity(c *cobra.Command, plan capacity.Plan, cfg bot.Config, options runOptions) error {
	ctx := c.Context()
	if err := plan.Check(); err != nil {
		return err
	}
	if err := options.prepare(ctx, &cfg); err != nil {
		return err
	}
	var settings operator.Settings
	if options.admin.tokenFile != "" {
		admin, err := options.admin.operator(cfg.Server)
		if err != nil {
			return err
		}
		if settings, err = admin.Settings(ctx); err != nil {
			return runError{err}
		}
	}
	report, err := capacity.Measure(ctx, plan, cfg, options.play(c), func(s capacity.Step) {
		if !options.quiet {
			fmt.Fprintln(c.ErrOrStderr(), s.Line())
		}
	})
	if err != nil {
		return runError{err}
	}
	report.ServerSettings = settings
	return finish(c.OutOrStdout(), report, report.Good(), options)
}

// prepare gives a run what it asks the server by, once it is known that its report can be written.
func (o runOptions) prepare(ctx context.Context, cfg *bot.Config) (err error) {
	if err := o.checkFiles(); err != nil {
		return err
	}
	if cfg.Probe, err = findMetrics(ctx, cfg.Server, o.metrics); err != nil {
		return runError{err}
	}
	if cfg.Regrids > 0 {
		admin, err := o.admin.operator(cfg.Server)
		if err != nil {
			return err
		}
		cfg.Regrid = admin.Regrid
	}
	return nil
}

// play returns what plays one of several runs, each with its own progress.
func (o runOptions) play(c *cobra.Command) func(context.Context, bot.Config) (bot.Report, error) {
	return func(ctx context.Context, cfg bot.Config) (bot.Report, error) {
		progress := newProgress(c.ErrOrStderr(), cfg, o)
		defer progress.close()
		cfg.Alone, cfg.OnStatus = true, progress.show
		return bot.Run(ctx, cfg)
	}
}

// findings are what several runs have found.
type findings interface {
	WriteText(io.Writer) error
	Sheet() page.Sheet
}

// finish writes a study in the wanted forms, and says whether it is a good one.
func finish(w io.Writer, report findings, good bool, options runOptions) error {
	asJSON := func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	err := options.write(w, forms{
		text: report.WriteText, json: asJSON, page: func(w io.Writer) error { return page.WriteSheet(w, report.Sheet()) },
	})
	if err == nil && !good {
		err = errBadRun
	}
	if err != nil {
		return runError{err}
	}
	return nil
}
