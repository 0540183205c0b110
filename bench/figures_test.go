package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMedian(t *testing.T) {
	for name, c := range map[string]struct {
		all  []float64
		want float64
	}{
		"one":   {[]float64{3}, 3},
		"two":   {[]float64{4, 1}, 2.5},
		"three": {[]float64{9, 1, 2}, 2},
		"four":  {[]float64{9, 1, 2, 4}, 3},
	} {
		if got := median(c.all); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestMedianLiesInTheMiddle: as many lie above as below, whatever their order, which stays as it was.
func TestMedianLiesInTheMiddle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 9).Draw(rt, "numbers")
		before := slices.Clone(all)
		m := median(all)
		below, above := 0, 0
		for _, v := range all {
			if v < m {
				below++
			}
			if v > m {
				above++
			}
		}
		if below > len(all)/2 || above > len(all)/2 || !slices.Equal(all, before) {
			rt.Errorf("%v in %v: %d below, %d above; now %v", m, before, below, above, all)
		}
	})
}

func TestMediansAreOfEachFigure(t *testing.T) {
	got := medians([]values{{"a": 1, "b": 5}, {"a": 3}, {"a": 2}})
	if want := (values{"a": 2, "b": 5}); !cmp.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRatiosAreOfPairs(t *testing.T) {
	// The medians' ratio would be 20/10: the machine was slow in the second pair, for both.
	of := []values{{"x": 12}, {"x": 60}, {"x": 20}}
	to := []values{{"x": 10}, {"x": 40}, {"x": 10}}
	got, ok := ratioOf("x", of, to)
	if want := (spread{1.5, 1.2, 2, 3}); !ok || got != want {
		t.Errorf("%+v, %v; want %+v", got, ok, want)
	}
	if got, ok := ratioOf("x", []values{{"x": 1}, {}}, []values{{"x": 0}, {"x": 1}}); ok {
		t.Errorf("nothing can be divided, and is %+v", got)
	}
}

// samples returns a window of two seconds in which a program made 1,000 frames.
func samples() window {
	began := time.Unix(100, 0)
	return window{
		from: sample{
			at: began, cpu: cpuTime{time.Second, 2 * time.Second}, busy: time.Minute, softirq: time.Second, hasSoft: true,
			metrics: metrics{framesTotal: 500, bytesTotal: 1000, mallocsTotal: 100, tickNumber: 7},
		},
		to: sample{
			at:  began.Add(2 * time.Second),
			cpu: cpuTime{time.Second + 2*time.Millisecond, 2*time.Second + 6*time.Millisecond}, softirq: time.Second + time.Millisecond,
			hasSoft: true, busy: time.Minute + time.Second,
			metrics: metrics{
				framesTotal: 1500, bytesTotal: 601_000, mallocsTotal: 400, tickNumber: 27, lateTicksTotal: 3, lagsTotal: 4, closedAsSlow: 5,
			},
		},
	}
}

func TestCostOfAWindow(t *testing.T) {
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(math.Abs(a), math.Abs(b)) })
	want := values{
		framesPerSecond: 500, bytesPerFrame: 600, cpuPerFrame: 8, userPerFrame: 2, systemPerFrame: 6, userPart: 0.25, cores: 0.004, otherCores: 0.496,
		cpuPerPlayer: 80, allocsPerFrame: 0.2, softirqPerFrame: 1, ticksPerSecond: 10, lateTicks: 3, lags: 4, closedSlow: 5,
	}
	if diff := cmp.Diff(want, samples().cost(100, 50), near); diff != "" {
		t.Error(diff)
	}
}

func TestCostLeavesOutWhatIsNotKnown(t *testing.T) {
	w := samples()
	w.to.hasSoft = false
	delete(w.to.metrics, tickNumber)
	w.from.metrics[framesTotal] = w.to.metrics[framesTotal]
	v := w.cost(1e6, 50)
	for _, key := range []string{softirqPerFrame, ticksPerSecond, lateTicks, lags, cpuPerFrame, allocsPerFrame, sendsPerFrame} {
		if value, has := v[key]; has {
			t.Errorf("%s is %v", key, value)
		}
	}
	w = samples()
	if v := w.cost(1e6, 50); v[allocsPerFrame] != 0 {
		t.Errorf("fewer than no allocations: %v", v[allocsPerFrame])
	}
	w.to.metrics[sendSeconds], w.to.metrics[readSeconds] = 0.006, 0.001
	if v := w.cost(0, 50); math.Abs(v[sendsPerFrame]-6) > 1e-9 || math.Abs(v[readsPerFrame]-1) > 1e-9 {
		t.Errorf("sends %v µs, reads %v µs", v[sendsPerFrame], v[readsPerFrame])
	}
}

func TestParseMetrics(t *testing.T) {
	page := `# TYPE x_total counter
x_total{code="4002",transport="tcp"} 3
x_total{code="4002",transport="ws"} 4
x_total{code="1006",transport="ws"} 10
# TYPE g gauge
g 2.5
# TYPE s summary
s_sum 9
s_count 6
`
	got, err := parseMetrics(strings.NewReader(page))
	want := metrics{"x_total": 17, "x_total/4002": 7, "x_total/1006": 10, "x_total/tcp": 3, "x_total/ws": 14, "g": 2.5, "s": 6}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := parseMetrics(strings.NewReader("<html>")); err == nil {
		t.Error("a page of HTML was read")
	}
}
