package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/scenario"
)

// setFromScenario gives a run the phases of a scenario, if one is asked for, and those of its flags that nobody else has
// set.
func setFromScenario(flags *pflag.FlagSet, cfg *bot.Config, options runOptions) error {
	if !(options.scale > 0) || !(options.speed > 0) {
		return fmt.Errorf("%w: scale %v, speed %v", bot.ErrConfig, options.scale, options.speed)
	}
	if options.scenario == "" {
		return nil
	}
	s, err := scenario.Load(options.scenario)
	if err != nil {
		return err
	}
	for name, value := range s.Flags {
		f := flags.Lookup(name)
		if f == nil {
			return fmt.Errorf("%w: %s: there is no flag %q", scenario.ErrScenario, s.Name, name)
		}
		if f.Changed {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return fmt.Errorf("%w: %s: %s: %w", scenario.ErrScenario, s.Name, name, err)
		}
	}
	cfg.Phases = scenario.Scale(s.Phases, options.scale, options.speed)
	return nil
}

// scenariosCommand returns `client_sim scenarios`.
func scenariosCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scenarios",
		Short: "List the scenarios that are built in",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := scenario.Builtin()
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range all {
				most, total := 0, time.Duration(0)
				for _, p := range s.Phases {
					most, total = max(most, p.Bots), total+p.Duration
				}
				fmt.Fprintf(table, "%s\t%d bots\t%v\t%s\n", s.Name, most, total, strings.TrimSpace(s.About))
			}
			return table.Flush()
		},
	}
}
