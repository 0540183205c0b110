package world

import (
	"bytes"
	"encoding/gob"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aoiworld/aoi"
)

// do is a command that tests write on the spot.
type do func(tx *Tx, by Entity)

func (d do) Apply(tx *Tx, by Entity) { d(tx, by) }

// by is a player's command in an input.
func by(p ID, d do) Input { return Input{Acts: []Act{{Player: p, Epoch: 1, Command: d}}} }

// someIDs is what a world in a test spawns from.
var someIDs = IDRange{First: 1000, Count: 100}

func TestCommandsReachTheWorld(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1, 2), IDs: someIDs})
	in := by(1, func(tx *Tx, by Entity) {
		if err := tx.SetAttributes(by.ID, []byte("it")); err != nil {
			t.Error(err)
		}
		if err := tx.SetState(by.ID, []byte("secret")); err != nil {
			t.Error(err)
		}
		if id, err := tx.Spawn(20, at(25, 25)); err != nil || id != 1000 {
			t.Errorf("spawned %d, %v", id, err)
		}
		if err := tx.Move(2, at(15, 5)); err != nil {
			t.Error(err)
		}
	})
	in.Tick = 2
	out := step(w, &in)
	wantChanges := []Change{
		{Player: 2, Slot: 1, Before: 0, After: 1, At: at(15, 5)},
		{Player: 1000, Slot: 2, Before: aoi.None, After: 8, At: at(25, 25)},
	}
	wantMarks := []Mark{{Player: 1, Slot: 0, Attributes: []byte("it")}, {Player: 1000, Slot: 2, Kind: 20}}
	if diff := cmp.Diff(wantChanges, out.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantMarks, out.Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if out.Acted != 1 || out.Moved != 0 || w.Players() != 2 || w.Entities() != 3 {
		t.Errorf("%d acts, %d moves, %d players, %d entities", out.Acted, out.Moved, w.Players(), w.Entities())
	}
	step(w, new(by(1, func(tx *Tx, by Entity) {
		if diff := cmp.Diff(Entity{ID: 1, At: at(5, 5), Attributes: []byte("it"), State: []byte("secret")}, by); diff != "" {
			t.Errorf("the player as a command sees it (-want +got):\n%s", diff)
		}
	})))
}

func TestMarks(t *testing.T) {
	set := func(text string) do {
		return func(tx *Tx, by Entity) { _ = tx.SetAttributes(by.ID, []byte(text)) }
	}
	leaving := by(1, set("c"))
	leaving.Leaves = []Leave{leave(1)}
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1)})
	for i, test := range []struct {
		in   Input
		want []Mark
	}{
		{by(1, set("a")), []Mark{{Player: 1, Attributes: []byte("a")}}},
		{by(1, set("a")), nil}, // no news
		{by(1, func(tx *Tx, by Entity) { set("x")(tx, by); set("b")(tx, by) }), []Mark{{Player: 1, Attributes: []byte("b")}}},
		{by(1, func(tx *Tx, by Entity) { _ = tx.SetState(by.ID, []byte("nobody is shown this")) }), nil},
		{by(1, set("")), []Mark{{Player: 1, Attributes: []byte{}}}},
		{leaving, nil},
	} {
		if diff := cmp.Diff(test.want, step(w, &test.in).Marks, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("step %d: marks (-want +got):\n%s", i, diff)
		}
	}
	step(w, &Input{Joins: joins(2)})
	step(w, new(by(2, func(_ *Tx, by Entity) {
		if by.Attributes != nil || by.State != nil {
			t.Errorf("who got the slot of another has its %q and %q", by.Attributes, by.State)
		}
	})))
}

