package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"aoiworld/client_sim/bot"
)

// startLonely starts a server that lets one player in after another and echoes its moves. With a lie it also shows somebody twice.
func startLonely(t *testing.T, lie bool) (address string) {
	t.Setenv("CLIENT_SIM_DIALECT", bot.Classic) // which is what it speaks
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serveLonely(conn, lie)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// What the lonely server says, byte by byte: it is a stranger to our encoders.
var (
	lonelyPlace   = []byte{0x0d, 0, 0, 0x20, 0x43, 0x1d, 0, 0, 0x0c, 0x43} // X 160, Z 140
	lonelyWelcome = frame(1, []byte{0x08, 1})
	lonelyAppears = frame(200, append([]byte{0x08, 1, 0x10, 2, 0x22, 10}, lonelyPlace...))
	lonelyPlayers = frame(202, append([]byte{0x0a, 14, 0x08, 1, 0x12, 10}, lonelyPlace...))
)

// frame is a message with its header.
func frame(id uint32, payload []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	return append(binary.LittleEndian.AppendUint32(b, id), payload...)
}

// serveLonely plays the world to its only player: it relays what it is sent.
func serveLonely(conn net.Conn, lie bool) {
	said := [][]byte{lonelyWelcome, lonelyAppears, lonelyPlayers}
	if lie {
		said = append(said, lonelyAppears)
	}
	_, err := conn.Write(slices.Concat(said...))
	for err == nil {
		header := make([]byte, 8)
		if _, err = io.ReadFull(conn, header); err != nil {
			return
		}
		payload := make([]byte, binary.LittleEndian.Uint32(header))
		if _, err = io.ReadFull(conn, payload); err == nil {
			_, err = conn.Write(relay(header[4], payload))
		}
	}
}

// relay is the echo of a chat (id 2) or a move (id 3).
func relay(id byte, payload []byte) []byte {
	if id == 2 {
		payload[0] = 0x1a // the text's field there
		return frame(200, append([]byte{0x08, 1, 0x10, 1}, payload...))
	}
	return frame(200, append([]byte{0x08, 1, 0x10, 4, 0x22, byte(len(payload))}, payload...))
}

// sim runs the command line.
func sim(t *testing.T, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = execute(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestExitCodes(t *testing.T) {
	good, bad := startLonely(t, false), startLonely(t, true)
	short := []string{"run", "--bots", "1", "--duration", "50ms", "--churn", "0"}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a good run", append(short, "--server", good), exitGood, ""},
		{"a violation", append(short, "--server", bad), exitBad, "not as it should be"},
		{"no server", append(short, "--server", "127.0.0.1:1"), exitBad, "no bot could join"},
		{"no metrics", append(short, "--server", "127.0.0.1:1", "--metrics", "http://127.0.0.1:1/m"), exitBad, "--metrics http"},
		{"no bots", []string{"run", "--bots", "0"}, exitUsage, "0 bots"},
		{"an unknown flag", []string{"run", "--robots", "3"}, exitUsage, "robots"},
		{"a flag that is no number", []string{"run", "--bots", "many"}, exitUsage, "many"},
		{"bounds of three numbers", []string{"run", "--bounds", "1,2,3"}, exitUsage, "minX,maxX,minZ,maxZ"},
		{"bounds that are none", []string{"run", "--bounds", "0,1,0,x"}, exitUsage, "x"},
		{"an argument too many", []string{"run", "fast"}, exitUsage, "fast"},
		{"an unknown command", []string{"fly"}, exitUsage, "fly"},
	} {
		code, out, errs := sim(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d\n%s%s", c.name, code, c.code, out, errs)
		}
	}
}

func TestTheReportIsPrinted(t *testing.T) {
	args := []string{"run", "--bots", "1", "--rate", "100", "--duration", "100ms", "--verify", "--round", "100ms"}
	code, out, _ := sim(t, append(args, "--server", startLonely(t, false))...)
	if code != exitGood || !strings.Contains(out, "bots         1 of 1 over tcp") {
		t.Errorf("text:\n%s", out)
	}
	_, out, _ = sim(t, append(args, "--json", "--server", startLonely(t, false))...)
	var report bot.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.MovesPerSecond == 0 || report.Checks != 2 {
		t.Errorf("JSON, %v:\n%s", err, out)
	}
}

func TestProgressGoesToStandardError(t *testing.T) {
	server := startLonely(t, false)
	code, out, errs := sim(t, "run", "--bots", "1", "--duration", "1100ms", "--progress", "--server", server)
	if code != exitGood || !strings.Contains(errs, "1 bots") || strings.Contains(out, "moving") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

func TestAnInterruptedJoin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if code := execute(ctx, []string{"run"}, &out, &out); code != exitBad || !strings.Contains(out.String(), "canceled") {
		t.Errorf("exit %d: %s", code, out.String())
	}
}

func TestWhichErrorIsWhichExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitGood},
		{errors.New("unknown flag"), exitUsage},
		{runError{errBadRun}, exitBad},
		{runError{fmt.Errorf("%w: 0 bots", bot.ErrConfig)}, exitUsage},
		{fmt.Errorf("wrapped: %w", runError{bot.ErrNobody}), exitBad},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit %d, want %d", c.err, got, c.want)
		}
	}
}

