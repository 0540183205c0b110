package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// TestBotsWithAccounts: where only accounts are let in bots play with a token each, and who comes takes that of who has left.
func TestBotsWithAccounts(t *testing.T) {
	sets, mint := accounts(t)
	m := start(t, append(sets, "auth.mode=tokens")...)
	run := bot.Defaults()
	run.Bots, run.Churn, run.Verify = 10, 5, true
	run.Duration, run.Round = time.Second, 300*time.Millisecond
	at(&run, m, bot.TCP, bot.Native)
	if _, err := bot.Run(t.Context(), run); !errors.Is(err, bot.ErrNobody) {
		t.Errorf("without tokens: %v, want %v", err, bot.ErrNobody)
	}
	for i := range run.Bots {
		token, err := mint(fmt.Sprintf("bot-%d", i))(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		run.Tokens = append(run.Tokens, token)
	}
	play(t, run, 3)
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

// TestRegridsUnderBots: while the world is cut into other cells, time and again, bots of both dialects move, come and go, and see
// what is true.
func TestRegridsUnderBots(t *testing.T) {
	for _, transport := range []string{bot.TCP, bot.WebSocket} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			m := start(t, "world.columns=5", "world.rows=6")
			run := bot.Defaults()
			run.Bots, run.Motion, run.TickRate = 40, bot.Cross, 60
			run.Duration, run.Round, run.Churn, run.Verify = 1500*time.Millisecond, 500*time.Millisecond, 8, true
			run.World.Columns, run.World.Rows, run.Regrids = 5, 6, 5
			run.Regrid = func(_ context.Context, columns, rows int) error {
				_, err := m.Amend([]string{fmt.Sprint("world.columns=", columns), fmt.Sprint("world.rows=", rows)})
				return err
			}
			at(&run, m, transport, bot.Both)
			if report := play(t, run, 3); report.Regrids != 15 {
				t.Errorf("cut anew %d times", report.Regrids)
			}
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

// TestPatrolsUnderASpeedLimit: bots that begin where they are put are never too fast, from their first move on. Native ones
// are told of the limit and do so by themselves; classic ones that jump home first are refused. The limit is ten times what they
// walk at: whoever stands still for longer than the server gives credit for is too fast when it goes on.
func TestPatrolsUnderASpeedLimit(t *testing.T) {
	for name, test := range map[string]struct {
		dialect, home string
		refused       bool
	}{
		"native":           {bot.Native, bot.Anywhere, false},
		"classic at spawn": {bot.Classic, bot.AtSpawn, false},
		"classic jumps":    {bot.Classic, bot.Anywhere, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := start(t, "world.movement.mode=enforce", "world.movement.max_speed=91")
			run := bot.Defaults()
			run.Bots, run.Motion, run.TickRate, run.Verify = 20, bot.Patrol, 60, true
			run.Dialect, run.Home, run.Duration, run.Round = test.dialect, test.home, 2*time.Second, time.Second
			run.Server = m.Addresses()[conf.NativeAddress].String()
			if test.dialect == bot.Classic {
				run.Server = m.Addresses()[conf.ClassicAddress].String()
			}
			if report := play(t, run, 2); report.Corrections > 0 {
				t.Errorf("%d corrections", report.Corrections)
			}
			const none = `aoiworld_commands_refused_total{reason="too_fast",world="main"} 0`
			if page := metrics(t, m); strings.Contains(page, none) == test.refused {
				t.Errorf("refused: want %v\n%s", test.refused, page)
			}
		})
	}
}

// metrics returns the page of metrics.
func metrics(t *testing.T, m *Server) string {
	t.Helper()
	response, err := http.Get("http://" + m.Addresses()[conf.OpsAddress].String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
