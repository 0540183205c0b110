package model

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// costly is what the made-up server of these tests takes.
var costly = struct {
	cpu, bytes, memory []float64
}{[]float64{200e-6, 10e-6, 3e-6, 2e-9, 50e-6}, []float64{30, 4, 5, 40}, []float64{20e6, 12e3}}

// made is a run of the made-up server: as wished for, give or take some noise, ±, of what it takes.
func made(players, columns, rows int, rate, noise float64) Run {
	w := plain()
	w.Players, w.Columns, w.Rows, w.TicksPerSecond = players, columns, rows, rate
	c := w.counts()
	c.BytesPerSecond = dot(w.sent(&c), costly.bytes)
	return Run{Name: "made.json", MostPlayers: players, Load: study.Load{
		Players: players, Joined: players, Columns: columns, Rows: rows, CellWidth: w.Width / float64(columns),
		CellDepth: w.Depth / float64(rows), ViewRadius: w.ViewRadius, TickRateHz: rate, Audience: c.Audience, Verdict: study.Holds,
		MovesPerSecond: w.MovesPerSecond * float64(players),
		Server: &bot.ServerUse{
			Cores: dot(w.spent(&c), costly.cpu) * (1 + noise), MachineCores: 2,
			RSSBytes:        dot([]float64{1, float64(players)}, costly.memory),
			FramesPerSecond: c.FramesPerSecond, MovesPerSecond: c.MovesPerSecond, BytesPerSecond: c.BytesPerSecond,
			TicksPerSecond: c.TicksPerSecond,
		},
	}}
}

// some are runs that differ in everything.
func some() (runs []Run) {
	for i, players := range []int{200, 500, 1000, 2000, 1500, 1000, 1000, 700, 100, 1000} {
		runs = append(runs, made(players, 5+3*i, 10+i%4, []float64{10, 20, 30}[i%3], 0.03*float64(i%3-1)))
	}
	return runs
}

// TestKnownCostsAreFound, and other loads are predicted by them.
func TestKnownCostsAreFound(t *testing.T) {
	m, err := newModel(some())
	if err != nil {
		t.Fatal(err)
	}
	frame, player := m.CPU.Terms[1].Each, m.Memory.Terms[1].Each
	if math.Abs(frame/costly.cpu[1]-1) > 0.2 || math.Abs(player/costly.memory[1]-1) > 0.01 || m.CPU.Inseparable {
		t.Errorf("a frame %v s, a player %v bytes; %+v", frame, player, m.CPU)
	}
	for _, other := range []Run{made(1200, 20, 20, 20, 0), made(400, 40, 40, 10, 0), made(2500, 16, 30, 15, 0)} {
		c := m.Compare(other)
		if math.Abs(c.Off) > 0.05 || math.Abs(c.OffWish) > 0.05 || math.Abs(c.FromWish.RSSBytes/other.Server.RSSBytes-1) > 0.01 {
			t.Errorf("%d players: %v and %v off; %+v", other.Joined, c.Off, c.OffWish, c.FromWish)
		}
	}
	if _, err := newModel(some()[:5]); !errors.Is(err, ErrRuns) {
		t.Errorf("of 5 runs: %v", err)
	}
}

// TestWhatDiffersInOneWay: of the same load in several grids nobody can say whether ticks, frames or moves take the time.
func TestWhatDiffersInOneWay(t *testing.T) {
	var runs []Run
	for _, columns := range []int{5, 10, 20, 30, 40, 60} {
		runs = append(runs, made(1000, columns, columns, 20, 0))
	}
	r, err := Of([]Study{{Name: "tune.json", Runs: runs}}, 1)
	if err != nil || !slices.ContainsFunc(r.Doubts, func(d string) bool { return strings.Contains(d, "CPU time cannot be told apart") }) {
		t.Errorf("%v, doubts %q", err, r.Doubts)
	}
}

