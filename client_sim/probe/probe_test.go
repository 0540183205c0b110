package probe

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
)

const page = `# HELP aoiworld_players Players in a world now.
# TYPE aoiworld_players gauge
aoiworld_players{world="cave"} 3
aoiworld_players{world="main"} 200
# TYPE aoiworld_ticks_late_total counter
aoiworld_ticks_late_total{world="main"} 2
# TYPE aoiworld_overloaded gauge
aoiworld_overloaded{resource="ticks"} 1
aoiworld_overloaded{resource="memory"} 0
# TYPE aoiworld_world_tick gauge
aoiworld_world_tick{world="cave"} 7
aoiworld_world_tick{world="main"} 100
# TYPE aoiworld_tick_seconds histogram
aoiworld_tick_seconds_bucket{world="cave",le="0.001"} 6
aoiworld_tick_seconds_bucket{world="cave",le="0.01"} 7
aoiworld_tick_seconds_bucket{world="cave",le="+Inf"} 7
aoiworld_tick_seconds_sum{world="cave"} 0.25
aoiworld_tick_seconds_count{world="cave"} 7
aoiworld_tick_seconds_bucket{world="main",le="0.001"} 90
aoiworld_tick_seconds_bucket{world="main",le="0.01"} 95
aoiworld_tick_seconds_bucket{world="main",le="+Inf"} 100
aoiworld_tick_seconds_sum{world="main"} 1.5
aoiworld_tick_seconds_count{world="main"} 100
# TYPE aoiworld_ticks_skipped_total counter
aoiworld_ticks_skipped_total{world="main"} 4
# TYPE aoiworld_frames_sent_total counter
aoiworld_frames_sent_total 5000
# TYPE aoiworld_sent_bytes_total counter
aoiworld_sent_bytes_total 60000
# TYPE aoiworld_moves_total counter
aoiworld_moves_total{world="main"} 700
# TYPE aoiworld_session_lags_total counter
aoiworld_session_lags_total 8
# TYPE go_sched_gomaxprocs_threads gauge
go_sched_gomaxprocs_threads 2
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 3.3e+07
`

// serve serves a page until the test ends, to whoever asks for no more than is on ours.
func serve(t *testing.T, status int, text string) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if accepted := r.Header.Get("Accept-Encoding"); accepted != "identity" {
			t.Errorf("the page is asked for in %q", accepted)
		}
		asked := r.URL.Query()["name[]"]
		for _, name := range asked {
			if !strings.Contains(page, "# TYPE "+name+" ") {
				t.Errorf("asks for %s, which nothing is done with", name)
			}
		}
		if named := strings.Count(page, "# TYPE "); len(asked) != named {
			t.Errorf("asks for %d metrics, wants %d", len(asked), named)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatAServerSays(t *testing.T) {
	got, err := Metrics(serve(t, 200, page))(t.Context())
	want := bot.ServerCounters{
		CPUSeconds: 12.5, Ticks: 107, LateTicks: 2, SkippedTicks: 4, RSSBytes: 3.3e7, Players: 203, Overloaded: 1, Cores: 2, TickSeconds: 1.75,
		TickBuckets: []bot.Bucket{{Bound: 0.001, Count: 96}, {Bound: 0.01, Count: 102}, {Bound: math.Inf(1), Count: 107}},
		Frames:      5000, SentBytes: 60_000, Moves: 700, Lags: 8,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatIsNoServer(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		text    string
		foreign bool
	}{
		"another program":       {200, "# TYPE go_goroutines gauge\ngo_goroutines 8\n", true},
		"nothing":               {200, "", true},
		"no metrics":            {200, "<html>", false},
		"not found":             {404, page, false},
		"more than is read":     {200, strings.Repeat("# a long comment\n", maxPage/10) + page, false},
		"a number that is none": {200, "aoiworld_players x\n", false},
	} {
		got, err := Metrics(serve(t, c.status, c.text))(t.Context())
		if err == nil || errors.Is(err, ErrForeign) != c.foreign || !cmp.Equal(got, bot.ServerCounters{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Metrics("http://127.0.0.1:1/metrics")(t.Context()); err == nil {
		t.Error("nobody answered, and there is no error")
	}
	if _, err := Metrics(":")(t.Context()); err == nil {
		t.Error("a URL that is none is accepted")
	}
}
