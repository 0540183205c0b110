package capacity

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// limited plays runs of a server that carries so many players, and lets in none beyond twice as many.
func limited(limit int, change func(*bot.Report)) Play {
	return func(_ context.Context, cfg bot.Config) (bot.Report, error) {
		if cfg.Bots > 2*limit {
			return bot.Report{}, bot.ErrNobody
		}
		r := bot.Report{
			Server: "127.0.0.1:9000", Motion: bot.Patrol, Dialect: bot.Native, Transport: bot.TCP,
			Bots: cfg.Bots, Joined: cfg.Bots, Audience: 20, DeliveredPart: 1, UpdatesPerSecond: 1e5, BytesPerUpdate: 5,
			LatencyMillis: bot.Latency{P50: 30, P99: 60},
			Settings:      &bot.Settings{Columns: 10, Rows: 20, Goals: bot.GoalSettings{MaxP99Millis: 100, MinDeliveredPart: 0.99}},
			ServerUse:     &bot.ServerUse{Seconds: 10, Cores: 0.5, MachineCores: 2, RSSBytes: 4e7, TicksPerSecond: 20, TickPart: 0.3},
		}
		if cfg.Bots > limit {
			r.Failures, r.LatencyMillis.P99 = []string{"p99 of 2000.0 ms"}, 2000
			r.ServerUse.TickPart = 0.9
		}
		change(&r)
		return r, nil
	}
}

// same leaves a report as it is.
func same(*bot.Report) {}

// measure searches in virtual time.
func measure(t *testing.T, plan Plan, play Play) (r *Report, err error) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		r, err = Measure(t.Context(), plan, bot.Defaults(), play, func(Step) { told++ })
		if r != nil && told != len(r.Loads) {
			t.Errorf("told of %d loads of %d", told, len(r.Loads))
		}
	})
	return r, err
}

// short is a plan of two rounds.
func short() Plan { return Plan{Start: 100, Max: 5000, Growth: 3, Precision: 0.05, Rounds: 2} }

// TestTheAnswer is how many players there may be, what gave way beyond, and what the server did with that many.
func TestTheAnswer(t *testing.T) {
	r, err := measure(t, short(), limited(400, same))
	if err != nil {
		t.Fatal(err)
	}
	if r.Players < 380 || r.Players > 400 || r.Cause != study.Tick || !strings.Contains(r.Reason, "90 %") || !r.Good() {
		t.Errorf("%d players, %s: %s", r.Players, r.Cause, r.Reason)
	}
	if held := r.held(); held == nil || held.Players != r.Players || held.Verdict != study.Holds {
		t.Errorf("%+v", held)
	}
	again := Step{1, study.Load{Players: r.Players, Verdict: study.Breaks}} // as near the limit it may
	if r.Loads = append(r.Loads, again); r.held().Verdict != study.Holds {
		t.Error("a load that broke has held")
	}
	if first := r.Loads[0]; first.Round != 1 || first.Players != 100 || r.Loads[len(r.Loads)-2].Round != 2 || !r.Shared {
		t.Errorf("%+v", r.Loads)
	}
}

// TestAServerThatLetsNobodyIn any more has been too much; one that never did is none.
func TestAServerThatLetsNobodyIn(t *testing.T) {
	plan := short()
	plan.Growth = 9
	r, err := measure(t, plan, limited(400, same))
	if err != nil || r.Loads[1].Players != 900 || r.Loads[1].Verdict != study.Breaks || r.Players < 380 {
		t.Errorf("%v, %+v", err, r)
	}
	if _, err := measure(t, plan, limited(40, same)); !errors.Is(err, bot.ErrNobody) {
		t.Errorf("%v, want that nobody was let in", err)
	}
	if _, err := measure(t, Plan{}, nil); !errors.Is(err, ErrPlan) {
		t.Error(err)
	}
}

// TestTheRoundThatCounts is the one of which the answer speaks, though another has broken for another reason, later.
func TestTheRoundThatCounts(t *testing.T) {
	load := func(round, players int, v study.Verdict, tickPart float64) Step {
		return Step{round, study.Load{
			Players: players, Joined: players, Verdict: v, P99Millis: float64(round), Failures: []string{"slow"}, DeliveredPart: 1,
			Server: &bot.ServerUse{Seconds: 1, TicksPerSecond: 20, TickPart: tickPart, Lags: 50},
		}}
	}
	r := &Report{Loads: []Step{
		load(1, 95, study.Holds, 0.1), load(1, 98, study.Holds, 0.1), load(1, 100, study.Breaks, 0.1),
		load(2, 95, study.Holds, 0.1), load(2, 100, study.Breaks, 0.9),
		load(3, 100, study.Breaks, 0.1), load(3, 90, study.Holds, 0.1),
	}}
	r.answer = sum([]Round{{98, 100, study.Breaks}, {95, 100, study.Breaks}, {90, 100, study.Breaks}})
	if r.explain(""); r.Cause != study.Tick {
		t.Errorf("%s: %s", r.Cause, r.Reason)
	}
	if held := r.held(); held == nil || held.P99Millis != 2 {
		t.Errorf("held %+v", held)
	}
}

