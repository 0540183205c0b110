package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/model"
	"aoiworld/client_sim/tune"
)

// errOff: the report says which prediction.
var errOff = errors.New("a prediction is off by more than --max-error")

// modelOptions is what the costs are asked for.
type modelOptions struct {
	output   runOptions
	predict  []string
	maxError percentage
	factor   float64

	players   []int
	grids     []tune.Grid
	tickRates []float64
	world     bot.World
	rate      float64
	audience  float64
}

// modelCommand returns `client_sim model`.
func modelCommand() *cobra.Command {
	options := modelOptions{factor: 1, maxError: -1}
	command := &cobra.Command{
		Use:   "model REPORT.json...",
		Short: "Say what a server takes for a tick, a frame, a move and a byte, and what it would for other loads",
		Long: "Fits the costs of a tick, a frame, a move and a byte to runs of one server that capacity, tune or run has\n" +
			"written as JSON, with the server's metrics; says how well they fit; and predicts other loads from them, which\n" +
			"are by default like that of the last run.",
		Example: "  client_sim model capacity.json tune.json\n" +
			"  client_sim model capacity.json tune.json --predict run.json --max-error 20%\n" +
			"  client_sim model capacity.json tune.json --players 500,1000,2000 --grids 10x20,20x40 --tick-rates 10,20",
		Args: cobra.MinimumNArgs(1),
	}
	flags := command.Flags()
	flags.StringSliceVar(&options.predict, "predict", nil,
		"reports with runs to predict, which are held against what was measured")
	flags.Var(&options.maxError, "max-error", "fail when the server's cores of one of those are predicted worse")
	flags.Float64Var(&options.factor, "factor", options.factor, "so many times the CPU time, for another machine")
	flags.IntSliceVar(&options.players, "players", nil, "players of loads to predict")
	flags.Var((*grids)(&options.grids), "grids", "columns and rows of them")
	flags.Float64SliceVar(&options.tickRates, "tick-rates", nil, "ticks a second of them")
	flags.Float64Var(&options.rate, "rate", 0, "moves a second and player")
	flags.Float64Var(&options.audience, "audience", 0, "others in view (as when players are spread evenly)")
	flags.Var((*bounds)(&options.world), "bounds", "the world's minX,maxX,minZ,maxZ")
	flags.IntVar(&options.world.Radius, "view-radius", 0, "cells seen in each direction")
	flags.StringVar(&options.output.json, "json", "", "report as JSON: to standard output, or --json=FILE")
	flags.Lookup("json").NoOptDefVal = standardOutput
	flags.StringVar(&options.output.html, "html", "", "write a page with charts to this file")
	command.RunE = func(c *cobra.Command, files []string) error {
		if err := setFromEnvironment(flags); err != nil {
			return err
		}
		return tellCosts(c, files, flags, &options)
	}
	return command
}

// tellCosts fits the model to files, predicts, and reports on it.
func tellCosts(c *cobra.Command, files []string, flags *pflag.FlagSet, options *modelOptions) error {
	if !(options.factor > 0) {
		return fmt.Errorf("--factor %v: want more than 0", options.factor)
	}
	if options.maxError >= 0 && len(options.predict) == 0 {
		return errors.New("--max-error: nothing to hold against it without --predict")
	}
	studies, err := readStudies(files)
	if err != nil {
		return err
	}
	others, err := readStudies(options.predict)
	if err != nil {
		return err
	}
	report, err := model.Of(studies, options.factor)
	if err != nil {
		return err
	}
	for i := range others {
		if err := report.Compare(&others[i]); err != nil {
			return err
		}
	}
	for _, w := range options.wishes(report.Like(), flags) {
		if err := report.Wish(w); err != nil {
			return err
		}
	}
	if err := finish(c.OutOrStdout(), report, true, options.output); err != nil {
		return err
	}
	if options.maxError >= 0 && report.Worst() > float64(options.maxError) {
		return runError{errOff}
	}
	return nil
}

// readStudies reads the runs of files.
func readStudies(files []string) (all []model.Study, err error) {
	for _, name := range files {
		s, err := model.Read(name)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// wishes are the loads that flags ask for: each number of players in each grid at each tick rate, and otherwise like a given one.
// Without any of these flags there are none.
func (o *modelOptions) wishes(like model.Wish, flags *pflag.FlagSet) (all []model.Wish) {
	asked := false
	for _, name := range []string{"players", "grids", "tick-rates", "rate", "audience", "bounds", "view-radius"} {
		asked = asked || flags.Changed(name)
	}
	if !asked {
		return nil
	}
	like.Others = o.audience
	if flags.Changed("rate") {
		like.MovesPerSecond = o.rate
	}
	if flags.Changed("view-radius") {
		like.ViewRadius = o.world.Radius
	}
	if flags.Changed("bounds") {
		like.Width, like.Depth = o.world.MaxX-o.world.MinX, o.world.MaxZ-o.world.MinZ
	}
	for _, players := range orElse(o.players, like.Players) {
		for _, g := range orElse(o.grids, tune.Grid{Columns: like.Columns, Rows: like.Rows}) {
			for _, rate := range orElse(o.tickRates, like.TicksPerSecond) {
				w := like
				w.Players, w.Columns, w.Rows, w.TicksPerSecond = players, g.Columns, g.Rows, rate
				all = append(all, w)
			}
		}
	}
	return all
}

// orElse returns what was given, or else the one value.
func orElse[T any](given []T, value T) []T {
	if len(given) == 0 {
		return []T{value}
	}
	return given
}
