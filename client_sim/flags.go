package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
)

// addRunFlags binds the flags to a configuration, whose present values are the defaults.
func addRunFlags(flags *pflag.FlagSet, cfg *bot.Config) {
	flags.StringVar(&cfg.Server, "server", cfg.Server,
		"host:port, tls://host:port or ws:// URL, or several with commas (ws: "+webSocketServer+")")
	flags.StringVar(&cfg.CAFile, "ca-file", cfg.CAFile, "PEM file with who may vouch for a server under TLS (the system's)")
	flags.BoolVar(&cfg.InsecureSkipVerify, "insecure-skip-verify", cfg.InsecureSkipVerify, "let anybody be the server under TLS")
	flags.StringSliceVar(&cfg.Sources, "source", cfg.Sources,
		"connect from these addresses in turn; ranges as in 127.0.0.2-127.0.0.9")
	flags.StringVar(&cfg.Transport, "transport", cfg.Transport, "tcp or ws")
	flags.StringVar(&cfg.Dialect, "dialect", cfg.Dialect, "native, classic (the tutorial's) or both in turn")
	flags.StringVar(&cfg.ClassicServer, "classic-server", cfg.ClassicServer, "host:port for the classic ones of --dialect both")
	flags.StringVar(&cfg.Form, "form", cfg.Form, "of moves in the native dialect: bits or columns")
	flags.IntVar(&cfg.Bots, "bots", cfg.Bots, "how many bots")
	flags.Float64Var(&cfg.Rate, "rate", cfg.Rate, "moves a second and bot")
	flags.Float64Var(&cfg.Step, "step", cfg.Step, "world units of a step of walk and hotspot, or from a crossed border at most")
	flags.StringVar(&cfg.Motion, "motion", cfg.Motion,
		"walk, cross (over borders and corners), patrol, hotspot (a crowd) or still")
	flags.StringVar(&cfg.Home, "home", cfg.Home, "where bots begin: anywhere (they jump there first), or spawn")
	flags.Float64SliceVar(&cfg.Area, "area", cfg.Area,
		"minX,maxX,minZ,maxZ of the part of the world in which bots live (all of it)")
	flags.Float64SliceVar(&cfg.Hotspot, "hotspot", cfg.Hotspot, "X,Z of where a crowd gathers (the middle of the world)")
	flags.Float64Var(&cfg.Radius, "radius", cfg.Radius, "world units from there in which it mills about")
	flags.Float64Var(&cfg.Lookers, "lookers", cfg.Lookers,
		"part of the bots that time what they are shown, > 0 to 1; all count it")
	flags.DurationVar(&cfg.Think, "think", cfg.Think, "pauses of this mean length between times of moving that are as long")
	flags.Float64Var(&cfg.ChatShare, "chat-share", cfg.ChatShare, "part of the bots that chat beside moving, 0 to 1")
	flags.Float64Var(&cfg.ChatRate, "chat-rate", cfg.ChatRate, "chats a second of each of those")
	flags.DurationVar(&cfg.Ramp, "ramp", cfg.Ramp, "bots come evenly over this time, moving; load counts from its end")
	flags.DurationVar(&cfg.Duration, "duration", cfg.Duration, "how long the bots move in all")
	flags.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "decides homes, steps, and who leaves and talks")
	flags.Float64Var(&cfg.TickRate, "tick-rate", cfg.TickRate, "the server's ticks a second")
	flags.Var((*bounds)(&cfg.World), "bounds", "the world's minX,maxX,minZ,maxZ")
	flags.IntVar(&cfg.World.Columns, "columns", cfg.World.Columns, "the world's cells along X")
	flags.IntVar(&cfg.World.Rows, "rows", cfg.World.Rows, "the world's cells along Z")
	flags.IntVar(&cfg.World.Radius, "view-radius", cfg.World.Radius, "cells seen in each direction")
	flags.Float64Var(&cfg.World.Quantum, "quantum", cfg.World.Quantum, "world units to which the native dialect rounds")
	flags.Var((*tokens)(&cfg.Tokens), "tokens", "file with an access token a line, as many as bots: each logs in with one")
	flags.BoolVar(&cfg.Verify, "verify", cfg.Verify, "hold all views against the truth after each round; let bots talk")
	flags.IntVar(&cfg.Churn, "churn", cfg.Churn, "how many bots leave, and how many join, in each round")
	flags.IntVar(&cfg.Cuts, "cuts", cfg.Cuts, "how many bots lose their connection in each round, and resume")
	flags.IntVar(&cfg.Stalls, "stalls", cfg.Stalls, "how many bots stop reading in each round, for 1 to 4 s")
	flags.IntVar(&cfg.Regrids, "regrids", cfg.Regrids,
		"how often in each round the world is cut into other cells, by the operator of --admin; in the end as it was")
	flags.DurationVar(&cfg.Round, "round", cfg.Round,
		"how long a round of --verify, --churn, --cuts, --stalls and --regrids lasts")
	flags.DurationVar(&cfg.Settle, "settle", cfg.Settle, "how long views may take to settle (0: 5 s or 20 ticks)")
	flags.Float64Var(&cfg.ConnectRate, "connect-rate", cfg.ConnectRate, "joins a second")
	flags.DurationVar(&cfg.JoinTimeout, "join-timeout", cfg.JoinTimeout, "how long a join may take")
}

