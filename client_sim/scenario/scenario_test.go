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
	} {
		if _, err := parse("x", []byte(c.text)); !errors.Is(err, ErrScenario) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
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

func TestScale(t *testing.T) {
	got := Scale([]bot.Phase{{Bots: 300, Churn: 20, Duration: 30 * time.Second, Over: 6 * time.Second}, {Bots: 3}}, 0.1, 10)
	want := []bot.Phase{{Bots: 30, Churn: 2, Duration: 3 * time.Second, Over: 600 * time.Millisecond}, {Bots: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
