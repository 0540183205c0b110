package conf

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestAmend: settings are changed as by --set, on what is in effect, and a bad one changes nothing.
func TestAmend(t *testing.T) {
	c := Default()
	c.World.Rows = 7
	got, err := Amend(c, []string{"world.columns=3", "limits.slow_consumer=2s", "world.early_tick=false"})
	if err != nil || got.World.Columns != 3 || got.World.Rows != 7 || got.Limits.SlowConsumer.Seconds() != 2 || got.World.EarlyTick {
		t.Errorf("%+v, %v", got.World, err)
	}
	var wrong *Error
	_, err = Amend(c, []string{"world.columns=0", "world.colums=3", "world.rows=many"})
	if !errors.As(err, &wrong) || len(wrong.Problems) != 3 {
		t.Errorf("three mistakes are %v", err)
	}
}

// TestChanged: what differs is told, and what cannot change while the server runs is an error.
func TestChanged(t *testing.T) {
	from := Default()
	to := from
	to.World.Columns, to.Log.Level = 11, "debug"
	keys, err := Changed(from, to)
	if want := []string{"world.columns", "log.level"}; !slices.Equal(keys, want) || err != nil {
		t.Errorf("changed %v, %v, want %v", keys, err, want)
	}
	to.Net.WS.AllowedOrigins = []string{"https://example.org"}
	to.World.Seed++
	var wrong *Error
	if _, err = Changed(from, to); !errors.As(err, &wrong) || len(wrong.Problems) != 2 {
		t.Fatalf("two that cannot change are %v", err)
	}
	for i, key := range []string{"world.seed", "net.ws.allowed_origins"} {
		if !strings.HasPrefix(wrong.Problems[i], key+": ") {
			t.Errorf("problem %q, want one of %s", wrong.Problems[i], key)
		}
	}
}

// TestLiveSettings: the live keys are told with values that Amend takes back.
func TestLiveSettings(t *testing.T) {
	c := Default()
	all := Settings(c)
	if all["world.columns"] != 10 || all["limits.slow_consumer"] != "5s" || all["world.seed"] != nil {
		t.Errorf("settings %v", all)
	}
	for _, f := range fields(&c) {
		if _, told := all[f.path]; told != f.live {
			t.Errorf("%s is told: %v, and live: %v", f.path, told, f.live)
		}
	}
}
