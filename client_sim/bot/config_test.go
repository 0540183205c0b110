package bot

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aoiworld/client_sim/link"
)

func TestDefaultsArePossible(t *testing.T) {
	if err := Defaults().Check(); err != nil {
		t.Error(err)
	}
}

func TestImpossibleConfigs(t *testing.T) {
	for part, change := range map[string]func(*Config){
		"no server":      func(c *Config) { c.Server = "" },
		"transport":      func(c *Config) { c.Transport = "udp" },
		"address":        func(c *Config) { c.Server = "ws://127.0.0.1:8080/ws" },
		"no such file":   func(c *Config) { c.CAFile = "missing.pem" },
		"no certificate": func(c *Config) { c.CAFile = "config_test.go" },
		"motion":         func(c *Config) { c.Motion = "fly" },
		"bots":           func(c *Config) { c.Bots = 0 },
		"moves":          func(c *Config) { c.Rate = 0 },
		"step":           func(c *Config) { c.Motion, c.Step = Cross, 0 },
		"duration":       func(c *Config) { c.Duration = 0 },
		"rounds":         func(c *Config) { c.Round = 0 },
		"tick rate":      func(c *Config) { c.TickRate = -20 },
		"churn":          func(c *Config) { c.Churn = c.Bots + 1 },
		"joins":          func(c *Config) { c.ConnectRate = 0 },
		"join timeout":   func(c *Config) { c.JoinTimeout = 0 },
		"settle":         func(c *Config) { c.Settle = -1 },
		"that looks":     func(c *Config) { c.Lookers = 0 },
		"a part of 1.5":  func(c *Config) { c.Lookers = 1.5 },
		"all bots look":  func(c *Config) { c.Lookers, c.Verify = 0.5, true },
		"speak classic":  func(c *Config) { c.Lookers, c.Dialect, c.Server = 0.5, Classic, ClassicServer },
		"play a game":    func(c *Config) { c.Lookers, c.Player = 0.5, func(int) Player { return nil } },
		"3 numbers":      func(c *Config) { c.Area = []float64{100, 200, 100} },
		"an area of":     func(c *Config) { c.Area = []float64{100, 200, 100, 401} },
		"area of [200":   func(c *Config) { c.Area = []float64{200, 100, 100, 200} },
		"cross knows no": func(c *Config) { c.Area, c.Motion = []float64{100, 200, 100, 200}, Cross },
		"10 × 0 cells":   func(c *Config) { c.World.Rows = 0 },
		"world 85..410":  func(c *Config) { c.World.Columns = 0 },
		"1 tokens for 2": func(c *Config) { c.Bots, c.Tokens = 2, []string{"one"} },
		"with tokens":    func(c *Config) { c.Dialect, c.Tokens = Classic, make([]string, c.Bots) },
	} {
		cfg := Defaults()
		change(&cfg)
		err := cfg.Check()
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// All that is wrong is said at once.
func TestEveryMistakeIsNamed(t *testing.T) {
	cfg := Defaults()
	cfg.Bots, cfg.Rate, cfg.World.Rows = 0, 0, 0
	if got := strings.Count(cfg.Check().Error(), ErrConfig.Error()); got != 3 {
		t.Errorf("%d mistakes named, want 3: %v", got, cfg.Check())
	}
}

// TestAMistakeIsNamedOnce: a number of bots, or a time, that cannot be is not told again as what others are too large for.
func TestAMistakeIsNamedOnce(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"-5 bots":      func(c *Config) { c.Bots = -5 },
		"duration -5s": func(c *Config) { c.Duration = -5 * time.Second },
	} {
		cfg := Defaults()
		change(&cfg)
		if err := cfg.Check(); err == nil || err.Error() != ErrConfig.Error()+": "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDerivedTimes(t *testing.T) {
	cfg := Defaults()
	if cfg.tick() != 50*time.Millisecond || cfg.inTime() != 100*time.Millisecond || cfg.settle() != 5*time.Second {
		t.Errorf("20 Hz: tick %v, in time %v, settle %v", cfg.tick(), cfg.inTime(), cfg.settle())
	}
	if cfg.TickRate = 1; cfg.settle() != 20*time.Second {
		t.Errorf("1 Hz: settle %v", cfg.settle())
	}
	if cfg.Settle = time.Second; cfg.settle() != time.Second {
		t.Errorf("settle %v, want what was asked for", cfg.settle())
	}
}

// TestSettingsTellEverything: each setting of a configuration in which everything is something has its place.
func TestSettingsTellEverything(t *testing.T) {
	c := Defaults()
	c.Sources, c.Hotspot, c.Ramp, c.Verify, c.Churn, c.Think = []string{"127.0.0.2"}, []float64{1, 2}, time.Second, true, 3, 4
	c.Cuts, c.Stalls, c.Regrids, c.Area = 1, 2, 3, []float64{1, 2, 3, 4}
	c.ChatShare, c.Goals = 0.5, Goals{MaxP99: time.Second, MinDelivered: 0.5, MaxViolations: 1}
	c.Phases = c.phases()
	c.Phases[0].Over = time.Second
	s := c.settings()
	if s.Goals.MaxP99Millis != 1000 || s.RoundSeconds != 3 || s.Phases[0].Seconds != 10 {
		t.Errorf("units: %+v", s)
	}
	for _, v := range []reflect.Value{reflect.ValueOf(*s), reflect.ValueOf(s.Goals), reflect.ValueOf(s.Phases[0])} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not told", v.Type().Name(), v.Type().Field(i).Name)
			}
		}
	}
}

// TestWhichServersAreOfTCP: an address under TLS is one of TCP, a URL is not.
func TestWhichServersAreOfTCP(t *testing.T) {
	for server, good := range map[string]bool{
		"world.test:9000": true, "tls://world.test:9000": true, "tls://a.test:1, tls://b.test:1,c.test:1": true,
		"wss://world.test/ws": false, "tls://a.test:1,ws://b.test/ws": false, "http://world.test": false,
	} {
		cfg := Defaults()
		cfg.Server = server
		if err := cfg.Check(); (err == nil) != good {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestBareServersAreOfTheTransport(t *testing.T) {
	cfg := Defaults()
	cfg.Server = "127.0.0.1:8080, wss://world.test/sim,"
	for transport, want := range map[string][]string{
		TCP:       {"127.0.0.1:8080", "wss://world.test/sim"},
		WebSocket: {"ws://127.0.0.1:8080/ws", "wss://world.test/sim"},
	} {
		if cfg.Transport = transport; !slices.Equal(cfg.links(Classic).Servers, want) {
			t.Errorf("%s: %q, want %q", transport, cfg.links(Classic).Servers, want)
		}
	}
	cfg.Transport, cfg.Sources = WebSocket, []string{"here"}
	if err := cfg.Check(); !errors.Is(err, ErrConfig) || !errors.Is(err, link.ErrSource) {
		t.Errorf("a source that is none: %v", err)
	}
}