func TestFlags(t *testing.T) {
	var cfg bot.Config
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	addRunFlags(flags, &cfg)
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := flags.Parse(strings.Fields(`--server example.test:1 --transport ws --bots 2 --rate 3 --step 4 --motion still
		--duration 5s --seed 6 --tick-rate 7 --bounds -1,2.5,3,4e3 --columns 8 --rows 9 --view-radius 10 --verify --churn 11
		--source 127.0.0.2,127.0.0.3 --hotspot 1,2 --radius 16 --think 17s --chat-share 0.18 --chat-rate 19 --ramp 20s
		--dialect both --classic-server example.test:2 --form columns --quantum 0.5 --cuts 21 --stalls 22 --regrids 23
		--ca-file ca.pem --insecure-skip-verify --home spawn --area 1,2,3,4 --lookers 0.5 --tokens ` + tokens + `
		--round 12s --settle 13s --connect-rate 14 --join-timeout 15s`))
	want := bot.Config{
		Server: "example.test:1", ClassicServer: "example.test:2", Dialect: bot.Both, Form: bot.ColumnsForm, Cuts: 21, Stalls: 22, Regrids: 23,
		Transport: bot.WebSocket, Bots: 2, Rate: 3, Step: 4, Motion: bot.Still,
		Duration: 5 * time.Second, Seed: 6, TickRate: 7,
		World:  bot.World{MinX: -1, MaxX: 2.5, MinZ: 3, MaxZ: 4000, Columns: 8, Rows: 9, Radius: 10, Quantum: 0.5},
		Verify: true, Churn: 11, Round: 12 * time.Second, Settle: 13 * time.Second, ConnectRate: 14,
		JoinTimeout: 15 * time.Second, Sources: []string{"127.0.0.2", "127.0.0.3"}, Hotspot: []float64{1, 2}, Radius: 16, Think: 17 * time.Second,
		CAFile: "ca.pem", InsecureSkipVerify: true, Home: bot.AtSpawn, Area: []float64{1, 2, 3, 4}, Lookers: 0.5,
		Tokens:    []string{"one", "two"},
		ChatShare: 0.18, ChatRate: 19, Ramp: 20 * time.Second,
	}
	if diff := cmp.Diff(want, cfg); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Usage == "" || !f.Changed {
			t.Errorf("--%s is not described, or not tested", f.Name)
		}
	})
}

func TestTheTransportFollowsFromTheServer(t *testing.T) {
	for _, c := range []struct {
		args                string
		transport, endpoint string
	}{
		{"", bot.TCP, "127.0.0.1:9000"},
		{"--dialect classic", bot.TCP, "127.0.0.1:8999"},
		{"--dialect both", bot.TCP, "127.0.0.1:9000"},
		{"--transport ws", bot.WebSocket, "127.0.0.1:8080"},
		{"--server ws://a.test/sim", bot.WebSocket, "ws://a.test/sim"},
		{"--server tls://a.test:9000", bot.TCP, "tls://a.test:9000"},
		{"--server a.test:80 --transport ws", bot.WebSocket, "a.test:80"},
		{"--server ws://a.test/sim --transport tcp", bot.TCP, "ws://a.test/sim"}, // which no run accepts
	} {
		cfg := bot.Defaults()
		flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
		addRunFlags(flags, &cfg)
		if err := flags.Parse(strings.Fields(c.args)); err != nil {
			t.Fatal(err)
		}
		if got := chooseTransport(cfg, flags); got.Transport != c.transport || got.Server != c.endpoint {
			t.Errorf("%q: %s to %s", c.args, got.Transport, got.Server)
		}
	}
}

func TestFlagsFromTheEnvironment(t *testing.T) {
	t.Setenv("CLIENT_SIM_SERVER", startLonely(t, false))
	t.Setenv("CLIENT_SIM_BOTS", "1")
	t.Setenv("CLIENT_SIM_CONNECT_RATE", "-1") // which the command line overrides
	code, out, errs := sim(t, "run", "--duration", "50ms", "--connect-rate", "10")
	if code != exitGood || !strings.Contains(out, "1 of 1 over tcp") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	t.Setenv("CLIENT_SIM_DURATION", "soon")
	if code, _, errs := sim(t, "run"); code != exitUsage || !strings.Contains(errs, "CLIENT_SIM_DURATION") {
		t.Errorf("a bad variable: exit %d, %s", code, errs)
	}
}

