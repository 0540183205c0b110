package world

import (
	"testing"
	"time"
)

// taken is a world in which player 1 was just taken from 5, 5 to 25, 25, with nothing left of its speed budget before.
func taken(t *testing.T, mode Mode) (w *World, move func(now time.Duration, to Position) Reason) {
	t.Helper()
	cfg := small()
	cfg.Movement = Movement{Mode: mode, MaxSpeed: 10}
	w = mustNew(t, cfg)
	step(w, &Input{Tick: 1, Joins: []Join{{Player: 1, Epoch: 1}}})
	move = func(now time.Duration, to Position) Reason {
		in := &Input{Now: now, Moves: []Move{{Player: 1, Epoch: 1, To: to, Valid: true, Sequence: 7}}}
		if refusals := step(w, in).Refusals; len(refusals) > 0 {
			return refusals[0].Reason
		}
		return Accepted
	}
	if got := move(0, at(8.9, 5)); got != Accepted {
		t.Fatalf("the first move: %v", got)
	}
	out := step(w, &Input{Orders: []Order{Teleport{Player: 1, To: at(25, 25)}}})
	if r := out.Refusals; len(r) != 1 || r[0].Reason != Teleported || r[0].At != at(25, 25) || out.Ordered[0] != nil {
		t.Fatalf("told %+v, %v", r, out.Ordered)
	}
	if c := out.Changes; len(c) != 1 || c[0].At != at(25, 25) || c[0].After != w.Grid().CellAt(25, 25) {
		t.Fatalf("changed %+v", c)
	}
	return w, move
}

// TestTeleport: who was taken elsewhere can move from there at once, and what was sent from where it was does not take it back;
// neither counts as too fast. Once the client has moved from where it is now, or after a second, all moves count.
func TestTeleport(t *testing.T) {
	const ms = time.Millisecond
	for _, mode := range []Mode{MovementOff, MovementEnforce} {
		_, move := taken(t, mode)
		for _, c := range []struct {
			now  time.Duration
			to   Position
			want Reason
		}{
			{10 * ms, at(9, 5), Teleported},
			{900 * ms, at(12, 12), Teleported},
			{901 * ms, at(22, 24), Accepted},
		} {
			if got := move(c.now, c.to); got != c.want {
				t.Errorf("%s: to %v after %v: %v, want %v", mode, c.to, c.now, got, c.want)
			}
		}
		want := map[Mode]Reason{MovementOff: Accepted, MovementEnforce: TooFast}[mode]
		if got := move(902*ms, at(5, 5)); got != want {
			t.Errorf("%s: back to where it was: %v, want %v", mode, got, want)
		}
		_, move = taken(t, mode)
		if got := move(0, at(22, 25)); got != Accepted {
			t.Errorf("%s: on from there at once: %v", mode, got)
		}
		_, move = taken(t, mode)
		if got := move(1000*ms, at(5, 5)); got != want {
			t.Errorf("%s: back after a second: %v, want %v", mode, got, want)
		}
	}
}

// TestTeleportIsPartOfTheState: a world that is restored meanwhile knows of it.
func TestTeleportIsPartOfTheState(t *testing.T) {
	w, _ := taken(t, MovementOff)
	restored, err := Restore(w.cfg, w.AppendState(nil))
	if err != nil {
		t.Fatal(err)
	}
	in := &Input{Now: time.Second / 2, Moves: []Move{{Player: 1, Epoch: 1, To: at(5, 5), Valid: true}}}
	if r := step(restored, in).Refusals; len(r) != 1 || r[0].Reason != Teleported {
		t.Errorf("refused %+v", r)
	}
}
