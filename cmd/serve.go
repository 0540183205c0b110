package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"aoiworld/conf"
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
		server, err := p.NewServer(cfg, newLogger(p.Stderr, cfg.Log))
		if err != nil {
			return err
		}
		return server.Run(c.Context())
	}
	return c
}

// newLogger returns the log that the configuration asks for.
func newLogger(w io.Writer, cfg conf.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		panic(err) // the configuration was checked
	}
	if cfg.Format == "text" || cfg.Format == "auto" && isTerminal(w) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{
			Level: level, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w),
		}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

// isTerminal reports whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// version returns the command that says what this is.
func (p Program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return p.print("aoiworld, built without version information\n")
			}
			return p.print(fmt.Sprintf("aoiworld %s%s, %s\n", info.Main.Version, revision(info), info.GoVersion))
		},
	}
}

// revision returns the commit that was built, where it is known.
func revision(info *debug.BuildInfo) (text string) {
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			text = " (" + s.Value[:min(len(s.Value), 12)] + ")" + text
		case s.Key == "vcs.modified" && s.Value == "true":
			text += " with changes"
		}
	}
	return text
}
