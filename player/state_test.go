package player

import (
	"log/slog"
	"strings"
	"testing"

	"aoiworld/net/wire"
)

// newIdleSession returns a session that nobody runs.
func newIdleSession(log *syncBuffer) (*Session, *fakeConn) {
	conn := newFakeConn(wire.WebSocket)
	handlers, err := NewBuilder().Build()
	if err != nil {
		panic(err)
	}
	return newSession(&Config{
		Limits: DefaultLimits(), Handlers: handlers, Stats: &Stats{}, Log: slog.New(slog.NewTextHandler(log, nil)),
	}, conn, Classic), conn
}

// TestTransitions tries every step from every state against the table written a second time, as text.
func TestTransitions(t *testing.T) {
	const allowed = `
connecting active
connecting leaving
active lagging
active leaving
lagging active
lagging leaving
`
	paths := [States][]State{
		Connecting: {}, Active: {Active}, Lagging: {Active, Lagging}, Leaving: {Leaving},
	}
	for from := range States {
		for to := range States {
			var log syncBuffer
			s, _ := newIdleSession(&log)
			for _, step := range paths[from] {
				if step == Leaving {
					s.Close(Goodbye)
				} else if !s.advance(step) {
					t.Fatalf("no way to %v", step)
				}
			}
			if s.State() != from {
				t.Fatalf("session is %v, want %v", s.State(), from)
			}
			ok := s.advance(to)
			legal := strings.Contains(allowed, "\n"+from.String()+" "+to.String()+"\n")
			switch {
			case ok != (legal || from == to):
				t.Errorf("%v to %v: %v", from, to, ok)
			case ok && s.State() != to:
				t.Errorf("%v to %v: the session is %v", from, to, s.State())
			case !ok && s.State() != Leaving:
				t.Errorf("the illegal step from %v to %v left the session %v", from, to, s.State())
			case !ok && from != Leaving && (s.CloseReason() != Internal || !strings.Contains(log.String(), "illegal")):
				t.Errorf("the illegal step from %v to %v is closed as %v, log %q", from, to, s.CloseReason(), &log)
			case from == Leaving && (s.CloseReason() != Goodbye || log.String() != ""):
				t.Errorf("a late step: reason %v, log %q", s.CloseReason(), &log)
			}
			counted := s.cfg.Stats.Snapshot()
			if counted.Live() != 1 || counted.InState(s.State()) != 1 {
				t.Errorf("%v to %v: counted as %v", from, to, counted.Sessions)
			}
		}
	}
}

func TestStateLabels(t *testing.T) {
	for state, want := range map[State]string{
		Connecting: "connecting", Active: "active", Lagging: "lagging", Leaving: "leaving", States: "?", 200: "?",
	} {
		if got := state.String(); got != want {
			t.Errorf("state %d is %q, want %q", state, got, want)
		}
	}
}
