package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
)

func TestTable(t *testing.T) {
	r := result{Name: "floor", About: "what it costs", Contenders: []contenderRan{
		{Name: theServer, Program: theServer, Traffic: walkers(2000)}, {Name: theFloor, Program: theFloor, Traffic: walkers(2000)},
	}}
	for pair, cpu := range []float64{9, 12, 10} {
		r.Contenders[0].add(pair, outcome{values: values{cpuPerFrame: cpu, userPart: 0.125, latencyP99: 33.333}})
		r.Contenders[1].add(pair, outcome{values: values{cpuPerFrame: cpu / (1 + float64(pair))}})
	}
	r.Contenders[0].add(3, outcome{notes: []string{"nobody came"}})
	r.compare([]ratio{{cpuPerFrame, theServer, theFloor, "≤ 1.3"}})
	var text strings.Builder
	if err := r.writeText(&text); err != nil {
		t.Fatal(err)
	}
	want := `
floor: what it costs
2000 players in 30 × 30 cells, 10 Hz, 10 moves/s each, classic; medians of 4

                                    server  floor
  CPU a frame, µs                    10.00   6.00
    user share                        12 %      –
  latency p99, ms                     33.3      –

server / floor, CPU a frame, µs: 2.00 (1.00–3.00 in 3 pairs), wanted ≤ 1.3
! server, pair 4: nobody came
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestFindingsAreWrittenAsJSON(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bench.json")
	f := findings{Pairs: 5, Experiments: []result{{
		Name: "x", machine: bot.Machine{Cores: 2},
		Contenders: []contenderRan{{Name: "a", Runs: []values{{cpuPerFrame: 2}}}},
		Ratios:     []ratioFound{{cpuPerFrame, "a", "b", "", spread{Median: 2, Min: 1, Max: 3, Pairs: 5}}},
	}}}
	if err := f.write(name); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var got findings
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Machine.Cores != 2 || got.Experiments[0].Contenders[0].Runs[0][cpuPerFrame] != 2 || got.Experiments[0].Ratios[0].Median != 2 {
		t.Errorf("%s", b)
	}
}

func TestEveryFigureHasOneRow(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range figures {
		if seen[f.key] || f.name == "" || f.scale == 0 || !strings.Contains(f.format, "%") {
			t.Errorf("%+v is there already, or cannot be shown", f)
		}
		seen[f.key] = true
	}
	for _, e := range experiments() {
		for _, r := range e.ratios {
			if !seen[r.figure] {
				t.Errorf("%s compares %s, which nobody is shown", e.name, r.figure)
			}
		}
	}
}

// TestExperimentsNameWhatTheyHave: names are unique, and ratios are of contenders that there are.
func TestExperimentsNameWhatTheyHave(t *testing.T) {
	names := map[string]bool{}
	for _, e := range experiments() {
		if command, _, err := commands(io.Discard).Find([]string{e.name}); err != nil || command.HasParent() || names[e.name] {
			t.Errorf("another experiment or a command is called %s", e.name)
		}
		names[e.name] = true
		has := map[string]bool{}
		for _, c := range e.contenders {
			if has[c.name] {
				t.Errorf("%s has two contenders called %s", e.name, c.name)
			}
			has[c.name] = true
			if clients := c.traffic.Bots + c.traffic.Idle + c.traffic.Slow; clients > 19_500 {
				t.Errorf("%s has %d connections: a process has 20,000 descriptors on many machines", e.name, clients)
			}
		}
		for _, r := range e.ratios {
			if !has[r.of] || !has[r.to] {
				t.Errorf("%s compares %s with %s", e.name, r.of, r.to)
			}
		}
		if e.contenders[0].program != theServer {
			t.Errorf("%s begins with %s: nobody knows yet how long the floor's frames are", e.name, e.contenders[0].program)
		}
	}
}

func TestChoose(t *testing.T) {
	usual, _ := choose(nil)
	all, _ := choose([]string{"all"})
	some, unknown := choose([]string{"ws", "nothing", "idle"})
	if len(usual) == 0 || len(usual) >= len(all) || len(all) != len(experiments()) {
		t.Errorf("%d usual, %d in all", len(usual), len(all))
	}
	if len(some) != 2 || some[0].name != "ws" || some[1].name != "idle" || !cmp.Equal(unknown, []string{"nothing"}) {
		t.Errorf("%d, unknown %v", len(some), unknown)
	}
}

func TestOverriding(t *testing.T) {
	find := func(name string) experiment { chosen, _ := choose([]string{name}); return chosen[0] }
	o := options{override: traffic{Bots: 100, Transport: overWebSocket, TickRate: 5}}
	got := o.change(find("floor-2000")).contenders[1].traffic
	want := walkers(100).over(overWebSocket).at(5)
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := o.change(find("naive-55")).contenders; got[0].traffic.Columns != 5 || got[1].traffic.Transport != overTCP {
		t.Errorf("%+v: cells that were chosen stay, and naive speaks TCP", got)
	}
	if got := o.change(find("ws")).contenders[0].traffic.Transport; got != overTCP {
		t.Errorf("the ws experiment is about %s", got)
	}
}

func TestCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"list":         {[]string{"list"}, 0, "* floor-2000"},
		"unknown":      {[]string{"nothing"}, 2, "no experiment is called nothing"},
		"unknown flag": {[]string{"--nothing"}, 2, "unknown flag"},
		"no pairs":     {[]string{"--pairs", "0"}, 2, "0 pairs"},
		"no time":      {[]string{"--seconds", "NaN"}, 2, "NaN s"},
		"transport":    {[]string{"--transport", "udp"}, 2, "udp"},
		"dialect":      {[]string{"--dialect", "latin"}, 2, "latin"},
		"small frames": {[]string{"floor", "--size", "7"}, 2, "7 bytes"},
		"no cells":     {[]string{"naive", "--columns", "0"}, 2, "0 × 10"},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			if code := execute(t.Context(), c.args, strings.NewReader(""), &text, &text); code != c.code ||
				!strings.Contains(text.String(), c.says) {
				t.Errorf("exit code %d: %s", code, &text)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	report := bot.Report{Doubts: []string{"late"}, Failures: []string{"violations"}, Closes: map[string]int{"tcp: reset": 2}}
	if got, want := notesOn(report, false), []string{"not to trust: late", "2 closed: tcp: reset", "violations"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := notesOn(report, true), []string{"not to trust: late", "2 closed: tcp: reset"}; !cmp.Equal(got, want) {
		t.Errorf("of the floor %q, want %q", got, want)
	}
}

func TestClosesAreTold(t *testing.T) {
	m := metrics{closedTotal + "4002": 3, closedTotal + "tcp": 3, closedTotal + "1000": 0, closedTotal + "1006": 2}
	want := []string{"the server counts 2 closed as 1006", "the server counts 3 closed as 4002"}
	if got := m.closes(); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEndedOnRequestIsNoError(t *testing.T) {
	p := &process{}
	if err := p.ended(); err != nil {
		t.Error(err)
	}
	p, err := start(t.Context(), "go", "no-such-command")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ready(t.Context()); err == nil || !strings.Contains(err.Error(), "no-such-command") {
		t.Errorf("%v does not say what the program said", err)
	}
	if err := p.stop(); err == nil || errors.Is(err, t.Context().Err()) {
		t.Errorf("it failed, and is said to have ended: %v", err)
	}
}
