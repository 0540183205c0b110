package conf

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"aoiworld/aoi"
	"aoiworld/world"
)

func TestContradictions(t *testing.T) {
	for setting, want := range map[string]string{
		"world.bounds.max_x=85":         "world.bounds.max_x: want more than min_x (85), got 85",
		"world.bounds.min_z=400":        "world.bounds.max_z: want more than min_z (400), got 400",
		"world.columns=1048576":         "world.columns: 1048576 × 20 cells with a view radius of 1 are too many",
		"world.spawn.min_x=210":         "world.spawn: X 210 to 209 is not inside the bounds 85 to 410",
		"world.spawn.max_z=401":         "world.spawn: Z 134 to 401 is not inside the bounds 75 to 400",
		"world.spawn.min_z=74.9":        "world.spawn: Z 74.9 to 183 is not inside the bounds 75 to 400",
		"world.bounds.max_x=208":        "world.spawn: X 160 to 209 is not inside the bounds 85 to 208",
		"world.frame_budget=255":        "world.frame_budget: want 0 or at least 256, got 255",
		"world.quantum=0.00001":         "world.quantum: want more than 3.1e-05 in bounds like these, got 1e-05",
		"world.movement.mode=enforce":   "world.movement.max_speed: want more than 0 in mode enforce",
		"world.movement.mode=log":       "world.movement.max_speed: want more than 0 in mode log",
		"limits.dead_after=15s":         "limits.dead_after: want more than ping_interval (15s), got 15s",
		"limits.max_payload=65536":      "limits.byte_burst: want at least max_payload (65536), got 32768",
		"net.ws.address=127.0.0.1:8999": "net.ws.address: 127.0.0.1:8999 is taken by net.tcp.classic.address",
		"ops.address=127.0.0.1:8080":    "ops.address: 127.0.0.1:8080 is taken by net.ws.address",
	} {
		if told := problems(t, Source{Sets: []string{setting}}); len(told) != 1 || told[0] != want {
			t.Errorf("%s: told %q, want %q", setting, told, want)
		}
	}
}

// TestPublicAddressesNeedTheirKey: each listener refuses every address that others could reach, and names the key that
// allows it.
func TestPublicAddressesNeedTheirKey(t *testing.T) {
	escapes := map[string]string{
		"net.tcp.classic.address": "net.insecure_plaintext", "net.tcp.native.address": "net.insecure_plaintext", "net.ws.address": "net.insecure_plaintext",
		"ops.address": "ops.insecure_public",
	}
	for key, escape := range escapes {
		for _, address := range []string{
			":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "192.168.0.1:1", "example.org:1", "[2001:db8::1]:1",
			"[fe80::1%eth0]:1", "[::ffff:10.0.0.1]:1", "127.1:1", "128.0.0.1:1", "localhost.example.org:1",
		} {
			s := Source{Sets: []string{key + "=" + address, "auth.mode=guests"}}
			told := problems(t, s)
			if len(told) != 1 || !strings.HasPrefix(told[0], key+": ") || !strings.HasSuffix(told[0], escape+": true") {
				t.Errorf("%s on %s: told %q", key, address, told)
			}
			for _, other := range []string{"net.insecure_plaintext", "ops.insecure_public"} {
				_, err := Load(Source{Sets: append(s.Sets, other+"=true")})
				if (err == nil) != (other == escape) {
					t.Errorf("%s on %s with %s: %v", key, address, other, err)
				}
			}
		}
		for _, address := range []string{"", "localhost:0", "[::1]:0", "127.9.9.9:0", "[::ffff:127.0.0.1]:0"} {
			if _, err := Load(Source{Sets: []string{key + "=" + address}}); err != nil {
				t.Errorf("%s on %q: %v", key, address, err)
			}
		}
	}
}

// TestWhoMayPlayInPublic: where others can reach a players' listener, somebody has said who may play.
func TestWhoMayPlayInPublic(t *testing.T) {
	public := []string{"net.insecure_plaintext=true", "ops.insecure_public=true"}
	for _, key := range []string{ClassicAddress, NativeAddress, WebSocketAddress} {
		sets := append([]string{key + "=:1"}, public...)
		want := "auth.mode: " + key + " is not a loopback address; say who may play there: guests, tokens or both"
		if told := problems(t, Source{Sets: sets}); len(told) != 1 || told[0] != want {
			t.Errorf("told %q, want %q", told, want)
		}
		for mode, accounts := range map[string]bool{"guests": false, "tokens": true, "both": true} {
			c, err := Load(Source{Sets: append(sets, "auth.mode="+mode, "auth.tokens.key_file=keys")})
			if err != nil || c.Auth.Guests() != (mode != "tokens") || c.Auth.Accounts() != accounts {
				t.Errorf("%s: %v, guests %v, accounts %v", mode, err, c.Auth.Guests(), c.Auth.Accounts())
			}
		}
	}
	if _, err := Load(Source{Sets: append(public, "ops.address=:1")}); err != nil {
		t.Errorf("nobody plays on the operator's listener: %v", err)
	}
	if c := Default(); !c.Auth.Guests() || c.Auth.Accounts() {
		t.Error("by default guests, and they alone, play on loopback")
	}
}