// write writes what a study would, and returns the file.
func write(t *testing.T, name string, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestWhichRunsCount: of a study's loads those that held, with what the server counted; and memory is of the most players yet.
func TestWhichRunsCount(t *testing.T) {
	good := made(300, 10, 10, 20, 0).Load
	with := func(change func(*study.Load)) study.Load {
		l, use := good, *good.Server
		l.Server = &use
		change(&l)
		return l
	}
	s, err := Read(write(t, "study.json", map[string]any{"dialect": bot.Native, "loads": []study.Load{
		good,
		with(func(l *study.Load) { l.Joined, l.Verdict = 900, study.Breaks }),
		with(func(l *study.Load) { l.Verdict = study.Late }),
		with(func(l *study.Load) { l.Server = nil }),
		with(func(l *study.Load) { l.Columns = 0 }),
		with(func(l *study.Load) { l.Server.FramesPerSecond = 0 }),
		with(func(l *study.Load) { l.Joined = 200 }),
	}}))
	if err != nil || s.Header.Dialect != bot.Native || len(s.Runs) != 2 || len(s.Unused) != 5 {
		t.Fatalf("%v, %+v", err, s)
	}
	if first, last := s.Runs[0], s.Runs[1]; first.MostPlayers != 300 || last.MostPlayers != 900 || last.Joined != 200 {
		t.Errorf("at most %d, and then %d players", first.MostPlayers, last.MostPlayers)
	}
	for name, v := range map[string]any{"a list": []int{1}, "a word for a number": map[string]any{"bots": "many"}} {
		if _, err := Read(write(t, "bad.json", v)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// report is a report with everything in it.
func report(t *testing.T) *Report {
	header := study.Header{Server: "127.0.0.1:9000", Dialect: bot.Native, Motion: bot.Patrol, Settings: &bot.Settings{}}
	r, err := Of([]Study{{Name: "a.json", Header: header, Runs: some(), Unused: map[string]int{"the bots were late": 2}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	classic := header
	classic.Dialect = bot.Classic
	for _, s := range []Study{
		{Name: "b.json", Header: header, Runs: []Run{made(1200, 20, 20, 20, 0.1)}},
		{Name: "c.json", Header: classic, Runs: []Run{made(1300, 20, 20, 20, -0.3)}},
	} {
		s.Runs[0].Name = s.Name
		if err := r.Compare(&s); err != nil {
			t.Fatal(err)
		}
	}
	near, far := r.Like(), r.Like()
	far.Players = 50_000
	if err := errors.Join(r.Wish(near), r.Wish(far)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheReport(t *testing.T) {
	r := report(t)
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"from 10 runs", "SERVER CPU", "a frame", "SERVER MEMORY", "a player", "RUNS", "2 not used: the bots were late", "PREDICTED",
		"b.json", "1200", "20 × 20", "far beyond", "more than the 2 that the server had",
		`NOT TO TRUST  the dialect of c.json is "classic", of the others "native"`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	if got := r.Worst(); math.Abs(got-0.43) > 0.05 { // 1 by 0.7
		t.Errorf("off by at most %v", got)
	}
	if r.Predictions[0].Doubts != nil || len(r.Predictions[1].Doubts) < 3 {
		t.Errorf("doubts %+v", r.Predictions)
	}
	s := r.Sheet()
	if len(s.Charts) != 2 || len(s.Tables) != 7 || len(s.Figures) != 6 || len(s.Banners) != 1 {
		t.Errorf("%d charts, %d tables, %d figures, %d banners", len(s.Charts), len(s.Tables), len(s.Figures), len(s.Banners))
	}
}

// TestAnotherMachine takes so many times the CPU time, and no more memory.
func TestAnotherMachine(t *testing.T) {
	here, err := Of([]Study{{Runs: some()}}, 1)
	there, errThere := Of([]Study{{Runs: some()}}, 1.5)
	if err != nil || errThere != nil {
		t.Fatal(err, errThere)
	}
	a, b := here.predict(plain()), there.predict(plain())
	if math.Abs(b.Cores/a.Cores-1.5) > 1e-9 || a.RSSBytes != b.RSSBytes || a.Counts != b.Counts {
		t.Errorf("%+v here, %+v there", a, b)
	}
	if !strings.Contains(there.machine(), "1.5 times") {
		t.Error(there.machine())
	}
}

func TestWhatTellsNothing(t *testing.T) {
	r := report(t)
	if err := r.Compare(&Study{Name: "d.json", Unused: map[string]int{"the load did not hold": 3}}); !errors.Is(err, ErrRuns) ||
		!strings.Contains(err.Error(), "none of d.json is of use; 3 not used: the load did not hold") {
		t.Error(err)
	}
	if err := r.Wish(Wish{}); !errors.Is(err, ErrWish) {
		t.Error(err)
	}
	if _, err := Of([]Study{{Name: "e.json", Unused: map[string]int{"no": 1}}}, 1); !errors.Is(err, ErrRuns) {
		t.Error(err)
	}
}

func TestQuantities(t *testing.T) {
	for want, c := range map[string]struct {
		v    float64
		unit string
	}{
		"12.3 µs": {12.34e-6, "s"}, "1.5 ns": {1.5e-9, "s"}, "0 s": {0, "s"}, "2 ms": {0.002, "s"}, "11.2 KB": {11200, "B"},
		"20 MB": {2e7, "B"}, "0.25 B": {0.25, "B"}, "7 B": {7, "B"},
	} {
		if got := quantity(c.v, c.unit); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
