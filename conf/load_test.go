package conf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLaterSourcesCountMore(t *testing.T) {
	s := Source{
		File: file(t, "world: {columns: 2, rows: 2, tick_rate: 2}\nlimits: {frame_timeout: 2s}\n"),
		Env: []string{
			"AOIWORLD_WORLD_ROWS=3", "AOIWORLD_WORLD_TICK_RATE=3.5", "AOIWORLD_NET_WS_ALLOWED_ORIGINS=a,b", "HOME=/",
		},
		Sets: []string{
			"world.tick_rate=4", "limits.exempt_loopback=false", "net.ws.address=", "log.level=debug", "world.seed=9",
		},
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

// TestEveryKeyFromEverySource gives each key a value that is not its default, in each of the three ways.
func TestEveryKeyFromEverySource(t *testing.T) {
	values := otherValues()
	values["net.tls.cert_file"], values["net.tls.key_file"] = pair(t)
	for path, value := range values {
		extra := map[string]string{
			"world.movement.mode": "world.movement.max_speed=5", "auth.mode": "auth.tokens.key_file=k",
			"net.tls.cert_file":    "net.tls.key_file=" + values["net.tls.key_file"],
			"net.tls.key_file":     "net.tls.cert_file=" + values["net.tls.cert_file"],
			"ops.admin_token_file": "moderation.file=bans",
			"ops.pprof":            "ops.admin_token_file=token moderation.file=bans",
		}[path]
		var got []Config
		for _, s := range []Source{
			{File: file(t, nested(path, value))},
			{Env: []string{envName(path) + "=" + strings.Trim(value, "[]")}},
			{Sets: []string{path + "=" + strings.Trim(value, "[]")}},
		} {
			s.Sets = append(s.Sets, strings.Fields(extra)...)
			c, err := Load(s)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			got = append(got, c)
		}
		if cmp.Equal(got[0], Default()) || !cmp.Equal(got[0], got[1]) || !cmp.Equal(got[0], got[2]) {
			t.Errorf("%s=%s from a file, the environment, a setting:\n%+v", path, value, got)
		}
	}
}

// otherValues has a good value for each key that is not its default.
func otherValues() map[string]string {
	values := map[string]string{
		"world.bounds.min_x": "84.5", "world.bounds.max_x": "411",
		"world.bounds.min_z": "-3", "world.bounds.max_z": "1e3",
		"world.spawn.min_x": "161", "world.spawn.max_x": "208", "world.spawn.min_z": "135", "world.spawn.max_z": "182",
		"world.movement.mode": "log", "world.seed": "18446744073709551615", "world.tick_rate": "0.5",
		"net.ws.path": "/", "net.ws.allowed_origins": "[https://a.example]", "net.proxy.trusted": "[10.0.0.0/8]",
		"ops.admin_hosts": "[game.example]",
		"log.level":       "warn", "log.format": "text",
		"auth.mode": "both", "auth.tokens.algorithm": "EdDSA",
	}
	for _, f := range keys() {
		if values[f.path] != "" {
			continue
		}
		values[f.path] = map[string]string{
			"duration": "30s", "whole number": "63", "number": "7.5", "text": "127.0.0.2:0",
			"true or false": map[string]string{"true": "false", "false": "true"}[f.yaml()],
		}[f.kind()]
	}
	values["limits.byte_burst"], values["limits.max_payload"], values["limits.max_pending"] = "4096", "64", "4096"
	values["world.frame_budget"] = "1024"
	values["ops.tracing.endpoint"], values["ops.tracing.sample_ratio"] = "https://collector.example/v1/traces", "1"
	values["world.min_interval"] = "30ms"
	values["auth.resume_window"], values["limits.hello_timeout"] = "31s", "6s"
	return values
}

// badValues has for each key a value that its type forbids, or its range, and what is to be told about it.
var badValues = map[string]struct{ value, told string }{
	"world.bounds.min_x":                 {"west", `want a number, got "west"`},
	"world.bounds.max_x":                 {"1e31", "want -1e30 to 1e30, got 1e+31"},
	"world.bounds.min_z":                 {".nan", "want -1e30 to 1e30, got NaN"},
	"world.bounds.max_z":                 {"-.inf", "want -1e30 to 1e30, got -Inf"},
	"world.columns":                      {"2.5", "want a whole number, got 2.5"},
	"world.rows":                         {"18446744073709551615", "want a whole number, got 18446744073709551615"},
	"world.view_radius":                  {"-1", "want 0 to 64, got -1"},
	"world.frame_budget":                 {"255", "want 0 or at least 256, got 255"},
	"world.tick_rate":                    {"0", "want 0.1 to 120, got 0"},
	"world.early_tick":                   {"perhaps", `want true or false, got "perhaps"`},
	"world.min_interval":                 {"0s", "want 1ms to 1s, got 0s"},
	"world.min_tick_rate":                {"-1", "want 0 to 120, got -1"},
	"world.quantum":                      {"-1", "want 0 to 1e6, got -1"},
	"world.spawn.min_x":                  {"true", "want a number, got true"},
	"world.spawn.max_x":                  {`"209"`, `want a number, got "209"`},
	"world.spawn.min_z":                  {"[134]", "want a number, got [134]"},
	"world.spawn.max_z":                  {"{a: 1}", "want a number, got map[a:1]"},
	"world.movement.mode":                {"strict", `want one of off, log, enforce, got "strict"`},
	"world.movement.max_speed":           {"-1", "want 0 to 1e30, got -1"},
	"world.chat_rate":                    {"1s", `want a number, got "1s"`},
	"world.seed":                         {"-1", "want a whole number from 0 up, got -1"},
	"world.npcs":                         {"100001", "want 0 to 100000, got 100001"},
	"world.check_every":                  {"-1s", "want 0s to 1h, got -1s"},
	"world.rescue_directory":             {"5", "want a text, got 5"},
	"net.tcp.classic.address":            {"8999", "want a text, got 8999"},
	"net.tcp.native.address":             {"9000", "want a text, got 9000"},
	"net.ws.address":                     {"localhost", `want host:port, as in 127.0.0.1:8999, got "localhost"`},
	"net.ws.path":                        {"ws", `want a path, as in /ws, got "ws"`},
	"net.ws.allowed_origins":             {"https://a.example", `want a list of texts, got "https://a.example"`},
	"net.send_buffer":                    {"64KiB", `want a whole number, got "64KiB"`},
	"net.receive_buffer":                 {"1e9", "want 0 to 16777216, got 1000000000"},
	"net.ws.page":                        {"maybe", `want true or false, got "maybe"`},
	"net.polling":                        {"maybe", `want true or false, got "maybe"`},
	"net.tls.cert_file":                  {"1", "want a text, got 1"},
	"net.tls.key_file":                   {"[a]", "want a text, got [a]"},
	"net.proxy.trusted":                  {"[10.0.0.1/8]", `want networks, as in 10.0.0.0/8 or 2001:db8::/32, got "10.0.0.1/8"`},
	"net.insecure_plaintext":             {"1", "want true or false, got 1"},
	"auth.mode":                          {"everybody", `want one of auto, guests, tokens, both, got "everybody"`},
	"auth.tokens.algorithm":              {"none", `want one of HS256, EdDSA, RS256, got "none"`},
	"auth.tokens.key_file":               {"7", "want a text, got 7"},
	"auth.tokens.issuer":                 {`""`, `want a text, got ""`},
	"auth.tokens.audience":               {`" "`, `want a text, got " "`},
	"auth.resume_window":                 {"11m", "want 0s to 10m, got 11m0s"},
	"limits.max_payload":                 {"63", "want 64 to 65536, got 63"},
	"limits.connections":                 {"-1", "want 0 to 1000000, got -1"},
	"limits.connections_per_ip":          {"-1", "want 0 to 1000000, got -1"},
	"limits.new_connections_per_ip":      {"0.5", "want a whole number, got 0.5"},
	"limits.exempt_loopback":             {`"yes"`, `want true or false, got "yes"`},
	"limits.bytes_per_second":            {"~", "want a whole number, got nothing"},
	"limits.messages_per_second":         {"-1", "want 0 to 1000000, got -1"},
	"limits.message_burst":               {"0", "want 1 to 1000000, got 0"},
	"limits.gestures_per_second":         {"-1", "want 0 to 1000, got -1"},
	"limits.gesture_burst":               {"0", "want 1 to 1000, got 0"},
	"limits.pings_per_second":            {"1001", "want 0 to 1000, got 1001"},
	"limits.ping_burst":                  {"1.5", "want a whole number, got 1.5"},
	"limits.byte_burst":                  {"1023", "want 1024 to 1000000000, got 1023"},
	"limits.frame_timeout":               {"10", "want a duration with its unit, as in 10s, got 10"},
	"limits.hello_timeout":               {"0s", "want 1s to 1m, got 0s"},
	"limits.ping_interval":               {"15 s", `want a duration with its unit, as in 10s, got "15 s"`},
	"limits.dead_after":                  {"2h", "want 2s to 1h, got 2h0m0s"},
	"limits.idle_timeout":                {"-1s", "want 0s to 24h, got -1s"},
	"limits.slow_consumer":               {"0", "want 100ms to 1m, got 0s"},
	"limits.max_pending":                 {"4095", "want 4096 to 16777216, got 4095"},
	"limits.chat_per_second":             {"1001", "want 0 to 1000, got 1001"},
	"limits.chat_burst":                  {"0", "want 1 to 1000, got 0"},
	"limits.chat_max_bytes":              {"1025", "want 1 to 1024, got 1025"},
	"limits.unknown_messages_per_minute": {"many", `want a whole number, got "many"`},
	"limits.malformed_per_minute":        {"-5", "want 0 to 1000000, got -5"},
	"limits.bad_positions_per_minute":    {"1000001", "want 0 to 1000000, got 1000001"},
	"limits.rejected_moves_per_minute":   {"2024-01-01", "want a whole number, got 2024-01-01 00:00:00 +0000 UTC"},
	"limits.shutdown_timeout":            {"61s", "want 0s to 1m, got 1m1s"},
	"limits.overload_tick_share":         {"-1", "want 0 to 100, got -1"},
	"limits.overload_memory":             {"1GiB", `want a whole number, got "1GiB"`},
	"moderation.file":                    {"3", "want a text, got 3"},
	"ops.admin_token_file":               {"[t]", "want a text, got [t]"},
	"ops.admin_hosts":                    {"[game.example:80]", `want names of hosts, as in game.example.org, got "game.example:80"`},
	"ops.pprof":                          {"on the port", `want true or false, got "on the port"`},
	"ops.block_profile_rate":             {"100", "want a duration with its unit, as in 10s, got 100"},
	"ops.mutex_profile_fraction":         {"-1", "want 0 to 1000000, got -1"},
	"ops.tracing.endpoint":               {"127.0.0.1:4318", `want a URL, as in http://127.0.0.1:4318, got "127.0.0.1:4318"`},
	"ops.tracing.sample_ratio":           {"1.1", "want 0 to 1, got 1.1"},
	"ops.address":                        {`":65536"`, `want host:port, as in 127.0.0.1:8999, got ":65536"`},
	"ops.insecure_public":                {"maybe", `want true or false, got "maybe"`},
	"log.level":                          {"loud", `want one of debug, info, warn, error, got "loud"`},
	"log.format":                         {`""`, `want one of auto, text, json, got ""`},
}

func TestEveryBadValueIsToldWithItsKey(t *testing.T) {
	for _, f := range keys() {
		bad, ok := badValues[f.path]
		if !ok {
			t.Errorf("%s has no row in badValues", f.path)
			continue
		}
		told := problems(t, Source{File: file(t, nested(f.path, bad.value))})
		if want := f.path + ": " + bad.told; !slices.Contains(told, want) {
			t.Errorf("%s: told %q, want %q", nested(f.path, bad.value), told, want)
		}
	}
	if len(badValues) != len(keys()) {
		t.Errorf("%d rows for %d keys", len(badValues), len(keys()))
	}
}

// TestAllBadValuesAtOnce: one mistake hides no other.
func TestAllBadValuesAtOnce(t *testing.T) {
	var text strings.Builder
	c := Default()
	for _, f := range fields(&c) {
		indent := strings.Repeat("  ", strings.Count(f.path, "."))
		text.WriteString(indent + f.path[strings.LastIndex(f.path, ".")+1:] + ": " + badValues[f.path].value + "\n")
	}
	told := problems(t, Source{File: file(t, text.String())})
	for path, bad := range badValues {
		if !slices.Contains(told, path+": "+bad.told) {
			t.Errorf("not told: %s: %s", path, bad.told)
		}
	}
}

func TestAllKindsOfProblemsAtOnce(t *testing.T) {
	told := problems(t, Source{
		File: file(t, "world: {columns: many, colums: 3}\nnet: 5\nlimits: {frame_timeout: 10}\n"),
		Env:  []string{"AOIWORLD_WORLD_TICKRATE=3"},
		Sets: []string{"world.rows", "world.size=3", "world.tick_rate=fast", "limits.dead_after=10"},
	})
	want := []string{
		"net: want keys below it, got 5",
		"world.colums: unknown key; did you mean world.columns?",
		"AOIWORLD_WORLD_TICKRATE: no key has this environment variable; did you mean AOIWORLD_WORLD_TICK_RATE?",
		"\"world.rows\": want key=value",
		"world.size: unknown key",
		"world.columns: want a whole number, got \"many\"",
		"world.tick_rate: want a number, got \"fast\"",
		"limits.frame_timeout: want a duration with its unit, as in 10s, got 10",
		"limits.dead_after: want a duration with its unit, as in 10s, got 10",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +told):\n%s", diff)
	}
	if e := (&Error{Problems: told}).Error(); e != strings.Join(want, "\n") {
		t.Errorf("as an error: %s", e)
	}
}

// TestMistakesAreToldAlikeEachTime: viper takes keys in any case, and chooses by map order.
func TestMistakesAreToldAlikeEachTime(t *testing.T) {
	name := file(t, "world: {columns: 3, Columns: x, COLUMNS: y}\nWORLD: {columns: z}\n")
	first := problems(t, Source{File: name})
	if len(first) != 3 {
		t.Fatalf("told %q", first)
	}
	for range 50 {
		if diff := cmp.Diff(first, problems(t, Source{File: name})); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	directory := t.TempDir()
	for name, want := range map[string]string{
		"no/such/file.yaml": "no/such/file.yaml: no such file or directory",
		directory:           directory + ": is a directory",
	} {
		if told := problems(t, Source{File: name}); len(told) != 1 || told[0] != want {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

// TestHarmlessFiles change nothing.
func TestHarmlessFiles(t *testing.T) {
	for _, content := range []string{
		"", "# nothing\n", "---\n", "~", "{}", "world:\nnet:\n  ws:\n", "world: {bounds: {}}",
		"limits: {idle_timeout: 0}", "\ufefflog: {level: info}", "world: &w {rows: 20}\n",
	} {
		if c, err := Load(Source{File: file(t, content)}); err != nil || !cmp.Equal(c, Default()) {
			t.Errorf("%q: %v, %+v", content, err, c)
		}
	}
}

// TestAnchorsMayBeUsed: they are YAML.
func TestAnchorsMayBeUsed(t *testing.T) {
	c, err := Load(Source{
		File: file(t, "world:\n  bounds: &b {min_x: 0, max_x: 9, min_z: 0, max_z: 9}\n  spawn: {<<: *b, max_x: 4}\n"),
	})
	if want := (Bounds{MaxX: 4, MaxZ: 9}); err != nil || c.World.Spawn != want {
		t.Errorf("spawn %+v, %v, want %+v", c.World.Spawn, err, want)
	}
}

func TestEnvironment(t *testing.T) {
	names := map[string]string{}
	for _, f := range keys() {
		name := envName(f.path)
		if other, clash := names[name]; clash {
			t.Errorf("%s and %s have the environment variable %s", f.path, other, name)
		}
		if names[name] = f.path; serviceLink(name, "tcp://10.0.0.1:80") {
			t.Errorf("%s looks like one of Kubernetes' variables", name)
		}
	}
	ignored := []string{
		"AOIWORLD=1", "MY_AOIWORLD_X=1", "aoiworld_world_rows=3", "=x", "",
		"AOIWORLD_SERVICE_HOST=10.0.0.1", "AOIWORLD_SERVICE_PORT=8999", "AOIWORLD_SERVICE_PORT_CLASSIC=8999",
		"AOIWORLD_PORT=tcp://10.0.0.1:8999", "AOIWORLD_PORT_8999_TCP_ADDR=10.0.0.1",
	}
	if c, err := Load(Source{Env: ignored}); err != nil || !cmp.Equal(c, Default()) {
		t.Errorf("%+v, %v", c, err)
	}
	for variable, want := range map[string]string{
		"AOIWORLD_PORT=8999":    "AOIWORLD_PORT: no key has this environment variable",
		"AOIWORLD_NE=1":         "AOIWORLD_NE: no key has this environment variable",
		"AOIWORLD_":             "AOIWORLD_: no key has this environment variable",
		"AOIWORLD_WORLD_ROWS=":  `world.rows: want a whole number, got ""`,
		"AOIWORLD_WORLD_ROWS":   `world.rows: want a whole number, got ""`,
		"AOIWORLD_WORLD_ROWS=~": `world.rows: want a whole number, got "~"`,
		"AOIWORLD_LOG_LEVEL=":   `log.level: want one of debug, info, warn, error, got ""`,
	} {
		if told := problems(t, Source{Env: []string{variable}}); len(told) != 1 || told[0] != want {
			t.Errorf("%s: told %q, want %q", variable, told, want)
		}
	}
}

func TestSettings(t *testing.T) {
	for setting, want := range map[string]string{
		"":                      `"": want key=value`,
		"world.rows":            `"world.rows": want key=value`,
		"world=5":               "world: unknown key",
		"worl=5":                "worl: unknown key",
		"rows=5":                "rows: unknown key; did you mean world.rows?",
		"=5":                    ": unknown key",
		"world::rows=5":         "world::rows: unknown key; did you mean world.rows?",
		"WORLD.ROWS=5":          "WORLD.ROWS: unknown key",
		"world.rows={":          `world.rows: want a whole number, got "{"`,
		"limits.idle_timeout=5": "limits.idle_timeout: want a duration with its unit, as in 10s, got 5",
	} {
		if told := problems(t, Source{Sets: []string{setting}}); len(told) != 1 || told[0] != want {
			t.Errorf("%s: told %q, want %q", setting, told, want)
		}
	}
	c, err := Load(Source{Sets: []string{
		"world.rows=3", "world.rows=4", "net.ws.path=/a=b", "net.ws.allowed_origins=", "limits.idle_timeout=0",
	}})
	if err != nil || c.World.Rows != 4 || c.Net.WS.Path != "/a=b" || len(c.Net.WS.AllowedOrigins) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 1},
		{"rows", "rows", 0},
		{"rows", "row", 1},
		{"rows", "arrow", 3},
		{"rows", "rwos", 2},
		{"kitten", "sitting", 3},
		{"a", "abcd", 3},
	} {
		if got, back := distance(c.a, c.b), distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("from %q to %q %d, back %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
