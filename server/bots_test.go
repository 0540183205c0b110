package server

import (
	"strings"
	"testing"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/scenario"
	"aoiworld/conf"
)

// play plays a run against a server that must be found right, with so many checks at least.
func play(t *testing.T, run bot.Config, checks int) bot.Report {
	t.Helper()
	report, err := bot.Run(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Good() || report.Checks < checks || report.Expected == 0 {
		var text strings.Builder
		_ = report.WriteText(&text)
		t.Errorf("after %d checks:\n%s", report.Checks, &text)
	}
	return report
}

// at points a run at a server.
func at(run *bot.Config, m *Server, transport, dialect string) {
	run.Transport, run.Dialect = transport, dialect
	key := map[string]string{bot.Native: conf.NativeAddress, bot.Classic: conf.ClassicAddress, bot.Both: conf.NativeAddress}[dialect]
	if transport == bot.WebSocket {
		key = conf.WebSocketAddress
	}
	run.Server, run.ClassicServer = m.Addresses()[key].String(), m.Addresses()[conf.ClassicAddress].String()
}

// TestVerifyingBots is the whole server watched by the oracle of client_sim, with borders crossed and players coming and
// going all the time, in each dialect and in both at once.
func TestVerifyingBots(t *testing.T) {
	for _, transport := range []string{bot.TCP, bot.WebSocket} {
		for _, dialect := range []string{bot.Native, bot.Classic, bot.Both} {
			for _, grid := range []string{"1", "3", "50"} {
				t.Run(transport+" "+dialect+" "+grid+"x"+grid, func(t *testing.T) {
					t.Parallel()
					m := start(t, "world.columns="+grid, "world.rows="+grid)
					run := bot.Defaults()
					run.Bots, run.Motion, run.TickRate = 40, bot.Cross, 60
					run.Duration, run.Round, run.Churn, run.Verify = 1500*time.Millisecond, 500*time.Millisecond, 8, true
					run.World.Columns, run.World.Rows = m.cfg.World.Columns, m.cfg.World.Rows
					at(&run, m, transport, dialect)
					if grid == "3" {
						run.Form = bot.ColumnsForm
					}
					play(t, run, 3)
				})
			}
		}
	}
}

// TestCutsAndStalls: bots that lose their connection and resume, and bots that do not read for seconds, are shown what is
// true, and so is everybody else.
func TestCutsAndStalls(t *testing.T) {
	for _, transport := range []string{bot.TCP, bot.WebSocket} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			m := start(t, "world.columns=5", "world.rows=5")
			run := bot.Defaults()
			run.Bots, run.Motion, run.TickRate = 40, bot.Cross, 60
			run.Duration, run.Round, run.Verify, run.Cuts, run.Stalls = 3*time.Second, time.Second, true, 10, 5
			run.World.Columns, run.World.Rows = 5, 5
			at(&run, m, transport, bot.Native)
			play(t, run, 3)
		})
	}
}

// TestShippedScenarios plays the scenarios that client_sim brings along, with fewer bots and faster, under the eyes of the
// oracle.
func TestShippedScenarios(t *testing.T) {
	all, err := scenario.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			m := start(t, "world.npcs=10")
			run := bot.Defaults()
			run.TickRate, run.Round, run.Verify = 60, time.Second, true
			run.Phases, run.Server = scenario.Scale(s.Phases, 0.1, 30), m.Addresses()[conf.NativeAddress].String()
			report, err := bot.Run(t.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			if !report.Good() || report.Checks < len(s.Phases) || len(report.Phases) != len(s.Phases) {
				var text strings.Builder
				_ = report.WriteText(&text)
				t.Errorf("after %d checks:\n%s", report.Checks, &text)
			}
		})
	}
}

// TestPatrolsUnderASpeedLimit: a bot's first move goes home, which is too far and is refused. From where it is put it goes on,
// and no patrol is ever too fast.
func TestPatrolsUnderASpeedLimit(t *testing.T) {
	m := start(t, "world.movement.mode=enforce", "world.movement.max_speed=9.1")
	run := bot.Defaults()
	run.Bots, run.Motion, run.TickRate, run.Verify = 20, bot.Patrol, 60, true
	run.Duration, run.Round, run.Server = 2*time.Second, time.Second, m.Addresses()[conf.NativeAddress].String()
	report, err := bot.Run(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Good() || report.Corrections > 0 || report.Expected == 0 {
		var text strings.Builder
		_ = report.WriteText(&text)
		t.Errorf("%d corrections:\n%s", report.Corrections, &text)
	}
}
