package page

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aoiworld/client_sim/bot"
)

// sample is the report of a run with everything in it.
func sample() bot.Report {
	r := bot.Report{
		Began:  time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC),
		Server: "127.0.0.1:8999", Transport: bot.TCP, Motion: bot.Walk, Seed: 7, Bots: 3000, Joined: 2998, Failed: 2, Seconds: 30.04,
		MovesPerSecond: 29_980, UpdatesPerSecond: 719_412.4, FramesPerSecond: 800_000, ReadsPerSecond: 30_000,
		Audience: 23.97, BytesPerUpdate: 31.2, Expected: 21_582_372, Delivered: 21_582_000, DeliveredPart: 0.99998,
		LatencyMillis: bot.Latency{
			P50: 61.25, P90: 99.5, P99: 150.1, P999: 180, Max: 201.7, Mean: 63, Count: 20_000_000,
			Distribution: []bot.Percentile{
				{Percent: 0, Millis: 1}, {Percent: 50, Millis: 61.25}, {Percent: 99, Millis: 150.1}, {Percent: 99.5, Millis: 160},
			},
		},
		Phases:   []bot.PhaseReport{{Name: "the market", Seconds: 20, Bots: 300, MovesPerSecond: 3000, DeliveredPart: 0.9876}},
		P99Ticks: 1.501, ServerCores: 0.512, ServerRSSBytes: 61.4e6, Cores: 0.75, RSSBytes: 33e6, LateSends: 12,
		Lookers: 0.05, CrowdedPart: 0.93,
		Staleness: &bot.Staleness{
			Nearest20:  bot.Latency{P50: 1, P90: 95, P99: 151, Max: 402},
			Nearest100: bot.Latency{P50: 2, P90: 97, P99: 305, Max: 911},
			All:        bot.Latency{P50: 610, P90: 1810, P99: 2950, Max: 4321},
		},
		Extrapolation: &bot.Extrapolation{
			P50: 0.02, P95: 0.37, P99: 0.81, Max: 3.21, Count: 987_654, OldestSeconds: 2.9, BoundSeconds: 3.4,
			Distribution: []bot.ErrorByPercent{{Percent: 0, Units: 0.001}, {Percent: 50, Units: 0.02}, {Percent: 95, Units: 0.37}, {Percent: 99, Units: 0.81}},
			ByAge:        []bot.ErrorByAge{{Seconds: 0.5, Count: 600_000, P50: 0.01, P95: 0.2}, {Seconds: 1, Count: 387_654, P50: 0.1, P95: 0.5}},
		},
		Violations: 1, Listed: []bot.Violation{{Kind: bot.Ghost, Viewer: 3, Player: 9, Detail: "<b>shown</b>, but it has left"}},
		Closes: map[string]int{"tcp: connection reset by peer": 2}, Checks: 5,
		Settings: &bot.Settings{
			TickRateHz: 20, MaxX: 35, MaxZ: 36, Columns: 37, Rows: 38, ViewRadius: 1, RoundSeconds: 3, SettleSeconds: 5,
			ConnectsPerSecond: 500, JoinTimeoutSeconds: 10, Goals: bot.GoalSettings{MaxP99Millis: 100, MinDeliveredPart: 0.5},
			Sources: []string{"127.0.0.2"}, Hotspot: []float64{7, 8}, HotspotRadius: 9,
			Phases: []bot.PhaseSettings{{Name: "the square", Motion: bot.Hotspot, MovesPerSecond: 12.5, Bots: 3000, Seconds: 30}},
		},
		Doubts: []string{"12 moves were sent late"}, Failures: []string{"2 bots could not join", "p99 of 150.1 ms, at most 100.0"},
		Machine: bot.Machine{OS: "linux", CPU: "A CPU </script>", Cores: 2, Go: "go1.26"},
	}
	for second := range 30 {
		s := bot.Sample{
			Seconds: float64(second + 1), Bots: 3000, UpdatesPerSecond: 700_000 + float64(second*700), BytesPerSecond: 22e6,
			P50Millis: 60 + float64(second%3), P99Millis: 140 + float64(second%7), Cores: 0.7,
			Server: &bot.ServerSample{Cores: 0.5, RSSBytes: 60e6},
			Staleness: &bot.StalenessSample{
				Nearest20:  bot.StalenessOfRank{P50: 1, P99: 150 + float64(second%5)},
				Nearest100: bot.StalenessOfRank{P50: 2, P99: 300 + float64(second%11)},
				All:        bot.StalenessOfRank{P50: 600, P99: 2900 + float64(second*10)},
			},
		}
		r.Series = append(r.Series, s)
	}
	return r
}

// chartsOfSample is how many charts its page has.
const chartsOfSample = 10

// render returns a report's page.
func render(t *testing.T, r bot.Report) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shown finds the figures of a page, embedded the report in it.
var (
	shown    = regexp.MustCompile(`<data data-field="([^"]+)" data-decimals="(\d)">([^<]+)</data>`)
	embedded = regexp.MustCompile(`(?s)<script type="application/json" id="report">(.*?)</script>`)
)

// scale is how a figure is shown in another unit than the JSON has it in.
var scale = map[string]float64{"deliveredPart": 100, "lookers": 100, "crowdedPart": 100, "serverRSSBytes": 1e-6, "rssBytes": 1e-6}

