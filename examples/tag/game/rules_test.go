package game

import (
	"bytes"
	"encoding/gob"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"aoiworld/aoi"
	"aoiworld/examples/tag/tagpb"
	"aoiworld/world"
)

// field is a world in which tag is played, of 5×5 cells of 20 units; everybody appears in one corner.
type field struct {
	t     testing.TB
	world *world.World
	tick  uint64
}

func newField(t testing.TB, more ...world.Game) *field {
	t.Helper()
	w, err := world.New(world.Config{
		Grid:  aoi.Config{Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}, Columns: 5, Rows: 5, Radius: 1},
		Spawn: aoi.Bounds{MinX: 10, MaxX: 10, MinZ: 10, MaxZ: 10},
		Games: append([]world.Game{Rules()}, more...),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &field{t: t, world: w}
}

// play plays a tick, half a second after the one before.
func (f *field) play(in world.Input) *world.Output {
	f.t.Helper()
	f.tick++
	in.Tick, in.Now = f.tick, time.Duration(f.tick)*500*time.Millisecond
	out := f.world.Step(&in)
	if err := f.world.Check(); err != nil {
		panic(err)
	}
	for _, failure := range out.Failures {
		f.t.Errorf("tick %d: %v", f.tick, failure)
	}
	return out
}

// joins, touch and so on are commands in a word.
func joins(ids ...world.ID) (in world.Input) {
	for _, id := range ids {
		in.Joins = append(in.Joins, world.Join{Player: id, Epoch: 1})
	}
	return in
}

func touches(by, target world.ID) world.Input {
	return world.Input{Acts: []world.Act{{Player: by, Epoch: 1, Command: Touch{target}}}}
}

func leaves(id world.ID) world.Input {
	return world.Input{Leaves: []world.Leave{{Player: id, Epoch: 1}}}
}

func moves(id world.ID, x, z float32) world.Input {
	return world.Input{Moves: []world.Move{{Player: id, Epoch: 1, To: world.Position{X: x, Z: z}, Valid: true}}}
}

// told returns what a tick told, decoded.
func told(t testing.TB, out *world.Output) (all []proto.Message) {
	t.Helper()
	for _, m := range out.Told {
		into := map[uint32]proto.Message{IDTagged: &tagpb.Tagged{}, IDMissed: &tagpb.Missed{}, IDScore: &tagpb.Score{}}[m.ID]
		if err := proto.Unmarshal(m.Payload, into); err != nil {
			t.Fatal(err)
		}
		all = append(all, into)
	}
	return all
}

func TestTouches(t *testing.T) {
	missed := func(pid int32, why tagpb.Missed_Reason) []proto.Message {
		return []proto.Message{&tagpb.Missed{PID: pid, Why: why}}
	}
	f := newField(t)
	for i, test := range []struct {
		in   world.Input
		want []proto.Message
	}{
		{joins(1, 2, 3), []proto.Message{&tagpb.Tagged{PID: 1}}}, // the first is it
		{moves(3, 10, 19), nil},
		{touches(2, 1), missed(1, tagpb.Missed_NOT_IT)},
		{touches(1, 9), missed(9, tagpb.Missed_GONE)},
		{touches(1, 1), missed(1, tagpb.Missed_GONE)},
		{touches(1, 3), missed(3, tagpb.Missed_TOO_FAR)},
		{touches(1, 2), []proto.Message{
			&tagpb.Score{Tagged: 1}, &tagpb.Score{WasTagged: 1}, &tagpb.Tagged{By: 1, PID: 2},
		}},
		{touches(2, 1), missed(1, tagpb.Missed_TOO_SOON)},
		{touches(2, 1), []proto.Message{
			&tagpb.Score{Tagged: 1, WasTagged: 1}, &tagpb.Score{Tagged: 1, WasTagged: 1}, &tagpb.Tagged{By: 2, PID: 1},
		}},
		{leaves(3), nil},
		{leaves(1), []proto.Message{&tagpb.Tagged{PID: 2}}}, // the heir
		{leaves(2), nil},
		{joins(4), []proto.Message{&tagpb.Tagged{PID: 4}}},
	} {
		if diff := cmp.Diff(test.want, told(t, f.play(test.in)), protocmp.Transform()); diff != "" {
			t.Errorf("step %d: told (-want +got):\n%s", i, diff)
		}
	}
}

// TestLooks: everybody is shown who is "it".
func TestLooks(t *testing.T) {
	f := newField(t)
	f.play(joins(1, 2))
	out := f.play(touches(1, 2))
	if len(out.Marks) != 2 || len(out.Marks[0].Attributes) != 0 || !bytes.Equal(out.Marks[1].Attributes, encode(&tagpb.Look{It: true})) {
		t.Errorf("marks %+v", out.Marks)
	}
}

// company is who plays, and who will.
type company struct {
	random  *rand.Rand
	playing []world.ID
	next    world.ID
}

// play returns a tick of everything that players do.
func (c *company) play() (in world.Input) {
	if len(c.playing) < 8 && c.random.IntN(2) == 0 {
		c.next++
		in.Joins = joins(c.next).Joins
		c.playing = append(c.playing, c.next)
	}
	if len(c.playing) == 0 {
		return in
	}
	someone := func() world.ID { return c.playing[c.random.IntN(len(c.playing))] }
	for range 8 {
		in.Moves = append(in.Moves, moves(someone(), c.random.Float32()*20, c.random.Float32()*20).Moves...)
		in.Acts = append(in.Acts, touches(someone(), someone()).Acts...)
	}
	if c.random.IntN(4) == 0 {
		leaver := someone()
		in.Leaves = leaves(leaver).Leaves
		c.playing = slices.DeleteFunc(c.playing, func(id world.ID) bool { return id == leaver })
	}
	return in
}

// TestSomebodyIsAlwaysIt: one player and one alone, whatever they do, as long as anybody plays; and what was recorded plays
// again the same.
func TestSomebodyIsAlwaysIt(t *testing.T) {
	gob.Register(Touch{})
	all := company{random: rand.New(rand.NewPCG(1, 2))}
	its := 0
	count := world.Game{Tick: func(tx *world.Tx) {
		its = 0
		for _, e := range tx.Entities() {
			if bytes.Equal(e.Attributes, encode(&tagpb.Look{It: true})) {
				its++
			}
		}
	}}
	f, again := newField(t, count), newField(t, count)
	tags := 0
	for range 2000 {
		in := all.play()
		var tape bytes.Buffer
		if err := gob.NewEncoder(&tape).Encode(in); err != nil {
			t.Fatal(err)
		}
		players := f.world.Players() + len(in.Joins)
		for _, m := range told(t, f.play(in)) {
			if tagged, is := m.(*tagpb.Tagged); is && tagged.By != 0 {
				tags++
			}
		}
		if want := min(1, players); its != want {
			t.Fatalf("tick %d: %d of %d players are it", f.tick, its, players)
		}
		var recorded world.Input
		if err := gob.NewDecoder(&tape).Decode(&recorded); err != nil {
			t.Fatal(err)
		}
		if again.play(recorded); again.world.Hash() != f.world.Hash() {
			t.Fatalf("tick %d differs when it is played again", f.tick)
		}
	}
	if tags < 100 {
		t.Errorf("only %d tags in 2000 ticks: the test is too easy", tags)
	}
}
