package cmd

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
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
		return server.Run(c.Context())
	}
	return c
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
