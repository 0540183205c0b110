package bot

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestWhatAServerDidBetweenTwoAnswers: differences, a second where it is a rate, and as they are where they are not.
func TestWhatAServerDidBetweenTwoAnswers(t *testing.T) {
	start := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	before := &answer{start, ServerCounters{
		CPUSeconds: 1, Ticks: 100, LateTicks: 5, SkippedTicks: 6, TickSeconds: 2, Frames: 1000, SentBytes: 50_000, Moves: 300, Lags: 1,
		RSSBytes: 9e6, TickBuckets: []Bucket{{0.001, 90}, {0.01, 100}, {math.Inf(1), 100}},
	}}
	after := &answer{start.Add(4 * time.Second), ServerCounters{
		CPUSeconds: 3, Ticks: 180, LateTicks: 7, SkippedTicks: 7, TickSeconds: 3, Frames: 9000, SentBytes: 450_000, Moves: 700, Lags: 4,
		RSSBytes: 8e6, Cores: 2, TickBuckets: []Bucket{{0.001, 150}, {0.01, 180}, {math.Inf(1), 180}},
	}}
	want := &ServerUse{
		Seconds: 4, Cores: 0.5, MachineCores: 2, RSSBytes: 8e6, FramesPerSecond: 2000, MovesPerSecond: 100, BytesPerSecond: 100_000,
		TicksPerSecond: 20, TickPart: 0.25, LongestTickMillis: 10, LateTicks: 2, SkippedTicks: 1, Lags: 3,
	}
	if diff := cmp.Diff(want, after.since(before), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var none *answer
	if after.since(none) != nil || none.since(before) != nil {
		t.Error("a server that was not asked did something")
	}
	for name, fall := range map[string]func(*ServerCounters){
		"CPU time": func(c *ServerCounters) { c.CPUSeconds = 0.5 }, "ticks": func(c *ServerCounters) { c.Ticks = 99 },
		"late ticks": func(c *ServerCounters) { c.LateTicks = 4 },
	} {
		other := *after
		if fall(&other.counters); other.since(before) != nil {
			t.Errorf("another server, with less %s, did something", name)
		}
	}
}

// TestTheLongestTick is below the least bound that all ticks since were within; beyond all bounds it is what they took together.
func TestTheLongestTick(t *testing.T) {
	buckets := func(counts ...float64) (all []Bucket) {
		for i, n := range counts {
			all = append(all, Bucket{[]float64{0.001, 0.01, math.Inf(1)}[i], n})
		}
		return all
	}
	for name, c := range map[string]struct {
		before, after []Bucket
		want          float64
	}{
		"short":          {buckets(5, 6, 7), buckets(8, 9, 10), 0.001},
		"longer":         {buckets(5, 6, 7), buckets(7, 9, 10), 0.01},
		"beyond":         {buckets(5, 6, 7), buckets(7, 8, 10), 1},
		"of another one": {buckets(5, 6), buckets(7, 8, 10), 1},
		"not told":       {nil, nil, 1},
	} {
		now, then := ServerCounters{TickSeconds: 3, TickBuckets: c.after}, ServerCounters{TickSeconds: 2, TickBuckets: c.before}
		if got := now.longest(&then); got != c.want {
			t.Errorf("%s: %v s, want %v", name, got, c.want)
		}
	}
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	var f fleet
	if f.ask(probePatience) != nil {
		t.Error("nobody was asked, and there is an answer")
	}
	f.cfg.Probe = func(ctx context.Context) (ServerCounters, error) {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("it may take for ever")
		}
		return ServerCounters{Ticks: 7}, nil
	}
	if a := f.ask(probePatience); a == nil || a.counters.Ticks != 7 {
		t.Errorf("%+v", a)
	}
	f.cfg.Probe = func(context.Context) (ServerCounters, error) { return ServerCounters{}, errors.New("gone") }
	if f.ask(probePatience) != nil {
		t.Error("there was an error, and there is an answer")
	}
}

// TestARunWithoutWholeSeconds has the figures of the server from before and after it; one with enough of them has its own.
func TestARunWithoutWholeSeconds(t *testing.T) {
	second := Sample{Server: &ServerSample{Cores: 2, RSSBytes: 9, LateTicks: 1}}
	whole := &ServerUse{Cores: 0.5, RSSBytes: 7, LateTicks: 3}
	for name, c := range map[string]struct {
		series []Sample
		whole  *ServerUse
		want   [3]float64
	}{
		"none":               {nil, whole, [3]float64{0.5, 7, 3}},
		"too few":            {[]Sample{second}, whole, [3]float64{0.5, 9, 3}},
		"enough":             {[]Sample{second, second}, whole, [3]float64{2, 9, 2}},
		"nothing else known": {[]Sample{second}, nil, [3]float64{2, 9, 1}},
		"nothing known":      {nil, nil, [3]float64{}},
	} {
		cores, rss, late := serverUse(c.series, c.whole, 3*time.Second)
		if got := [3]float64{cores, rss, late}; got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestAServerThatTakesItsTime: it is asked before and after a run with more patience than each second.
func TestAServerThatTakesItsTime(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		cfg, asked := small(s), atomic.Int64{}
		cfg.Probe = func(ctx context.Context) (ServerCounters, error) {
			return ServerCounters{Ticks: float64(100 * asked.Add(1)), RSSBytes: 5e6}, pause(ctx, 2*time.Second)
		}
		report := s.play(t, cfg)
		if u := report.ServerUse; u == nil || u.TicksPerSecond == 0 || u.RSSBytes == 0 || report.ServerRSSBytes != u.RSSBytes {
			t.Errorf("it used %+v, and %v bytes", u, report.ServerRSSBytes)
		}
	})
}