func TestWhatAGameMayNot(t *testing.T) {
	long, nan := make([]byte, MaxShared+1), float32(math.NaN())
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1)})
	before := w.Hash()
	step(w, new(by(1, func(tx *Tx, _ Entity) {
		_, nowhere := tx.Spawn(20, at(31, 5))
		_, noIDs := tx.Spawn(20, at(5, 5))
		for name, test := range map[string]struct{ got, want error }{
			"spawn outside":        {nowhere, ErrPosition},
			"spawn without ids":    {noIDs, ErrNoIDs},
			"remove a player":      {tx.Remove(1), ErrIsPlayer},
			"remove nobody":        {tx.Remove(9), ErrNobody},
			"move outside":         {tx.Move(1, at(-1, 5)), ErrPosition},
			"move to no number":    {tx.Move(1, at(nan, 5)), ErrPosition},
			"move nobody":          {tx.Move(9, at(5, 5)), ErrNobody},
			"long attributes":      {tx.SetAttributes(1, long[:MaxAttributes+1]), ErrTooLong},
			"attributes of nobody": {tx.SetAttributes(9, nil), ErrNobody},
			"long state":           {tx.SetState(1, long[:MaxState+1]), ErrTooLong},
			"state of nobody":      {tx.SetState(9, nil), ErrNobody},
			"long shared state":    {tx.SetShared("tag", long), ErrTooLong},
			"long key":             {tx.SetShared(string(long[:MaxKey+1]), nil), ErrTooLong},
			"tell nobody":          {tx.Tell(9, Message{}), ErrNobody},
			"long message":         {tx.Tell(1, Message{Payload: long[:MaxMessage+1]}), ErrTooLong},
			"long announcement":    {tx.Announce(1, Message{Payload: long[:MaxMessage+1]}), ErrTooLong},
			"long broadcast":       {tx.Broadcast(Message{Payload: long[:MaxMessage+1]}), ErrTooLong},
		} {
			if !errors.Is(test.got, test.want) {
				t.Errorf("%s: error %v, want %v", name, test.got, test.want)
			}
		}
		if near := tx.Near(9); near != nil {
			t.Errorf("nobody is near %v", near)
		}
	})))
	if w.Hash() != before {
		t.Error("what is refused has changed the world")
	}
}

func TestNearAndEntities(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(3, 1, 2), Moves: []Move{move(2, 25, 5)}, IDs: someIDs})
	step(w, new(by(1, func(tx *Tx, _ Entity) {
		_, _ = tx.Spawn(WandererKind, at(15, 15))
		ids := func(all []Entity) (ids []ID) {
			for _, e := range all {
				ids = append(ids, e.ID)
			}
			return ids
		}
		if diff := cmp.Diff([]ID{3, 1000}, ids(tx.Near(1))); diff != "" {
			t.Errorf("near (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]ID{1, 2, 3, 1000}, ids(tx.Entities())); diff != "" {
			t.Errorf("entities (-want +got):\n%s", diff)
		}
	})))
}

