package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/probe"
)

// runOptions is what a run is asked beside what the bots do.
type runOptions struct {
	json, html string // files, "-" for standard output, or nothing
	metrics    string // URL
	admin      adminOptions
	progress   bool
	quiet      bool
	// scenario is a name or a file, or nothing; scale is how many times its bots, speed how many times faster.
	scenario     string
	scale, speed float64
}

// runCommand returns `client_sim run`.
func runCommand() *cobra.Command {
	cfg := bot.Defaults()
	var options runOptions
	command := &cobra.Command{
		Use:   "run",
		Short: "Connect bots, move them, report what reached them; --verify proves that it was right",
		Long: "Connects bots, moves them, and reports what reached them.\n\n" +
			"Each flag can be set by a variable instead: CLIENT_SIM_BOTS=500 stands for --bots 500.",
		Example: "  client_sim run --bots 1000 --duration 20s --html report.html\n" +
			"  client_sim run --bots 200 --verify --motion cross --churn 20\n" +
			"  client_sim run --bots 2000 --max-p99 100ms --min-delivered 0.99\n" +
			"  client_sim run --scenario market-square --scale 0.5",
		Args: exactly(0),
	}
	flags := command.Flags()
	addRunFlags(flags, &cfg)
	goalFlags(flags, &cfg.Goals)
	flags.StringVar(&options.scenario, "scenario", "", "play the phases of this file, or built-in scenario")
	flags.Float64Var(&options.scale, "scale", 1, "so many times the bots of the scenario")
	flags.Float64Var(&options.speed, "speed", 1, "the scenario in so many times less time")
	outputFlags(flags, &options)
	command.RunE = func(c *cobra.Command, _ []string) error {
		if err := setFromEnvironment(flags); err != nil {
			return err
		}
		if err := setFromScenario(flags, &cfg, options); err != nil {
			return err
		}
		return run(c, chooseTransport(cfg, flags), options)
	}
	return command
}

// outputFlags binds the flags that say what is told of a run, and by whom the server is asked.
func outputFlags(flags *pflag.FlagSet, options *runOptions) {
	flags.StringVar(&options.json, "json", "", "report as JSON: to standard output, or --json=FILE")
	flags.Lookup("json").NoOptDefVal = standardOutput
	flags.StringVar(&options.html, "html", "", "write a page with charts to this file")
	flags.StringVar(&options.metrics, "metrics", "", "the server's metrics page (a local server's is found)")
	flags.BoolVar(&options.progress, "progress", false, "a status line each second, also where there is no terminal")
	flags.BoolVar(&options.quiet, "quiet", false, "no progress bar")
	flags.StringVar(&options.admin.address, "admin", "", "the server's operation port, host:port or a URL (a local server's)")
	flags.StringVar(&options.admin.tokenFile, "admin-token-file", "", "file with the operator's token")
}

// adminOptions is who may change the server's settings.
type adminOptions struct{ address, tokenFile string }

// operator returns the operator of the first of several servers.
func (o adminOptions) operator(servers string) (*operator.Operator, error) {
	address := o.address
	if address == "" {
		address = localOperations(servers)
	}
	return operator.New(address, o.tokenFile)
}

// standardOutput stands for it where a file is named.
const standardOutput = "-"

// run plays a run and reports on it.
func run(c *cobra.Command, cfg bot.Config, options runOptions) error {
	if err := options.prepare(c.Context(), &cfg); err != nil {
		return err
	}
	report, err := options.play(c)(c.Context(), cfg)
	if err != nil {
		return runError{err}
	}
	if err := write(c.OutOrStdout(), report, options); err != nil {
		return runError{err}
	}
	if !report.Good() {
		return runError{errBadRun}
	}
	return nil
}

// metricsPatience is how long a metrics page may take when it is first asked for.
const metricsPatience = 2 * time.Second

// findMetrics returns a probe of the page that is named: that it does not answer, or is another program's, is an error
// before the run and not a gap after it. Without a name, a local server's page is taken if it is one, and asked no more
// if it is not.
func findMetrics(ctx context.Context, servers, named string) (bot.Probe, error) {
	page := named
	if named == "" {
		local := localOperations(servers)
		if local == "" {
			return nil, nil
		}
		page = local + "/metrics"
	}
	ctx, cancel := context.WithTimeout(ctx, metricsPatience)
	defer cancel()
	metrics := probe.Metrics(page)
	switch _, err := metrics(ctx); {
	case err == nil:
		return metrics, nil
	case named == "":
		return nil, nil
	default:
		return nil, fmt.Errorf("--metrics %s: %w", named, err)
	}
}

// localOperations returns where the first of several servers has its operation port unless told otherwise, if it is on this
// machine; nothing for a server on another.
func localOperations(servers string) string {
	host := operator.HostOf(servers)
	if !operator.OnThisMachine(host) {
		return ""
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, "9090")
}
