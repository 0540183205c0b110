package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aoiworld/net/classic"
	"github.com/google/go-cmp/cmp"
)

// sample is a report in which everything is something else.
func sample() Report {
	return Report{
		Server: "127.0.0.1:8999", Transport: TCP, Dialect: Native, Form: BitsForm, Motion: Walk, Seed: 7, Bots: 200, Joined: 198, Failed: 1, Seconds: 10,
		MovesPerSecond: 2000, UpdatesPerSecond: 34_000, FramesPerSecond: 36_000, ReadsPerSecond: 4000,
		Audience: 17.5, BytesPerUpdate: 30.8, Expected: 1000, Delivered: 990, DeliveredPart: 0.99,
		LatencyMillis: Latency{P50: 25, P90: 45, P99: 51, P999: 60, Max: 70, Count: 340_000}, P99Ticks: 1.02,
		CPUMicrosPerBot: 300, Cores: 0.06, LateSends: 3, SkippedSends: 2, BlockedSends: 1,
		SendLatenessMillis: Latency{P50: 1, P90: 2, P99: 3, P999: 4, Max: 12, Count: 20_000}, Corrections: 4,
		Closes: map[string]int{"tcp: connection reset by peer": 2}, Checks: 5,
		Violations: 1, ViolationKinds: map[Kind]int64{Ghost: 1},
		Listed:    []Violation{{Kind: Ghost, Viewer: 3, Player: 9, Detail: "shown, but it has left the world"}},
		ChatsSaid: 20, ChatsHeard: 3980, ChatsPart: 0.995,
		Phases:   []PhaseReport{{Name: "gather", Seconds: 5, Bots: 200, MovesPerSecond: 2000, DeliveredPart: 1}},
		RSSBytes: 21_500_000, ServerCores: 0.27, ServerRSSBytes: 33e6, ServerLateTicks: 2,
		Doubts: []string{"3 moves were sent late"}, Failures: []string{"1 violations, at most 0"},
		StolenSeconds: 0.25,
		Series:        []Sample{{Seconds: 1, Bots: 200, P99Millis: 51, Server: &ServerSample{Cores: 0.3}}},
		Settings:      &Settings{TickRateHz: 20, Phases: []PhaseSettings{{Name: "gather", Bots: 200}}},
		Machine:       Machine{OS: "linux", Cores: 2},
	}
}

