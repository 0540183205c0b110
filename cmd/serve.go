package cmd

import (
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"aoiworld/conf"
	"aoiworld/internal/build"
)

// serve returns the command that serves players.
func (p Program) serve() *cobra.Command {
	c := &cobra.Command{
		Use: "serve", Short: "Serve players until interrupted", Args: noArgs,
		Example: "  aoiworld serve -c aoiworld.yaml\n" +
			"  aoiworld serve --set net.ws.address=127.0.0.1:8081 --set world.tick_rate=30",
	}
	load := p.configFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		log, flush := newLogger(p.Stderr, cfg.Log)
		defer flush()
		server, err := p.NewServer(cfg, log)
		if err != nil {
			return err
		}
		stop := reloadOnHangup(server, load, log)
		defer stop()
		return server.Run(c.Context())
	}
	return c
}

// reloadOnHangup has a server take over the settings that can change while it runs, as they are then, at each SIGHUP until stop.
// What is wrong with them is logged, and changes nothing.
func reloadOnHangup(server Server, load func() (conf.Config, error), log *slog.Logger) (stop func()) {
	hangups, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer close(done)
		for range hangups {
			reload(server, load, log)
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		<-done
	}
}

// reload has a server take over the settings that can change.
func reload(server Server, load func() (conf.Config, error), log *slog.Logger) {
	cfg, err := load()
	var changed []string
	if err == nil {
		changed, err = server.Configure(cfg)
	}
	var wrong *conf.Error
	switch {
	case errors.As(err, &wrong):
		log.Error("the configuration cannot be, and nothing has changed", "problems", wrong.Problems)
	case err != nil:
		log.Error("the configuration could not be read again, and nothing has changed", "error", err)
	case len(changed) == 0:
		log.Info("nothing has changed in the configuration")
	default:
		log.Info("settings changed", "by", "SIGHUP", "keys", changed)
	}
}

// version returns the command that says what this is.
func (p Program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.print("aoiworld " + build.Read().String() + "\n") },
	}
}
