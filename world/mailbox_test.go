package world

import (
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newBox returns a mailbox of the small world with room for two chats.
func newBox() *Mailbox { return newMailbox(Rules{bounds: small().Grid.Bounds}, 2) }

func TestMailboxIsTakenWhole(t *testing.T) {
	box := newBox()
	a := box.join(Join{Player: 1, Epoch: 7})
	a.Move(at(1, 1), 0)
	if err := a.Chat(ToAll, "hi"); err != nil {
		t.Error(err)
	}
	a.Leave()
	in, _ := box.take()
	want := &Input{
		Joins:  []Join{{Player: 1, Epoch: 7}},
		Moves:  []Move{{Player: 1, Epoch: 7, To: at(1, 1), Valid: true}},
		Chats:  []Chat{{Player: 1, Epoch: 7, Reach: ToAll, Text: "hi"}},
		Leaves: []Leave{{Player: 1, Epoch: 7}},
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	again, _ := box.take()
	if len(again.Joins)+len(again.Moves)+len(again.Chats)+len(again.Leaves) != 0 {
		t.Errorf("taken twice: %+v", again)
	}
}

func TestMovesConflate(t *testing.T) {
	invalid := Position{X: float32(math.NaN())}
	for name, test := range map[string]struct {
		sent      []Position
		want      Move
		conflated int
	}{
		"last counts":             {[]Position{at(1, 1), at(2, 2), at(3, 3)}, Move{To: at(3, 3), Valid: true}, 2},
		"last valid counts":       {[]Position{at(1, 1), invalid}, Move{To: at(1, 1), Valid: true, Refused: BadPosition}, 0},
		"valid after invalid":     {[]Position{invalid, at(2, 2)}, Move{To: at(2, 2), Valid: true, Refused: BadPosition}, 0},
		"an invalid one is heard": {[]Position{invalid}, Move{Refused: BadPosition}, 0},
	} {
		box := newBox()
		a := box.join(Join{Player: 1, Epoch: 1})
		for _, p := range test.sent {
			a.Move(p, 0)
		}
		in, conflated := box.take()
		test.want.Player, test.want.Epoch = 1, 1
		if diff := cmp.Diff([]Move{test.want}, in.Moves); diff != "" || conflated != test.conflated {
			t.Errorf("%s: %d conflated, moves (-want +got):\n%s", name, conflated, diff)
		}
	}
}

func TestMoveSlotIsForOneTick(t *testing.T) {
	box := newBox()
	a, b := box.join(Join{Player: 1, Epoch: 1}), box.join(Join{Player: 2, Epoch: 1})
	a.Move(at(1, 1), 0)
	b.Move(at(2, 2), 0)
	box.take()
	b.Move(at(4, 4), 0)
	a.Move(at(3, 3), 0)
	in, conflated := box.take()
	want := []Move{{Player: 2, Epoch: 1, To: at(4, 4), Valid: true}, {Player: 1, Epoch: 1, To: at(3, 3), Valid: true}}
	if diff := cmp.Diff(want, in.Moves); diff != "" || conflated != 0 {
		t.Errorf("%d conflated, moves (-want +got):\n%s", conflated, diff)
	}
}

func TestOnlyChatsAreRefused(t *testing.T) {
	box := newBox()
	a := box.join(Join{Player: 1, Epoch: 1})
	for i, want := range []error{nil, nil, ErrChatBusy} {
		if err := a.Chat(ToAll, "x"); !errors.Is(err, want) {
			t.Errorf("chat %d: error %v, want %v", i, err, want)
		}
	}
	for range 10_000 {
		a.Move(at(1, 1), 0)
		box.join(Join{Player: 2, Epoch: 1}).Leave()
	}
	if in, _ := box.take(); len(in.Moves) != 1 || len(in.Leaves) != 10_000 {
		t.Errorf("%d moves and %d leaves", len(in.Moves), len(in.Leaves))
	}
}

func TestNothingFollowsALeave(t *testing.T) {
	box := newBox()
	a := box.join(Join{Player: 1, Epoch: 1})
	a.Leave()
	a.Leave()
	a.Move(at(1, 1), 0)
	if err := a.Chat(ToAll, "x"); err != nil {
		t.Error(err)
	}
	if in, _ := box.take(); len(in.Moves)+len(in.Chats) != 0 || len(in.Leaves) != 1 {
		t.Errorf("taken: %+v", in)
	}
}

// TestMailboxUnderConcurrency: every session's last move arrives, however many write while the loop takes.
func TestMailboxUnderConcurrency(t *testing.T) {
	const sessions, moves = 8, 2000
	box := newBox()
	last := map[ID]float32{}
	take := func() {
		in, _ := box.take()
		for _, m := range in.Moves {
			if m.To.Y < last[m.Player] {
				t.Errorf("player %d went back from %v to %v", m.Player, last[m.Player], m.To.Y)
			}
			last[m.Player] = m.To.Y
		}
	}
	var writers sync.WaitGroup
	for id := range ID(sessions) {
		a := box.join(Join{Player: id, Epoch: 1})
		writers.Go(func() {
			for i := range moves {
				a.Move(Position{X: 1, Z: 1, Y: float32(i)}, 0)
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		take()
	}
	for id := range ID(sessions) {
		if last[id] != moves-1 {
			t.Errorf("player %d ended at %v, want %d", id, last[id], moves-1)
		}
	}
}
