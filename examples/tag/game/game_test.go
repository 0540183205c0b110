package game

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/conf"
	"aoiworld/net/wire"
	"aoiworld/player"
	"aoiworld/server"
	"aoiworld/world"
)

// serve runs a server of tag on free ports until the test ends.
func serve(t *testing.T, e server.Extension) *server.Server {
	t.Helper()
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=", "world.tick_rate=60", "world.npcs=20", "world.check_every=1ns",
		"limits.overload_tick_share=0", // others may use this machine, too
		"world.bounds.min_x=0", "world.bounds.max_x=80", "world.bounds.min_z=0", "world.bounds.max_z=80",
		"world.spawn.min_x=0", "world.spawn.max_x=80", "world.spawn.min_z=0", "world.spawn.max_z=80",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), e)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server stopped with %v", err)
		}
	})
	<-s.Ready()
	return s
}

// TestBotsPlay: over real sockets, with players coming and going and wanderers about, everybody sees who is "it".
func TestBotsPlay(t *testing.T) {
	var tags atomic.Int64
	e := Extension()
	e.Record = func(in *world.Input) { tags.Add(int64(len(in.Acts))) }
	s := serve(t, e)
	run := bot.Defaults()
	Play(&run)
	run.Bots, run.Duration, run.Round, run.Churn, run.Step = 50, 2*time.Second, 500*time.Millisecond, 5, 2
	run.World.MinX, run.World.MaxX, run.World.MinZ, run.World.MaxZ = 0, 80, 0, 80
	run.TickRate, run.Verify, run.Server = 60, true, s.Addresses()[conf.NativeAddress].String()
	report, err := bot.Run(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Good() || report.Checks < 3 || tags.Load() == 0 {
		var text strings.Builder
		_ = report.WriteText(&text)
		t.Errorf("%d touches, and:\n%s", tags.Load(), &text)
	}
}

// TestMalformedTouchIsCounted: it is dropped, and after too many of them the session ends.
func TestMalformedTouchIsCounted(t *testing.T) {
	s := serve(t, Extension())
	c := dial(t, s)
	for range 6 {
		c.send(IDTouch, []byte{0xff})
	}
	if !c.ended() {
		t.Error("six malformed messages were forgiven")
	}
}

// panics is a command that fails.
type panics struct{}

func (panics) Apply(*world.Tx, world.Entity) { panic("a bug in the game") }

// TestBugsCostOneSession: a handler that panics, and a command that does, end the session that sent the message. The others
// play on.
func TestBugsCostOneSession(t *testing.T) {
	e := Extension()
	e.Handlers = func(b *player.Builder) {
		handlers(b)
		b.Handle(2000, func(*player.Session, wire.Frame) error { panic("a bug in a handler") })
		b.Handle(2001, func(s *player.Session, _ wire.Frame) error { return s.Act(panics{}) })
	}
	s := serve(t, e)
	honest := dial(t, s)
	for _, id := range []uint32{2000, 2001} {
		c := dial(t, s)
		c.send(id, nil)
		if !c.ended() {
			t.Errorf("the session that sent %d goes on", id)
		}
	}
	honest.send(2, []byte("\x0a\x02hi")) // a chat, which comes back
	if !honest.hears("hi") {
		t.Error("the others' session has ended too")
	}
}

// client is the plainest client.
type client struct {
	t    *testing.T
	conn net.Conn
}

// dial connects a client.
func dial(t *testing.T, s *server.Server) client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addresses()[conf.ClassicAddress].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return client{t, conn}
}

// send sends a message.
func (c client) send(id uint32, payload []byte) {
	if _, err := c.conn.Write(wire.AppendFrame(nil, id, payload)); err != nil {
		c.t.Error(err)
	}
}

// next returns the next message, or the error with which the connection ended.
func (c client) next() ([]byte, error) {
	head := make([]byte, wire.HeaderSize)
	if _, err := io.ReadFull(c.conn, head); err != nil {
		return nil, err
	}
	payload := make([]byte, binary.LittleEndian.Uint32(head))
	_, err := io.ReadFull(c.conn, payload)
	return payload, err
}

// ended reads on until the connection ends, and reports whether the server ended it.
func (c client) ended() bool {
	for {
		if _, err := c.next(); err != nil {
			return !isTimeout(err)
		}
	}
}

// hears reads on until a message holds a text.
func (c client) hears(text string) bool {
	for {
		payload, err := c.next()
		if err != nil || strings.Contains(string(payload), text) {
			return err == nil
		}
	}
}

// isTimeout reports whether nothing came for too long.
func isTimeout(err error) bool {
	timeout, is := err.(net.Error)
	return is && timeout.Timeout()
}
