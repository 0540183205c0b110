package cmd

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/conf"
)

// healthPatience is how long a server may take to say that it is well.
const healthPatience = 3 * time.Second

// maxHealth is how much of what it says is read (bytes).
const maxHealth = 256

// healthy returns the command that asks a running server how it is: what a container without a shell has to be asked by.
func (p Program) healthy() *cobra.Command {
	c := &cobra.Command{
		Use: "healthy", Short: "Ask a running server whether it is alive", Args: noArgs,
		Long: "Asks the server that runs by the same configuration (ops.address) on this machine, and exits with 0 if it\n" +
			"answers well, else with 1: for the health checks of containers and services.",
		Example: "  aoiworld healthy -c aoiworld.yaml           as GET /healthz: the process lives\n" +
			"  aoiworld healthy --ready -c aoiworld.yaml   as GET /readyz: players can come in",
	}
	ready := c.Flags().Bool("ready", false, "ask whether players can come in")
	load := p.configFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err == nil && cfg.Ops.Address == "" {
			err = &conf.Error{Problems: []string{conf.OpsAddress + ": want an address to ask at"}}
		}
		if err != nil {
			return err
		}
		path := "/healthz"
		if *ready {
			path = "/readyz"
		}
		return p.askHealth(c.Context(), "http://"+reachable(cfg.Ops.Address)+path)
	}
	return c
}

// askHealth prints what a server says of itself. The error says that it is not well, or does not answer.
func (p Program) askHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	said, err := io.ReadAll(io.LimitReader(w.Body, maxHealth))
	if err != nil {
		return err
	}
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %q", url, w.Status, said)
	}
	return p.print(string(said))
}
