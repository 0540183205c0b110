package probe

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aoiworld/client_sim/bot"
)

const page = `# HELP aoiworld_players Players in a world now.
# TYPE aoiworld_players gauge
aoiworld_players{world="cave"} 3
aoiworld_players{world="main"} 200
# TYPE aoiworld_ticks_late_total counter
aoiworld_ticks_late_total{world="main"} 2
# TYPE aoiworld_world_tick gauge
aoiworld_world_tick{world="cave"} 7
aoiworld_world_tick{world="main"} 100
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 3.3e+07
`

// serve serves a page until the test ends.
func serve(t *testing.T, status int, text string) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatAServerSays(t *testing.T) {
	got, err := Metrics(serve(t, 200, page))(t.Context())
	want := bot.ServerCounters{CPUSeconds: 12.5, Ticks: 107, LateTicks: 2, RSSBytes: 3.3e7, Players: 203}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
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
		if err == nil || errors.Is(err, ErrForeign) != c.foreign || got != (bot.ServerCounters{}) {
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
