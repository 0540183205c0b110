package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
)

// runCommand returns `client_sim run`.
func runCommand() *cobra.Command {
	cfg := bot.Defaults()
	var asJSON, progress bool
	command := &cobra.Command{
		Use:   "run",
		Short: "Connect bots, move them, report what reached them; --verify proves that it was right",
		Args:  cobra.NoArgs,
	}
	addRunFlags(command.Flags(), &cfg)
	command.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	command.Flags().BoolVar(&progress, "progress", false, "a status line each second, to standard error")
	command.RunE = func(c *cobra.Command, _ []string) error {
		cfg := chooseTransport(cfg, c.Flags())
		if progress {
			cfg.OnStatus = func(s bot.Status) { fmt.Fprintln(c.ErrOrStderr(), statusLine(s)) }
		}
		report, err := bot.Run(c.Context(), cfg)
		if err != nil {
			return runError{err}
		}
		if err := write(c.OutOrStdout(), report, asJSON); err != nil {
			return runError{err}
		}
		if !report.Good() {
			return runError{errBadRun}
		}
		return nil
	}
	return command
}

// write writes a report in the wanted form.
func write(w io.Writer, report bot.Report, asJSON bool) error {
	if asJSON {
		return report.WriteJSON(w)
	}
	return report.WriteText(w)
}

// addRunFlags binds the flags to a configuration, whose present values are the defaults.
func addRunFlags(flags *pflag.FlagSet, cfg *bot.Config) {
	flags.StringVar(&cfg.Server, "server", cfg.Server, "host:port, or a ws:// URL (for ws: "+webSocketServer+")")
	flags.StringVar(&cfg.Transport, "transport", cfg.Transport, "tcp or ws")
	flags.IntVar(&cfg.Bots, "bots", cfg.Bots, "how many bots")
	flags.Float64Var(&cfg.Rate, "rate", cfg.Rate, "moves a second and bot")
	flags.Float64Var(&cfg.Step, "step", cfg.Step, "world units of a step, or from a crossed border at most")
	flags.StringVar(&cfg.Motion, "motion", cfg.Motion, "walk, cross (over borders and corners) or still")
	flags.DurationVar(&cfg.Duration, "duration", cfg.Duration, "how long the bots move in all")
	flags.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "decides homes, steps, and who leaves and talks")
	flags.Float64Var(&cfg.TickRate, "tick-rate", cfg.TickRate, "the server's ticks a second")
	flags.Var((*bounds)(&cfg.World), "bounds", "the world's minX,maxX,minZ,maxZ")
	flags.IntVar(&cfg.World.Columns, "columns", cfg.World.Columns, "the world's cells along X")
	flags.IntVar(&cfg.World.Rows, "rows", cfg.World.Rows, "the world's cells along Z")
	flags.IntVar(&cfg.World.Radius, "view-radius", cfg.World.Radius, "cells seen in each direction")
	flags.BoolVar(&cfg.Verify, "verify", cfg.Verify, "hold all views against the truth after each round; let bots talk")
	flags.IntVar(&cfg.Churn, "churn", cfg.Churn, "how many bots leave, and how many join, in each round")
	flags.DurationVar(&cfg.Round, "round", cfg.Round, "how long a round of --verify and --churn lasts")
	flags.DurationVar(&cfg.Settle, "settle", cfg.Settle, "how long views may take to settle (0: 5 s or 20 ticks)")
	flags.Float64Var(&cfg.ConnectRate, "connect-rate", cfg.ConnectRate, "joins a second")
	flags.DurationVar(&cfg.JoinTimeout, "join-timeout", cfg.JoinTimeout, "how long a join may take")
}

// webSocketServer is where bots connect over WebSocket unless told otherwise.
const webSocketServer = "127.0.0.1:8080"

// chooseTransport lets a URL choose WebSocket, and WebSocket the server, where the flags do not.
func chooseTransport(cfg bot.Config, flags *pflag.FlagSet) bot.Config {
	if !flags.Changed("transport") && strings.Contains(cfg.Server, "://") {
		cfg.Transport = bot.WebSocket
	}
	if cfg.Transport == bot.WebSocket && !flags.Changed("server") {
		cfg.Server = webSocketServer
	}
	return cfg
}

// statusLine says how a run is going.
func statusLine(s bot.Status) string {
	p99 := float64(s.P99) / float64(time.Millisecond)
	line := fmt.Sprintf("%4.0f s  %-10s %d bots  %6.0f moves/s  %8.0f updates/s  p99 %.1f ms",
		s.Elapsed.Seconds(), s.Phase, s.Connected, s.MovesPerSecond, s.UpdatesPerSecond, p99)
	for _, trouble := range []struct {
		count int64
		name  string
	}{{s.LateSends, "late sends"}, {s.Disconnects, "disconnected"}, {s.Violations, "violations"}} {
		if trouble.count > 0 {
			line += fmt.Sprintf("  %d %s", trouble.count, trouble.name)
		}
	}
	return line
}

// bounds is a flag of four numbers.
type bounds bot.World

// String implements pflag.Value.
func (b *bounds) String() string { return fmt.Sprintf("%v,%v,%v,%v", b.MinX, b.MaxX, b.MinZ, b.MaxZ) }

// Type implements pflag.Value.
func (b *bounds) Type() string { return "minX,maxX,minZ,maxZ" }

// Set implements pflag.Value.
func (b *bounds) Set(text string) error {
	parts := strings.Split(text, ",")
	targets := []*float64{&b.MinX, &b.MaxX, &b.MinZ, &b.MaxZ}
	if len(parts) != len(targets) {
		return fmt.Errorf("%d numbers, wanted minX,maxX,minZ,maxZ", len(parts))
	}
	for i, part := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return err
		}
		*targets[i] = v
	}
	return nil
}
