package bot

import (
	"context"
	"errors"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/net/classic"
)

// small is a run of a second against a reference server.
func small(s *reference) Config {
	cfg := classicDefaults()
	cfg.Server, cfg.World = s.address, s.world
	cfg.Bots, cfg.Churn, cfg.Rate, cfg.TickRate = 24, 4, 20, ticksPerSecond
	cfg.Motion, cfg.Step = Cross, 10
	cfg.Round, cfg.Duration = 200*time.Millisecond, 400*time.Millisecond
	cfg.ConnectRate, cfg.Verify = 1000, true
	return cfg
}

// run plays a run that must be possible.
func run(t *testing.T, cfg Config) Report {
	t.Helper()
	report, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// text is the report for an error message.
func text(r Report) string {
	var b strings.Builder
	_ = r.WriteText(&b) // a builder takes everything
	return b.String()
}

func TestAServerThatIsRightIsFoundRight(t *testing.T) {
	tutorial := Defaults().World
	grid := func(columns, rows, radius int) World {
		w := tutorial
		w.Columns, w.Rows, w.Radius = columns, rows, radius
		return w
	}
	for name, c := range map[string]struct {
		world  World
		change func(*Config, *reference)
	}{
		"cross":         {tutorial, func(*Config, *reference) {}},
		"walk":          {tutorial, func(c *Config, _ *reference) { c.Motion = Walk }},
		"still":         {tutorial, func(c *Config, _ *reference) { c.Motion = Still }},
		"websocket":     {tutorial, func(c *Config, s *reference) { c.Transport, c.Server = WebSocket, s.url }},
		"everyone goes": {tutorial, func(c *Config, _ *reference) { c.Churn = c.Bots }},
		"one cell":      {grid(1, 1, 1), func(*Config, *reference) {}},
		"fifty by 50":   {grid(50, 50, 1), func(c *Config, _ *reference) { c.Bots = 100 }},
		"see further":   {grid(10, 20, 2), func(*Config, *reference) {}},
		"see one cell":  {grid(3, 3, 0), func(*Config, *reference) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startReference(t, c.world)
			cfg := small(s)
			c.change(&cfg, s)
			report := run(t, cfg)
			if !report.Good() {
				t.Fatal(text(report))
			}
			if report.Checks != 3 || report.Joined != cfg.Bots || report.Expected == 0 {
				t.Errorf("too little happened:\n%s", text(report))
			}
		})
	}
}

// The dialer of other systems works on this one too.
func TestReadingGoroutinesSeeTheSame(t *testing.T) {
	s := startReference(t, Defaults().World)
	cfg := small(s)
	d, err := link.Portable(cfg.links(Classic))
	if err != nil {
		t.Fatal(err)
	}
	report, err := play(t.Context(), newFleet(cfg, dialers{Classic: d}))
	if err != nil {
		t.Fatal(err)
	}
	if !report.Good() || report.UpdatesPerSecond == 0 {
		t.Fatal(text(report))
	}
}

// rarely lets a fault happen to a few viewers, once to each, when the condition holds for the first time: to more than
// leave in a round, for what a bot was told it takes with it.
func rarely(condition func(viewer int32, e classic.Event) bool, instead func(classic.Event) []classic.Event,
) func(int, int32, classic.Event) []classic.Event {
	const victims = 6
	done := make(map[int32]bool)
	return func(_ int, viewer int32, e classic.Event) []classic.Event {
		if len(done) == victims || done[viewer] || !condition(viewer, e) {
			return []classic.Event{e}
		}
		done[viewer] = true
		return instead(e)
	}
}

// is is the condition that an event about another player is of a kind.
func is(kind classic.Kind) func(int32, classic.Event) bool {
	return func(viewer int32, e classic.Event) bool { return e.Kind == kind && e.PID != viewer }
}

// nothing is told instead of an event.
func nothing(classic.Event) []classic.Event { return nil }

// twice is an event told twice.
func twice(e classic.Event) []classic.Event { return []classic.Event{e, e} }

// freeze keeps everybody else from hearing that a player moves.
func freeze(player int32) func(int, int32, classic.Event) []classic.Event {
	return func(_ int, v int32, e classic.Event) []classic.Event {
		if v != player && e.Kind == classic.Moved && e.PID == player {
			return nil
		}
		return []classic.Event{e}
	}
}

// hide keeps everybody else from hearing of a player at all.
func hide(player int32) func(int, int32, classic.Event) []classic.Event {
	return func(_ int, v int32, e classic.Event) []classic.Event {
		if v != player && e.PID == player {
			return nil
		}
		return []classic.Event{e}
	}
}

