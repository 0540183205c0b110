package world

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aoiworld/aoi"
)

// small is a world of 3×3 cells of ten units whose newcomers all appear at (5, 5), in cell 0.
func small() Config {
	return Config{
		Grid: aoi.Config{
			Bounds: aoi.Bounds{MaxX: 30, MaxZ: 30}, Columns: 3, Rows: 3, Radius: 1,
		},
		Spawn: aoi.Bounds{MinX: 5, MaxX: 5, MinZ: 5, MaxZ: 5},
	}
}

// step is Step, after which the world must be sound.
func step(w *World, in *Input) *Output {
	out := w.Step(in)
	if err := w.Check(); err != nil {
		panic(err)
	}
	return out
}

// mustNew returns the world of a config that is known to be possible.
func mustNew(t testing.TB, cfg Config) *World {
	t.Helper()
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// join, move and leave are commands in one word.
func join(p ID) Join { return Join{Player: p, Epoch: 1} }

func move(p ID, x, z float32) Move {
	return Move{Player: p, Epoch: 1, To: Position{X: x, Z: z}, Valid: true}
}
func leave(p ID) Leave            { return Leave{Player: p, Epoch: 1} }
func chat(p ID, text string) Chat { return Chat{Player: p, Epoch: 1, Reach: ToAll, Text: text} }
func at(x, z float32) Position    { return Position{X: x, Z: z} }
func joins(players ...ID) (j []Join) {
	for _, p := range players {
		j = append(j, join(p))
	}
	return j
}

func TestChanges(t *testing.T) {
	here := at(5, 5)
	for _, test := range []struct {
		name   string
		before Input // a tick that leads up to it
		in     Input
		want   []Change
	}{
		{
			name: "join", in: Input{Joins: joins(1)},
			want: []Change{{Player: 1, Before: aoi.None, After: 0, At: here}},
		},
		{
			name: "a move in the join tick is part of the join", in: Input{Joins: joins(1), Moves: []Move{move(1, 25, 25)}},
			want: []Change{{Player: 1, Before: aoi.None, After: 8, At: at(25, 25)}},
		},
		{
			name: "join and leave in one tick", in: Input{Joins: joins(1), Leaves: []Leave{leave(1)}},
		},
		{
			name: "move inside a cell", before: Input{Joins: joins(1)}, in: Input{Moves: []Move{move(1, 6, 6)}},
			want: []Change{{Player: 1, Before: 0, After: 0, At: at(6, 6)}},
		},
		{
			name: "a move to the same place is a move", before: Input{Joins: joins(1)}, in: Input{Moves: []Move{move(1, 5, 5)}},
			want: []Change{{Player: 1, Before: 0, After: 0, At: here}},
		},
		{
			name: "crossing", before: Input{Joins: joins(1)}, in: Input{Moves: []Move{move(1, 15, 5)}},
			want: []Change{{Player: 1, Before: 0, After: 1, At: at(15, 5)}},
		},
		{
			name: "there and back in one tick", before: Input{Joins: joins(1)},
			in:   Input{Moves: []Move{move(1, 15, 5), move(1, 4, 4)}},
			want: []Change{{Player: 1, Before: 0, After: 0, At: at(4, 4)}},
		},
		{
			name: "leave after a move", before: Input{Joins: joins(1)},
			in:   Input{Moves: []Move{move(1, 15, 5)}, Leaves: []Leave{leave(1)}},
			want: []Change{{Player: 1, Before: 0, After: aoi.None, At: at(15, 5)}},
		},
		{
			name: "by player id, whatever the order of arrival", before: Input{Joins: joins(3, 1, 2)},
			in: Input{Moves: []Move{move(3, 1, 1), move(2, 2, 2), move(1, 3, 3)}},
			want: []Change{
				{Player: 1, Slot: 1, At: at(3, 3)}, {Player: 2, Slot: 2, At: at(2, 2)}, {Player: 3, Slot: 0, At: at(1, 1)},
			},
		},
	} {
		w := mustNew(t, small())
		step(w, &test.before)
		if diff := cmp.Diff(test.want, step(w, &test.in).Changes); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestDepartedConfirmsEveryLeave(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1)})
	out := step(w, &Input{Joins: joins(2), Leaves: []Leave{leave(2), leave(1), leave(1), leave(9)}})
	if diff := cmp.Diff([]Leave{leave(2), leave(1)}, out.Departed); diff != "" {
		t.Errorf("departed (-want +got):\n%s", diff)
	}
	if out.Dropped != 2 || w.Players() != 0 {
		t.Errorf("%d dropped and %d players, want 2 and 0", out.Dropped, w.Players())
	}
}