func TestTold(t *testing.T) {
	m := func(id uint32) Message { return Message{ID: id, Payload: []byte("p")} }
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1, 2), Moves: []Move{move(2, 25, 25)}})
	out := step(w, new(by(1, func(tx *Tx, by Entity) {
		_ = tx.Broadcast(m(1000))
		_ = tx.Announce(2, m(1001))
		_ = tx.Tell(by.ID, m(1002))
	})))
	want := []Told{
		{Reach: ToAll, Cell: aoi.None, Message: m(1000)},
		{Reach: ToNear, Player: 2, Slot: 1, Cell: 8, Message: m(1001)},
		{Reach: ToOne, Player: 1, Slot: 0, Cell: 0, Message: m(1002)},
	}
	if diff := cmp.Diff(want, out.Told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestOrderOfATick: joins, moves, commands, the game's own tick, departures.
func TestOrderOfATick(t *testing.T) {
	var events []string
	cfg := small()
	cfg.Games = []Game{{
		Joined: func(_ *Tx, who Entity) { events = append(events, "joined at 5", string('0'+rune(who.ID))) },
		Tick:   func(*Tx) { events = append(events, "tick") },
		Left:   func(_ *Tx, who Entity) { events = append(events, "left", string('0'+rune(who.ID))) },
	}, {}}
	w := mustNew(t, cfg)
	in := by(1, func(_ *Tx, by Entity) {
		if by.At != at(9, 9) {
			t.Errorf("a command before its player's move, at %v", by.At)
		}
		events = append(events, "act")
	})
	in.Joins, in.Moves, in.Leaves = joins(1), []Move{move(1, 9, 9)}, []Leave{leave(1)}
	step(w, &in)
	if got, want := strings.Join(events, " "), "joined at 5 1 act tick left 1"; got != want {
		t.Errorf("in the order %q, want %q", got, want)
	}
}

// TestPanicsAreFailures: each costs what it was about, and nothing else.
func TestPanicsAreFailures(t *testing.T) {
	var kept *Tx
	cfg := small()
	cfg.Games = []Game{{
		Joined: func(*Tx, Entity) { panic("joined") },
		Left:   func(*Tx, Entity) { panic("left") },
		Tick:   func(*Tx) { panic("tick") },
	}}
	w := mustNew(t, cfg)
	in := by(1, func(tx *Tx, by Entity) {
		kept = tx
		_ = tx.Move(by.ID, at(7, 7))
		panic("act")
	})
	in.Joins, in.Leaves = joins(1, 2), []Leave{leave(2)}
	out := step(w, &in)
	var got []string
	for _, f := range out.Failures {
		got = append(got, f.Error())
		if !strings.Contains(f.Stack, "game_test.go") {
			t.Errorf("%v: the stack does not say where", f)
		}
	}
	want := []string{
		"the world failed on behalf of player 1: joined", "the world failed on behalf of player 2: joined",
		"the world failed on behalf of player 1: act", "the game's tick failed: tick",
		"the world failed on behalf of player 2: left",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if w.Players() != 1 || w.entities[0].at != at(7, 7) {
		t.Error("the world did not go on")
	}
	defer func() {
		if recover() == nil {
			t.Error("a Tx works beyond its call")
		}
	}()
	kept.Now()
}

func TestSpawnedComeAndGo(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1), IDs: IDRange{First: 50, Count: 2}})
	spawn := by(1, func(tx *Tx, _ Entity) {
		for _, want := range []error{nil, nil, ErrNoIDs} {
			if _, err := tx.Spawn(20, at(5, 5)); !errors.Is(err, want) {
				t.Errorf("error %v, want %v", err, want)
			}
		}
		if err := tx.Remove(50); err != nil {
			t.Error(err)
		}
	})
	if out := step(w, &spawn); len(out.Changes) != 1 || out.Changes[0].Player != 51 || len(out.Marks) != 1 {
		t.Errorf("what came and went in one tick is seen: %+v", out.Changes)
	}
	out := step(w, new(by(1, func(tx *Tx, _ Entity) { _ = tx.Remove(51) })))
	if len(out.Changes) != 1 || !out.Changes[0].Left() || len(out.Departed) != 0 {
		t.Errorf("removed: %+v, departed %v", out.Changes, out.Departed)
	}
}

// dice is a game of chance that uses everything a game can, as a command that can be written down.
type dice struct{ Throw uint32 }

func (d dice) Apply(tx *Tx, by Entity) {
	text := []byte{byte(d.Throw), byte(len(by.State))}
	switch place := at(float32(d.Throw%30), float32(d.Throw/30%30)); d.Throw % 9 {
	case 0:
		_ = tx.SetAttributes(by.ID, text)
	case 1:
		_ = tx.SetState(by.ID, append(append([]byte(nil), by.State...), text...))
	case 2:
		_, _ = tx.Spawn(FirstGameKind, place)
	case 3:
		_ = tx.SetShared(string(text[:1]), append(append([]byte(nil), tx.Shared(string(text[:1]))...), text...))
	case 4:
		for _, e := range tx.Near(by.ID) {
			_ = tx.Move(e.ID, place)
		}
	case 5:
		if ids := tx.IDs(FirstGameKind); len(ids) > 0 {
			_ = tx.Remove(ids[int(d.Throw>>3)%len(ids)])
		}
	case 6:
		_ = tx.Announce(by.ID, Message{ID: 1000, Payload: text})
	case 7:
		_ = tx.SetLayer(by.ID, Layer(d.Throw/9%2))
	case 8:
		panic("a seven")
	}
}