// checkFigures holds each figure of a page against the report that is embedded in it.
func checkFigures(t *testing.T, page string) {
	t.Helper()
	script := embedded.FindStringSubmatch(page)
	if script == nil {
		t.Fatal("no report is embedded")
	}
	var report map[string]any
	if err := json.Unmarshal([]byte(script[1]), &report); err != nil {
		t.Fatal(err)
	}
	figures := shown.FindAllStringSubmatch(page, -1)
	if len(figures) < 60 {
		t.Errorf("%d figures are shown", len(figures))
	}
	for _, f := range figures {
		var value any = report
		for name := range strings.SplitSeq(strings.Replace(f[1], "p99.9", "p99,9", 1), ".") {
			value = value.(map[string]any)[strings.Replace(name, ",", ".", 1)]
		}
		want, is := value.(float64)
		if factor := scale[f[1]]; factor != 0 {
			want *= factor
		}
		decimals, _ := strconv.Atoi(f[2])
		if got := strings.ReplaceAll(f[3], "\u202f", ""); !is || got != fmt.Sprintf("%.*f", decimals, want) {
			t.Errorf("%s is shown as %s, and is %v", f[1], got, value)
		}
	}
}

func TestThePageShowsTheReport(t *testing.T) {
	page := render(t, sample())
	checkFigures(t, page)
	for _, want := range []string{
		"719\u202f412", "2\u202f998", "This run failed", "2 bots could not join", "Do not trust these figures",
		"Staleness, p50", "Staleness, p99", "nearest 100", "the nearest 20", "Extrapolation error",
		"Extrapolation error by age", "5.0</data> %", "12 moves were sent late", "Latency over time", "Latency by percentile", "Server memory", "&lt;b&gt;shown&lt;/b&gt;",
		"2 × tcp: connection reset by peer", "the square", "12.5", "127.0.0.2", "[7 8], radius 9", "not to be trusted", "the market", "0.9876", "Tue, 24 Nov 2026 01:02:03 UTC",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != chartsOfSample {
		t.Errorf("%d charts", n)
	}
}

// TestThePageLoadsNothing: there is nothing on it that a browser would fetch.
func TestThePageLoadsNothing(t *testing.T) {
	page := render(t, sample())
	for _, bad := range []string{"http:", "https:", "//", " src=", "url(", "@import", "<link", "<iframe", "<img", "href"} {
		if strings.Contains(embedded.ReplaceAllString(page, ""), bad) {
			t.Errorf("there is %q on the page", bad)
		}
	}
	if n := strings.Count(page, "<script"); n != 1 || !strings.Contains(page, "default-src 'none'") {
		t.Errorf("%d scripts, or no policy", n)
	}
}

func TestPoorReports(t *testing.T) {
	for name, r := range map[string]bot.Report{
		"empty":      {},
		"one second": {Series: []bot.Sample{{Seconds: 1}}},
		"server known in one second": {Series: []bot.Sample{
			{Seconds: 1}, {Seconds: 2, Server: &bot.ServerSample{Cores: 1}},
		}},
		"staleness known in one second": {Series: []bot.Sample{
			{Seconds: 1, Staleness: &bot.StalenessSample{}}, {Seconds: 2},
		}},
	} {
		if page := render(t, r); strings.Contains(page, "Server memory") || strings.Contains(page, "Staleness") ||
			strings.Contains(page, "Extrapolation") || strings.Contains(page, "This run failed") {
			t.Errorf("%s: the page says what it cannot know", name)
		}
	}
}

// TestAMissedSecondIsAGap: a second in which the server did not answer, or nobody was looked at, is not left out of the charts,
// nor drawn at a height of 0: their lines are in two parts.
func TestAMissedSecondIsAGap(t *testing.T) {
	strokes := func(r bot.Report, title string) int {
		_, chart, found := strings.Cut(render(t, r), "<b>"+title+"</b>")
		if !found {
			t.Fatalf("%s is left out", title)
		}
		chart, _, _ = strings.Cut(chart, "</figure>")
		paths := regexp.MustCompile(`<path [^>]*stroke-width:2`).FindAllString(chart, -1)
		drawn := map[string]bool{} // but for their colours, for no two lines are the same
		for _, p := range paths {
			drawn[regexp.MustCompile(` d="[^"]*"`).FindString(p)] = true
		}
		return len(drawn)
	}
	whole, gap := sample(), sample()
	gap.Series[10].Server, gap.Series[10].Staleness = nil, nil
	for title, lines := range map[string]int{"Server memory": 1, "Staleness, p99": 3} {
		if one, two := strokes(whole, title), strokes(gap, title); one != lines || two != 2*lines {
			t.Errorf("%s: %d lines, and %d with a gap", title, one, two)
		}
	}
}

func TestTicksOfAxes(t *testing.T) {
	for want, got := range map[string]string{
		"0": tick(0), "0.025": tick(0.025), "0.15": tick(0.05 + 0.1), "999": tick(999), "2.5k": tick(2500), "12.5k": tick(12_500), "1.25M": tick(1.25e6),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"0": Number(0, 0), "999": Number(999, 0), "1\u202f000": Number(1000, 0), "-1\u202f234\u202f567.9": Number(-1234567.89, 1),
		"0.50": Number(0.5, 2), "12\u202f345.0": Number(12345, 1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// chromium returns a browser, and skips the test where there is none.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium in PATH")
	return ""
}

// TestThePageInABrowser: opened from a file, without a network, it shows what it should.
func TestThePageInABrowser(t *testing.T) {
	browser, dir := chromium(t), t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, []byte(render(t, sample())), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir="+filepath.Join(dir, "profile"), "--enable-logging=stderr",
		"--dump-dom", "file://"+file)
	var messages strings.Builder
	command.Stderr = &messages
	dom, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &messages)
	}
	checkFigures(t, string(dom))
	if n := strings.Count(string(dom), "<svg"); n != chartsOfSample {
		t.Errorf("%d charts in the browser", n)
	}
	if strings.Contains(messages.String(), "CONSOLE") {
		t.Errorf("the browser complains:\n%s", &messages)
	}
}
