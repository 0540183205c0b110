package build

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestRead(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v0.9.9"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"},
	}}
	clean := &debug.BuildInfo{GoVersion: "go1.26.0", Settings: []debug.BuildSetting{{Key: "vcs.modified", Value: "false"}}}
	for name, c := range map[string]struct {
		info          *debug.BuildInfo
		stamp, commit string
		want          string
	}{
		"released":   {clean, "v1.2.3", "fedcba98765432100123", "v1.2.3 (fedcba987654), go1.26.0"},
		"both":       {info, "v1.2.3", "fedcba98765432100123", "v1.2.3 (fedcba987654), go1.26.0"},
		"changed":    {clean, "v1.2.3", "fedcba98765432100123-dirty", "v1.2.3 (fedcba987654) with changes, go1.26.0"},
		"stamped":    {info, "v1.2.3", "", "v1.2.3 (0123456789ab) with changes, go1.26.0"},
		"toolchain":  {info, "", "", "v0.9.9 (0123456789ab) with changes, go1.26.0"},
		"no commit":  {clean, "v1.2.3", "", "v1.2.3, go1.26.0"},
		"no version": {&debug.BuildInfo{}, "", "", "(unknown)"},
	} {
		if got := read(c.info, c.stamp, c.commit).String(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestReadOfThis(t *testing.T) {
	if got := Read(); got.Go != runtime.Version() || got.Version == "" {
		t.Errorf("got %+v", got)
	}
}
