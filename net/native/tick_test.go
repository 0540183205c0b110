package native

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// payload cuts the one frame that b must be and returns its payload.
func payload(t testing.TB, b []byte, id uint32) []byte {
	t.Helper()
	f, rest, err := wire.Cut(b, 1<<30)
	if err != nil || len(rest) != 0 || f.ID != id {
		t.Fatalf("frame %d of %d bytes, %d are left: %v", f.ID, len(f.Payload), len(rest), err)
	}
	return f.Payload
}

// drawPlace draws any place.
func drawPlace(t *rapid.T) Place {
	near := rapid.Int32Range(0, 400)
	far := rapid.Int32Range(0, MaxSteps)
	either := rapid.OneOf(near, far)
	y := either.Draw(t, "y")
	if rapid.Bool().Draw(t, "below") {
		y = -y
	}
	return Place{X: either.Draw(t, "x"), Y: y, Z: either.Draw(t, "z"), V: rapid.Int32Range(0, 359).Draw(t, "v")}
}

// drawTick draws what a tick's chunks hold.
func drawTick(t *rapid.T) (keys []Key, members [][]Member, deltas []Delta, traits []Traits) {
	slots := rapid.Int32Range(0, 40)
	drawMembers := func() (all []Member) {
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			id := rapid.Int32Range(1, math.MaxInt32).Draw(t, "id")
			all = append(all, Member{Slot: slots.Draw(t, "slot"), ID: id, At: drawPlace(t)})
		}
		return all
	}
	for range rapid.IntRange(0, 3).Draw(t, "traits") {
		traits = append(traits, Traits{
			Slot: slots.Draw(t, "slot"), Kind: rapid.Uint8().Draw(t, "kind"), Name: rapid.String().Draw(t, "name"),
			Attributes: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "attributes"),
		})
	}
	for i := range int32(rapid.IntRange(0, 3).Draw(t, "keys")) {
		keys = append(keys, Key{Stream: i * 100, Epoch: rapid.Uint32().Draw(t, "epoch"), First: i, End: i * 9})
		members = append(members, drawMembers())
	}
	for i := range int32(rapid.IntRange(0, 3).Draw(t, "deltas")) {
		d := Delta{Stream: i, Epoch: rapid.Uint32().Draw(t, "epoch"), Entered: drawMembers()}
		for range rapid.IntRange(0, 2).Draw(t, "left") {
			d.Left = append(d.Left, slots.Draw(t, "left"))
		}
		slot := int32(-1)
		for range rapid.IntRange(0, 30).Draw(t, "moved") {
			slot += rapid.Int32Range(1, 20).Draw(t, "gap")
			d.Moved = append(d.Moved, Motion{Slot: slot, From: drawPlace(t), To: drawPlace(t)})
		}
		deltas = append(deltas, d)
	}
	return keys, members, deltas, traits
}

// TestTickAgainstTheGeneratedCodec: what is written by hand is what the generated code reads, and writes again; and what it
// is read back as is what was written, in both forms.
func TestTickAgainstTheGeneratedCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys, members, deltas, traits := drawTick(t)
		b := BeginTick(nil, 7)
		if len(keys) > 1 {
			b = AppendShift(AppendForget(b), int32(9), []int32{1, 300})
		}
		for i := range keys {
			b = AppendKey(b, keys[i], members[i], traits)
		}
		for i := range deltas {
			b = AppendDelta(b, &deltas[i])
			b = AppendBits(b, deltas[i].Stream, deltas[i].Epoch, deltas[i].Moved)
		}
		b = EndFrame(b, 0)
		f, _, err := wire.Cut(b, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		var generated nativepb.Tick
		if err := proto.Unmarshal(f.Payload, &generated); err != nil {
			t.Fatal(err)
		}
		var got Tick
		if err := got.Parse(f.Payload); err != nil {
			t.Fatal(err)
		}
		if got.Number != 7 || got.Number != generated.GetNumber() || got.Forget != generated.GetForgetAll() || len(got.Keys) != len(keys) {
			t.Fatalf("%+v is not %+v", got, &generated)
		}
		for i := range keys {
			compareKey(t, &got.Keys[i], generated.Keys[i], keys[i], members[i], traits)
		}
		compareDeltas(t, &got, deltas)
	})
}