// gamble adds commands to inputs at random.
func gamble(random *rand.Rand, inputs []Input) []Input {
	for i := range inputs {
		inputs[i].IDs = IDRange{First: ID(1000 + 10*i), Count: 10}
		for j := range inputs[i].Joins {
			inputs[i].Joins[j].Sees = Layer(random.IntN(2))
		}
		for range random.IntN(4) {
			act := Act{Player: ID(1 + random.IntN(6)), Epoch: 1, Command: dice{random.Uint32()}}
			inputs[i].Acts = append(inputs[i].Acts, act)
		}
	}
	return inputs
}

// TestRecordedInputsReplay: what Loop.Record was shown, written down and read again, gives the same world.
func TestRecordedInputsReplay(t *testing.T) {
	gob.Register(dice{})
	random := rand.New(rand.NewPCG(3, 3))
	w, again := mustNew(t, small()), mustNew(t, small())
	var tape bytes.Buffer
	recorder, player := gob.NewEncoder(&tape), gob.NewDecoder(&tape)
	for i, in := range gamble(random, randomInputs(random, 100)) {
		if err := recorder.Encode(in); err != nil {
			t.Fatal(err)
		}
		var read Input
		if err := player.Decode(&read); err != nil {
			t.Fatal(err)
		}
		ignored := cmpopts.IgnoreFields(Failure{}, "Stack")
		diff := cmp.Diff(step(w, &in), again.Step(&read), ignored, cmpopts.EquateEmpty())
		if diff != "" || w.Hash() != again.Hash() {
			t.Fatalf("tick %d differs when it is replayed:\n%s", i, diff)
		}
	}
	if len(w.shared) == 0 || w.Entities() == w.Players() {
		t.Error("the dice have done too little")
	}
}

func TestLoopGivesIDsAndRecords(t *testing.T) {
	var inputs []Input
	asked := 0
	cfg := LoopConfig{
		World: small(), Pace: PaceConfig{TickRate: 20},
		NextIDs: func(n int32) (IDRange, error) {
			if asked++; asked > 2 {
				return IDRange{}, ErrNoIDs
			}
			return IDRange{First: ID(asked * 10_000), Count: n}, nil
		},
		Record: func(in *Input) { inputs = append(inputs, *in) },
	}
	cfg.World.Games = []Game{{Tick: func(tx *Tx) {
		for range 2000 {
			_, _ = tx.Spawn(20, at(5, 5))
		}
	}}}
	l, log := newQuietLoop(t, cfg)
	for second := range 5 {
		tick(t, l, time.Unix(int64(second), 0))
	}
	var got []IDRange
	for _, in := range inputs {
		got = append(got, in.IDs)
	}
	want := []IDRange{{10_000, idShare}, {}, {20_000, idShare}, {}, {}}
	if diff := cmp.Diff(want, got); diff != "" || l.world.Entities() != 2*idShare-96 {
		t.Errorf("%d entities from (-want +got):\n%s", l.world.Entities(), diff)
	}
	if log.Len() != 0 {
		t.Errorf("logged: %s", log)
	}
}

// TestFailingTickIsLoggedOnce: a game that fails in each tick must not fill the log.
func TestFailingTickIsLoggedOnce(t *testing.T) {
	ticks := 0
	cfg := LoopConfig{World: small(), Pace: PaceConfig{TickRate: 20}}
	cfg.World.Games = []Game{{Tick: func(*Tx) {
		if ticks++; ticks != 4 {
			panic("boom")
		}
	}}}
	l, log := newQuietLoop(t, cfg)
	for second := range 7 {
		tick(t, l, time.Unix(int64(second), 0))
	}
	if n := strings.Count(log.String(), "boom"); n < 2 || strings.Count(log.String(), "level=ERROR") != 2 {
		t.Errorf("two streaks of failures are logged as:\n%s", log)
	}
}
