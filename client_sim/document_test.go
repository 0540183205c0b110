package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
)

// TestTheDocumentIsComplete: it names every flag of every command, and every field of a report and its samples.
func TestTheDocumentIsComplete(t *testing.T) {
	b, err := os.ReadFile("../docs/client_sim.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	want := func(name string) {
		if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+name+" ") {
			t.Errorf("%s is not in the document", name)
		}
	}
	runCommand().Flags().VisitAll(func(f *pflag.Flag) { want("--" + f.Name) })
	compareCommand().Flags().VisitAll(func(f *pflag.Flag) { want("--" + f.Name) })
	for _, v := range []any{bot.Report{}, bot.Sample{}, bot.ServerSample{}, bot.Latency{}, bot.Percentile{}, bot.Machine{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			want(name)
		}
	}
}
