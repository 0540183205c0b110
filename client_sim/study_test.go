package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// startOperated starts the operation port of a server, with settings and metrics, and returns its address and the file with the
// token. Cells that have more than 99 columns are refused.
func startOperated(t *testing.T) (address, token string) {
	settings := map[string]any{"world.columns": 10.0, "world.rows": 20.0, "world.tick_rate": 20.0, "world.view_radius": 1.0}
	var mu sync.Mutex
	frames := 0.0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/metrics" {
			frames += 100
			_, _ = fmt.Fprintf(w, "aoiworld_players 1\naoiworld_frames_sent_total %v\nprocess_cpu_seconds_total %v\n", frames, frames)
			return
		}
		var change map[string]any
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPost {
			_ = json.NewDecoder(r.Body).Decode(&change)
		}
		if columns, _ := change["world.columns"].(float64); columns > 99 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"code":"invalid","message":"world.columns: too many"}}`)
			return
		}
		for key, v := range change {
			settings[key] = v
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"settings": settings})
	}))
	t.Cleanup(s.Close)
	token = filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, token
}

// TestCapacityFromTheCommandLine: one player is let in, which is the most that is asked for.
func TestCapacityFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	address, token := startOperated(t)
	args := []string{"capacity", "--start", "1", "--max", "1", "--rounds", "1", "--duration", "50ms", "--max-p99", "0", "--min-delivered", "0"}
	code, out, errs := sim(t, append(args, "--server", startLonely(t, false), "--html", filepath.Join(dir, "c.html"),
		"--json="+filepath.Join(dir, "c.json"), "--admin", address, "--admin-token-file", token, "--metrics", address+"/metrics")...)
	if code != exitGood || !strings.Contains(out, "at least 1 players") || !strings.Contains(errs, "round 1       1 players  holds") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	header, loads, err := study.Read(filepath.Join(dir, "c.json"))
	if err != nil || len(loads) == 0 {
		t.Fatalf("%v, %d loads", err, len(loads))
	}
	// A load that the bots were late with is played once more.
	if last := loads[len(loads)-1]; last.Verdict != study.Holds || last.Server == nil || header.ServerSettings["world.rows"] != 20.0 {
		t.Errorf("%v, %+v, %+v", err, header, loads)
	}
	page, err := os.ReadFile(filepath.Join(dir, "c.html"))
	if err != nil || !strings.Contains(string(page), "<title>at least 1 players</title>") {
		t.Errorf("%v\n%s", err, page)
	}
	code, out, errs = sim(t, append(args, "--server", startLonely(t, false), "--json", "--quiet")...)
	if code != exitGood || !json.Valid([]byte(out)) || errs != "" {
		t.Errorf("as JSON: exit %d\n%s%s", code, out, errs)
	}
}

// TestTuneFromTheCommandLine tries the one grid that one connection is enough for, and gives the settings back.
func TestTuneFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	address, token := startOperated(t)
	args := []string{
		"tune", "--bots", "1", "--duration", "50ms", "--metrics", address + "/metrics", "--admin", address,
		"--admin-token-file", token,
	}
	code, out, errs := sim(t, append(args, "--server", startLonely(t, false), "--grids", "5x6", "--html", filepath.Join(dir, "t.html"),
		"--json="+filepath.Join(dir, "t.json"))...)
	if code != exitGood || !strings.Contains(out, "recommended  5 × 6 cells at 20 Hz") || !strings.Contains(errs, "5 × 6 cells") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, loads, err := study.Read(filepath.Join(dir, "t.json")); err != nil || len(loads) != 1 || loads[0].Columns != 5 {
		t.Errorf("%v, %+v", err, loads)
	}
	code, out, errs = sim(t, append(args, "--server", startLonely(t, false), "--grids", "5x6", "--minimise", "p99")...)
	if code != exitBad || !strings.Contains(out, "no latency was measured") || !strings.Contains(errs, "OUT") {
		t.Errorf("what was not measured: exit %d\n%s%s", code, out, errs)
	}
	code, out, errs = sim(t, append(args, "--server", startLonely(t, false), "--grids", "100x6")...)
	if code != exitBad || !strings.Contains(errs, "world.columns: too many") {
		t.Errorf("a grid that is refused: exit %d\n%s%s", code, out, errs)
	}
}

// writeLoads writes a study of some loads into a folder, and returns the file.
func writeLoads(t *testing.T, dir, name string, loads ...study.Load) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"loads": loads})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// modelled writes a study to which a model can be fitted, and one of a single run that takes a quarter more than that says.
func modelled(t *testing.T, dir string) (runs, other string) {
	load := func(players, cores float64) study.Load {
		return study.Load{
			Joined: int(players), Columns: 10, Rows: 20, CellWidth: 10, CellDepth: 10, ViewRadius: 1, TickRateHz: 20, Audience: players / 20,
			MovesPerSecond: 10 * players, Verdict: study.Holds, Server: &bot.ServerUse{
				Cores: cores, MachineCores: 2, RSSBytes: 2e7 + 1e4*players, TicksPerSecond: 20, FramesPerSecond: 20 * players,
				MovesPerSecond: 10 * players, BytesPerSecond: 10 * players * players,
			},
		}
	}
	runs = writeLoads(t, dir, "runs.json",
		load(100, 0.02), load(200, 0.04), load(400, 0.08), load(800, 0.16), load(1200, 0.24), load(1600, 0.32))
	return runs, writeLoads(t, dir, "other.json", load(1000, 0.25))
}

// TestModelFromTheCommandLine: costs, what they are off by, and loads like the last one.
func TestModelFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	runs, other := modelled(t, dir)
	code, out, errs := sim(t, "model", runs, "--predict", other, "--players", "500,1000", "--grids", "10x20,20x40", "--html",
		filepath.Join(dir, "m.html"))
	if code != exitGood || strings.Count(out, "20 × 40") != 2 || !strings.Contains(out, "-20.0 %") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "m.html")); err != nil || !strings.Contains(string(page), "Predicted, and measured") {
		t.Errorf("%v\n%s", err, page)
	}
	code, out, _ = sim(t, "model", runs, "--json", "--rate", "5", "--audience", "7", "--bounds", "0,200,0,100", "--view-radius", "2",
		"--tick-rates", "10,30", "--factor", "2")
	var report struct {
		Factor      float64
		Predictions []struct{ Wish, Counts map[string]float64 }
	}
	if err := json.Unmarshal([]byte(out), &report); code != exitGood || err != nil || len(report.Predictions) != 2 || report.Factor != 2 {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	for key, want := range map[string]float64{
		"players": 1600, "movesPerSecond": 5, "ticksPerSecond": 30, "columns": 10, "viewRadius": 2, "width": 200, "depth": 100, "others": 7,
	} {
		if got := report.Predictions[1].Wish[key]; got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
}

// TestModelsThatFail, and which exit code says so.
func TestModelsThatFail(t *testing.T) {
	dir := t.TempDir()
	runs, other := modelled(t, dir)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"too far off":       {[]string{runs, "--predict", other, "--max-error", "10%"}, exitBad, "off by more than --max-error"},
		"near enough":       {[]string{runs, "--predict", other, "--max-error", "30%"}, exitGood, ""},
		"too few runs":      {[]string{other}, exitUsage, "want at least 6"},
		"no such file":      {[]string{filepath.Join(dir, "none.json")}, exitUsage, "no such file"},
		"no such other":     {[]string{runs, "--predict", filepath.Join(dir, "none.json")}, exitUsage, "no such file"},
		"an empty other":    {[]string{runs, "--predict", writeLoads(t, dir, "empty.json", study.Load{})}, exitUsage, "none of"},
		"no wish":           {[]string{runs, "--players", "0"}, exitUsage, "impossible load"},
		"nothing to be off": {[]string{runs, "--max-error", "10%"}, exitUsage, "without --predict"},
		"no machine":        {[]string{runs, "--factor", "0"}, exitUsage, "--factor 0"},
		"no runs at all":    {nil, exitUsage, "arg"},
		"no place for it":   {[]string{runs, "--html", filepath.Join(dir, "none", "m.html")}, exitBad, "no such file"},
	} {
		if code, out, errs := sim(t, append([]string{"model"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, c.code, out, errs)
		}
	}
}

// TestStudiesThatCannotBegin are wrong usage, or a server that is not there.
func TestStudiesThatCannotBegin(t *testing.T) {
	address, token := startOperated(t)
	operated := []string{"--admin", address, "--admin-token-file", token}
	const elsewhere = "192.0.2.1:1" // whose metrics nobody looks for, whatever runs on this machine
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no rounds":           {[]string{"capacity", "--rounds", "0"}, exitUsage, "impossible search"},
		"a wrong token's":     {[]string{"capacity", "--admin", address, "--admin-token-file", filepath.Join(t.TempDir(), "none")}, exitBad, "no such file"},
		"in the clear":        {[]string{"capacity", "--admin", "10.0.0.1:1", "--admin-token-file", token}, exitUsage, "in the clear"},
		"no server":           {append([]string{"capacity", "--server", "127.0.0.1:1", "--start", "1"}, operated...), exitBad, "no bot could join"},
		"no operator":         {[]string{"tune"}, exitUsage, "want --admin-token-file"},
		"no wish":             {append([]string{"tune", "--minimise", "trouble"}, operated...), exitUsage, "none of cores, bytes and p99"},
		"no metrics":          {append([]string{"tune", "--grids", "5x5", "--server", elsewhere}, operated...), exitUsage, "its metrics must be read"},
		"grids that are none": {append([]string{"tune", "--grids", "5x"}, operated...), exitUsage, "as in 10x20"},
		"no columns":          {append([]string{"tune", "--search", "0-5"}, operated...), exitUsage, "as in 5-80"},
		"grids and a search":  {append([]string{"tune", "--grids", "5x5", "--search", "5-80"}, operated...), exitUsage, "both grids and a search"},
		"the wrong way round": {append([]string{"tune", "--search", "80-5"}, operated...), exitUsage, "from 80 to 5"},
		"nobody to cut":       {[]string{"run", "--regrids", "1"}, exitUsage, "no file with the token"},
		"searches around": {
			append([]string{"tune", "--bots", "1", "--minimise", "p99", "--server", "127.0.0.1:1"}, operated...), exitBad, "no bot could join",
		},
	} {
		if code, out, errs := sim(t, c.args...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, c.code, out, errs)
		}
	}
}

// TestFlagsOfGrids are read, and written as they were.
func TestFlagsOfGrids(t *testing.T) {
	flags := tuneCommand().Flags()
	for flag, values := range map[string]string{"grids": "5x10,20x40", "search": "5-80"} {
		if flags.Lookup(flag).Value.String() != "" {
			t.Errorf("--%s is %q to begin with", flag, flags.Lookup(flag).Value)
		}
		if err := flags.Set(flag, values); err != nil || flags.Lookup(flag).Value.String() != values || flags.Lookup(flag).Value.Type() == "" {
			t.Errorf("--%s %s: %v, %s", flag, values, err, flags.Lookup(flag).Value)
		}
	}
}