// TestTokensNeedAKey: there is no default secret.
func TestTokensNeedAKey(t *testing.T) {
	for _, mode := range []string{"tokens", "both"} {
		want := "auth.tokens.key_file: want a file in mode " + mode + "; aoiworld token --init writes one for development"
		if told := problems(t, Source{Sets: []string{"auth.mode=" + mode}}); len(told) != 1 || told[0] != want {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"": true, "localhost:65535": true, "[::1]:80": true, "127.0.0.1:0": true,
		"localhost": false, "8080": false, "127.0.0.1": false, "127.0.0.1:": false, "127.0.0.1:http": false,
		"127.0.0.1:99999": false, "127.0.0.1:-1": false, "::1:80": false, "tcp://127.0.0.1:80": false, " ": false,
	} {
		if text := badAddress(address); (text == "") != good {
			t.Errorf("%q: told %q", address, text)
		}
	}
}

func TestPaths(t *testing.T) {
	for path, good := range map[string]bool{
		"/": true, "/ws": true, "/ws/": true, "/a/b-c_d.e~f": true, "/a:b,c": true,
		"": false, "ws": false, "/a b": false, "/a\tb": false, "/a//b": false, "/../ws": false, "/./ws": false,
		"//": false, "/ws//": false,
		"/ws?x=1": false, "/ws#x": false, "/{id}": false, "/%20": false, "/ä": false, "/a\nb": false,
	} {
		if text := badPath(path); (text == "") != good {
			t.Errorf("%q: told %q", path, text)
		}
	}
}

func TestOrigins(t *testing.T) {
	for origin, good := range map[string]bool{
		"https://example.org": true, "http://Example.org:8080": true, "example.org": true, "example.org:80": true,
		"[::1]:80": true, "https://[::1]:80": true, "null": true, "app://game": true,
		"": false, "*": false, "https://*.example.org": false, "https://": false, "https://example.org/": false,
		"https://example.org/game": false, "example.org/": false, "https://a@example.org": false, "a b": false,
		"https://example.org?x": false, "//example.org": false, " example.org": false, "a://b://c": false,
	} {
		if text := badOrigins([]string{"good.example", origin}); (text == "") != good {
			t.Errorf("%q: told %q", origin, text)
		}
	}
}

// TestCellsThatPositionsCannotTellApart: positions are 32-bit floats.
func TestCellsThatPositionsCannotTellApart(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		columns   int
		good      bool
	}{
		{0, 1, 1 << 20, true},
		{0, 5e-324, 1, false},
		{1e9, 1e9 + 64, 1, true}, // floats near 1e9 are 64 apart
		{1e9, 1e9 + 63, 1, false},
		{1e9, 1e9 + 128, 3, false},
		{-1e9 - 63, -1e9, 1, false},
		{-1e30, 1e30, 1 << 20, true},
	} {
		w := Default().World
		w.Bounds.MinX, w.Bounds.MaxX, w.Spawn.MinX, w.Spawn.MaxX = c.low, c.high, c.low, c.high
		w.Columns, w.Rows = c.columns, 1
		alongX := &Error{}
		w.check(alongX)
		w.Bounds = Bounds{MinX: w.Bounds.MinZ, MaxX: w.Bounds.MaxZ, MinZ: w.Bounds.MinX, MaxZ: w.Bounds.MaxX}
		w.Spawn = Bounds{MinX: w.Spawn.MinZ, MaxX: w.Spawn.MaxZ, MinZ: w.Spawn.MinX, MaxZ: w.Spawn.MaxX}
		w.Columns, w.Rows = w.Rows, w.Columns
		alongZ := &Error{}
		w.check(alongZ)
		if (alongX.result() == nil) != c.good || (alongZ.result() == nil) != c.good {
			t.Errorf("%v to %v in %d: %q and %q", c.low, c.high, c.columns, alongX.Problems, alongZ.Problems)
		}
	}
}