// deaf keeps one viewer from hearing of its own moves.
func deaf(viewer int32) func(int, int32, classic.Event) []classic.Event {
	return func(_ int, v int32, e classic.Event) []classic.Event {
		if v == viewer && e.Kind == classic.Moved && e.PID == v {
			return nil
		}
		return []classic.Event{e}
	}
}

// afterwards is an event followed by another one.
func afterwards(next func(classic.Event) classic.Event) func(classic.Event) []classic.Event {
	return func(e classic.Event) []classic.Event { return []classic.Event{e, next(e)} }
}

// Each fault alone must be found, or the checks are none.
func TestFaultsAreFound(t *testing.T) {
	own := func(kind classic.Kind) func(int32, classic.Event) bool {
		return func(viewer int32, e classic.Event) bool { return e.Kind == kind && e.PID == viewer && viewer > 5 }
	}
	appearBy := func(id int32) func(classic.Event) classic.Event {
		return func(e classic.Event) classic.Event { return event(classic.Appear, id, place{200, 0, 200, 0}) }
	}
	for _, c := range []struct {
		name   string
		tamper func(int, int32, classic.Event) []classic.Event
		want   []Kind // any of them
	}{
		{"a leave is lost", rarely(is(classic.Leave), nothing), []Kind{Ghost}},
		{"an appearance is lost", rarely(is(classic.Appear), nothing), []Kind{Missing, MovedUnseen, LeftUnseen}},
		{"an entry of a snapshot is lost", rarely(is(classic.Entry), nothing), []Kind{Missing, MovedUnseen, LeftUnseen}},
		{"somebody is hidden", hide(2), []Kind{Missing}},
		{"somebody seems to stand", freeze(2), []Kind{Stale}},
		{"an appearance is told twice", rarely(is(classic.Appear), twice), []Kind{ShownTwice}},
		{"a leave is told twice", rarely(is(classic.Leave), twice), []Kind{LeftUnseen}},
		{"a chat is lost", rarely(is(classic.Chat), nothing), []Kind{ChatLost}},
		{"a chat is told twice", rarely(is(classic.Chat), twice), []Kind{ChatRepeated}},
		{"a chat comes from somebody else", rarely(is(classic.Chat), func(e classic.Event) []classic.Event {
			e.PID++
			return []classic.Event{e}
		}), []Kind{ChatForged}},
		{"somebody is shown where it never was", rarely(is(classic.Moved), func(e classic.Event) []classic.Event {
			e.X += 0.25
			return []classic.Event{e}
		}), []Kind{Impossible}},
		{"somebody who does not exist is shown", rarely(is(classic.Moved), afterwards(appearBy(4711))), []Kind{Stranger}},
		{"an echo is lost for ever", deaf(2), []Kind{Unanswered}},
		{"a viewer is told to forget itself", rarely(own(classic.Moved), afterwards(func(e classic.Event) classic.Event {
			return classic.Event{Kind: classic.Leave, PID: e.PID}
		})), []Kind{LeftUnseen}},
		{"a second welcome", rarely(own(classic.Moved), afterwards(func(e classic.Event) classic.Event {
			return classic.Event{Kind: classic.Welcome, PID: e.PID}
		})), []Kind{OutOfOrder}},
		{"a second snapshot", rarely(own(classic.Moved), afterwards(func(e classic.Event) classic.Event {
			return event(classic.Entry, 4711, place{})
		})), []Kind{OutOfOrder}},
		{"the newcomer is not shown to itself", rarely(own(classic.Entry), nothing), []Kind{Missing}},
		{"itself twice on joining", rarely(own(classic.Appear), twice), []Kind{OutOfOrder}},
		{"no frame at all", rarely(is(classic.Moved), func(classic.Event) []classic.Event {
			return []classic.Event{{Kind: 99}}
		}), []Kind{Malformed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			report := tampered(t, c.tamper)
			found := func(kind Kind) bool { return report.ViolationKinds[kind] > 0 }
			if !slices.ContainsFunc(c.want, found) || report.Good() {
				t.Errorf("wanted one of %q among\n%s", c.want, text(report))
			}
		})
	}
}

func TestIdsAreNotReused(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		s.post(func() {
			s.number = func(joins int32) int32 {
				for id := int32(1); ; id++ { // the smallest that is free
					if s.players[id] == nil {
						return id
					}
				}
			}
		})
		report := s.play(t, small(s))
		if report.ViolationKinds[IDReused] == 0 {
			t.Errorf("wanted %q among\n%s", IDReused, text(report))
		}
	})
}

