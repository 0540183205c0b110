package ops

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"aoiworld/internal/build"
	"aoiworld/overload"
	"aoiworld/player"
	"aoiworld/world"
)

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// busy is what a server may have counted.
func busy() Sources {
	counts := &player.Snapshot{
		Messages: 11, BytesReceived: 12, Frames: 13, Composed: 14, Updates: 15, BytesSent: 16, Lagged: 17, Resumed: 18, Detached: 19,
		Logins: [player.Logins]uint64{player.LoginReplaced: 29}, Busy: 30, Missed: 34,
	}
	monitor := overload.NewMonitor(overload.Config{Period: time.Second, TickShare: 1}, quiet())
	began := time.Now()
	for second := range 60 {
		monitor.Tick(1500*time.Millisecond, began.Add(time.Duration(second)*time.Second))
	}
	classic, native := &counts.Speaking[player.Classic], &counts.Speaking[player.Native]
	classic.Sessions[player.Active][0] = 3
	native.Sessions[player.Lagging][1] = 2
	classic.Opened[0], native.Opened[1] = 8, 9
	classic.Closed[player.SlowConsumer][0] = 5
	native.Closed[player.PeerLeft][1] = 7
	counts.Refused[player.RefusedChatRate] = 6
	counts.Crowds[player.Native] = player.CrowdStats{
		Crowded: 31, Share: 0.5, Bound: 1500 * time.Millisecond, FarBytes: 32, NearBytes: 33,
	}
	return Sources{
		Sessions: func() *player.Snapshot { return counts },
		Worlds: func() []*world.Snapshot {
			return []*world.Snapshot{{World: "main", Tick: 100, Players: 5, Entities: 6, Rate: 12.5}, {World: "cave", Tick: 3}}
		},
		Refused: func() map[string]uint64 { return map[string]uint64{"full": 4, "per_address": 0} }, Overload: monitor,
		Build: build.Info{Version: "v1.2.3", Revision: "0123456789ab", Go: "go1.26.0"},
		State: func() State {
			return State{Ready: true, Connections: 35, FrameBudget: 36, CertificateEnds: time.Unix(37, 0), LinesDropped: 38}
		},
	}
}

// report is a tick in which everything happened.
func report() world.TickReport {
	r := world.TickReport{
		World: "main", Late: 50 * time.Millisecond, Skipped: 2, Period: 50 * time.Millisecond, Players: 5,
		Moves: 21, Conflated: 22, TooFast: 23, Chats: 24, Dropped: 25, Acts: 27, Failures: 28,
	}
	r.Took[world.PhaseStep] = 2 * time.Millisecond
	r.Took[world.PhaseDeliver] = 3 * time.Millisecond
	r.Refused[world.BadPosition] = 26
	return r
}

// scrape returns what Prometheus would see.
func scrape(t *testing.T, m *Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	w := httptest.NewRecorder()
	NewServer(m, nil, quiet()).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// find returns the metric of a family whose label values are these, in the order of the labels' names.
func find(t *testing.T, families map[string]*dto.MetricFamily, name, labels string) *dto.Metric {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		var values []string
		for _, l := range m.GetLabel() {
			values = append(values, l.GetValue())
		}
		if strings.Join(values, " ") == labels {
			return m
		}
	}
	t.Fatalf("there is no %s{%s}", name, labels)
	return nil
}

