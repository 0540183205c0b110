package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"aoiworld/conf"
)

// errBroken is a failure that is nobody's configuration.
var errBroken = errors.New("the world is broken")

// fake is a server that serves nobody.
type fake struct {
	run func(context.Context) error
}

func (f fake) Run(ctx context.Context) error { return f.run(ctx) }
func (f fake) Ready() <-chan struct{}        { return nil }

func (f fake) Configure(conf.Config) ([]string, error) { return nil, nil }

func (f fake) Addresses() map[string]net.Addr { return nil }
func returns(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// started is what a fake server was started with.
type started struct {
	cfg conf.Config
	log *slog.Logger
}

// result is what a command line did.
type result struct {
	code           int
	stdout, stderr string
	started        []started
}

// execute runs a command line with servers that run as given.
func execute(run func(context.Context) error, env []string, args ...string) (r result) {
	var stdout, stderr bytes.Buffer
	r.code = Execute(context.Background(), Program{
		NewServer: func(cfg conf.Config, log *slog.Logger) (Server, error) {
			r.started = append(r.started, started{cfg, log})
			return fake{run}, nil
		},
		Stdout: &stdout, Stderr: &stderr, Env: env,
	}, args)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func TestExitCodes(t *testing.T) {
	taken := &conf.Error{Problems: []string{"net.ws.address: taken", "ops.address: taken"}}
	const (
		told  = "the configuration cannot be:\n  "
		help  = "\nSee aoiworld --help.\n"
		both  = told + "net.ws.address: taken\n  ops.address: taken\n"
		noRow = told + "world.rows: want 1 to 1048576, got 0\n"
	)
	for _, c := range []struct {
		args   string
		run    error
		code   int
		stderr string
		starts int
	}{
		{"serve", nil, 0, "", 1},
		{"serve", errBroken, 1, "the world is broken\n", 1},
		{"serve", taken, 2, both, 1},
		{"serve --set world.rows=0", nil, 2, noRow, 0},
		{"serve -c no.yaml", nil, 2, told + "no.yaml: no such file or directory\n", 0},
		{"serve now", nil, 2, "aoiworld serve: what is \"now\"?" + help, 0},
		{"serve --fast", nil, 2, "unknown flag: --fast" + help, 0},
		{"serve -c", nil, 2, "flag needs an argument: 'c' in -c" + help, 0},
		{"servee", nil, 2, "aoiworld: what is \"servee\"? Did you mean serve?" + help, 0},
		{"start", nil, 2, "aoiworld: what is \"start\"?" + help, 0},
		{"config prnt", nil, 2, "aoiworld config: what is \"prnt\"? Did you mean print?" + help, 0},
		{"config check --set world.rows=0", nil, 2, noRow, 0},
		{"config print --set rows=1", nil, 2, told + "rows: unknown key; did you mean world.rows?\n", 0},
		{"config check", nil, 0, "", 0},
		{"version", nil, 0, "", 0},
		{"", nil, 0, "", 0},
		{"demo --bots 5", errBroken, 1, "the world is broken\n", 1},
		{"demo --bots 5", taken, 2, both, 1},
		{"demo --bots many", nil, 2, "invalid argument \"many\" for \"--bots\" flag: must be an integer" + help, 0},
	} {
		r := execute(returns(c.run), nil, strings.Fields(c.args)...)
		if r.code != c.code || r.stderr != c.stderr || len(r.started) != c.starts {
			t.Errorf("want %+v, got code %d, %d servers, stderr %q", c, r.code, len(r.started), r.stderr)
		}
		if r.code != 0 && r.stdout != "" {
			t.Errorf("%s: failed, and says %q", c.args, r.stdout)
		}
	}
}

// TestServerThatCannotBeMade is told like one that cannot run.
func TestServerThatCannotBeMade(t *testing.T) {
	for _, command := range []string{"serve", "demo"} {
		for err, code := range map[error]int{errBroken: 1, &conf.Error{Problems: []string{"x"}}: 2} {
			var stderr bytes.Buffer
			got := Execute(context.Background(), Program{
				NewServer: func(conf.Config, *slog.Logger) (Server, error) { return nil, err },
				Stdout:    io.Discard, Stderr: &stderr,
			}, []string{command})
			if got != code || !strings.Contains(stderr.String(), strings.Split(err.Error(), "\n")[0]) {
				t.Errorf("%s, %v: code %d, %q", command, err, got, &stderr)
			}
		}
	}
}

// TestServeStartsWhatIsConfigured: the file, the environment and the settings arrive at the server.
func TestServeStartsWhatIsConfigured(t *testing.T) {
	name := t.TempDir() + "/aoiworld.yaml"
	if err := os.WriteFile(name, []byte("world: {columns: 3, rows: 3, tick_rate: 3}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"AOIWORLD_WORLD_ROWS=4", "AOIWORLD_WORLD_TICK_RATE=4"}
	r := execute(returns(nil), env, "serve", "-c", name, "--set", "world.tick_rate=5", "--set", "log.level=warn")
	want := conf.Default()
	want.World.Columns, want.World.Rows, want.World.TickRate, want.Log.Level = 3, 4, 5, "warn"
	if len(r.started) != 1 {
		t.Fatalf("code %d, %s", r.code, r.stderr)
	}
	if diff := cmp.Diff(want, r.started[0].cfg); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if log := r.started[0].log; log.Enabled(t.Context(), slog.LevelInfo) || !log.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("the log's level is not warn")
	}
}

// TestServeEndsWithItsContext: the context of Execute is what stops a server.
func TestServeEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	program := Program{
		NewServer: func(conf.Config, *slog.Logger) (Server, error) {
			return fake{func(ctx context.Context) error {
				stop()
				if ctx.Err() == nil {
					return errors.New("told of no end")
				}
				return nil
			}}, nil
		},
		Stdout: io.Discard, Stderr: io.Discard,
	}
	if code := Execute(ctx, program, []string{"serve"}); code != 0 {
		t.Errorf("code %d", code)
	}
}

// TestDemoIsPossible for any crowd that the limits allow, and exposes nothing.
func TestDemoIsPossible(t *testing.T) {
	for _, bots := range []string{"1", "200", "100000"} {
		r := execute(returns(errBroken), nil, "demo", "--bots", bots)
		if len(r.started) != 1 {
			t.Fatalf("%s bots: code %d, %s", bots, r.code, r.stderr)
		}
		cfg := r.started[0].cfg
		if err := cfg.Check(); err != nil {
			t.Errorf("%s bots: %v", bots, err)
		}
		for _, address := range []string{cfg.Net.TCP.Classic.Address, cfg.Net.TCP.Native.Address, cfg.Net.WS.Address, cfg.Ops.Address} {
			if address != "127.0.0.1:0" {
				t.Errorf("the demo listens on %s", address)
			}
		}
	}
}

func TestLogger(t *testing.T) {
	for _, c := range []struct {
		cfg  conf.Log
		want string // of the first line
	}{
		{conf.Log{Level: "info", Format: "auto"}, `{"time":`}, // a buffer is no terminal
		{conf.Log{Level: "debug", Format: "json"}, `{"time":`},
		{conf.Log{Level: "warn", Format: "text"}, "WRN two key=value\n"},
		{conf.Log{Level: "error", Format: "text"}, ""},
	} {
		var out bytes.Buffer
		log, flush := newLogger(&out, c.cfg)
		log.Info("one")
		log.Warn("two", "key", "value")
		flush()
		got := out.String()
		if quiet := c.cfg.Level != "info" && c.cfg.Level != "debug"; quiet == strings.Contains(got, "one") {
			t.Errorf("%+v: %s", c.cfg, got)
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "\x1b") {
			t.Errorf("%+v: %q, want %q in it and no colours", c.cfg, got, c.want)
		}
	}
}

// TestTerminals: a device of its own kind is one, and a file is none.
func TestTerminals(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) || isTerminal(io.Discard) {
		t.Error("a file is taken for a terminal")
	}
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal to be had: %v", err)
	}
	defer terminal.Close()
	if !isTerminal(terminal) {
		t.Error("a terminal is not seen as one")
	}
	for format, want := range map[string]bool{"auto": false, "text": false, "json": true} {
		log, flush := newLogger(terminal, conf.Log{Level: "info", Format: format})
		flush()
		if _, isJSON := log.Handler().(levelled).Handler.(*slog.JSONHandler); isJSON != want {
			t.Errorf("%s on a terminal: JSON %v", format, isJSON)
		}
	}
}

