package conf

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// update rewrites the files that are made from the configuration: go test ./conf -update.
var update = flag.Bool("update", false, "rewrite docs/config.md and the sample file")

// file writes a configuration file.
func file(t testing.TB, content string) string {
	name := filepath.Join(t.TempDir(), "aoiworld.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// problems loads a source that is wrong, and returns what is.
func problems(t testing.TB, s Source) []string {
	t.Helper()
	_, err := Load(s)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want an *Error", err)
	}
	return e.Problems
}

func TestDefaultIsPossible(t *testing.T) {
	c := Default()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	if loaded, err := Load(Source{}); err != nil || !cmp.Equal(loaded, c) {
		t.Errorf("nothing loads to %+v, %v", loaded, err)
	}
}

// TestGeneratedFiles holds the sample and the documentation to the struct.
func TestGeneratedFiles(t *testing.T) {
	for name, want := range map[string]string{"aoiworld.sample.yaml": Sample(), "../docs/config.md": Docs()} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the configuration says (%v): go test ./conf -update", name, err)
		}
	}
}

func TestSampleIsTheDefault(t *testing.T) {
	c, err := Load(Source{File: "aoiworld.sample.yaml"})
	if diff := cmp.Diff(Default(), c); diff != "" || err != nil {
		t.Errorf("%v, sample (-default +sample):\n%s", err, diff)
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	c, docs := Default(), comments()
	for _, f := range fields(&c) {
		if len(docs[f.comment]) < 10 {
			t.Errorf("%s: its comment is %q", f.path, docs[f.comment])
		}
		numeric := f.value.CanInt() || f.value.CanFloat()
		if numeric && f.limits == "" {
			t.Errorf("%s has no range", f.path)
		}
		if numeric && f.unit == "" && f.value.Type() != reflect.TypeFor[time.Duration]() {
			t.Errorf("%s has no unit", f.path)
		}
	}
}

func TestPrintRoundTrips(t *testing.T) {
	c := Default()
	c.World.TickRate, c.World.Seed, c.Limits.IdleTimeout = 12.5, 1<<63, 90*time.Second
	c.World.Bounds = Bounds{MinX: -1e9, MaxX: 1e9, MinZ: -0.125, MaxZ: 777}
	c.World.Spawn = Bounds{MinX: 1, MaxX: 1, MinZ: 0, MaxZ: 0.5}
	c.Net.WS.AllowedOrigins = []string{"https://example.org", "a b: {c}", "*.x"}
	c.Log.Format = "json"
	got, err := Load(Source{File: file(t, Print(c))})
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("%v, printed and loaded (-want +got):\n%s", err, diff)
	}
}