func TestTheReportAsText(t *testing.T) {
	const want = `bots         198 of 200 over tcp, native in bits to 127.0.0.1:8999, walk, seed 7
moved        10.0 s, 2000 moves/s
received     34000 updates/s in 36000 frames/s and 4000 reads/s; 30.8 bytes per update
audience     17.5 other players in view
delivered    0.9900 of 1000 within two ticks
latency      p50 25.0  p90 45.0  p99 51.0  p99.9 60.0  max 70.0 ms; p99 1.02 ticks
this process 0.06 cores, 300 µs a second and bot, 21.5 MB
the server   0.27 cores, 33.0 MB, 2 ticks late
late sends   3 by more than 10 ms, p99 3.0, max 12.0 ms; 2 skipped, 1 blocked
the machine  its host took 0.25 s of core time from it
small talk   20 said, 0.9950 of them heard by each bot
- gather     5.0 s, 200 bots, 2000 moves/s, 0 updates/s, delivered 1.0000, p50 0.0  p99 0.0 ms
corrections  4
failed joins 1
closed       2 × tcp: connection reset by peer
violations   1 (views held against the truth 5 times)
  1 × ghost
  player 3, about player 9: ghost: shown, but it has left the world
FAILED       1 violations, at most 0
NOT TO TRUST 3 moves were sent late
`
	if diff := cmp.Diff(want, text(sample())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheReportAsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Report
	decoder := json.NewDecoder(&b)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyAGoodRunIsGood(t *testing.T) {
	good := Report{MovesPerSecond: 1, LatencyMillis: Latency{P99: 100, Count: 1}, Expected: 100, DeliveredPart: 0.99, Violations: 2}
	goals := Goals{MaxP99: 100 * time.Millisecond, MinDelivered: 0.99, MaxViolations: 2}
	if failures := goals.failures(&good); len(failures) > 0 {
		t.Errorf("a good run is called bad: %q", failures)
	}
	for name, change := range map[string]func(*Report){
		"nobody moved":              func(r *Report) { r.MovesPerSecond = 0 },
		"one failed":                func(r *Report) { r.Failed = 1 },
		"one was cut off":           func(r *Report) { r.Closes = map[string]int{"tcp: closed by the server": 1} },
		"one more saw a ghost":      func(r *Report) { r.Violations = 3 },
		"slower":                    func(r *Report) { r.LatencyMillis.P99 = 100.1 },
		"nothing measured":          func(r *Report) { r.LatencyMillis.Count = 0 },
		"nothing expected":          func(r *Report) { r.Expected, r.DeliveredPart = 0, 0 },
		"less came":                 func(r *Report) { r.DeliveredPart = 0.9899 },
		"a latency that is no more": func(r *Report) { r.LatencyMillis.P99 = math.NaN() },
	} {
		r := good
		if change(&r); len(goals.failures(&r)) != 1 {
			t.Errorf("%s, and the run is called good", name)
		}
	}
	if bad := (Report{MovesPerSecond: 1, Violations: 1}); len(Goals{}.failures(&bad)) != 1 {
		t.Error("a violation is forgiven that nobody allowed")
	}
}

// TestDoubts: up to a thousandth of the moves may be late, and nothing else may be wrong.
func TestDoubts(t *testing.T) {
	for name, c := range map[string]struct {
		moves, slow            int
		late, skipped, blocked int64
		doubts                 int
	}{
		"in time":            {moves: 10_000},
		"as late as allowed": {moves: 10_000, late: 10},
		"late":               {moves: 10_000, late: 11, doubts: 1},
		"skipped":            {moves: 10_000, skipped: 1, doubts: 1},
		"blocked":            {moves: 10_000, blocked: 1, doubts: 1},
		"slow":               {moves: 9800, slow: 200, doubts: 1},
		"nobody moved":       {},
	} {
		s := newSends()
		for range c.moves {
			s.lateness.record(time.Millisecond)
		}
		for range c.slow {
			s.lateness.record(11 * time.Millisecond)
		}
		s.late.Store(c.late)
		s.skipped.Store(c.skipped)
		s.blocked.Store(c.blocked)
		if d := s.doubts(); d == nil || len(d) != c.doubts {
			t.Errorf("%s: %q", name, d)
		}
		if s.reset(); len(s.doubts()) != 0 || summarise(s.lateness).Count != 0 {
			t.Errorf("%s: not forgotten: %q", name, s.doubts())
		}
	}
}

// TestTheRampIsNotMeasured: neither what was said nor what was late while the bots came counts.
func TestTheRampIsNotMeasured(t *testing.T) {
	f := newTestFleet()
	f.sends.late.Store(5)
	f.sends.skipped.Store(6)
	f.sends.blocked.Store(7)
	f.sends.lateness.record(time.Second)
	r := newRounds(f)
	r.pacer.said, r.pacer.ears = 8, 9
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.ramp(ctx)
	got := f.report(r, f.begin())
	if got.LateSends+got.SkippedSends+got.BlockedSends+got.SendLatenessMillis.Count+got.ChatsSaid+r.pacer.ears != 0 {
		t.Errorf("report:\n%s", text(got))
	}
	if !got.Trustworthy {
		t.Errorf("the ramp makes the load doubtful: %q", got.Doubts)
	}
}

func TestTheListOfViolationsIsCapped(t *testing.T) {
	var l violations
	for i := range 3 * maxKept {
		l.add(Violation{Kind: Stale, Viewer: int32(i)})
	}
	l.add()
	count, kinds, kept := l.all()
	if count != 3*maxKept || l.total() != count || kinds[Stale] != count || len(kept) != maxKept {
		t.Fatalf("%d violations, %v, %d kept", count, kinds, len(kept))
	}
	out := text(Report{Violations: count, ViolationKinds: kinds, Listed: kept})
	if strings.Count(out, "about player") != listedLines || !strings.Contains(out, "and 580 more\n") {
		t.Errorf("report:\n%s", out)
	}
}

func TestSummaries(t *testing.T) {
	if got := summarise(newRecorder(), newRecorder()); got.Count != 0 || got.Distribution != nil {
		t.Errorf("of nothing: %+v", got)
	}
	one, two := newRecorder(), newRecorder()
	for i := range 1000 {
		r := one
		if i%2 == 0 {
			r = two
		}
		r.record(time.Duration(i+1) * time.Millisecond)
	}
	two.record(-time.Second) // no clock goes backwards, but no panic either
	one.record(time.Hour)
	got := summarise(one, two)
	for name, c := range map[string]struct{ got, want float64 }{
		"p50": {got.P50, 500}, "p90": {got.P90, 900}, "p99": {got.P99, 990}, "p99.9": {got.P999, 999},
		"max": {got.Max, 60_000},
	} {
		if c.got < c.want*0.997 || c.got > c.want*1.003 {
			t.Errorf("%s is %v ms, want %v", name, c.got, c.want)
		}
	}
	if d := got.Distribution; len(d) != len(percents) || d[0].Millis > 1 || d[len(d)-1].Millis < 59_000 {
		t.Errorf("distribution %v", d)
	}
	if got.Count != 1002 {
		t.Errorf("%d recorded", got.Count)
	}
	if one.reset(); summarise(one).Count != 0 {
		t.Error("not forgotten")
	}
}

// What is measured begins with the measurement: joining and going home do not count, leaving does not subtract.
func TestTotalsCountWhoHasLeft(t *testing.T) {
	f := newTestFleet()
	var links []*silent
	for i := range 3 {
		b := f.newBot()
		links = append(links, &silent{room: -1})
		b.linkTo(links[i])
		if err := b.Receive(welcome(int32(i+1), place{100, 0, 100, 0}), 50); err != nil {
			t.Fatal(err)
		}
		if err := b.move(); err != nil {
			t.Fatal(err)
		}
		f.enlist(b)
	}
	m := f.begin()
	bots := f.live()
	for _, b := range bots {
		if err := b.move(); err != nil {
			t.Fatal(err)
		}
		if err := b.Receive(echo(b), 30); err != nil {
			t.Fatal(err)
		}
	}
	f.dismiss(bots[:2])
	r := newRounds(f)
	r.moving = time.Second
	got := f.report(r, m)
	if got.MovesPerSecond != 3 || got.FramesPerSecond != 3 || got.Joined != 1 || f.wrong.total() != 0 {
		t.Errorf("report:\n%s", text(got))
	}
	if !links[0].closed || links[2].closed {
		t.Error("who left is connected, or who stayed is not")
	}
	f.enter("moving")
	if s := newSampler().sample(f); s.Connected != 1 || s.MovesPerSecond <= 0 || s.Disconnects != 0 || s.Violations != 0 {
		t.Errorf("status %+v", s)
	}
}

// echo is what a server answers a bot's last move with.
func echo(b *bot) []byte {
	s := b.track.step(b.track.sent.Load())
	unpack := func(v uint64) (a, b float32) {
		return math.Float32frombits(uint32(v >> 32)), math.Float32frombits(uint32(v))
	}
	x, z := unpack(s.ground.Load())
	y, v := unpack(s.air.Load())
	return appendEvent(nil, event(classic.Moved, b.view.self, place{x, y, z, v}))
}

// TestTheSeriesHasASampleASecond: of the seconds in which the bots did nothing but move, with the rates of each alone.
func TestTheSeriesHasASampleASecond(t *testing.T) {
	f := newTestFleet()
	counters := ServerCounters{}
	f.cfg.Probe = func(context.Context) (ServerCounters, error) {
		counters.CPUSeconds += 0.5
		counters.RSSBytes = 1e6 * counters.CPUSeconds
		return counters, nil
	}
	b := f.newBot()
	b.linkTo(&silent{room: -1})
	if err := b.Receive(welcome(1, place{100, 0, 100, 0}), 50); err != nil {
		t.Fatal(err)
	}
	f.enlist(b)
	s := newSampler()
	for _, phase := range []string{"gathering", phaseMoving, "", "", "checking", phaseMoving} {
		if phase != "" {
			f.enter(phase)
		}
		if err := b.move(); err != nil {
			t.Fatal(err)
		}
		f.latency[0].record(time.Duration(len(f.series)+1) * time.Millisecond)
		s.sample(f)
	}
	if len(f.series) != 2 || f.series[0].MovesPerSecond <= 0 || f.series[0].Server.RSSBytes != 1.5e6 {
		t.Fatalf("series %+v", f.series)
	}
	if p := f.series[1].P99Millis; p < 1.9 || p > 2.1 {
		t.Errorf("the second sample has a p99 of %v ms, and only 2 ms were recorded in it", p)
	}
	if cores, rss, _ := serverUse(f.series, nil, time.Second); cores <= 0 || rss != 2e6 {
		t.Errorf("the server took %v cores and %v bytes", cores, rss)
	}
}

func TestWhatAServerDidInASecond(t *testing.T) {
	before := &ServerCounters{CPUSeconds: 10, Ticks: 100, LateTicks: 1, RSSBytes: 5, Players: 6}
	after := &ServerCounters{CPUSeconds: 11, Ticks: 120, LateTicks: 3, RSSBytes: 7, Players: 8}
	want := ServerSample{Cores: 0.5, RSSBytes: 7, Players: 8, Ticks: 20, LateTicks: 2}
	if got := after.since(before, 2); got == nil || *got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for name, c := range map[string][2]*ServerCounters{
		"no answer": {before, nil}, "the first answer": {nil, after}, "a new server": {after, before},
	} {
		if got := c[1].since(c[0], 2); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheMachineIsDescribed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(file, []byte("processor\t: 0\nmodel name\t: A B  C\nmodel name\t: D\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := cpuModel(file); got != "A B  C" {
		t.Errorf("model %q", got)
	}
	if got := cpuModel(file + "?"); got != "" {
		t.Errorf("without a file, model %q", got)
	}
	if m := thisMachine(); m.OS == "" || m.Cores == 0 || m.Go == "" {
		t.Errorf("machine %+v", m)
	}
	counted := filepath.Join(filepath.Dir(file), "stat")
	if err := os.WriteFile(counted, []byte("cpu  1 2 3 4 5 6 7 150 0 0\ncpu0 1 2 3 4 5 6 7 150 0 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := stolen(filepath.Dir(file)); got != 1500*time.Millisecond {
		t.Errorf("%v were stolen", got)
	}
	for _, unknown := range []string{t.TempDir(), counted, counted + "?"} {
		if got := stolen(unknown); got != 0 {
			t.Errorf("%s: %v were stolen", unknown, got)
		}
	}
	if peakMemory() < 1<<20 {
		t.Errorf("%d bytes of memory", peakMemory())
	}
}

func TestStatusLines(t *testing.T) {
	s := Status{
		Phase: "moving", Elapsed: 12 * time.Second, Connected: 200, MovesPerSecond: 2000, UpdatesPerSecond: 34000,
		P99: 51234 * time.Microsecond,
	}
	const quiet = "  12 s  moving     200 bots    2000 moves/s     34000 updates/s  p99 51.2 ms"
	if got := s.String(); got != quiet {
		t.Errorf("%q, want %q", got, quiet)
	}
	s.LateSends, s.Disconnects, s.Violations = 1, 2, 3
	const trouble = quiet + "  2 disconnected  3 violations  1 late sends"
	if got := s.String(); got != trouble {
		t.Errorf("%q, want %q", got, trouble)
	}
	s.Doubts = []string{"11 of 100 moves", "more"}
	if got := s.String(); got != trouble+"  NOT TO TRUST: 11 of 100 moves" {
		t.Errorf("%q", got)
	}
}