// TestTokensBoundTheSearch: there are no more bots than tokens, and the answer says so.
func TestTokensBoundTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := bot.Defaults()
		run.Tokens = make([]string, 70)
		r, err := Measure(t.Context(), short(), run, limited(400, func(r *bot.Report) {
			if r.Bots > len(run.Tokens) {
				t.Errorf("%d bots with %d tokens", r.Bots, len(run.Tokens))
			}
		}), func(Step) {})
		if err != nil || r.Players != 70 || r.Plan.Start != 70 || r.Plan.Max != 70 || !strings.Contains(r.Reason, "--tokens") {
			t.Errorf("%v, %+v", err, r)
		}
		run.Tokens = make([]string, 6000)
		if r, err = Measure(t.Context(), short(), run, limited(9000, same), func(Step) {}); err != nil || !strings.Contains(r.Reason, "--max") {
			t.Errorf("%v, %+v", err, r)
		}
	})
}

func TestLoadsBetweenWhichTheServerRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r, err := Measure(t.Context(), short(), bot.Defaults(), limited(400, same), func(Step) {})
		if err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(start), time.Duration(len(r.Loads)-1)*2*time.Second; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
	})
}

// TestASearchThatIsBrokenOff tells what it found until then.
func TestASearchThatIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := Measure(ctx, short(), bot.Defaults(), limited(400, same), func(s Step) {
			if s.Round == 2 {
				cancel()
			}
		})
		if err != nil || r.Good() || !strings.Contains(r.Unfinished, "broken off") || len(r.Rounds) != 1 || r.Players < 380 {
			t.Errorf("%v, %+v", err, r)
		}
		var text strings.Builder
		if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "UNFINISHED") {
			t.Errorf("%v\n%s", err, text.String())
		}
		if sheet := r.Sheet(); len(sheet.Banners) != 2 || !sheet.Banners[1].Bad {
			t.Errorf("%+v", sheet.Banners)
		}
	})
}

// TestASearchWithoutARound has no answer, and says so.
func TestASearchWithoutARound(t *testing.T) {
	r := &Report{Unfinished: "broken off"}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.HasPrefix(text.String(), "no answer (no round was finished)\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestALatencyThatWasNotMeasured is neither told nor drawn.
func TestALatencyThatWasNotMeasured(t *testing.T) {
	r, err := measure(t, short(), limited(400, func(r *bot.Report) { r.LatencyMillis = bot.Latency{} }))
	if err != nil {
		t.Fatal(err)
	}
	sheet, step := r.Sheet(), &r.Loads[0]
	if !strings.Contains(step.Line(), "p99      – ms") || step.cells()[3] != "–" || step.cells()[4] != "–" {
		t.Errorf("%s, %v", step.Line(), step.cells())
	}
	if p99 := sheet.Figures[1]; p99.Name != "latency p99" || p99.Value != "–" {
		t.Errorf("%+v", p99)
	}
	for _, line := range sheet.Charts[0].Lines[:2] {
		if !math.IsNaN(line.Points[0].Y) {
			t.Errorf("%+v", line)
		}
	}
}

// TestWhereTheSearchEnds, the answer says why.
func TestWhereTheSearchEnds(t *testing.T) {
	for name, c := range map[string]struct {
		play     Play
		headline string
		cause    study.Cause
		good     bool
	}{
		"the server's end": {limited(400, same), " players", study.Tick, true},
		"the bots' end": {limited(400, func(r *bot.Report) {
			if r.Bots > 300 {
				r.SkippedSends, r.Doubts = 5, []string{"5 moves were skipped"}
			}
		}), "at least ", study.Generator, true},
		"no end":   {limited(9000, same), "at least 5000 players", study.NothingYet, true},
		"no begin": {limited(60, func(r *bot.Report) { r.Failures = []string{"never"} }), "no load held", study.Unknown, false},
	} {
		r, err := measure(t, short(), c.play)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(text.String(), "\n"); !strings.Contains(first, c.headline) ||
			r.Cause != c.cause || r.Good() != c.good {
			t.Errorf("%s: good %v, %s\n%s", name, r.Good(), r.Cause, text.String())
		}
		if s := r.Sheet(); s.Banners[0].Bad != (c.cause == study.Generator) || len(s.Tables) != 2 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestTheText(t *testing.T) {
	r, err := measure(t, short(), limited(400, func(r *bot.Report) {
		if r.Bots > 1000 {
			r.Doubts = []string{"one in nine was late"}
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"in 2 rounds)", "goals     p99 within 100 ms, 0.99 delivered within two ticks, at most 0 violations",
		"gave way  tick: ticks took 90 %", "patrol, native over tcp to 127.0.0.1:9000", "delivered", "breaks", "holds", "2000.0",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	sheet := r.Sheet()
	marked := 0
	for _, row := range sheet.Tables[0].Rows {
		if row.Marked {
			marked++
		}
	}
	if marked == 0 || len(sheet.Charts) != 6 || len(sheet.Figures) != 8 {
		t.Errorf("%d rows are marked, %d charts, %d figures", marked, len(sheet.Charts), len(sheet.Figures))
	}
	if latency := sheet.Charts[0]; latency.Lines[1].Points[1].Y > 300 || len(latency.Lines) != 3 {
		t.Errorf("%+v", latency)
	}
}
