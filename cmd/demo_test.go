package cmd

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"aoiworld/client_sim/bot"
	"aoiworld/conf"
)

// mute is a server that takes connections and lets nobody in.
type mute struct {
	fake
	ready chan struct{}
	at    map[string]net.Addr
}

func (m mute) Ready() <-chan struct{}         { return m.ready }
func (m mute) Addresses() map[string]net.Addr { return m.at }

// newMute returns one that calls come when the first bot comes, and ends with its context.
func newMute(t *testing.T, come func()) mute {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		if conn, err := listener.Accept(); err == nil {
			come()
			_, _ = io.Copy(io.Discard, conn) // until the bot goes
			conn.Close()
		}
	}()
	m := mute{ready: make(chan struct{}), at: make(map[string]net.Addr)}
	for _, key := range []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress, conf.OpsAddress} {
		m.at[key] = listener.Addr()
	}
	close(m.ready)
	m.run = func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}
	return m
}

// TestADemoThatIsInterrupted before anything was compared says so in a line, and has not failed.
func TestADemoThatIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	server := newMute(t, interrupt)
	var stdout, stderr bytes.Buffer
	code := Execute(ctx, Program{
		NewServer: func(conf.Config, *slog.Logger) (Server, error) { return server, nil }, Stdout: &stdout, Stderr: &stderr,
	}, []string{"demo", "--bots", "1", "--stay"})
	const told = "\nInterrupted before the bots' views were compared.\n"
	if code != exitGood || stderr.Len() > 0 || !strings.HasSuffix(stdout.String(), told) {
		t.Errorf("code %d, %q, %q", code, &stdout, &stderr)
	}
}

// TestWhatAnInterruptedDemoHasFound is told: what was right, and what was wrong, which is a failure all the same.
func TestWhatAnInterruptedDemoHasFound(t *testing.T) {
	for says, report := range map[string]bot.Report{
		"compared 2 times": {Checks: 2, Failures: []string{"3 connections ended"}},
		"Not every bot":    {Checks: 2, Violations: 1, Failures: []string{"1 violations"}},
	} {
		var stdout bytes.Buffer
		err := Program{Stdout: &stdout}.interrupted(report)
		if (err != nil) != (report.Violations > 0) || !strings.Contains(stdout.String(), says) {
			t.Errorf("%v, %q, want %q", err, &stdout, says)
		}
	}
}

// TestAProgramOfAnotherName calls itself so, in its help, its examples and its errors; files keep their names.
func TestAProgramOfAnotherName(t *testing.T) {
	for args, says := range map[string][]string{
		"":             {"  tag demo ", "  tag serve ", "see: tag config docs", "  tag [command]"},
		"serve --help": {"  tag serve -c aoiworld.yaml\n", "  tag serve [flags]"},
		"srve":         {"tag: what is \"srve\"? Did you mean serve?\nSee tag --help.\n"},
	} {
		var out bytes.Buffer
		Execute(t.Context(), Program{Name: "tag", Stdout: &out, Stderr: &out}, strings.Fields(args))
		for _, part := range says {
			if !strings.Contains(out.String(), part) || strings.Contains(out.String(), "aoiworld ") {
				t.Errorf("%q: want %q in\n%s", args, part, &out)
			}
		}
	}
}
