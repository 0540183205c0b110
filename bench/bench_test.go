package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"aoiworld/bench/side"
	"aoiworld/client_sim/bot"
	"aoiworld/conf"
	"aoiworld/server"
)

// asProgram makes this test binary the program itself, when the harness starts it.
const asProgram = "BENCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// startChild starts a program that stands beside the server, and returns where it listens.
func startChild(t *testing.T, args ...string) (p *process, addresses map[string]string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the floor is Linux's")
	}
	t.Setenv(asProgram, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if p, err = start(t.Context(), self, args...); err != nil {
		t.Fatal(err)
	}
	if addresses, err = p.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, addresses
}

// few is a run of a few bots for a second.
func few(transport, server string) bot.Config {
	cfg := bot.Defaults()
	cfg.Server, cfg.Transport, cfg.Dialect = server, transport, bot.Classic
	cfg.Bots, cfg.Duration, cfg.TickRate, cfg.Step = 20, time.Second, 20, 2
	cfg.World = bot.World{MaxX: 40, MaxZ: 40, Columns: 4, Rows: 4, Radius: 1, Quantum: 0.01}
	return cfg
}

// TestFloor: bots come in over either transport, and each is sent a frame of the right length a tick.
func TestFloor(t *testing.T) {
	for _, transport := range []string{bot.TCP, bot.WebSocket} {
		t.Run(transport, func(t *testing.T) {
			p, at := startChild(t, "floor", "--tick-rate", "20", "--size", "300", "--websocket="+yes(transport == bot.WebSocket))
			cfg := few(transport, at[side.KeyPlayers])
			cfg.Settle, cfg.Goals.MaxViolations = time.Millisecond, anything
			report, err := bot.Run(t.Context(), cfg)
			if err != nil || !report.Good() || report.MovesPerSecond < 50 {
				t.Errorf("%v, %q, %v moves/s", err, report.Failures, report.MovesPerSecond)
			}
			if kinds := report.ViolationKinds; len(kinds) > 1 || kinds[bot.Unanswered] == 0 {
				t.Errorf("the bots object to more than that they are not answered: %v", kinds)
			}
			counted, err := scrape(t.Context(), at[side.KeyMetrics])
			if err != nil {
				t.Fatal(err)
			}
			if frames, length := counted[framesTotal], counted[bytesTotal]/counted[framesTotal]; frames < 100 || length != 300 {
				t.Errorf("%v frames of %v bytes", frames, length)
			}
			if counted[sendSeconds] <= 0 || counted[readSeconds] <= 0 {
				t.Errorf("sends took %v s, reads %v s", counted[sendSeconds], counted[readSeconds])
			}
			if err := p.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// yes is a flag's value.
func yes(v bool) string {
	if v {
		return "true"
	}
	return "false"
}

// TestNaive: what the naive server shows bots that cross borders, leave, join and talk is exact.
func TestNaive(t *testing.T) {
	p, at := startChild(t, "naive", "--columns", "4", "--rows", "4")
	cfg := few(bot.TCP, at[side.KeyPlayers])
	cfg.Motion, cfg.Verify, cfg.Churn, cfg.Round = bot.Cross, true, 5, 500*time.Millisecond
	report, err := bot.Run(t.Context(), cfg)
	if err != nil || !report.Good() || report.Checks < 2 || report.UpdatesPerSecond < 100 {
		t.Errorf("%v, %q, %d checks, %v updates/s: %v", err, report.Failures, report.Checks, report.UpdatesPerSecond, report.Listed)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

// TestSlowClients: they join, stop, go on, and leave when nobody is there to tell them more.
func TestSlowClients(t *testing.T) {
	_, at := startChild(t, "naive")
	for _, pause := range []string{"0s", "1ms"} {
		p, _ := startChild(t, "slow", "--server", at[side.KeyPlayers], "--clients", "3", "--pause", pause)
		if _, err := io.WriteString(p.input, "now\n"); err != nil {
			t.Fatal(err)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}

// TestChildrenEndWithTheirInput: whoever starts one and dies leaves nothing behind.
func TestChildrenEndWithTheirInput(t *testing.T) {
	for _, name := range []string{"floor", "naive"} {
		p, _ := startChild(t, name)
		if err := p.input.Close(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.done:
		case <-time.After(startTime):
			t.Fatalf("%s lives on", name)
		}
		if p.err != nil {
			t.Errorf("%s: %v", name, p.err)
		}
	}
}

// TestFloorSumsUp: by hand, too, it tells what a frame has cost.
func TestFloorSumsUp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the floor is Linux's")
	}
	in, hold := io.Pipe()
	log, logged := io.Pipe()
	var out strings.Builder
	done := make(chan int, 1)
	go func() { done <- execute(context.Background(), []string{"floor"}, in, &out, logged) }()
	if _, err := bufio.NewReader(log).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	hold.Close()
	if code := <-done; code != 0 || !strings.Contains(out.String(), "µs of CPU a frame; the sends alone") {
		t.Errorf("exit code %d: %s", code, &out)
	}
}

// TestHarness measures the server beside naive, with few bots: everything is started, read, and stopped. So short a run may take
// no CPU time that the system counts, so there may be no ratios.
func TestHarness(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("it builds the programs, and measures for seconds, on Linux")
	}
	t.Setenv(asProgram, "1")
	t.Chdir("..")
	var out, log strings.Builder
	args := []string{"--pairs", "1", "--seconds", "1", "--players", "20", "--json", "", "naive-55"}
	if code := execute(t.Context(), args, strings.NewReader(""), &out, &log); code != 0 {
		t.Fatalf("exit code %d: %s", code, &log)
	}
	for _, want := range []string{"frames/s", "allocations a frame", "RSS a connection", "naive-55: updates"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in\n%s", want, &out)
		}
	}
}

// TestHostileClients: against a server, all that they have to send is sent, and each connection ends as it should.
func TestHostileClients(t *testing.T) {
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=",
		"limits.overload_tick_share=0", // others may use this machine, too
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), server.Extension{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	<-s.Ready()
	at := s.Addresses()
	for _, decent := range []bool{false, true} {
		p, _ := startChild(t, "hostile", "--classic", at[conf.ClassicAddress].String(), "--native", at[conf.NativeAddress].String(),
			"--websocket", at[conf.WebSocketAddress].String(), "--frames", "16", "--over", "100ms", "--decent="+yes(decent))
		if _, err := io.WriteString(p.input, "now\n"); err != nil {
			t.Fatal(err)
		}
		var sent sendings
		if err := p.await(t.Context(), time.Minute, func(line string) bool {
			return json.Unmarshal([]byte(line), &sent) == nil && sent.Msg == "sent"
		}); err != nil {
			t.Fatal(err)
		}
		if sent.Frames < 40*16 || sent.Failed > 0 || sent.Unended > 0 {
			t.Errorf("decent: %v: sent %+v", decent, sent)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