func TestStaleEpochIsDropped(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: []Join{{Player: 1, Epoch: 2}}})
	out := step(w, &Input{
		Joins: joins(1), Moves: []Move{move(1, 6, 6)}, Chats: []Chat{chat(1, "hi")}, Leaves: []Leave{leave(1)},
	})
	if out.Dropped != 4 || len(out.Changes)+len(out.Chats)+len(out.Departed) != 0 {
		t.Errorf("commands of an old session had an effect: %+v", out)
	}
}

func TestSlotIsUsedAgainInALaterTick(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1)})
	out := step(w, &Input{Joins: joins(2), Leaves: []Leave{leave(1)}})
	if out.Changes[0].Slot == out.Changes[1].Slot {
		t.Error("a slot was freed and used again in one tick")
	}
	if slot := step(w, &Input{Joins: joins(3)}).Changes[0].Slot; slot != 0 {
		t.Errorf("the free slot 0 was not used again, but %d", slot)
	}
}

func TestRefusals(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, to := range map[string]Position{
		"X not a number":       {X: nan, Z: 5},
		"Z not a number":       {X: 5, Z: nan},
		"height infinite":      {X: 5, Y: inf, Z: 5},
		"heading not a number": {X: 5, Z: 5, V: nan},
		"X minus infinite":     {X: -inf, Z: 5},
		"outside":              {X: 31, Z: 5},
		"far outside":          {X: 5, Z: math.MaxFloat32},
	} {
		w := mustNew(t, small())
		step(w, &Input{Joins: joins(1)})
		out := step(w, &Input{Moves: []Move{{Player: 1, Epoch: 1, To: to, Valid: true}}})
		want := []Refusal{{Player: 1, Reason: BadPosition, At: at(5, 5)}}
		if diff := cmp.Diff(want, out.Refusals); diff != "" || len(out.Changes) != 0 {
			t.Errorf("%s: %d changes, refusals (-want +got):\n%s", name, len(out.Changes), diff)
		}
	}
}

func TestRefusedAtTheDoorIsAnsweredByTheFinalPosition(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1, 2)})
	out := step(w, &Input{Moves: []Move{
		{Player: 1, Epoch: 1, To: at(7, 7), Valid: true, Refused: BadPosition},
		{Player: 2, Epoch: 1, Refused: BadPosition},
	}})
	want := []Refusal{
		{Player: 1, Slot: 0, Reason: BadPosition, At: at(7, 7)}, {Player: 2, Slot: 1, Reason: BadPosition, At: at(5, 5)},
	}
	if diff := cmp.Diff(want, out.Refusals); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	out = step(w, &Input{Moves: []Move{{Player: 2, Epoch: 1, Refused: BadPosition}}, Leaves: []Leave{leave(2)}})
	if len(out.Refusals) != 0 {
		t.Errorf("a player that left is answered: %+v", out.Refusals)
	}
}

func TestChat(t *testing.T) {
	cfg := small()
	cfg.ChatRate = 2
	w := mustNew(t, cfg)
	step(w, &Input{Joins: joins(1, 2)})
	said := func(now time.Duration, in Input) (texts []string, refused int) {
		in.Now = now
		out := step(w, &in)
		for _, c := range out.Chats {
			texts = append(texts, c.Text)
		}
		return texts, len(out.Refusals)
	}
	texts, refused := said(0, Input{Chats: []Chat{chat(2, "b"), chat(1, "a"), chat(2, "c")}})
	if !slices.Equal(texts, []string{"b", "a"}) || refused != 1 {
		t.Errorf("at two a second, %q were said and %d refused", texts, refused)
	}
	texts, _ = said(time.Second, Input{Chats: []Chat{chat(1, "bye")}, Leaves: []Leave{leave(1)}})
	if !slices.Equal(texts, []string{"bye"}) {
		t.Errorf("who leaves was not heard: %q", texts)
	}
	texts, _ = said(time.Minute, Input{Joins: joins(3), Chats: []Chat{chat(3, "boo")}, Leaves: []Leave{leave(3)}})
	if len(texts) != 0 {
		t.Errorf("somebody invisible said %q", texts)
	}
}

