package scenario

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
)

func TestTheBuiltInAreWhole(t *testing.T) {
	all, err := Builtin()
	if err != nil || len(all) != 4 {
		t.Fatalf("%d scenarios, %v", len(all), err)
	}
	for _, s := range all {
		cfg := bot.Defaults()
		cfg.Phases = s.Phases
		if err := cfg.Check(); err != nil || len(s.Phases) < 3 || len(s.About) < 20 {
			t.Errorf("%s (%s): %d phases, %v", s.Name, s.About, len(s.Phases), err)
		}
	}
}

func TestPhasesInherit(t *testing.T) {
	s, err := parse("x", []byte(`# One line,
# and another.
flags: {verify: true, hotspot: [1, 2.5], tick-rate: 10}
phases:
  - {bots: 10, over: 2s, motion: patrol, rate: 5, step: 2, churn: 3, think: 1s, chat_share: 0.5, chat_rate: 2, duration: 4s}
  - name: more
    bots: 20
`))
	if err != nil {
		t.Fatal(err)
	}
	phase := bot.Phase{
		Name: "phase 1", Duration: 4 * time.Second, Bots: 10, Over: 2 * time.Second, Motion: bot.Patrol, Rate: 5, Step: 2,
		Churn: 3, Think: time.Second, ChatShare: 0.5, ChatRate: 2,
	}
	more := phase
	more.Name, more.Bots, more.Over, more.Churn = "more", 20, 0, 0
	want := Scenario{
		Name: "x", About: "One line, and another.", Flags: map[string]string{"verify": "true", "hotspot": "1,2.5", "tick-rate": "10"},
		Phases: []bot.Phase{phase, more},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPhasesRepeat: each time as the last phase of the time before has left it.
func TestPhasesRepeat(t *testing.T) {
	s, err := parse("x", []byte("repeat: 2\nphases: [{name: come, bots: 10, motion: hotspot}, {rate: 5}]"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Phases {
		got = append(got, fmt.Sprintf("%s: %d at %v", p.Name, p.Bots, p.Rate))
	}
	want := []string{"come, 1: 10 at 10", "phase 2, 1: 10 at 5", "come, 2: 10 at 5", "phase 2, 2: 10 at 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoScenario(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":              {"", "no phases"},
		"never":                {"repeat: 0\nphases: [{}]", "0 times"},
		"too often":            {"repeat: 1001\nphases: [{}]", "1001 times"},
		"no phases":            {"flags: {bots: 3}", "no phases"},
		"a typo":               {"phases:\n  - bots: 3\n    motoin: walk\n", "line 3: field motoin"},
		"a number that is not": {"phases:\n  - bots: many\n", "line 2"},
		"a time without unit":  {"phases:\n  - duration: 3x\n", "line 2"},
		"no YAML":              {"phases: [", "line 1"},
		"a time of any unit":   {"phases:\n  - duration: 2\n", `line 2: want a duration such as 2s, got "2"`},
		"several things":       {"phases:\n  - bots: many\n    think: 3\n    motoin: walk\n", "(and 2 more)"},
		"fewer than nobody":    {"phases: [{name: come, bots: -20}]", `phase "come": -20 bots`},
		"nobody":               {"phases: [{bots: 0}]", `phase "phase 1": 0 bots`},
		"nobody leaves":        {"phases: [{bots: 20}, {name: stay, churn: -7}]", `phase "stay": churn of -7 among 20 bots`},
		"more than all leave":  {"phases: [{bots: 20, churn: 50}]", "churn of 50 among 20 bots"},
		"too long a time":      {"phases: [{duration: 2s, over: 3s}]", "3s to come or go in 2s"},
	} {
		_, err := parse("at/x.yaml", []byte(c.text))
		if !errors.Is(err, ErrScenario) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "at/x.yaml: ") {
			t.Errorf("%s: %v", name, err)
		} else if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "scenario.") {
			t.Errorf("%s: not a line in plain words: %v", name, err)
		}
	}
	if _, err := Load("no-such-thing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a scenario that is not there: %v", err)
	}
}

func TestLoadReadsFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("phases: [{bots: 7}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(file); err != nil || s.Name != "mine" || s.Phases[0].Bots != 7 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestTimesThatAreNone need no unit.
func TestTimesThatAreNone(t *testing.T) {
	if s, err := parse("x", []byte("phases: [{over: 0, think: 0}]")); err != nil || s.Phases[0].Over != 0 || s.Phases[0].Think != 0 {
		t.Errorf("%v, %+v", err, s)
	}
}

func TestScale(t *testing.T) {
	got := Scale([]bot.Phase{{Bots: 300, Churn: 20, Duration: 30 * time.Second, Over: 6 * time.Second}, {Bots: 3}}, 0.1, 10)
	want := []bot.Phase{{Bots: 30, Churn: 2, Duration: 3 * time.Second, Over: 600 * time.Millisecond}, {Bots: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestScalesWithoutBound make many bots, and not a single one.
func TestScalesWithoutBound(t *testing.T) {
	if got := Scale([]bot.Phase{{Bots: 300, Duration: time.Second}}, 1e30, 1); got[0].Bots < 1_000_000 {
		t.Errorf("%d bots", got[0].Bots)
	}
}
