package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/capacity"
	"aoiworld/client_sim/model"
	"aoiworld/client_sim/study"
	"aoiworld/client_sim/tune"
)

// TestTheDocumentsAreComplete: they name every flag of every command, and every field of a report and its samples, and of studies.
func TestTheDocumentsAreComplete(t *testing.T) {
	for document, of := range map[string]struct {
		commands []*cobra.Command
		values   []any
	}{
		"client_sim.md": {
			[]*cobra.Command{runCommand(), compareCommand(), capacityCommand(), tuneCommand(), modelCommand()},
			[]any{
				bot.Report{},
				bot.Sample{},
				bot.ServerSample{},
				bot.ServerUse{},
				bot.Latency{},
				bot.Percentile{},
				bot.Machine{},
				comparison{},
				compared{},
			},
		},
		"capacity.md": {nil, []any{
			study.Header{},
			study.Load{},
			capacity.Report{},
			capacity.Plan{},
			capacity.Round{},
			capacity.Step{},
			tune.Report{},
			tune.Plan{},
			model.Report{},
			model.Sum{},
			model.Term{},
			model.Comparison{},
			model.Prediction{},
			model.Wish{},
			model.Counts{},
		}},
	} {
		b, err := os.ReadFile("../docs/" + document)
		if err != nil {
			t.Fatal(err)
		}
		want := func(name string) {
			if !strings.Contains(string(b), "`"+name+"`") && !strings.Contains(string(b), "`"+name+" ") {
				t.Errorf("%s is not in %s", name, document)
			}
		}
		for _, c := range of.commands {
			c.Flags().VisitAll(func(f *pflag.Flag) { want("--" + f.Name) })
		}
		for _, v := range of.values {
			for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
					want(name)
				}
			}
		}
	}
}