// randomInputs makes a plausible history: everything that clients do, and some of what they must not.
func randomInputs(random *rand.Rand, ticks int) (history []Input) {
	next := ID(1)
	for tick := range ticks {
		in := Input{Tick: uint64(tick + 1), Now: time.Duration(tick) * 50 * time.Millisecond}
		for range random.IntN(3) {
			in.Joins = append(in.Joins, join(next))
			next++
		}
		for range random.IntN(8) {
			m := move(1+ID(random.IntN(int(next))), random.Float32()*32-1, random.Float32()*32-1)
			in.Moves = append(in.Moves, m)
		}
		for range random.IntN(2) {
			in.Chats = append(in.Chats, chat(1+ID(random.IntN(int(next))), "x"))
			in.Leaves = append(in.Leaves, leave(1+ID(random.IntN(int(next)))))
		}
		history = append(history, in)
	}
	return history
}

func TestEqualInputsGiveEqualOutputsAndHashes(t *testing.T) {
	cfg := small()
	cfg.Movement, cfg.ChatRate = Movement{Mode: MovementEnforce, MaxSpeed: 100}, 20
	a, b := mustNew(t, cfg), mustNew(t, cfg)
	for _, in := range randomInputs(rand.New(rand.NewPCG(7, 7)), 500) {
		if diff := cmp.Diff(step(a, &in), b.Step(&in)); diff != "" {
			t.Fatalf("tick %d: outputs differ:\n%s", in.Tick, diff)
		}
		if a.Hash() != b.Hash() {
			t.Fatalf("tick %d: hashes differ", in.Tick)
		}
	}
}

// TestOrderOfArrivalDoesNotMatter: commands of different players in one tick commute, but for the slots they are given.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	a, b := mustNew(t, small()), mustNew(t, small())
	for _, in := range randomInputs(random, 500) {
		in.Moves = slices.CompactFunc(in.Moves, func(m, n Move) bool { return m.Player == n.Player })
		seen := map[ID]bool{}
		in.Moves = slices.DeleteFunc(in.Moves, func(m Move) bool { again := seen[m.Player]; seen[m.Player] = true; return again })
		shuffled := in
		shuffled.Moves, shuffled.Joins = slices.Clone(in.Moves), slices.Clone(in.Joins)
		random.Shuffle(len(in.Moves), func(i, j int) {
			shuffled.Moves[i], shuffled.Moves[j] = shuffled.Moves[j], shuffled.Moves[i]
		})
		slices.Reverse(shuffled.Joins)
		got, want := withoutSlots(step(b, &shuffled).Changes), withoutSlots(a.Step(&in).Changes)
		if diff := cmp.Diff(want, got); diff != "" || a.Hash() != b.Hash() {
			t.Fatalf("tick %d: order of arrival changed the outcome:\n%s", in.Tick, diff)
		}
	}
}

// withoutSlots blanks what depends on the order of joining.
func withoutSlots(changes []Change) []Change {
	changes = slices.Clone(changes)
	for i := range changes {
		changes[i].Slot = 0
	}
	return changes
}

// TestOutputsTellTheWholeStory: who follows the changes alone knows where everybody is.
func TestOutputsTellTheWholeStory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, err := New(small())
		if err != nil {
			t.Fatal(err)
		}
		followed := map[ID]Position{}
		for _, in := range randomInputs(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), 40) {
			for _, c := range step(w, &in).Changes {
				if was, here := followed[c.Player]; here != (c.Before != aoi.None) || here && w.Grid().CellAt(was.X, was.Z) != c.Before {
					t.Fatalf("tick %d: %+v, but it was at %v (%v)", in.Tick, c, was, here)
				}
				if followed[c.Player] = c.At; c.After == aoi.None {
					delete(followed, c.Player)
				}
			}
			actual := map[ID]Position{}
			for player, slot := range w.index {
				actual[player] = w.entities[slot].at
			}
			if diff := cmp.Diff(actual, followed); diff != "" {
				t.Fatalf("tick %d (-world +followed):\n%s", in.Tick, diff)
			}
		}
	})
}
