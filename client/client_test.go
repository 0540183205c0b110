package client_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"aoiworld/client"
	"aoiworld/conf"
	"aoiworld/server"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// serve runs a server on free ports until the test ends.
func serve(t testing.TB, sets ...string) *server.Server {
	t.Helper()
	cfg, err := conf.Load(conf.Source{Sets: append([]string{
		"net.tcp.classic.address=", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=", "world.check_every=1ns",
		"world.spawn.max_x=160", "world.spawn.max_z=134", "world.tick_rate=60",
		"limits.overload_tick_share=0", // others may use this machine, too
	}, sets...)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), server.Extension{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-s.Ready()
	return s
}

// heard collects events, and tells when one comes that somebody waits for.
type heard struct {
	mu     sync.Mutex
	events []client.Event
	news   chan struct{}
}

func newHeard() *heard { return &heard{news: make(chan struct{}, 1)} }

// hear takes an event.
func (h *heard) hear(e client.Event) {
	h.mu.Lock()
	h.events = append(h.events, e)
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
}

// wait waits for an event that is one, and takes it and all before it.
func (h *heard) wait(t testing.TB, what string, is func(client.Event) bool) client.Event {
	t.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		for i, e := range h.events {
			if is(e) {
				h.events = h.events[i+1:]
				h.mu.Unlock()
				return e
			}
		}
		h.mu.Unlock()
		select {
		case <-h.news:
		case <-late:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// of is an event of a kind about an entity.
func of(kind client.EventKind, id int32) func(client.Event) bool {
	return func(e client.Event) bool { return e.Kind == kind && e.Entity.ID == id }
}

// kind is an event of a kind.
func kind(k client.EventKind) func(client.Event) bool {
	return func(e client.Event) bool { return e.Kind == k }
}

// dial connects a client that must be let in.
func dial(t testing.TB, cfg client.Config) (*client.Client, *heard) {
	t.Helper()
	h := newHeard()
	cfg.Events = h.hear
	c, err := client.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, h
}

// addresses are a server's, by transport.
func addresses(s *server.Server) map[string]string {
	return map[string]string{
		"tcp": s.Addresses()[conf.NativeAddress].String(),
		"ws":  "ws://" + s.Addresses()[conf.WebSocketAddress].String() + "/ws",
	}
}

// TestClient: two clients see each other come, move, chat, gesture and go.
func TestClient(t *testing.T) {
	for transport, address := range addresses(serve(t, "world.movement.mode=enforce", "world.movement.max_speed=100")) {
		t.Run(transport, func(t *testing.T) {
			a, heardA := dial(t, client.Config{Server: address, Name: "Ann"})
			b, heardB := dial(t, client.Config{Server: address})
			heardA.wait(t, "the other appears", of(client.Appeared, b.Player()))
			if err := a.Move(client.Position{X: 161.5, Y: 2, Z: 135, Heading: 90}); err != nil {
				t.Fatal(err)
			}
			if here := a.Here(); here.X != 161.5 || here.Heading != 90 {
				t.Errorf("the move is not predicted: %v", here)
			}
			e := heardB.wait(t, "the first moves", of(client.Moved, a.Player()))
			if at := b.Position(e.Entity.At); at.X != 161.5 || at.Y != 2 || at.Z != 135 || e.Entity.Name != "Ann" {
				t.Errorf("it is shown at %v as %+v", at, e.Entity)
			}
			if at, seen := b.Show(a.Player(), time.Now().Add(time.Second)); !seen || at.X != 161.5 {
				t.Errorf("to be shown at %v, %v", at, seen)
			}
			for _, say := range []error{a.Say("hi"), a.Whisper("psst"), a.Gesture(-3), a.Ping(), a.Say("\x1b")} {
				if say != nil {
					t.Error(say)
				}
			}
			heardB.wait(t, "a chat", func(e client.Event) bool { return e.Kind == client.Chatted && e.Text == "hi" && e.Name == "Ann" })
			heardB.wait(t, "a whisper", func(e client.Event) bool { return e.Kind == client.Chatted && e.Nearby })
			heardB.wait(t, "a gesture", func(e client.Event) bool { return e.Kind == client.Gestured && e.Number == -3 })
			heardA.wait(t, "a refusal", kind(client.Refused))
			if trip, _ := a.Clock(); trip <= 0 || trip > patience {
				t.Errorf("a round trip of %v", trip)
			}
			if err := a.Move(client.Position{X: 400, Z: 400}); err != nil {
				t.Fatal(err)
			}
			heardA.wait(t, "a correction", kind(client.Corrected))
			if here := a.Here(); here.X != 161.5 {
				t.Errorf("after a correction it is at %v", here)
			}
			a.Close()
			heardB.wait(t, "the first leaves", of(client.Left, a.Player()))
			if _, seen := b.View()[a.Player()]; seen || !errors.Is(a.Err(), client.ErrEnded) {
				t.Errorf("it is still shown: %v; ended with %v", seen, a.Err())
			}
		})
	}
}

// cuttable is a connection that can be cut, and what makes another.
type cuttable struct {
	mu   sync.Mutex
	conn net.Conn
	deaf int // so many connections take nothing
}

// dial connects over TCP.
func (c *cuttable) dial(address string) func(context.Context) (client.Conn, error) {
	return func(ctx context.Context) (client.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conn = conn
		if c.deaf > 0 {
			c.deaf--
			_ = conn.Close()
		}
		return plain{conn}, nil
	}
}

// cut cuts the connection; so many of those that follow take nothing.
func (c *cuttable) cut(deaf int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deaf = deaf
	_ = c.conn.Close()
}

// plain is a TCP connection.
type plain struct{ net.Conn }

// Read implements client.Conn.
func (p plain) Read() ([]byte, error) {
	b := make([]byte, 100)
	n, err := p.Conn.Read(b)
	return b[:n], err
}

// Write implements client.Conn.
func (p plain) Write(frame []byte) error {
	_, err := p.Conn.Write(frame)
	return err
}

// TestClientResumes: a client whose connection is cut goes on as the same player; the other never sees it leave. One that comes
// too late begins anew.
func TestClientResumes(t *testing.T) {
	s := serve(t)
	address := addresses(s)["tcp"]
	var cable cuttable
	a, heardA := dial(t, client.Config{Server: address, Name: "Ann", Retry: time.Millisecond, Dial: cable.dial(address)})
	b, heardB := dial(t, client.Config{Server: address})
	heardA.wait(t, "the other appears", of(client.Appeared, b.Player()))
	heardB.wait(t, "the first appears", of(client.Appeared, a.Player()))
	player := a.Player()
	for round := range 3 {
		cable.cut(round)
		heardA.wait(t, "the loss", kind(client.Disconnected))
		heardA.wait(t, "the resumption", kind(client.Resumed))
		x := 162 + float32(round)
		if err := a.Move(client.Position{X: x, Z: 134}); err != nil {
			t.Fatal(err)
		}
		heardB.wait(t, "a move after it", func(e client.Event) bool {
			if e.Kind == client.Left {
				t.Errorf("%d has left", e.Entity.ID)
			}
			return e.Kind == client.Moved && e.Entity.ID == player && b.Position(e.Entity.At).X == x
		})
	}
	if a.Player() != player || len(a.View()) != 2 {
		t.Errorf("player %d, then %d; %d in view", player, a.Player(), len(a.View()))
	}
}

// TestClientBeginsAnew: where nobody resumes, a client that is cut off comes back as a new player.
func TestClientBeginsAnew(t *testing.T) {
	s := serve(t, "auth.resume_window=0s")
	address := addresses(s)["tcp"]
	var cable cuttable
	a, heardA := dial(t, client.Config{Server: address, Retry: time.Millisecond, Dial: cable.dial(address)})
	player := a.Player()
	heardA.wait(t, "the beginning", kind(client.Connected))
	cable.cut(0)
	heardA.wait(t, "another beginning", kind(client.Connected))
	if a.Player() == player {
		t.Error("it is the same player")
	}
}

// TestDialFails: what does not come about says why.
func TestDialFails(t *testing.T) {
	s := serve(t)
	for name, cfg := range map[string]client.Config{
		"nobody there":      {Server: "127.0.0.1:1", Retry: -1},
		"no such name":      {Server: addresses(s)["tcp"], Name: "a\nb"},
		"no such path":      {Server: addresses(s)["ws"] + "x"},
		"another's dialect": {Server: "ws://" + s.Addresses()[conf.NativeAddress].String()},
	} {
		if c, err := client.Dial(t.Context(), cfg); err == nil {
			c.Close()
			t.Errorf("%s: connected", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Dial(ctx, client.Config{Server: addresses(s)["tcp"]}); err == nil {
		t.Error("connected after the context's end")
	}
}
