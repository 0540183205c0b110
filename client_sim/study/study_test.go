package study

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
)

// settings are of a world of 300 × 200 units in 10 × 20 cells.
func settings() *bot.Settings {
	return &bot.Settings{
		MinX: 100, MaxX: 400, MinZ: 50, MaxZ: 250, Columns: 10, Rows: 20, ViewRadius: 2, TickRateHz: 20,
		Phases: []bot.PhaseSettings{{Motion: bot.Patrol, MovesPerSecond: 10, Seconds: 15, Churn: 3}},
	}
}

// report is of a run in which all went well.
func report() bot.Report {
	return bot.Report{
		Began: time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC), Server: "127.0.0.1:9000", Transport: bot.TCP, Dialect: bot.Native,
		Motion: bot.Patrol, Bots: 100, Joined: 100, Seconds: 15, MovesPerSecond: 1000, UpdatesPerSecond: 20_000, BytesPerUpdate: 5,
		Audience: 20, DeliveredPart: 1, LatencyMillis: bot.Latency{P50: 30, P99: 60}, Cores: 0.5, Settings: settings(),
		Machine: bot.Machine{CPU: "a processor", Cores: 2, OS: "linux"}, ServerUse: &bot.ServerUse{Cores: 0.25, RSSBytes: 3e7},
		Failures: []string{}, Doubts: []string{},
	}
}

func TestALoadIsWhatARunFound(t *testing.T) {
	r := report()
	l := NewLoad(&r)
	want := Load{
		Players: 100, Joined: 100, Columns: 10, Rows: 20, CellWidth: 30, CellDepth: 10, ViewRadius: 2, TickRateHz: 20, Seconds: 15,
		P50Millis: 30, P99Millis: 60, DeliveredPart: 1, Audience: 20, MovesPerSecond: 1000, UpdatesPerSecond: 20_000,
		BytesPerPlayer: 1000, BytesPerUpdate: 5, BotCores: 0.5, BotMachineCores: 2, Server: r.ServerUse, Failures: []string{},
		Doubts: []string{}, Verdict: Holds,
	}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l.Cell() != "30 × 10" || l.Sight() != 20 || l.ServerCores() != 0.25 || l.ServerMB() != 30 {
		t.Errorf("cells %s, sight %v, %v cores, %v MB", l.Cell(), l.Sight(), l.ServerCores(), l.ServerMB())
	}
	var cut Load
	cut.Cut(bot.World{MinX: 100, MaxX: 400, MinZ: 50, MaxZ: 250, Columns: 10, Rows: 20, Radius: 2})
	if cut.Cell() != l.Cell() || cut.Sight() != l.Sight() {
		t.Errorf("before the run cells are %s, and players see %v", cut.Cell(), cut.Sight())
	}
	l.Server = nil
	if l.ServerCores() != 0 || l.ServerMB() != 0 {
		t.Error("a server that was not asked took something")
	}
}

// TestVerdicts: that the bots were late never makes what they measure better.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bot.Report)
		want   Verdict
	}{
		"well":                              {func(*bot.Report) {}, Holds},
		"well, though the bots were late":   {func(r *bot.Report) { r.Doubts = []string{"late"} }, Holds},
		"a goal was missed":                 {func(r *bot.Report) { r.Failures = []string{"p99"} }, Breaks},
		"missed, and the bots were late":    {func(r *bot.Report) { r.Failures, r.Doubts = []string{"p99"}, []string{"late"} }, Late},
		"not all was put on the server":     {func(r *bot.Report) { r.SkippedSends = 1 }, Late},
		"the server did not read":           {func(r *bot.Report) { r.BlockedSends, r.Doubts = 1, []string{"blocked"} }, Breaks},
		"nor were the bots in time":         {func(r *bot.Report) { r.BlockedSends, r.Doubts = 1, []string{"blocked", "late"} }, Late},
		"the bots' machine has no ports":    {func(r *bot.Report) { r.Closes = closes("cannot assign requested address") }, Late},
		"the bots' machine has no files":    {func(r *bot.Report) { r.Closes = closes("socket: too many open files") }, Late},
		"somebody was closed, as it should": {func(r *bot.Report) { r.Closes = closes("SHUTDOWN") }, Holds},
	} {
		r := report()
		c.change(&r)
		if got := NewLoad(&r).Verdict; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for why, l := range map[string]Load{
		"": {Verdict: Holds, Doubts: []string{"late"}}, "late": {Verdict: Late, Failures: []string{"p99"}, Doubts: []string{"late"}},
		"p99": {Verdict: Breaks, Failures: []string{"p99"}, Doubts: []string{"blocked"}}, "ports": {Verdict: Late, Failures: []string{"ports"}},
		"blocked": {Verdict: Breaks, Doubts: []string{"blocked"}}, "bots late": {Verdict: Late},
	} {
		if got := l.Why(); got != why {
			t.Errorf("%q, want %q", got, why)
		}
	}
	if l := Refused(30, errors.New("nobody")); l.Verdict != Breaks || l.Closes["nobody"] != 30 || l.Joined != 0 {
		t.Errorf("%+v", l)
	}
}

// closes is one connection that ended for a reason.
func closes(reason string) map[string]int { return map[string]int{reason: 1} }