// compareKey holds a key chunk that was read against what was written.
func compareKey(t *rapid.T, got *KeyPart, generated *nativepb.Key, key Key, members []Member, traits []Traits) {
	back := Key{Stream: int32(got.Stream), Epoch: got.Epoch, First: int32(got.First), End: int32(got.End)}
	if diff := cmp.Diff(key, back); diff != "" || len(generated.Members) != 6*len(members) {
		t.Fatalf("%d numbers, key (-want +got):\n%s", len(generated.Members), diff)
	}
	if diff := cmp.Diff(members, readMembers(t, got.Members())); diff != "" {
		t.Fatalf("members (-want +got):\n%s", diff)
	}
	var read []Traits
	err := got.Traits(func(tr Traits) error {
		if len(tr.Attributes) == 0 {
			tr.Attributes = []byte{}
		}
		read = append(read, tr)
		return nil
	})
	if diff := cmp.Diff(traits, read); diff != "" || err != nil {
		t.Fatalf("%v, traits (-want +got):\n%s", err, diff)
	}
	for i, want := range traits {
		g := generated.Traits[i]
		if g.Name != want.Name || g.Kind != uint32(want.Kind) || !bytes.Equal(g.Attributes, want.Attributes) {
			t.Fatalf("traits %+v read as %v", want, g)
		}
	}
}

// compareDeltas holds the delta chunks and the bits that were read against what was written.
func compareDeltas(t *rapid.T, got *Tick, deltas []Delta) {
	chunk, bits := 0, 0
	for _, want := range deltas {
		if len(want.Left)+len(want.Entered)+len(want.Moved) == 0 {
			continue
		}
		d := got.Deltas[chunk]
		chunk++
		if int32(d.Stream) != want.Stream || d.Epoch != want.Epoch {
			t.Fatalf("delta of %d in %d", d.Stream, d.Epoch)
		}
		left := d.Left()
		for _, slot := range want.Left {
			if v, ok, err := left.Next(); int32(v) != slot || !ok || err != nil {
				t.Fatalf("left %d, want %d: %v", v, slot, err)
			}
		}
		if diff := cmp.Diff(want.Entered, readMembers(t, d.Entered())); diff != "" {
			t.Fatalf("entered (-want +got):\n%s", diff)
		}
		comparePlaces(t, want.Moved, d.Moved())
		if len(want.Moved) > 0 {
			stream, epoch, moved, err := ReadBits(got.Bits[bits])
			bits++
			if int32(stream) != want.Stream || epoch != want.Epoch || err != nil {
				t.Fatalf("bits of %d: %v", stream, err)
			}
			comparePlaces(t, want.Moved, moved)
		}
	}
	if chunk != len(got.Deltas) || bits != len(got.Bits) {
		t.Fatalf("%d deltas and %d bits, read %d and %d", len(got.Deltas), len(got.Bits), chunk, bits)
	}
}

// readMembers reads a whole column.
func readMembers(t *rapid.T, c Members) (all []Member) {
	for {
		m, ok, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, m)
	}
}

// comparePlaces applies a column of moves to where they began.
func comparePlaces(t *rapid.T, want []Motion, got Steps) {
	for _, m := range want {
		s, ok, err := got.Next()
		if err != nil || !ok || s.Slot != m.Slot || m.From.Moved(s) != m.To {
			t.Fatalf("%+v read as %+v, %v: %v", m, s, ok, err)
		}
	}
	if s, ok, err := got.Next(); ok || err != nil {
		t.Fatalf("then %+v: %v", s, err)
	}
}