func TestClosesAreCountedByReason(t *testing.T) {
	for transport, want := range map[string]string{
		TCP:       "tcp: closed by the server",
		WebSocket: "ws: close 4002 SLOW_CONSUMER",
	} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := startReference(t, Defaults().World)
			closed := false
			s.post(func() {
				s.tamper = func(tick int, viewer int32, e classic.Event) []classic.Event {
					if e.Kind == classic.Moved && viewer == 3 && !closed {
						closed = true
						s.players[viewer].close()
					}
					return []classic.Event{e}
				}
			})
			cfg := small(s)
			cfg.Churn = 0
			if cfg.Transport = transport; transport == WebSocket {
				cfg.Server = s.url
			}
			report := run(t, cfg)
			total := 0
			for _, n := range report.Closes {
				total += n
			}
			reset := report.Closes["tcp: connection reset by peer"] // what had been sent to it was not read
			if total != 1 || report.Closes[want]+reset != 1 || report.Good() || report.Joined != cfg.Bots-1 {
				t.Errorf("wanted one %q in\n%s", want, text(report))
			}
			if report.Violations != 0 {
				t.Errorf("everybody else is shown the truth:\n%s", text(report))
			}
		})
	}
}

func TestASilentServerLetsNobodyIn(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // connections are made, but nobody takes them
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := classicDefaults()
	cfg.Server, cfg.Bots, cfg.JoinTimeout = listener.Addr().String(), 2, 50*time.Millisecond
	if _, err := Run(t.Context(), cfg); !errors.Is(err, ErrNobody) || !strings.Contains(err.Error(), cfg.Server+": 2 × tcp: timed out") {
		t.Errorf("Run: %v, want ErrNobody and twice why", err)
	}
}

func TestNobodyCanJoin(t *testing.T) {
	s := startReference(t, Defaults().World)
	cfg := small(s)
	cfg.Server = "127.0.0.1:1" // nobody listens there
	if _, err := Run(t.Context(), cfg); !errors.Is(err, ErrNobody) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Run: %v, want ErrNobody and why", err)
	}
	cfg.Bots = 0
	if _, err := Run(t.Context(), cfg); !errors.Is(err, ErrConfig) {
		t.Errorf("Run: %v, want ErrConfig", err)
	}
}

func TestTheContextEndsARun(t *testing.T) {
	s := startReference(t, Defaults().World)
	cfg := small(s)
	cfg.Duration, cfg.Verify = time.Hour, false
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen atomic.Int32
	cfg.OnStatus = func(st Status) {
		if st.Phase == "moving" && st.Connected > 0 && st.MovesPerSecond > 0 && st.UpdatesPerSecond > 0 && st.P99 > 0 {
			seen.Add(1)
			cancel()
		}
	}
	report, err := Run(ctx, cfg)
	if err != nil || seen.Load() == 0 || report.MovesPerSecond == 0 {
		t.Errorf("Run: %v after %d statuses\n%s", err, seen.Load(), text(report))
	}
	if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("Run without time to join: %v", err)
	}
}

// A server that is late by five ticks delivers nothing in time, and the latency says so.
func TestALateServerDeliversNothingInTime(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		cfg := small(s)
		cfg.TickRate = 10 * ticksPerSecond // what the bots believe: two ticks are 2 ms
		cfg.Motion, cfg.Churn = Still, 0
		report := s.play(t, cfg)
		if report.Expected == 0 || report.DeliveredPart > 0.5 || report.LatencyMillis.P50 < 1 || report.P99Ticks < 2 {
			t.Errorf("not late:\n%s", text(report))
		}
	})
}

// What Run started has ended when it returns: pollers, pacer, status, and readers that were told to.
func TestARunLeavesNothingBehind(t *testing.T) {
	s := startReference(t, Defaults().World)
	cfg := small(s)
	cfg.OnStatus = func(Status) {}
	d, err := link.New(cfg.links(Classic))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := play(t.Context(), newFleet(cfg, dialers{Classic: d})); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second) // a goroutine whose last act was to say so may be there for a moment
	for running() != "" {
		if time.Now().After(deadline) {
			t.Fatalf("%s runs still", running())
		}
		runtime.Gosched()
	}
}

// running names something that a run started and that has not ended.
func running() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, name := range []string{"link.(*poller).run", "bot.(*pacer).run", "bot.(*fleet).watch", "bot.(*fleet).admit"} {
		if strings.Contains(string(stacks), "client_sim/"+name) {
			return name
		}
	}
	return ""
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
