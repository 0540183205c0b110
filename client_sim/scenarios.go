package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/scenario"
)

// ofPhases are the flags that phases stand for.
var ofPhases = []string{
	"bots", "duration", "motion", "rate", "step", "churn", "think", "chat-share", "chat-rate",
}

// ofScenarios are the flags that say which scenario to play, and how.
var ofScenarios = []string{"scenario", "scale", "speed"}

// setFromScenario gives a run the phases of a scenario, if one is asked for, and those of its flags that nobody else has
// set. A flag that would make no difference is refused.
func setFromScenario(flags *pflag.FlagSet, cfg *bot.Config, options runOptions) error {
	if !(options.scale > 0) || !(options.speed > 0) {
		return fmt.Errorf("%w: scale %v, speed %v", bot.ErrConfig, options.scale, options.speed)
	}
	if options.scenario == "" {
		return refuse(flags, ofScenarios, "wants --scenario")
	}
	if err := refuse(flags, ofPhases, "does not go with --scenario: its phases say that"); err != nil {
		return err
	}
	s, err := scenario.Load(options.scenario)
	if err != nil {
		return err
	}
	for name, value := range s.Flags {
		if err := setOfScenario(flags, name, value); err != nil {
			return fmt.Errorf("%w: %s: %w", scenario.ErrScenario, options.scenario, err)
		}
	}
	cfg.Phases = scenario.Scale(s.Phases, options.scale, options.speed)
	cfg.Bots = 0
	for _, p := range cfg.Phases {
		cfg.Bots = max(cfg.Bots, p.Bots) // of whom some are cut, or stall
	}
	return nil
}

// refuse says which of some flags is set, by the command line or by a variable, although it must not be.
func refuse(flags *pflag.FlagSet, names []string, why string) error {
	for _, name := range names {
		if flags.Changed(name) {
			return fmt.Errorf("--%s %s", name, why)
		}
	}
	return nil
}

// setOfScenario sets a flag as a scenario says, unless it is set already.
func setOfScenario(flags *pflag.FlagSet, name, value string) error {
	f := flags.Lookup(name)
	switch {
	case f == nil:
		return fmt.Errorf("there is no flag %q", name)
	case slices.Contains(ofPhases, name):
		return fmt.Errorf("the flag %q is for a phase to say", name)
	case slices.Contains(ofScenarios, name):
		return fmt.Errorf("the flag %q is for the command line", name)
	case f.Changed:
		return nil
	}
	if err := flags.Set(name, value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// scenariosCommand returns `client_sim scenarios`.
func scenariosCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scenarios",
		Short: "List the scenarios that are built in",
		Args:  exactly(0),
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
