package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
)

// usage says that a command line is wrong usage, with one line that has some words in it.
func usage(t *testing.T, says string, args ...string) {
	t.Helper()
	code, out, errs := sim(t, args...)
	if code != exitUsage || !strings.Contains(errs, says) || strings.Count(errs, "\n") != 1 || out != "" {
		t.Errorf("%q: exit %d, want %q\n%s%s", args, code, says, out, errs)
	}
}

// TestReportsThatCannotBeWritten are wrong usage before anything is played, of which nothing is left.
func TestReportsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	none, old := filepath.Join(dir, "none", "x.html"), filepath.Join(dir, "old.json")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, token := startOperated(t)
	nowhere := []string{"--server", "127.0.0.1:1"}
	for _, command := range [][]string{{"run"}, {"capacity"}, {"tune", "--admin", "127.0.0.1:1", "--admin-token-file", token}} {
		command = append(command, nowhere...)
		usage(t, "--html="+none+": no such file or directory", append(command, "--html", none, "--json="+old)...)
		usage(t, "--json="+dir+": is a folder", append(command, "--json="+dir)...)
		usage(t, "; --html="+none, append(command, "--json="+dir, "--html", none)...)
	}
	options := runOptions{json: old, html: filepath.Join(dir, "new.html")}
	if err := options.checkFiles(); err != nil {
		t.Error(err)
	}
	if err := (runOptions{json: standardOutput, html: os.DevNull}).checkFiles(); err != nil {
		t.Error(err)
	}
	found, err := os.ReadDir(dir)
	if b, _ := os.ReadFile(old); err != nil || len(found) != 1 || string(b) != "old" {
		t.Errorf("%v: %v, and %q of the old report", err, found, b)
	}
}

// TestWhatCanBeWrittenIs, beside what cannot: a run of an hour is not played again for a page.
func TestWhatCanBeWrittenIs(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none", "x")
	for _, options := range []runOptions{{json: filepath.Join(dir, "a.json"), html: none}, {json: none, html: filepath.Join(dir, "a.html")}} {
		var out strings.Builder
		err := write(&out, before(), options)
		if err == nil || !strings.Contains(err.Error(), none) || !strings.Contains(out.String(), "bots ") {
			t.Errorf("%v\n%s", err, &out)
		}
	}
	for _, name := range []string{"a.json", "a.html"} {
		if found, err := os.Stat(filepath.Join(dir, name)); err != nil || found.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := write(io.Discard, before(), runOptions{json: none, html: none})
	if err == nil || strings.Count(err.Error(), none) != 2 || strings.Contains(err.Error(), "\n") {
		t.Errorf("two that cannot: %v", err)
	}
	runs, _ := modelled(t, dir)
	if _, out, _ := sim(t, "model", runs, "--html", none); !strings.Contains(out, "tick") {
		t.Errorf("costs:\n%s", out)
	}
}

// TestWhatIsNoReport is not drawn, and not held against a report.
func TestWhatIsNoReport(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty":      "{}",
		"a study":    `{"began":"2026-01-01T00:00:00Z","server":"x","transport":"tcp","motion":"walk","loads":[]}`,
		"compared":   `{"figures":[],"warnings":[],"worse":[]}`,
		"a list":     "[1]",
		"null":       "null",
		"half":       `{"bots":1`,
		"other kind": `{"bots":"many","movesPerSecond":1,"latencyMillis":{},"deliveredPart":1}`,
	} {
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		usage(t, file+": not ", "html", file)
		usage(t, file+": not ", "compare", file, file)
	}
}

// TestFlagsThatWouldMakeNoDifference are refused, wherever they are from.
func TestFlagsThatWouldMakeNoDifference(t *testing.T) {
	for _, flag := range ofPhases {
		value := "1"
		switch flag {
		case "duration", "think":
			value = "1s"
		case "motion":
			value = bot.Walk
		}
		usage(t, "--"+flag+" does not go with --scenario", "run", "--scenario", "evening", "--"+flag, value)
	}
	for _, flag := range []string{"--scale", "--speed"} {
		usage(t, flag+" wants --scenario", "run", flag, "2")
	}
	t.Setenv("CLIENT_SIM_BOTS", "3")
	usage(t, "--bots does not go with --scenario", "run", "--scenario", "evening")
}

// TestCutsAreOfTheScenariosBots, and not of as many as a run without one has.
func TestCutsAreOfTheScenariosBots(t *testing.T) {
	cfg := bot.Defaults()
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	addRunFlags(flags, &cfg)
	cfg.Cuts = 400
	if err := setFromScenario(flags, &cfg, runOptions{scenario: "evening", scale: 1, speed: 1}); err != nil || cfg.Check() != nil {
		t.Errorf("%v, %v", err, cfg.Check())
	}
}

// TestStrayArguments are named, and what they may have been meant for.
func TestStrayArguments(t *testing.T) {
	usage(t, `unexpected argument "c.json": a file for JSON is written --json=c.json`, "capacity", "--json", "c.json")
	usage(t, `unexpected argument "c.json": a file for JSON is written --json=c.json`, "run", "--json", "c.json")
	usage(t, `unexpected argument "1s"`, "capacity", "1s")
	usage(t, `unexpected argument "c.json"`, "compare", "a.json", "b.json", "c.json")
	usage(t, `unexpected argument "b.json"`, "html", "a.json", "b.json")
	usage(t, `unexpected argument "evening"`, "scenarios", "evening")
}

// TestDifferencesAreInWords: no struct of Go, and no list of all phases.
func TestDifferencesAreInWords(t *testing.T) {
	one, other := before(), before()
	one.Machine, other.Machine = bot.Machine{CPU: "Xeon", Cores: 2, Kernel: "6.1"}, bot.Machine{CPU: "EPYC", Cores: 4}
	settings := *one.Settings
	settings.Hotspot, settings.Phases = []float64{1, 2.5}, []bot.PhaseSettings{{Name: "come", Bots: 3}, {Bots: 4}, {Bots: 5}}
	one.Settings = &settings
	changed := settings
	changed.Hotspot, changed.Phases = nil, []bot.PhaseSettings{{Name: "come", Bots: 6, Motion: bot.Walk}, {Bots: 7}, {Bots: 8}}
	other.Settings, other.Form = &changed, bot.BitsForm
	got := strings.Join(warnings(one, other), "\n")
	want := `the machines or versions differ: kernel 6.1 and none; cpu Xeon and EPYC; cores 2 and 4
forms of moves none and bits
the settings differ: hotspot 1,2.5 and none
the settings differ: phase "come": bots 3 and 6; motion none and walk (and 2 more phases)`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	changed.Hotspot, changed.Phases = settings.Hotspot, changed.Phases[:1]
	if got := strings.Join(warnings(one, other), "\n"); !strings.HasSuffix(got, "the settings differ: 3 phases and 1") {
		t.Error(got)
	}
}