// counted are the figures that a scrape of busy tells, after a report.
var counted = []struct {
	name, labels string
	want         float64
}{
	{"aoiworld_sessions", "classic active tcp", 3},
	{"aoiworld_sessions", "native lagging ws", 2},
	{"aoiworld_sessions", "native connecting ws", 0},
	{"aoiworld_session_opened_total", "classic tcp", 8},
	{"aoiworld_session_opened_total", "native ws", 9},
	{"aoiworld_session_closed_total", "4002 classic tcp", 5},
	{"aoiworld_session_closed_total", "1006 native ws", 7},
	{"aoiworld_session_closed_total", "4507 native ws", 0},
	{"aoiworld_session_lags_total", "", 17},
	{"aoiworld_session_resumed_total", "", 18},
	{"aoiworld_logins_total", "replaced", 29},
	{"aoiworld_logins_total", "refused", 0},
	{"aoiworld_players_detached", "", 19},
	{"aoiworld_messages_refused_total", "chat_rate", 6},
	{"aoiworld_messages_refused_total", "unknown", 0},
	{"aoiworld_connections_refused_total", "full", 4},
	{"aoiworld_connections_refused_total", "per_address", 0},
	{"aoiworld_messages_received_total", "", 11},
	{"aoiworld_received_bytes_total", "", 12},
	{"aoiworld_frames_sent_total", "", 13},
	{"aoiworld_frames_composed_total", "", 14},
	{"aoiworld_frames_missed_total", "", 34},
	{"aoiworld_build_info", "go1.26.0 0123456789ab v1.2.3", 1},
	{"aoiworld_ready", "", 1},
	{"aoiworld_connections_limit", "", 35},
	{"aoiworld_frame_budget_bytes", "", 36},
	{"aoiworld_certificate_end_timestamp_seconds", "", 37},
	{"aoiworld_log_lines_dropped_total", "", 38},
	{"aoiworld_crowds", "native", 31},
	{"aoiworld_crowd_budget_ratio", "native", 0.5},
	{"aoiworld_crowd_bound_seconds", "native", 1.5},
	{"aoiworld_crowd_bytes_total", "native far", 32},
	{"aoiworld_crowd_bytes_total", "native near", 33},
	{"aoiworld_updates_sent_total", "", 15},
	{"aoiworld_sent_bytes_total", "", 16},
	{"aoiworld_players", "main", 5},
	{"aoiworld_players", "cave", 0},
	{"aoiworld_world_tick", "main", 100},
	{"aoiworld_moves_total", "main", 21},
	{"aoiworld_moves_total", "cave", 0},
	{"aoiworld_moves_conflated_total", "main", 22},
	{"aoiworld_moves_too_fast_total", "main", 23},
	{"aoiworld_chats_total", "main", 24},
	{"aoiworld_commands_dropped_total", "main", 25},
	{"aoiworld_game_commands_total", "main", 27},
	{"aoiworld_game_failures_total", "main", 28},
	{"aoiworld_entities", "main", 6},
	{"aoiworld_commands_refused_total", "bad_position main", 26},
	{"aoiworld_commands_refused_total", "too_fast main", 0},
	{"aoiworld_tick_rate_hertz", "main", 12.5},
	{"aoiworld_ticks_early_total", "main", 1},
	{"aoiworld_ticks_late_total", "main", 1},
	{"aoiworld_ticks_skipped_total", "main", 2},
}

func TestScrapeTellsWhatWasCounted(t *testing.T) {
	m := NewMetrics(busy())
	m.Observer("cave")
	observe := m.Observer("main")
	observe(report())
	observe(world.TickReport{Late: 49 * time.Millisecond, Period: 50 * time.Millisecond, Early: true})
	families := scrape(t, m)
	for _, c := range counted {
		found := find(t, families, c.name, c.labels)
		if got := found.GetCounter().GetValue() + found.GetGauge().GetValue(); got != c.want {
			t.Errorf("%s{%s} is %v, want %v", c.name, c.labels, got, c.want)
		}
	}
}

func TestScrapeTellsOfOverload(t *testing.T) {
	families := scrape(t, NewMetrics(busy()))
	if n := find(t, families, "aoiworld_session_overload_refused_total", "").GetCounter().GetValue(); n != 30 {
		t.Errorf("%v refused", n)
	}
	for labels, want := range map[string]float64{"ticks": 1, "memory": 0} {
		if got := find(t, families, "aoiworld_overloaded", labels).GetGauge().GetValue(); got != want {
			t.Errorf("overloaded by %s: %v", labels, got)
		}
	}
	if used := find(t, families, "aoiworld_overload_used_ratio", "ticks").GetGauge().GetValue(); used < 1.4 || used > 1.5 {
		t.Errorf("%v of the time is used", used)
	}
}