// webSocketServer is where bots connect over WebSocket unless told otherwise.
const webSocketServer = bot.WebSocketServer

// chooseTransport lets a URL choose WebSocket, and WebSocket or the dialect the server, where the flags do not.
func chooseTransport(cfg bot.Config, flags *pflag.FlagSet) bot.Config {
	if !flags.Changed("transport") && bot.NamesWebSocket(cfg.Server) {
		cfg.Transport = bot.WebSocket
	}
	switch {
	case flags.Changed("server"):
	case cfg.Transport == bot.WebSocket:
		cfg.Server = webSocketServer
	case cfg.Dialect == bot.Classic:
		cfg.Server = bot.ClassicServer
	}
	return cfg
}

// goalFlags binds the flags that say what a run must reach.
func goalFlags(flags *pflag.FlagSet, goals *bot.Goals) {
	flags.DurationVar(&goals.MaxP99, "max-p99", goals.MaxP99, "fail when 99 % of the moves took longer (0: any)")
	flags.Float64Var(&goals.MinDelivered, "min-delivered", goals.MinDelivered, "fail when less came within two ticks, 0 to 1")
	flags.Int64Var(&goals.MaxViolations, "max-violations", goals.MaxViolations, "fail when there are more violations")
}

// environmentPrefix begins the names of the variables that stand for flags.
const environmentPrefix = "CLIENT_SIM_"

// setFromEnvironment sets each flag that the command line does not by the variable of its name, as in
// CLIENT_SIM_CONNECT_RATE for --connect-rate. The error names the variable.
func setFromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := environmentPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, given := os.LookupEnv(name)
		if !given || f.Changed || err != nil {
			return
		}
		if wrong := flags.Set(f.Name, value); wrong != nil {
			err = fmt.Errorf("%s: %w", name, wrong)
		}
	})
	return err
}

// exactly wants so many arguments. One too many is named, and may be the file of a --json without its =.
func exactly(count int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= count {
			return cobra.ExactArgs(count)(c, args)
		}
		stray := args[count]
		if f := c.Flags().Lookup("json"); f != nil && f.Value.String() == standardOutput {
			return fmt.Errorf("unexpected argument %q: a file for JSON is written --json=%s", stray, stray)
		}
		return fmt.Errorf("unexpected argument %q", stray)
	}
}

// tokens is a flag that names a file.
type tokens []string

// String implements pflag.Value: it does not show them.
func (t *tokens) String() string { return "" }

// Type implements pflag.Value.
func (t *tokens) Type() string { return "file" }

// Set implements pflag.Value.
func (t *tokens) Set(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if *t = strings.Fields(string(content)); len(*t) == 0 {
		return fmt.Errorf("%s: no token in it", path)
	}
	return nil
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
