package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"aoiworld/bench/floor"
	"aoiworld/bench/naive"
	"aoiworld/bench/side"
)

// lifetime is how long a program lives at most that nobody stops.
const lifetime = 10 * time.Minute

// child are the flags of a program that stands beside the server.
type child struct {
	address  string
	lifetime time.Duration
}

// addTo adds the flags to a command.
func (o *child) addTo(c *cobra.Command) {
	c.Flags().StringVar(&o.address, "address", "127.0.0.1:0", "host:port to listen on")
	c.Flags().DurationVar(&o.lifetime, "for", lifetime, "end after this time; it ends before, when its standard input does")
}

// run serves players by one function and the counters beside it.
func (o *child) run(c *cobra.Command, players net.Addr, counters *side.Counters, serve func(context.Context) error) error {
	ctx, cancel := side.UntilEOF(c.Context(), c.InOrStdin(), o.lifetime)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(ctx) })
	group.Go(func() error { return side.Serve(ctx, c.ErrOrStderr(), players, counters) })
	return group.Wait()
}

// floorCommand returns `bench floor`.
func floorCommand() *cobra.Command {
	var options child
	var cfg floor.Config
	c := &cobra.Command{
		Use: "floor", Short: "The least that a server can do: read everything and send one frame to each, once a tick",
		Long: "Lets clients of the classic dialect in, reads whatever they send, and sends each a frame of a given size, once\n" +
			"a tick. In the end it says what a frame has cost it, beside what the sends alone did.",
		Example: "  bench floor --tick-rate 10 --size 700 --for 1m",
		Args:    cobra.NoArgs,
	}
	options.addTo(c)
	c.Flags().BoolVar(&cfg.WebSocket, "websocket", false, "clients come over WebSocket")
	c.Flags().Float64Var(&cfg.TickRate, "tick-rate", 10, "ticks a second")
	c.Flags().IntVar(&cfg.FrameBytes, "size", 700, "bytes of a frame, at least 8")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if cfg.TickRate <= 0 || cfg.FrameBytes < 8 {
			return fmt.Errorf("%w: %v ticks a second of %d bytes", errUsage, cfg.TickRate, cfg.FrameBytes)
		}
		cfg.Address = options.address
		var counters side.Counters
		f, err := floor.Listen(cfg, &counters)
		if err != nil {
			return err
		}
		if err := options.run(c, f.Addr(), &counters, f.Run); err != nil {
			return err
		}
		return sumUpFloor(c.OutOrStdout(), &counters)
	}
	return c
}

// sumUpFloor says what a frame has cost.
func sumUpFloor(w io.Writer, counters *side.Counters) error {
	frames := max(1, counters.Frames.Load())
	micros := func(nanos int64) float64 { return float64(nanos) / 1000 / float64(frames) }
	sends, reads := micros(counters.SendNanos.Load()), micros(counters.ReadNanos.Load())
	_, err := fmt.Fprintf(w, "%d frames: %.2f µs of CPU a frame; the sends alone %.2f, the reads %.2f\n",
		counters.Frames.Load(), sends+reads, sends, reads)
	return err
}

// naiveCommand returns `bench naive`.
func naiveCommand() *cobra.Command {
	var options child
	var world naive.World
	c := &cobra.Command{
		Use: "naive", Short: "The tutorial's method: everything is marshalled and written for each recipient, at once",
		Args: cobra.NoArgs,
	}
	options.addTo(c)
	c.Flags().IntVar(&world.Columns, "columns", 10, "cells along X")
	c.Flags().IntVar(&world.Rows, "rows", 10, "cells along Z")
	c.Flags().Float32Var(&world.Cell, "cell", cellUnits, "world units of a cell's side; the world begins at 0, 0")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if world.Columns < 1 || world.Rows < 1 || !(world.Cell > 0) {
			return fmt.Errorf("%w: %d × %d cells of %v units", errUsage, world.Columns, world.Rows, world.Cell)
		}
		l, err := (&net.ListenConfig{}).Listen(c.Context(), "tcp", options.address)
		if err != nil {
			return err
		}
		var counters side.Counters
		s := naive.NewServer(world, &counters)
		return options.run(c, l.Addr(), &counters, func(ctx context.Context) error { return s.Serve(ctx, l) })
	}
	return c
}