func TestLaterSourcesCountMore(t *testing.T) {
	s := Source{
		File: file(t, "world: {columns: 2, rows: 2, tick_rate: 2}\nlimits: {frame_timeout: 2s}\n"),
		Env:  []string{"AOIWORLD_WORLD_ROWS=3", "AOIWORLD_WORLD_TICK_RATE=3.5", "AOIWORLD_NET_WS_ALLOWED_ORIGINS=a,b", "HOME=/"},
		Sets: []string{"world.tick_rate=4", "limits.exempt_loopback=false", "net.ws.address=", "log.level=debug", "world.seed=9"},
	}
	c, err := Load(s)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.World.Columns, want.World.Rows, want.World.TickRate, want.World.Seed = 2, 3, 4, 9
	want.Limits.FrameTimeout, want.Limits.ExemptLoopback = 2*time.Second, false
	want.Net.WS.Address, want.Net.WS.AllowedOrigins, want.Log.Level = "", []string{"a", "b"}, "debug"
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// badValues has a value for each key that its type or its range forbids.
func badValues() map[string]string {
	bad := map[string]string{}
	c := Default()
	for _, f := range fields(&c) {
		switch {
		case f.section:
		case f.value.Type() == reflect.TypeFor[time.Duration](), f.value.Kind() == reflect.Bool:
			bad[f.path] = "7"
		case f.limits == "address":
			bad[f.path] = "nowhere"
		case f.limits == "path":
			bad[f.path] = "ws"
		case f.value.Kind() == reflect.String:
			bad[f.path] = "purple"
		case f.value.Kind() == reflect.Slice:
			bad[f.path] = "{a: 1}"
		default:
			bad[f.path] = "-1.5e40"
		}
	}
	return bad
}

// TestEveryBadValueIsToldWithItsKey also holds for several at once.
func TestEveryBadValueIsToldWithItsKey(t *testing.T) {
	for path, value := range badValues() {
		keys := strings.Split(path, ".")
		text := strings.Join(keys, ": {") + ": " + value + strings.Repeat("}", len(keys)-1)
		told := strings.Join(problems(t, Source{File: file(t, text)}), "\n")
		if !strings.Contains(told, path+": want") {
			t.Errorf("%s: told %q", text, told)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	told := problems(t, Source{
		File: file(t, "world: {columns: many, colums: 3}\nnet: 5\nlimits: {frame_timeout: 10}\n"),
		Env:  []string{"AOIWORLD_WORLD_TICKRATE=3"},
		Sets: []string{"world.rows", "world.size=3", "world.tick_rate=fast", "limits.dead_after=10"},
	})
	want := []string{
		"AOIWORLD_WORLD_TICKRATE: no key has this environment variable",
		"\"world.rows\": want key=value",
		"net: want keys below it, got 5",
		"world.colums: unknown key",
		"world.size: unknown key",
		"world.columns: want a whole number, got \"many\"",
		"world.tick_rate: want a number, got \"fast\"",
		"limits.frame_timeout: want a duration with its unit, as in 10s, got 10",
		"limits.dead_after: want a duration with its unit, as in 10s, got 10",
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(told, "\n"), w) {
			t.Errorf("not told: %s", w)
		}
	}
	if len(told) != len(want) {
		t.Errorf("told:\n%s", strings.Join(told, "\n"))
	}
}

func TestContradictions(t *testing.T) {
	for setting, want := range map[string]string{
		"world.bounds.max_x=85":                "world.bounds.max_x: want more than min_x",
		"world.bounds.min_z=400":               "world.bounds.max_z: want more than min_z",
		"world.columns=1048576":                "world.columns: 1048576 × 20 cells",
		"world.spawn.min_x=210":                "world.spawn: X 210 to 209",
		"world.spawn.max_z=401":                "world.spawn: Z 134 to 401",
		"world.movement.mode=enforce":          "world.movement.max_speed: want more than 0",
		"world.columns=2.5":                    "world.columns: want a whole number, got 2.5",
		"world.tick_rate=.nan":                 "world.tick_rate: want 0.1 to 120, got NaN",
		"limits.dead_after=15s":                "limits.dead_after: want more than ping_interval",
		"limits.max_payload=65536":             "limits.byte_burst: want at least max_payload",
		"net.ws.address=127.0.0.1:8999":        "net.ws.address: 127.0.0.1:8999 is taken by net.tcp.classic.address",
		"net.ws.address=:8080":                 "net.insecure_plaintext: true",
		"net.tcp.classic.address=0.0.0.0:8999": "net.insecure_plaintext: true",
		"net.tcp.classic.address=10.0.0.1:1":   "net.insecure_plaintext: true",
		"net.ws.address=[::]:80":               "net.insecure_plaintext: true",
		"net.ws.address=example.org:80":        "net.insecure_plaintext: true",
		"ops.address=:9090":                    "ops.insecure_public: true",
		"net.ws.path=/a b":                     "net.ws.path: want a path",
		"net.ws.address=127.0.0.1:99999":       "net.ws.address: want host:port",
	} {
		told := problems(t, Source{Sets: []string{setting}})
		if !strings.Contains(told[0], want) {
			t.Errorf("%s: told %q, want %q", setting, told, want)
		}
	}
}

func TestPublicAddressesNeedTheirKey(t *testing.T) {
	for _, sets := range [][]string{
		{"net.ws.address=:8080", "net.insecure_plaintext=true"},
		{"ops.address=0.0.0.0:9090", "ops.insecure_public=true"},
		{"net.ws.address=localhost:0", "net.tcp.classic.address=[::1]:0", "ops.address=127.9.9.9:0"},
	} {
		if _, err := Load(Source{Sets: sets}); err != nil {
			t.Errorf("%v: %v", sets, err)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, content := range map[string]string{"broken": "world: [", "twice": "world: {}\nworld: {}", "text": "hello"} {
		if told := problems(t, Source{File: file(t, content)}); len(told) == 0 {
			t.Errorf("%s: nothing told", name)
		}
	}
	if told := problems(t, Source{File: "no/such/file.yaml"}); !strings.Contains(told[0], "no/such/file.yaml") {
		t.Errorf("missing file: told %q", told)
	}
}

// FuzzLoad: no file breaks the loader, and what it accepts is possible and prints to the same again.
func FuzzLoad(f *testing.F) {
	f.Add(Sample())
	f.Add("world: {columns: 1e3, tick_rate: 0x10}")
	f.Fuzz(func(t *testing.T, content string) {
		var node yaml.Node
		if yaml.Unmarshal([]byte(content), &node) != nil {
			return
		}
		name := file(t, content)
		c, err := Load(Source{File: name})
		if err != nil {
			return
		}
		again, err := Load(Source{File: file(t, Print(c))})
		if diff := cmp.Diff(c, again); diff != "" || err != nil {
			t.Fatalf("%v, printed and loaded (-first +again):\n%s", err, diff)
		}
	})
}
