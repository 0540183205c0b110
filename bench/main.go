// Command bench holds the server against the machine: under the same traffic, one after the other, it measures the server, the
// least that a server can do (the floor), and the tutorial's method (naive), several times, and tells the medians.
//
//	bench                     the comparisons that take minutes
//	bench list                all experiments
//	bench --pairs 3 idle      one of them
//
// It exits with 0 when everything was measured, 1 when something failed, 2 on wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// errUsage is wrapped by errors of the command line.
var errUsage = errors.New("wrong usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string, in io.Reader, out, log io.Writer) int {
	root := commands(log)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(log)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(log, "bench:", err)
		return 2
	default:
		fmt.Fprintln(log, "bench:", err)
		return 1
	}
}

// commands returns the tree of commands.
func commands(log io.Writer) *cobra.Command {
	root := runCommand(log)
	root.AddCommand(listCommand(), floorCommand(), naiveCommand(), slowCommand(), hostileCommand())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	return root
}

// listCommand returns `bench list`.
func listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the experiments", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, e := range experiments() {
				mark := " "
				if e.usual {
					mark = "*"
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s %-12s %s\n", mark, e.name, e.about); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "\n* is run when none is named; all is every one.")
			return err
		},
	}
}