// TestWhatIsAcceptedCanBe: a world that passes here is one for the packages that make it, whose rules are written a
// second time in this one.
func TestWhatIsAcceptedCanBe(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 20_000 {
		c := Default()
		c.World = randomWorld(random)
		told := c.Check()
		grid, err := aoi.NewGrid(aoi.Config{
			Bounds: aoi.Bounds(c.World.Bounds), Radius: c.World.ViewRadius,
			Columns: c.World.Columns, Rows: c.World.Rows,
		})
		if told != nil {
			continue
		}
		accepted++
		if err != nil {
			t.Fatalf("%+v: %v", c.World, err)
		}
		mode := world.Movement{Mode: world.Mode(c.World.Movement.Mode), MaxSpeed: c.World.Movement.MaxSpeed}
		_, err = world.New(world.Config{
			Grid: grid.Config(), Spawn: aoi.Bounds(c.World.Spawn), ChatRate: c.World.ChatRate, Movement: mode,
		})
		if err != nil {
			t.Fatalf("%+v: %v", c.World, err)
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d worlds were accepted", accepted)
	}
}

// randomWorld returns a world that is often possible, and often just not.
func randomWorld(random *rand.Rand) World {
	interval := func() (low, high float64) {
		low = []float64{0, -1, 0.1, 1e9, -1e30, 1e-40}[random.IntN(6)]
		width := []float64{0, 5e-324, 1e-9, 0.1, 1, 64, 1e3, 1e10, 1e30}[random.IntN(9)]
		return low, low + width
	}
	within := func(low, high float64) (a, b float64) {
		a = low + (high-low)*float64(random.IntN(4))/3
		return a, a + (high-a)*float64(random.IntN(4))/3
	}
	w := Default().World
	w.Bounds.MinX, w.Bounds.MaxX = interval()
	w.Bounds.MinZ, w.Bounds.MaxZ = interval()
	w.Spawn.MinX, w.Spawn.MaxX = within(w.Bounds.MinX, w.Bounds.MaxX)
	w.Spawn.MinZ, w.Spawn.MaxZ = within(w.Bounds.MinZ, w.Bounds.MaxZ)
	w.Columns, w.Rows, w.ViewRadius = random.IntN(9), random.IntN(9), random.IntN(3)
	w.Movement.Mode = []string{"off", "log", "enforce", "?"}[random.IntN(4)]
	w.Movement.MaxSpeed = []float64{0, 5, 1e30, math.NaN()}[random.IntN(4)]
	w.ChatRate = []float64{0, 0.5, 20, math.Inf(1)}[random.IntN(4)]
	return w
}

// TestTooManyCells: what is refused here is just what the grid refuses. Grids that are just possible are not made: they
// take 128 MB.
func TestTooManyCells(t *testing.T) {
	for _, c := range []struct {
		columns, rows, radius int
		good                  bool
	}{
		{1 << 20, 1, 0, true},
		{1 << 20, 2, 0, false},
		{1 << 10, 1 << 10, 2, true},
		{1 << 10, 1 << 10, 3, false}, // 49 entries for each cell
		{1 << 19, 1, 31, true},
		{1 << 19, 1, 32, false},
	} {
		cfg := Default()
		cfg.World.Bounds = Bounds{MaxX: 1, MaxZ: 1}
		cfg.World.Spawn = Bounds{}
		cfg.World.Columns, cfg.World.Rows, cfg.World.ViewRadius = c.columns, c.rows, c.radius
		if told := cfg.Check(); (told == nil) != c.good {
			t.Errorf("%d × %d, radius %d: told %v", c.columns, c.rows, c.radius, told)
		}
		if c.good {
			continue
		}
		_, err := aoi.NewGrid(aoi.Config{
			Bounds: aoi.Bounds(cfg.World.Bounds), Columns: c.columns, Rows: c.rows, Radius: c.radius,
		})
		if err == nil {
			t.Errorf("%d × %d, radius %d: the grid can be", c.columns, c.rows, c.radius)
		}
	}
}

// TestCheckSurvivesAnything: it is called with what a program put together, too.
func TestCheckSurvivesAnything(t *testing.T) {
	var nothing Config
	nan := Default()
	nan.World.Bounds.MinX, nan.World.TickRate, nan.World.Columns = math.NaN(), math.NaN(), math.MaxInt
	for _, c := range []Config{nothing, nan} {
		if err := c.Check(); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