// TestGoalsDecide: a missed goal fails the run, and the report says which.
func TestGoalsDecide(t *testing.T) {
	dir := t.TempDir()
	args := []string{"run", "--bots", "1", "--duration", "50ms", "--json=" + filepath.Join(dir, "a.json")}
	args = append(args, "--html", filepath.Join(dir, "a.html"))
	code, out, _ := sim(t, append(args, "--max-p99", "1s", "--server", startLonely(t, false))...)
	if code != exitBad || !strings.Contains(out, "FAILED       no latency was measured") {
		t.Errorf("exit %d\n%s", code, out)
	}
	var report bot.Report
	if err := readReport(filepath.Join(dir, "a.json"), &report); err != nil || len(report.Failures) != 1 {
		t.Errorf("%v, failures %q", err, report.Failures)
	}
	page, err := os.ReadFile(filepath.Join(dir, "a.html"))
	if err != nil || !strings.Contains(string(page), "no latency was measured") {
		t.Errorf("%v, page:\n%s", err, page)
	}
	code, out, _ = sim(t, "html", filepath.Join(dir, "a.json"))
	if code != exitGood || out != string(page) {
		t.Errorf("exit %d, the page of the stored report is another", code)
	}
	for _, args := range [][]string{
		{"html", filepath.Join(dir, "none.json")},
		{"html", filepath.Join(dir, "a.html")},
		{"html"},
		{"compare", filepath.Join(dir, "a.json")},
		{"compare", filepath.Join(dir, "a.json"), filepath.Join(dir, "a.html")},
		{"run", "--min-delivered", "2"},
	} {
		if code, _, _ := sim(t, args...); code != exitUsage {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}

// TestMetricsAreFound: a page that was named must be a server's, one that was guessed may be anything.
func TestMetricsAreFound(t *testing.T) {
	serve := func(text string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	ours, foreign := serve("aoiworld_players 3\n"), serve("go_goroutines 8\n")
	for _, c := range []struct {
		name, servers, page string
		found, fails        bool
	}{
		{"ours", "a.test:1", ours, true, false},
		{"another program's", "a.test:1", foreign, false, true},
		{"nobody's", "a.test:1", "http://127.0.0.1:1", false, true},
		{"a remote server's, not named", "a.test:1,127.0.0.1:1", "", false, false},
	} {
		found, err := findMetrics(t.Context(), c.servers, c.page)
		if (found != nil) != c.found || (err != nil) != c.fails {
			t.Errorf("%s: found %v, %v", c.name, found != nil, err)
		}
	}
}

func TestLocalOperations(t *testing.T) {
	for server, want := range map[string]string{
		"127.0.0.1:8999":        "http://127.0.0.1:9090",
		"127.3.4.5:1":           "http://127.3.4.5:9090",
		"localhost:8999":        "http://127.0.0.1:9090",
		"ws://[::1]:8080/ws":    "http://[::1]:9090",
		"10.0.0.1:8999":         "",
		"example.test:1":        "",
		"nothing":               "",
		"wss://example.test/ws": "",
	} {
		if got := localOperations(server); got != want {
			t.Errorf("%s: %q, want %q", server, got, want)
		}
	}
}

func TestScenarios(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# Mine.\nflags: {seed: 5, verify: true}\nphases: [{name: one, rate: 7, bots: 10, duration: 500ms}, {name: two}]\n")
	args := []string{"run", "--scenario", file, "--scale", "0.1", "--speed", "5", "--seed", "6"}
	code, out, errs := sim(t, append(args, "--server", startLonely(t, false))...)
	if code != exitGood || !strings.Contains(out, "- two  ") || !strings.Contains(out, "seed 6") ||
		!strings.Contains(out, "held against the truth") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for name, text := range map[string]string{
		"there is no flag \"robots\"": "flags: {robots: 1}\nphases: [{bots: 1}]",
		"verify":                      "flags: {verify: perhaps}\nphases: [{bots: 1}]",
		"0 bots":                      "phases: [{bots: 0}]",
		"no phases":                   "",
		"for a phase to say":          "flags: {rate: 7}\nphases: [{bots: 1}]",
		"for the command line":        "flags: {scale: 2}\nphases: [{bots: 1}]",
	} {
		write(text)
		if code, _, errs := sim(t, "run", "--scenario", file); code != exitUsage || !strings.Contains(errs, name) {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
	}
	if code, _, _ := sim(t, "run", "--scale", "0"); code != exitUsage {
		t.Errorf("a scale of 0: exit %d", code)
	}
	if code, out, _ := sim(t, "scenarios"); code != exitGood || strings.Count(out, "\n") != 4 {
		t.Errorf("exit %d\n%s", code, out)
	}
}
