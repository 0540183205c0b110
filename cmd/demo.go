package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/auth"
	"aoiworld/client_sim/bot"
	"aoiworld/conf"
)

// demo returns the command that shows a world with life in it.
func (p Program) demo() *cobra.Command {
	c := &cobra.Command{
		Use: "demo", Short: "Start a server with bots in it, and check what they see", Args: noArgs,
		Long: "Starts a server and connects bots to it over real sockets. They walk, leave and come back; every few seconds\n" +
			"they stand still while each bot's view is compared with the truth. Afterwards it says what they saw.\n" +
			"A browser can look in meanwhile; with --stay it can afterwards, too.",
	}
	bots := c.Flags().Int("bots", 200, "how many bots")
	duration := c.Flags().Duration("duration", 15*time.Second, "for how long they walk")
	stay := c.Flags().Bool("stay", isTerminal(p.Stdout), "let the bots walk on until interrupted, for a browser to look in")
	c.RunE = func(c *cobra.Command, _ []string) error {
		run := bot.Defaults()
		run.Bots, run.Duration, run.Step = *bots, *duration, 2
		run.Guests = true
		run.Verify, run.Churn = true, max(0, min(*bots/10, 20))
		if p.Bots != nil {
			p.Bots(&run)
		}
		if err := run.Check(); err != nil {
			return usageError{err}
		}
		return p.runDemo(c.Context(), run, *stay)
	}
	return c
}

// runDemo runs bots against a server of their own.
func (p Program) runDemo(ctx context.Context, run bot.Config, stay bool) error {
	cfg := demoConfig(run)
	token, forget, err := demoToken(&cfg)
	if err != nil {
		return err
	}
	defer forget()
	log, flush := newLogger(p.Stderr, cfg.Log)
	defer flush()
	server, err := p.NewServer(cfg, log)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- server.Run(serving) }()
	select {
	case err := <-done:
		return err
	case <-server.Ready():
	}
	at := server.Addresses()
	if err := p.print(fmt.Sprintf("Watch it, and run it: http://%v/#token=%s\n", at[conf.OpsAddress], token)); err != nil {
		return errors.Join(err, stopped(stop, done))
	}
	report, err := p.watch(ctx, server, run)
	switch {
	case ctx.Err() != nil:
		err = errors.Join(err, p.interrupted(report))
	case err == nil:
		err = p.judge(report)
	}
	if err == nil && stay && ctx.Err() == nil {
		err = p.stay(ctx, server, run)
	}
	return errors.Join(err, stopped(stop, done))
}

// stopped stops a server, and returns with what it has ended.
func stopped(stop func(), done <-chan error) error {
	stop()
	return <-done
}

// demoToken has a server of its own have an operator whose token nobody else knows, until forget.
func demoToken(cfg *conf.Config) (token string, forget func(), err error) {
	folder, err := os.MkdirTemp("", "aoiworld-demo-")
	if err != nil {
		return "", nil, err
	}
	forget = func() { _ = os.RemoveAll(folder) } // what is left is of no use to anybody
	cfg.Ops.AdminTokenFile, cfg.Moderation.File = filepath.Join(folder, "admin.token"), filepath.Join(folder, "bans.json")
	_, err = auth.CreateSecret(cfg.Ops.AdminTokenFile)
	var secret []byte
	if err == nil {
		secret, err = auth.ReadSecret(cfg.Ops.AdminTokenFile)
	}
	if err != nil {
		forget()
		return "", nil, err
	}
	return string(secret), forget, nil
}

// stay lets the bots walk on, unwatched, until the context ends.
func (p Program) stay(ctx context.Context, server Server, run bot.Config) error {
	at := server.Addresses()
	say := fmt.Sprintf("\nUntil you interrupt it, walk among the bots: http://%v/\n", at[conf.WebSocketAddress])
	if err := p.print(say); err != nil {
		return err
	}
	run.Server = at[conf.NativeAddress].String()
	const long = 24 * time.Hour
	run.Verify, run.Churn, run.Duration = false, 0, long
	_, err := bot.Run(ctx, run)
	if ctx.Err() != nil {
		return nil // as was asked for
	}
	return err
}

// demoConfig is the tutorial's world on free ports, quiet unless something is wrong.
func demoConfig(run bot.Config) conf.Config {
	cfg := conf.Default()
	const anyPort = "127.0.0.1:0"
	cfg.Net.TCP.Classic.Address, cfg.Net.TCP.Native.Address = anyPort, anyPort
	cfg.Net.WS.Address, cfg.Ops.Address = anyPort, anyPort
	cfg.Log.Level = "warn"
	cfg.Limits.Connections = max(cfg.Limits.Connections, 2*run.Bots)
	return cfg
}

// watch plays the bots and shows how they do.
func (p Program) watch(ctx context.Context, server Server, run bot.Config) (bot.Report, error) {
	at := server.Addresses()
	run.Server = at[conf.NativeAddress].String()
	err := p.print(fmt.Sprintf("%d × %d cells with %d bots, at tcp://%v and ws://%v/ws; metrics at http://%v/metrics\n",
		run.World.Columns, run.World.Rows, run.Bots, at[conf.ClassicAddress], at[conf.WebSocketAddress], at[conf.OpsAddress]))
	if err == nil {
		err = p.print(fmt.Sprintf("Walk among them in a browser: http://%v/\n", at[conf.WebSocketAddress]))
	}
	if err != nil {
		return bot.Report{}, err
	}
	live := isTerminal(p.Stdout)
	run.OnStatus = func(s bot.Status) { _ = p.print(statusLine(s, live)) } // the next one may work
	report, err := bot.Run(ctx, run)
	if live {
		err = errors.Join(err, p.print("\r\x1b[K"))
	}
	if errors.Is(err, context.Canceled) {
		err = nil // as was asked for, before the bots were there
	}
	return report, err
}

// interrupted says how far a run came that was ended before its time, by whoever had seen enough. Connections that were lost
// are no news then, for the server ends with the bots.
func (p Program) interrupted(report bot.Report) error {
	switch {
	case report.Violations > 0:
		return p.judge(report)
	case report.Checks == 0:
		return p.print("Interrupted before the bots' views were compared.\n")
	}
	return p.print(fmt.Sprintf("Interrupted. The bots' views had been compared %d times, and all was as it should be.\n",
		report.Checks))
}

// statusLine says how the bots do: on a terminal over the line before, else on a line of its own.
func statusLine(s bot.Status, live bool) string {
	if live {
		return "\r\x1b[K" + s.String()
	}
	return s.String() + "\n"
}

// judge prints the report and says what it means.
func (p Program) judge(report bot.Report) error {
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		return err
	}
	verdict := "\nEvery bot saw exactly what it should have.\n\nNow serve players: say serve instead of demo.\n"
	if !report.Good() {
		verdict = "\nNot every bot saw what it should have.\n"
	}
	if err := p.print(text.String() + verdict); err != nil {
		return err
	}
	if !report.Good() {
		return errQuiet
	}
	return nil
}
