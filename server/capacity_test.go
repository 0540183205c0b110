package server

import (
	"math"
	"testing"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/capacity"
	"aoiworld/client_sim/probe"
	"aoiworld/client_sim/study"
	"aoiworld/conf"
	"aoiworld/world"
)

// TestCapacityFindsAKnownLimit: a game whose every player beyond a number costs 300 ms of each tick lets no more than that many
// play within half a second, whatever else the machine does, and a search that knows nothing of it says so.
func TestCapacityFindsAKnownLimit(t *testing.T) {
	const limit, cost, most = 60, 300 * time.Millisecond, 500 * time.Millisecond
	players := 0
	m := startWith(t, Extension{Games: []world.Game{{
		Joined: func(*world.Tx, world.Entity) { players++ },
		Left:   func(*world.Tx, world.Entity) { players-- },
		Tick: func(*world.Tx) {
			takes := min(most, time.Duration(players-limit)*cost)
			for began := time.Now(); time.Since(began) < takes; {
				continue
			}
		},
	}}}, "limits.overload_tick_share=0")
	run := bot.Defaults()
	run.TickRate, run.Duration, run.Rate = 60, 600*time.Millisecond, 5
	run.Goals = bot.Goals{MaxP99: 500 * time.Millisecond}
	run.Probe = probe.Metrics("http://" + m.Addresses()[conf.OpsAddress].String() + "/metrics")
	at(&run, m, bot.TCP, bot.Native)
	plan := capacity.Plan{Start: 48, Max: 500, Growth: 1.4, Precision: 0.1, Rounds: 1}
	report, err := capacity.Measure(t.Context(), plan, run, bot.Run, func(s capacity.Step) { t.Log(s.Line()) })
	if err != nil {
		t.Fatal(err)
	}
	if off := math.Abs(float64(report.Players)/limit - 1); report.Unfinished != "" || off > 0.1 {
		t.Errorf("found %d of %d: %s, %s", report.Players, limit, report.Cause, report.Reason)
	}
	switch report.Cause {
	case study.Tick, study.ServerCPU:
	case study.Generator: // where something else has the processors
	default:
		t.Errorf("what gave way is %s: %s", report.Cause, report.Reason)
	}
}