func TestWhatGaveWay(t *testing.T) {
	use := func(change func(*bot.ServerUse)) *bot.ServerUse {
		u := &bot.ServerUse{Seconds: 10, Cores: 0.5, MachineCores: 2, TickPart: 0.2, TicksPerSecond: 20}
		change(u)
		return u
	}
	idle := use(func(*bot.ServerUse) {})
	breaks := func(u *bot.ServerUse) Load {
		return Load{Players: 100, Joined: 100, Verdict: Breaks, Server: u, BotCores: 0.6}
	}
	for name, c := range map[string]struct {
		load   Load
		shared bool
		want   Cause
		says   string
	}{
		"nothing":       {Load{Verdict: Holds}, true, NothingYet, "held"},
		"no ports":      {Load{Verdict: Late, Closes: closes("too many open files")}, true, Generator, "no more ports or descriptors"},
		"late bots":     {Load{Verdict: Late, Doubts: []string{"one in ten was late"}}, true, Generator, "one in ten"},
		"left outside":  {Load{Verdict: Breaks, Players: 9, Joined: 8}, true, Admission, "8 of 9"},
		"thrown out":    {Load{Verdict: Breaks, Closes: closes("KICKED")}, true, Admission, "1 × KICKED"},
		"slow readers":  {Load{Verdict: Breaks, Closes: closes("4002 SLOW_CONSUMER")}, true, Bytes, "did not take"},
		"not asked":     {breaks(nil), true, Unknown, "--metrics"},
		"processors":    {breaks(use(func(u *bot.ServerUse) { u.Cores = 1.75 })), false, ServerCPU, "1.75 of 2"},
		"shared ones":   {breaks(use(func(u *bot.ServerUse) { u.Cores = 1.2 })), true, ServerCPU, "bots 0.60 of the 2"},
		"not shared":    {breaks(use(func(u *bot.ServerUse) { u.Cores = 1.2 })), false, Unknown, "no client fell behind"},
		"one goroutine": {breaks(use(func(u *bot.ServerUse) { u.TickPart = 0.8 })), true, Tick, "80 % of the time"},
		"late ticks":    {breaks(use(func(u *bot.ServerUse) { u.LateTicks, u.SkippedTicks = 6, 5 })), true, Tick, "6 were late and 5 given up"},
		"lagging":       {breaks(use(func(u *bot.ServerUse) { u.Lags = 3 })), true, Bytes, "fell behind 3 times"},
		"who knows":     {breaks(idle), true, Unknown, "ticks took 20 %"},
	} {
		if got, why := c.load.WhatGaveWay(c.shared); got != c.want || !strings.Contains(why, c.says) {
			t.Errorf("%s: %s, %s; want %s, %q", name, got, why, c.want, c.says)
		}
	}
}

func TestTheHeader(t *testing.T) {
	r := report()
	h := NewHeader(&r)
	h.ServerSettings = operator.Settings{operator.Columns: 10}
	if !h.Shared || h.About() != "patrol, native over tcp to 127.0.0.1:9000 · Sat, 28 Nov 2026 01:02:03 UTC" {
		t.Errorf("%+v: %s", h, h.About())
	}
	if where := h.Where(); !strings.HasPrefix(where, "a processor, 2 cores, server and bots together on linux") {
		t.Error(where)
	}
	var all []string
	for _, row := range h.Rows() {
		all = append(all, strings.Join(row.Cells, ": "))
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"world: X 100 to 400, Z 50 to 250, 10 × 20 cells, view radius 2", "ticks: 20 a second",
		"bots: patrol, 10 moves a second each for 15 s, churn 3", "verified: false", "server's settings: world.columns=10",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	r.Server = "example.test:1"
	if h = NewHeader(&r); !strings.Contains(h.Where(), "the bots alone") {
		t.Error(h.Where())
	}
}

// TestWhatAFileHolds: the loads of a study, or of a run the one that it is.
func TestWhatAFileHolds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	put := func(v any) {
		t.Helper()
		b, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(file, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r := report()
	put(r)
	header, loads, err := Read(file)
	if diff := cmp.Diff([]Load{NewLoad(&r)}, loads); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(NewHeader(&r), header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	put(struct {
		Header
		Loads []Load `json:"loads"`
	}{header, append(loads, loads...)})
	again, both, err := Read(file)
	if diff := cmp.Diff(append(loads, loads...), both); err != nil || diff != "" || !cmp.Equal(header, again) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestRest: an overloaded server is waited for, half a minute at most; one that is not, or is gone, is not.
func TestRest(t *testing.T) {
	overloaded := func(until time.Duration) bot.Probe {
		start := time.Now()
		return func(context.Context) (c bot.ServerCounters, err error) {
			if time.Since(start) < until {
				c.Overloaded = 1
			}
			return c, nil
		}
	}
	for name, c := range map[string]struct {
		probe       func() bot.Probe
		least, most time.Duration
	}{
		"at once":   {func() bot.Probe { return overloaded(0) }, 200 * time.Millisecond, 200 * time.Millisecond},
		"recovers":  {func() bot.Probe { return overloaded(3 * time.Second) }, 3 * time.Second, 3200 * time.Millisecond},
		"never":     {func() bot.Probe { return overloaded(time.Hour) }, 30 * time.Second, 30 * time.Second},
		"not asked": {func() bot.Probe { return nil }, 2 * time.Second, 2 * time.Second},
		"gone": {func() bot.Probe {
			return func(context.Context) (bot.ServerCounters, error) {
				return bot.ServerCounters{Overloaded: 1}, errors.New("gone")
			}
		}, 200 * time.Millisecond, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				Rest(t.Context(), c.probe())
				if took := time.Since(start); took < c.least || took > c.most {
					t.Errorf("rested for %v", took)
				}
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				start = time.Now()
				Rest(ended, overloaded(time.Hour))
				if took := time.Since(start); took != 0 {
					t.Errorf("rested for %v when all was over", took)
				}
			})
		})
	}
}
