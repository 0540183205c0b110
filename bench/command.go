package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// errSystem says that nothing can be measured on this system.
var errSystem = errors.New("bench reads CPU time and memory from /proc: it measures on Linux alone")

// options is what a measurement is asked.
type options struct {
	pairs    int
	seconds  float64
	json     string
	server   string // programs that are built already, or empty
	bots     string
	override traffic // zero where the experiments decide
}

// runCommand returns `bench`.
func runCommand(log io.Writer) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use: "bench [experiment]...", Short: "Hold the server against the machine, and against the tutorial's method",
		Long: "Starts the server, the floor and the naive server, one after the other, each in a process of its own and under\n" +
			"the same traffic of client_sim's bots, several times, and prints medians. Without a name it runs the usual\n" +
			"experiments, which takes minutes; \"all\" is every one. Run it from the top of the repository, on a quiet machine.",
		Example: "  bench\n  bench --pairs 3 --seconds 10 floor-2000 ws\n  bench --players 1000 --dialect native light",
		Args:    cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, names []string) error { return o.run(c.Context(), names, c.OutOrStdout(), log) },
	}
	flags := c.Flags()
	flags.IntVar(&o.pairs, "pairs", 5, "how often each is measured")
	flags.Float64Var(&o.seconds, "seconds", 4, "how long one measurement takes, at least")
	flags.StringVar(&o.json, "json", "bench.json", "where everything is written as JSON; empty is nowhere")
	flags.StringVar(&o.server, "server", "", "the server's program; empty is to build it")
	flags.StringVar(&o.bots, "bots", "", "client_sim's program; empty is to build it")
	flags.IntVar(&o.override.Bots, "players", 0, "so many bots instead of an experiment's own number")
	flags.IntVar(&o.override.Columns, "columns", 0, "so many columns and rows of cells")
	flags.Float64Var(&o.override.TickRate, "tick-rate", 0, "so many ticks a second")
	flags.Float64Var(&o.override.MoveRate, "rate", 0, "so many moves a second and bot")
	flags.StringVar(&o.override.Transport, "transport", "", "tcp or ws, for what is not about the difference")
	flags.StringVar(&o.override.Dialect, "dialect", "", "classic or native; bots of the floor and of naive are always classic")
	return c
}

// run measures what is asked for, prints it, and writes it down.
func (o *options) run(ctx context.Context, names []string, out, log io.Writer) error {
	chosen, unknown := choose(names)
	if err := o.check(unknown); err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errSystem
	}
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b, err := o.prepare(ctx, folder)
	if err != nil {
		return err
	}
	found := findings{Began: time.Now().UTC(), Pairs: o.pairs, Seconds: o.seconds}
	for _, e := range chosen {
		r, err := b.alternate(ctx, o.change(e), o.pairs, log)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		found.Experiments = append(found.Experiments, r)
		if err := r.writeText(out); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(out, caveats(len(b.softirqd) > 0)); err != nil {
		return err
	}
	if o.json == "" {
		return nil
	}
	return found.write(o.json)
}

// check returns what is wrong with the command line.
func (o *options) check(unknown []string) error {
	t := o.override
	switch {
	case len(unknown) > 0:
		return fmt.Errorf("%w: no experiment is called %s; see: bench list", errUsage, strings.Join(unknown, " or "))
	case o.pairs < 1 || !(o.seconds >= 1 && o.seconds <= 600):
		return fmt.Errorf("%w: %d pairs of %v s", errUsage, o.pairs, o.seconds)
	case t.Bots < 0 || t.Columns < 0 || t.TickRate < 0 || t.MoveRate < 0:
		return fmt.Errorf("%w: less than nothing", errUsage)
	case t.Transport != "" && t.Transport != overTCP && t.Transport != overWebSocket:
		return fmt.Errorf("%w: transport %q is neither tcp nor ws", errUsage, t.Transport)
	case t.Dialect != "" && t.Dialect != classicBots && t.Dialect != nativeBots:
		return fmt.Errorf("%w: dialect %q is neither classic nor native", errUsage, t.Dialect)
	}
	return nil
}

// prepare builds what is not built, and returns what measures.
func (o *options) prepare(ctx context.Context, folder string) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &bench{server: o.server, bots: o.bots, self: self, folder: folder, seconds: o.seconds, softirqd: findSoftirqd()}
	for _, program := range []struct {
		path *string
		of   string
	}{{&b.server, "."}, {&b.bots, "./client_sim"}} {
		if *program.path != "" {
			continue
		}
		*program.path = filepath.Join(folder, filepath.Base("program-"+filepath.Base(program.of)))
		if output, err := exec.CommandContext(ctx, "go", "build", "-o", *program.path, program.of).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", program.of, err, output)
		}
	}
	return b, nil
}

// change returns an experiment with what the command line overrides. The naive server speaks TCP alone.
func (o *options) change(e experiment) experiment {
	with := o.override
	for i := range e.contenders {
		c := &e.contenders[i]
		if spread := c.traffic.Columns == walkers(c.traffic.Bots).Columns; spread && with.Bots > 0 {
			c.traffic.Columns = walkers(with.Bots).Columns
		}
		c.traffic.Bots = or(with.Bots, c.traffic.Bots)
		c.traffic.Columns = or(with.Columns, c.traffic.Columns)
		c.traffic.TickRate = or(with.TickRate, c.traffic.TickRate)
		c.traffic.MoveRate = or(with.MoveRate, c.traffic.MoveRate)
		c.traffic.Dialect = or(with.Dialect, c.traffic.Dialect)
		if c.program != theNaive && e.name != "ws" {
			c.traffic.Transport = or(with.Transport, c.traffic.Transport)
		}
	}
	return e
}

// or returns what the command line says, or else what is said without it.
func or[T comparable](said, otherwise T) T {
	var nothing T
	if said != nothing {
		return said
	}
	return otherwise
}