func TestScrapeTellsHowLongTicksTook(t *testing.T) {
	m := NewMetrics(busy())
	observe := m.Observer("main")
	observe(report())
	observe(world.TickReport{Late: 49 * time.Millisecond, Period: 50 * time.Millisecond, Early: true})
	families := scrape(t, m)
	for _, c := range []struct {
		name, labels string
		sum          float64
	}{
		{"aoiworld_tick_phase_seconds", "step main", 0.002},
		{"aoiworld_tick_phase_seconds", "deliver main", 0.003},
		{"aoiworld_tick_seconds", "main", 0.005},
		{"aoiworld_tick_lateness_seconds", "main", 0.099},
	} {
		h := find(t, families, c.name, c.labels).GetHistogram()
		if diff := h.GetSampleSum() - c.sum; h.GetSampleCount() != 2 || diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s{%s}: %d samples of %v s in all", c.name, c.labels, h.GetSampleCount(), h.GetSampleSum())
		}
	}
}

func TestScrapeTellsOfTheProcess(t *testing.T) {
	families := scrape(t, NewMetrics(busy()))
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total"} {
		if families[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestEveryMetricSaysWhatItIs(t *testing.T) {
	m := NewMetrics(busy())
	m.Observer("main")(report())
	gathered, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(gathered).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	ours := 0
	for name, family := range scrape(t, m) {
		if !strings.HasPrefix(name, "aoiworld_") {
			continue
		}
		ours++
		help := family.GetHelp()
		if !strings.HasSuffix(help, ".") {
			t.Errorf("%s: help %q", name, help)
		}
		if strings.HasSuffix(name, "_seconds") && !strings.Contains(help, "in seconds") {
			t.Errorf("%s does not say its unit: %q", name, help)
		}
	}
	if ours != 47 {
		t.Errorf("%d metrics are ours", ours)
	}
}

func TestGateIsOptional(t *testing.T) {
	from := busy()
	from.Refused, from.Overload, from.State = nil, nil, nil
	families := scrape(t, NewMetrics(from))
	if families["aoiworld_connections_refused_total"] != nil || families["aoiworld_players"] == nil {
		t.Error("without a gate something else is told")
	}
	from.State = func() State { return State{} }
	if scrape(t, NewMetrics(from))["aoiworld_certificate_end_timestamp_seconds"] != nil {
		t.Error("without TLS a certificate ends")
	}
}

func TestObserverCostsNoAllocation(t *testing.T) {
	observe := NewMetrics(busy()).Observer("main")
	r := report()
	if n := testing.AllocsPerRun(1000, func() { observe(r) }); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// TestScrapingWhileTicking is for the race detector.
func TestScrapingWhileTicking(t *testing.T) {
	m := NewMetrics(busy())
	var ticking sync.WaitGroup
	for _, name := range []string{"main", "cave"} {
		ticking.Go(func() {
			observe := m.Observer(name)
			for range 200 {
				observe(report())
			}
		})
	}
	for range 5 {
		scrape(t, m)
	}
	ticking.Wait()
	if got := find(t, scrape(t, m), "aoiworld_moves_total", "cave").GetCounter().GetValue(); got != 200*21 {
		t.Errorf("%v moves", got)
	}
}

func TestBrokenSourceIsToldAndLogged(t *testing.T) {
	from := busy()
	from.Worlds = func() []*world.Snapshot { return []*world.Snapshot{{World: "twin"}, {World: "twin"}} }
	var log bytes.Buffer
	server := NewServer(NewMetrics(from), nil, slog.New(slog.NewTextHandler(&log, nil)))
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "twin") {
		t.Errorf("status %d, log %q", w.Code, &log)
	}
}

// body returns what a request is answered by.
func body(t *testing.T, client *http.Client, url string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(b)
}
