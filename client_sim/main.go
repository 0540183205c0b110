// Command client_sim plays many clients against a server, measures what reaches them, and verifies what they are shown.
//
//	client_sim run --bots 200 --motion cross --verify --churn 20
//	client_sim run --bots 1000 --json=after.json --html after.html
//	client_sim compare before.json after.json
//
// It exits with 0 when all was well, 1 when the run failed, missed a goal or the server did something wrong, 2 on wrong
// usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1
	exitUsage = 2
)

// errBadRun: the report says what was wrong.
var errBadRun = errors.New("the run was not as it should be")

// gcPercent is how much garbage may gather, in percent of what is in use (GOGC). Bots leave little, so that the collector seldom
// runs, and there are to be many in little memory.
const gcPercent = 75

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string, out, progress io.Writer) int {
	root := &cobra.Command{
		Use:           "client_sim",
		Short:         "Bots that load and verify a server",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(progress)
	root.AddCommand(runCommand(), capacityCommand(), tuneCommand(), modelCommand(), compareCommand(), pageCommand(),
		scenariosCommand())
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(progress, "client_sim:", err)
	}
	return exitCode(err)
}

// exitCode tells a failed run from wrong usage: all errors but those of a run that began are usage.
func exitCode(err error) int {
	var failed runError
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &failed) && !errors.Is(err, bot.ErrConfig):
		return exitBad
	default:
		return exitUsage
	}
}

// runError is an error of the run itself.
type runError struct{ error }

// Unwrap returns the run's error.
func (e runError) Unwrap() error { return e.error }