// closedPipe is where nobody reads any more.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestOutputThatCannotBeWritten is a failure, not a success without a result.
func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, command := range []string{"config print", "config check", "config docs", "config sample", "version"} {
		var stderr bytes.Buffer
		code := Execute(context.Background(), Program{Stdout: closedPipe{}, Stderr: &stderr}, strings.Fields(command))
		if code != 1 || !strings.Contains(stderr.String(), io.ErrClosedPipe.Error()) {
			t.Errorf("%s: code %d, %q", command, code, &stderr)
		}
	}
}

// TestHelp: every command says what it is for, and its examples are command lines that it would take.
func TestHelp(t *testing.T) {
	examples := 0
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s is for %q", c.CommandPath(), c.Short)
		}
		for line := range strings.Lines(c.Example) {
			words, _, _ := strings.Cut(strings.TrimSpace(line), "  ") // then comes what it does
			words, _, _ = strings.Cut(words, " >")
			args := strings.Fields(words)
			found, rest, err := c.Root().Find(args[1:])
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err != nil || args[0] != "aoiworld" || len(found.Flags().Args()) > 0 {
				t.Errorf("%s: %q cannot be typed: %v", c.CommandPath(), words, err)
			}
			examples++
		}
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(Program{}.root())
	if examples < 5 {
		t.Errorf("only %d examples", examples)
	}
}
