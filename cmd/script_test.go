package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"aoiworld/conf"
)

// TestMain lets the scripts run these commands as aoiworld, with a server that says what it would do.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aoiworld": func() {
		os.Exit(Execute(context.Background(), Program{
			NewServer: newScripted, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(),
		}, os.Args[1:]))
	}})
}

// newScripted returns a server that ends as the variable FAKE_SERVER says.
func newScripted(cfg conf.Config, log *slog.Logger) (Server, error) {
	return fake{func(context.Context) error {
		log.Info("ready", "net.ws.address", cfg.Net.WS.Address)
		log.Debug("told to the curious")
		switch os.Getenv("FAKE_SERVER") {
		case "taken":
			return fmt.Errorf("while binding: %w", &conf.Error{Problems: []string{"net.ws.address: taken"}})
		case "broken":
			return errBroken
		}
		return nil
	}}, nil
}

// TestScripts plays testdata/*.txtar: what a user types, and what the commands answer. The scripts find the
// repository's generated files beside them.
func TestScripts(t *testing.T) {
	setup := func(e *testscript.Env) error {
		for name, source := range map[string]string{
			"docs.md": "../docs/config.md", "sample.yaml": "../conf/aoiworld.sample.yaml",
		} {
			content, err := os.ReadFile(source)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(e.WorkDir, name), content, 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: setup})
}