// TestMalformed: what is no message says so.
func TestMalformed(t *testing.T) {
	for name, b := range map[string][]byte{
		"cut varint": {0x08, 0x80}, "cut bytes": {0x22, 5, 1}, "group": {0x0b, 0x08}, "key in pieces": {0x22, 2, 0x08, 0x80},
		"shift in pieces": {0x1a, 1, 0x08}, "delta in pieces": {0x2a, 2, 0x32, 9}, "field 0": {0x00},
	} {
		if err := new(Tick).Parse(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]Members{
		"cut": {rest: []byte{0, 2, 0}}, "negative slot": {rest: []byte{1, 2, 0, 0, 0, 0}}, "no id": {rest: make([]byte, 6)},
		"heading of 360": {rest: []byte{0, 2, 0, 0, 0, 0xd0, 5}},
	} {
		if _, _, err := c.Next(); !errors.Is(err, ErrMalformed) {
			t.Errorf("members, %s: %v", name, err)
		}
	}
	for name, c := range map[string]Steps{
		"cut": {rest: []byte{0}}, "negative head": {rest: []byte{1, 0, 0}}, "height cut off": {rest: []byte{2, 0, 0}},
		"far slot": {rest: []byte{0xff, 0xff, 0xff, 0xff, 0xf, 0, 0}}, "spinning": {rest: []byte{4, 0, 0, 0xd2, 5}},
	} {
		c.slot = -1
		if _, _, err := c.Next(); !errors.Is(err, ErrMalformed) {
			t.Errorf("moves, %s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "no widths": {2}, "wide": {2, 0xff, 0xff}, "cut": {2, 0x20, 0x88}, "cut turn": {2, 0, 0xc},
		"no epoch": {3},
	} {
		_, _, c, err := ReadBits(b)
		for ok := err == nil; ok; {
			_, ok, err = c.Next()
		}
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("bits, %s: %v", name, err)
		}
	}
}

// FuzzTick: whatever comes, reading it ends, and does not panic.
func FuzzTick(f *testing.F) {
	d := Delta{Stream: 3, Left: []int32{4}, Entered: []Member{{1, 2, Place{3, 4, 5, 6}}}, Moved: []Motion{{Slot: 2, To: Place{1, 2, 3, 4}}}}
	f.Add(AppendBits(AppendDelta(AppendKey(nil, Key{Stream: 1}, d.Entered, []Traits{{Name: "x"}}), &d), 3, 0, d.Moved))
	crowd := Crowd{Fixes: []Fix{{Slot: 300, At: Place{3, 4, 5, 6}, Speed: Velocity{X: 90}}}, Aggregates: []Aggregate{{7, 8, 9}}, Ends: true}
	for _, inBits := range []bool{false, true} {
		b := AppendKey(AppendTime(nil, 9), Key{Tracks: []Track{{Speed: Velocity{Z: -4}}}, Time: 9}, d.Entered, nil)
		f.Add(AppendNear(AppendCrowd(b, &crowd, inBits), 3, 1, crowd.Fixes, inBits))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var tick Tick
		if tick.Parse(b) != nil {
			return
		}
		for i := range tick.Keys {
			_ = tick.Keys[i].Traits(func(Traits) error { return nil })
			members := tick.Keys[i].Members()
			for m, ok, _ := members.Next(); ok; m, ok, _ = members.Next() {
				if m.Slot < 0 || m.ID <= 0 {
					t.Errorf("member %+v", m)
				}
			}
			tracks := tick.Keys[i].Tracks()
			for track, err := tracks.Next(Place{}, 1); err == nil; track, err = tracks.Next(Place{}, 1) {
				if at := track.At(uint32(len(b)), Extent{9, 9}); at.X < 0 || at.X > 9 {
					t.Errorf("track %+v leads to %+v", track, at)
				}
			}
		}
		fuzzFixes(t, &tick)
		check := func(c *Steps) {
			last := int32(-1)
			for s, ok, _ := c.Next(); ok; s, ok, _ = c.Next() {
				if s.Slot <= last || s.Slot > maxSlot {
					t.Errorf("slot %d after %d", s.Slot, last)
				}
				last = s.Slot
			}
		}
		for i := range tick.Deltas {
			moved := tick.Deltas[i].Moved()
			check(&moved)
		}
		for _, b := range tick.Bits {
			if _, _, c, err := ReadBits(b); err == nil {
				check(&c)
			}
		}
	})
}

// fuzzFixes reads what a tick tells of crowds.
func fuzzFixes(t *testing.T, tick *Tick) {
	var columns []Fixes
	for i := range tick.Crowds {
		aggregates := tick.Crowds[i].Aggregates()
		for a, ok, _ := aggregates.Next(); ok; a, ok, _ = aggregates.Next() {
			if a.Count < 0 || a.X < 0 || a.Z < 0 {
				t.Errorf("aggregate %+v", a)
			}
		}
		columns = append(columns, tick.Crowds[i].Fixes())
	}
	for i := range tick.Near {
		columns = append(columns, tick.Near[i].Fixes())
	}
	for _, c := range columns {
		for f, ok, _ := c.Next(); ok; f, ok, _ = c.Next() {
			if !f.valid() {
				t.Errorf("fix %+v", f)
			}
		}
	}
}

// patrollers returns the moves of a cell of so many who walk about.
func patrollers(n int) []Motion {
	random := rand.New(rand.NewPCG(1, 1))
	moved := make([]Motion, n)
	for i := range moved {
		from := Place{random.Int32N(32500), random.Int32N(2400), random.Int32N(32500), random.Int32N(360)}
		to := Place{from.X + random.Int32N(100) - 50, from.Y + random.Int32N(40) - 20, from.Z + random.Int32N(100) - 50, from.V}
		if random.IntN(50) == 0 {
			to.V = random.Int32N(360)
		}
		moved[i] = Motion{Slot: int32(i), From: from, To: to}
	}
	return moved
}

func BenchmarkColumns(b *testing.B) {
	moved := patrollers(6)
	d := &Delta{Stream: 777, Moved: moved}
	b.Run("encode", func(b *testing.B) {
		buf := make([]byte, 0, 1024)
		for b.Loop() {
			buf = AppendDelta(buf[:0], d)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(moved)), "ns/update")
		b.ReportMetric(float64(len(buf))/float64(len(moved)), "bytes/update")
	})
	b.Run("encode bits", func(b *testing.B) {
		buf := make([]byte, 0, 1024)
		for b.Loop() {
			buf = AppendBits(buf[:0], 777, 0, moved)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(moved)), "ns/update")
		b.ReportMetric(float64(len(buf))/float64(len(moved)), "bytes/update")
	})
}
