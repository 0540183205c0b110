package bot

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

func TestRoutesTakeTurns(t *testing.T) {
	cfg := Config{Server: "a:1, b:2,", Sources: []string{"127.0.0.2", "127.0.0.5-127.0.0.6"}}
	r, err := cfg.route()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 6 {
		server, dial := r.next()
		got = append(got, server+" from "+dial.LocalAddr.String())
	}
	want := []string{
		"a:1 from 127.0.0.2:0", "b:2 from 127.0.0.5:0", "a:1 from 127.0.0.6:0",
		"b:2 from 127.0.0.2:0", "a:1 from 127.0.0.5:0", "b:2 from 127.0.0.6:0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, dial := (&route{servers: []string{"a:1"}}).next(); dial.LocalAddr != nil {
		t.Errorf("nobody asked for %v", dial.LocalAddr)
	}
}

func TestWebSocketServersAreURLs(t *testing.T) {
	cfg := Config{Transport: WebSocket, Server: "127.0.0.1:8080,wss://world.test/sim"}
	r, err := cfg.route()
	if want := []string{"ws://127.0.0.1:8080/ws", "wss://world.test/sim"}; err != nil || !slices.Equal(r.servers, want) {
		t.Errorf("%q, %v; want %q", r.servers, err, want)
	}
}

func TestSources(t *testing.T) {
	for _, bad := range []string{"", "x", "127.0.0.1-", "127.0.0.9-127.0.0.1", "::1-127.0.0.1", "10.0.0.0-10.9.0.0", "127.0.0.1:80"} {
		cfg := Defaults()
		cfg.Sources = []string{bad}
		if err := cfg.Check(); !errors.Is(err, ErrConfig) {
			t.Errorf("source %q: %v", bad, err)
		}
	}
	cfg := Config{Sources: []string{"::1-::3"}}
	got, err := cfg.sources()
	want := []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("::2"), netip.MustParseAddr("::3")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestBotsComeFromTheirSources: over both transports, to both servers.
func TestBotsComeFromTheirSources(t *testing.T) {
	for _, transport := range []string{TCP, WebSocket} {
		a, b := startReference(t, Defaults().World), startReference(t, Defaults().World)
		cfg := small(a)
		cfg.Server, cfg.Verify, cfg.Churn = a.address+","+b.address, false, 0 // two worlds have no one truth
		if cfg.Transport = transport; transport == WebSocket {
			cfg.Server = a.url + "," + b.url
		}
		cfg.Sources, cfg.Bots = []string{"127.0.0.2-127.0.0.4"}, 12
		if report := run(t, cfg); report.Joined != 12 || report.Failed != 0 {
			t.Errorf("%s:\n%s", transport, text(report))
		}
		for _, s := range []*reference{a, b} {
			done := make(chan int)
			s.post(func() { done <- int(s.joins) })
			if n := <-done; n != 6 {
				t.Errorf("%s: %d of 12 came to one of two servers", transport, n)
			}
		}
	}
}
