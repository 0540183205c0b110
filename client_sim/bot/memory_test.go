package bot

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/net/classic"
)

// virtually plays a test in virtual time against a reference server in memory: whatever else the machine does, a run takes as long as
// it should, and what is late or lost is so by the server's doing alone.
func virtually(t *testing.T, world World, test func(t *testing.T, s *reference)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newReference(t, world)) })
}

// play plays a run in memory that must be possible.
func (s *reference) play(t *testing.T, cfg Config) Report {
	t.Helper()
	cfg.Server = "memory:1"
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	f := newFleet(cfg, dialers{Classic: s})
	f.beats = func(ctx context.Context, each func()) {
		for each(); pause(ctx, beat) == nil; {
			each()
		}
	}
	report, err := play(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tampered plays a run against a server that tells its viewers something else.
func tampered(t *testing.T, tamper func(int, int32, classic.Event) []classic.Event) (report Report) {
	world := World{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400, Columns: 4, Rows: 4, Radius: 1}
	virtually(t, world, func(t *testing.T, s *reference) {
		s.post(func() { s.tamper = tamper })
		cfg := small(s)
		cfg.Settle, cfg.Duration = 300*time.Millisecond, cfg.Round
		report = s.play(t, cfg)
	})
	return report
}

// Dial implements link.Dialer: it connects a bot in memory.
func (s *reference) Dial(_ context.Context, r link.Receiver, _ float64) (link.Link, error) {
	l := &memoryLink{server: s, receiver: r}
	l.player = &player{write: l.tell, close: func() {}}
	s.post(func() { s.join(l.player) })
	return l, nil
}

// Close implements link.Dialer. A reference server ends with its test.
func (*reference) Close() {}

// memoryLink is a bot's connection to a reference server in memory. Its receiver is called by the ticking goroutine alone.
type memoryLink struct {
	server   *reference
	receiver link.Receiver
	player   *player
}

// tell hands the bot what it is told.
func (l *memoryLink) tell(b []byte) {
	if err := l.receiver.Receive(b, len(b)); err != nil {
		l.end(err)
	}
}

// end ends the connection.
func (l *memoryLink) end(reason error) {
	if !l.player.left {
		l.player.left = true
		l.receiver.Ended(reason)
	}
}

// Send implements link.Link.
func (l *memoryLink) Send(frame []byte) error {
	l.server.take(l.player, frame)
	return nil
}

// Close implements link.Link.
func (l *memoryLink) Close() { l.server.post(func() { l.end(net.ErrClosed) }) }

// Cut implements link.Link.
func (l *memoryLink) Cut() { l.Close() }
