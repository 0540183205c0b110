package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
	"aoiworld/conf"
)

// Exit codes.
const (
	exitGood   = 0
	exitFailed = 1 // the server, or what watched it, failed
	exitUsage  = 2 // the configuration or the command line is wrong; nothing was started
)

// Server is what the commands start.
type Server interface {
	// Run binds all listeners, or none, and serves until ctx ends and everybody has gone. An *conf.Error says that the
	// configuration cannot be: an address that is taken, for example.
	Run(ctx context.Context) error
	// Configure changes the settings that can change while the server runs, and returns which have. An *conf.Error says that the
	// configuration cannot be, and nothing has changed.
	Configure(cfg conf.Config) (changed []string, err error)
	// Ready is closed when all listeners are bound and players can come.
	Ready() <-chan struct{}
	// Addresses returns where the listeners are bound by their keys, as in net.ws.address. It is for after Ready.
	Addresses() map[string]net.Addr
}

// Program is what the commands need from outside.
type Program struct {
	NewServer func(conf.Config, *slog.Logger) (Server, error)
	// Bots, unless nil, says what the demo's bots do beside moving: a game's own bots play it.
	Bots func(*bot.Config)
	// Name is what users call the program; Main says so. Empty is aoiworld.
	Name           string
	Stdout, Stderr io.Writer
	Env            []string // as in os.Environ
}

// Main does what the process's command line says, until it is done or a signal comes, and returns the exit code. Output
// and environment are the process's. A second signal ends the process at once.
func Main(p Program) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	p.Stdout, p.Stderr, p.Env = os.Stdout, os.Stderr, os.Environ()
	p.Name = strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	return Execute(ctx, p, os.Args[1:])
}

// errQuiet is a failure that has been told already.
var errQuiet = errors.New("failed")

// usageError is a command line that says nothing useful.
type usageError struct{ error }

// Execute runs the command that args name and returns the exit code: 0, 1 for a failure, 2 for a wrong configuration or
// usage.
func Execute(ctx context.Context, p Program, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	var wrong *conf.Error
	var usage usageError
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(p.Stderr, "the configuration cannot be:\n%s", indent(wrong.Problems)) // nobody else to tell
		return exitUsage
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(p.Stderr, "%v\nSee %s --help.\n", usage, root.Name())
		return exitUsage
	case !errors.Is(err, errQuiet):
		_, _ = fmt.Fprintf(p.Stderr, "%v\n", err)
	}
	return exitFailed
}

// indent puts a list on lines of its own.
func indent(lines []string) (text string) {
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	return text
}

// root returns the tree of commands.
func (p Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   ownName,
		Short: "An MMO world server",
		Long: "An MMO world server: players connect over TCP or WebSocket, move on a map, and are told what happens\n" +
			"in the cells round them.",
		Example: "  aoiworld demo                          see 200 bots move in a world\n" +
			"  aoiworld serve                         serve players on this machine\n" +
			"  aoiworld serve --set world.columns=20  with a finer grid; see: aoiworld config docs",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(p.serve(), p.demo(), p.token(), p.config(), p.cert(), p.admin(), p.healthy(), p.version())
	if p.Name != "" {
		rename(root, p.Name)
		root.Use = p.Name
	}
	return root
}

// ownName is what the program is called unless its Name says otherwise, and by the examples of all commands.
const ownName = "aoiworld"

// rename has the examples of a command and those below it call the program by another name. Files keep theirs.
func rename(c *cobra.Command, name string) {
	c.Example = strings.ReplaceAll(c.Example, ownName+" ", name+" ")
	for _, below := range c.Commands() {
		rename(below, name)
	}
}

// noArgs refuses words behind a command, and guesses which subcommand was meant.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	meant := ""
	if guesses := c.SuggestionsFor(args[0]); len(guesses) > 0 {
		meant = fmt.Sprintf(" Did you mean %s?", strings.Join(guesses, " or "))
	}
	return usageError{fmt.Errorf("%s: what is %q?%s", c.CommandPath(), args[0], meant)}
}
