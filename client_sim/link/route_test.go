package link

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

// TestRoutesTakeTurns: also where there are as many sources as servers, each goes to each.
func TestRoutesTakeTurns(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want []string
	}{
		"two and two": {
			Config{Servers: []string{"a:1", "b:2"}, Sources: []string{"127.0.0.2-127.0.0.3"}},
			[]string{"a:1 127.0.0.2:0", "b:2 127.0.0.3:0", "a:1 127.0.0.3:0", "b:2 127.0.0.2:0", "a:1 127.0.0.2:0"},
		},
		"one and three": {
			Config{Servers: []string{"a:1"}, Sources: []string{"127.0.0.2", "127.0.0.5-127.0.0.6"}},
			[]string{"a:1 127.0.0.2:0", "a:1 127.0.0.5:0", "a:1 127.0.0.6:0", "a:1 127.0.0.2:0"},
		},
	} {
		r, err := newRoute(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range c.want {
			server, dial := r.next()
			got = append(got, server+" "+dial.LocalAddr.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if _, dial := (&route{servers: []string{"a:1"}}).next(); dial.LocalAddr != nil {
		t.Errorf("nobody asked for %v", dial.LocalAddr)
	}
}

func TestSources(t *testing.T) {
	for _, bad := range []string{"", "x", "127.0.0.1-", "127.0.0.9-127.0.0.1", "::1-127.0.0.1", "10.0.0.0-10.9.0.0", "127.0.0.1:80"} {
		if _, err := New(Config{Servers: []string{"a:1"}, Sources: []string{bad}}); !errors.Is(err, ErrSource) {
			t.Errorf("source %q: %v", bad, err)
		}
	}
	got, err := ParseSources([]string{"::1-::3"})
	want := []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("::2"), netip.MustParseAddr("::3")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
