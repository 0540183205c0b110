package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
)

// before is a run that others are held against.
func before() bot.Report {
	return bot.Report{
		Bots: 1000, Transport: bot.TCP, Motion: bot.Walk, MovesPerSecond: 10_000, UpdatesPerSecond: 190_000, DeliveredPart: 1,
		BytesPerUpdate: 30, LatencyMillis: bot.Latency{P50: 30, P99: 60}, ServerCores: 0.3, ServerRSSBytes: 20e6, Trustworthy: true,
		Settings: &bot.Settings{TickRateHz: 20, Phases: []bot.PhaseSettings{{MovesPerSecond: 10}}},
	}
}

func TestComparisons(t *testing.T) {
	for name, test := range map[string]struct {
		change          func(*bot.Report)
		worse, warnings int
	}{
		"the same":          {func(*bot.Report) {}, 0, 0},
		"slower":            {func(r *bot.Report) { r.LatencyMillis.P99 = 67 }, 1, 0},
		"a little slower":   {func(r *bot.Report) { r.LatencyMillis.P99 = 65 }, 0, 0},
		"faster":            {func(r *bot.Report) { r.LatencyMillis.P99 = 30 }, 0, 0},
		"less came":         {func(r *bot.Report) { r.DeliveredPart = 0.89 }, 1, 0},
		"larger and dearer": {func(r *bot.Report) { r.BytesPerUpdate, r.ServerCores = 40, 0.4 }, 2, 0},
		"nothing came":      {func(r *bot.Report) { r.DeliveredPart, r.LatencyMillis.P99, r.BytesPerUpdate = 0, 0, 0 }, 3, 0},
		"server not known":  {func(r *bot.Report) { r.ServerCores = 0 }, 0, 1},
		"another tick rate": {func(r *bot.Report) { r.Settings = &bot.Settings{TickRateHz: 10, Phases: r.Settings.Phases} }, 0, 1},
		"other goals": {func(r *bot.Report) {
			s := *r.Settings
			s.Goals.MaxViolations, r.Settings = 3, &s
		}, 0, 0},
		"other phases":       {func(r *bot.Report) { r.Settings = &bot.Settings{TickRateHz: 20} }, 0, 1},
		"p50 does not count": {func(r *bot.Report) { r.LatencyMillis.P50 = 60 }, 0, 0},
		"wrong":              {func(r *bot.Report) { r.Violations = 1 }, 1, 0},
		"another machine":    {func(r *bot.Report) { r.Machine.CPU = "another" }, 0, 1},
		"other bots":         {func(r *bot.Report) { r.Bots, r.Motion, r.Transport = 2000, bot.Cross, bot.WebSocket }, 0, 3},
		"bots were late":     {func(r *bot.Report) { r.Trustworthy, r.Doubts = false, []string{"late"} }, 0, 1},
		"an old report":      {func(r *bot.Report) { r.Trustworthy, r.Doubts, r.Settings = false, nil, nil }, 0, 1},
	} {
		after := before()
		test.change(&after)
		if c := compare(before(), after, 0.1); len(c.Worse) != test.worse || len(c.Warnings) != test.warnings {
			t.Errorf("%s: worse %q, warnings %q", name, c.Worse, c.Warnings)
		}
		if c := compare(after, after, 0.1); len(c.Worse) != 0 {
			t.Errorf("%s: a run is worse than itself: %q", name, c.Worse)
		}
		if c := compare(before(), after, -1); len(c.Worse) != 0 {
			t.Errorf("%s, and nobody asked: worse %q", name, c.Worse)
		}
	}
}

// TestAFirstReportWithoutAFigure: nothing got worse that was not known, and the reader is told.
func TestAFirstReportWithoutAFigure(t *testing.T) {
	c := compare(bot.Report{}, before(), 0.1)
	var b strings.Builder
	if err := c.write(&b, false); err != nil || len(c.Worse) != 0 {
		t.Errorf("%v, worse %q", err, c.Worse)
	}
	for _, want := range []string{"latency p99, ms       –", "WARNING  latency p99, ms cannot be compared", "WARNING  only one"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, &b)
		}
	}
}

func TestTheComparisonIsPrinted(t *testing.T) {
	dir := t.TempDir()
	after := before()
	after.LatencyMillis.P99, after.BytesPerUpdate = 90, 15
	var files []string
	for i, r := range []bot.Report{before(), after} {
		files = append(files, filepath.Join(dir, string('a'+rune(i))+".json"))
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[i], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := sim(t, append([]string{"compare", "--max-regression", "10%"}, files...)...)
	if code != exitBad {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{
		"latency p99, ms    60.0    90.0  +50.0 %   worse", "bytes an update    30.0    15.0  -50.0 %  better",
		"WORSE    latency p99, ms got worse by 50.0 %, at most 10.0 %",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	code, out, _ = sim(t, append([]string{"compare", "--json"}, files...)...)
	var back comparison
	if err := json.Unmarshal([]byte(out), &back); err != nil || code != exitGood {
		t.Fatalf("exit %d, %v", code, err)
	}
	if diff := cmp.Diff(compare(before(), after, -1), back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPercentages(t *testing.T) {
	for text, want := range map[string]float64{"10%": 0.1, "0.25": 0.25, " 5 % ": 0.05, "0": 0} {
		var p percentage
		if err := p.Set(text); err != nil || float64(p) != want {
			t.Errorf("%q: %v, %v", text, float64(p), err)
		}
	}
	for _, text := range []string{"", "-1", "NaN", "ten"} {
		if new(percentage).Set(text) == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
