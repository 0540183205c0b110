package client

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// payload is the payload of the one frame that b must be.
func payload(t rapid.TB, b []byte) []byte {
	t.Helper()
	f, rest, err := wire.Cut(b, 1<<20)
	if err != nil || len(rest) > 0 {
		t.Fatal(err, len(rest))
	}
	return f.Payload
}

// tick returns a Tick of what chunks are appended.
func tick(t testing.TB, appendChunks func(dst []byte) []byte) []byte {
	t.Helper()
	return payload(t, native.EndFrame(appendChunks(native.BeginTick(nil, 1)), 0))
}

// TestDesync: a tick that does not fit to what was told says so.
func TestDesync(t *testing.T) {
	member := native.Member{Slot: 1, ID: 7}
	for name, d := range map[string]native.Delta{
		"nobody leaves":  {Stream: 1, Left: []int32{0}},
		"nobody moves":   {Stream: 1, Moved: []native.Motion{{Slot: 5}}},
		"a taken slot":   {Stream: 1, Entered: []native.Member{{Slot: 1, ID: 8}}},
		"nobody's trait": {Stream: 1, Traits: []native.Traits{{Slot: 9}}},
		"another epoch":  {Stream: 1, Epoch: 4, Left: []int32{1}},
		"no key":         {Stream: 2, Left: []int32{1}},
	} {
		r := NewReplica(nil)
		key := tick(t, func(dst []byte) []byte {
			return native.AppendKey(dst, native.Key{Stream: 1, Epoch: 3}, []native.Member{member}, nil)
		})
		if err := r.Apply(key); err != nil || r.Len() != 1 {
			t.Fatal(err)
		}
		if d.Epoch == 0 && d.Stream == 1 {
			d.Epoch = 3
		}
		if err := r.Apply(tick(t, func(dst []byte) []byte { return native.AppendDelta(dst, &d) })); !errors.Is(err, ErrDesync) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := NewReplica(nil)
	part := tick(t, func(dst []byte) []byte {
		return native.AppendKey(dst, native.Key{Stream: 1, First: 3}, []native.Member{member}, nil)
	})
	if err := r.Apply(part); !errors.Is(err, ErrDesync) {
		t.Errorf("a part of a key that never began: %v", err)
	}
}

// recorder notes what becomes of entities.
type recorder struct{ told []string }

func (r *recorder) Left(e *Entity)     { r.told = append(r.told, "left") }
func (r *recorder) Appeared(e *Entity) { r.told = append(r.told, "appeared") }
func (r *recorder) Moved(e *Entity)    { r.told = append(r.told, "moved") }
func (r *recorder) Changed(e *Entity)  { r.told = append(r.told, "changed") }

// TestCrossersStayWhoTheyAre: who leaves one stream and enters another in a tick has moved, and nothing else.
func TestCrossersStayWhoTheyAre(t *testing.T) {
	var o recorder
	r := NewReplica(&o)
	at := native.Member{Slot: 0, ID: 7}
	steps := []func(dst []byte) []byte{
		func(dst []byte) []byte {
			return native.AppendDelta(dst, &native.Delta{Stream: 1, Entered: []native.Member{at}, Traits: []native.Traits{{Name: "Ann"}}})
		},
		func(dst []byte) []byte {
			to := native.Member{Slot: 4, ID: 7, At: native.Place{X: 1}}
			dst = native.AppendDelta(dst, &native.Delta{Stream: 1, Left: []int32{0}})
			return native.AppendDelta(dst, &native.Delta{Stream: 2, Entered: []native.Member{to}, Traits: []native.Traits{{Slot: 4, Name: "Ann"}}})
		},
		func(dst []byte) []byte {
			return native.AppendDelta(dst, &native.Delta{Stream: 2, Traits: []native.Traits{{Slot: 4, Name: "Ann", Attributes: []byte("x")}}})
		},
		func(dst []byte) []byte { return native.AppendShift(dst, int32(9), []int32{2}) },
	}
	for i, want := range []string{"appeared", "moved", "changed", "left"} {
		o.told = nil
		if err := r.Apply(tick(t, steps[i])); err != nil || len(o.told) != 1 || o.told[0] != want {
			t.Errorf("step %d: told %v, want %s: %v", i, o.told, want, err)
		}
	}
	if r.Len() != 0 || r.Cell() != 9 {
		t.Errorf("%d are left, in cell %d", r.Len(), r.Cell())
	}
}

// FuzzReplica: whatever comes, applying it ends, and does not panic.
func FuzzReplica(f *testing.F) {
	files, err := filepath.Glob("../testdata/native/*.bin")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		stream, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for n := 0; len(stream) > 0 && n < 20; n++ {
			frame, rest, err := wire.Cut(stream, 1<<20)
			if err != nil {
				f.Fatal(err)
			}
			if stream = rest; frame.ID == native.IDTick {
				f.Add(frame.Payload, frame.Payload)
			}
		}
	}
	for _, inBits := range []bool{false, true} {
		members := []native.Member{{Slot: 0, ID: 1}, {Slot: 3, ID: 2}}
		fixes := []native.Fix{{Slot: 3, Speed: native.Velocity{X: 9}}}
		key := native.Key{Stream: 1, Tracks: make([]native.Track, 2)}
		crowd := native.Crowd{Stream: 1, Fixes: fixes, BoundMillis: 9000, Aggregates: []native.Aggregate{{Count: 2}}}
		first := native.AppendCrowd(native.AppendKey(native.AppendTime(nil, 9), key, members, nil), &crowd, inBits)
		crowd.Ends = true
		f.Add(first, native.AppendNear(native.AppendCrowd(native.AppendTime(nil, 99), &crowd, inBits), 1, 0, fixes, inBits))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		r := NewReplica(nil)
		r.Bound(small)
		for _, payload := range [...][]byte{first, second} {
			if err := r.Apply(payload); err != nil {
				if !errors.Is(err, ErrDesync) && !errors.Is(err, native.ErrMalformed) {
					t.Errorf("an error of no type: %v", err)
				}
				return
			}
			for e := range r.All() {
				if t, crowded := r.Track(e); crowded && !r.Near(e) && r.Place(e) != t.At(r.Time(), small) {
					panic("a track that leads elsewhere")
				}
			}
			for range r.Crowds() {
			}
		}
	})
}

// BenchmarkReplica is what a client pays for an update: nine cells of six members each, all of whom move.
func BenchmarkReplica(b *testing.B) {
	for name, bits := range map[string]bool{"columns": false, "bits": true} {
		b.Run(name, func(b *testing.B) {
			apply := walking(b, bits)
			b.ReportAllocs()
			for b.Loop() {
				apply()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/54, "ns/update")
		})
	}
}

// walking returns what applies a tick in which 54 entities in nine cells move.
func walking(t testing.TB, bits bool) (apply func()) {
	r, random, id := NewReplica(nil), rand.New(rand.NewPCG(1, 1)), int32(0)
	var key, step []byte
	for cell := range int32(9) {
		var members []native.Member
		d := native.Delta{Stream: cell * 100}
		for slot := range int32(6) {
			id++
			members = append(members, native.Member{Slot: slot, ID: id, At: native.Place{X: random.Int32N(30000), Z: random.Int32N(30000)}})
			to := native.Place{X: random.Int32N(120) - 60, Y: random.Int32N(40) - 20, Z: random.Int32N(120) - 60}
			d.Moved = append(d.Moved, native.Motion{Slot: slot, To: to})
		}
		key = native.AppendKey(key, native.Key{Stream: cell * 100}, members, nil)
		if bits {
			step = native.AppendBits(step, d.Stream, 0, d.Moved)
		} else {
			step = native.AppendDelta(step, &d)
		}
	}
	if err := r.Apply(tick(t, func(dst []byte) []byte { return append(dst, key...) })); err != nil {
		t.Fatal(err)
	}
	move := tick(t, func(dst []byte) []byte { return append(dst, step...) })
	return func() {
		if err := r.Apply(move); err != nil {
			t.Fatal(err)
		}
	}
}

// TestApplyingDoesNotAllocate: once memory has grown, a tick takes none.
func TestApplyingDoesNotAllocate(t *testing.T) {
	for _, bits := range []bool{false, true} {
		apply := walking(t, bits)
		apply()
		if n := testing.AllocsPerRun(100, apply); n > 0 {
			t.Errorf("bits %v: %v allocations a tick", bits, n)
		}
	}
}

// TestMemoryIsGivenBack: who has seen a crowd does not keep what that took.
func TestMemoryIsGivenBack(t *testing.T) {
	r := NewReplica(nil)
	var crowd []native.Member
	for slot := range int32(1000) {
		crowd = append(crowd, native.Member{Slot: slot, ID: slot + 1})
	}
	key := func(members []native.Member) {
		err := r.Apply(tick(t, func(dst []byte) []byte { return native.AppendKey(dst, native.Key{Stream: 1}, members, nil) }))
		if err != nil || r.Len() != len(members) {
			t.Fatalf("%d in view, want %d: %v", r.Len(), len(members), err)
		}
	}
	key(crowd)
	for range 2 * trimTicks {
		key(crowd[:30])
	}
	if c := cap(r.entities); c > 40 {
		t.Errorf("memory for %d entities, 30 are in view", c)
	}
	for _, m := range crowd[:30] {
		if e := r.Entity(m.ID); e == nil || e.ID != m.ID {
			t.Errorf("%d is %+v", m.ID, e)
		}
	}
}

// TestWhoIsTakenByADealtStream: where slots are dealt anew in the tick in which somebody comes over from another stream, the key has
// it before the other stream's delta says that it has left.
func TestWhoIsTakenByADealtStream(t *testing.T) {
	r := NewReplica(nil)
	walker, other := native.Member{Slot: 4, ID: 7}, native.Member{Slot: 0, ID: 8}
	err := r.Apply(tick(t, func(dst []byte) []byte {
		dst = native.AppendKey(dst, native.Key{Stream: 1}, []native.Member{walker}, nil)
		return native.AppendKey(dst, native.Key{Stream: 2}, []native.Member{other}, nil)
	}))
	if err != nil {
		t.Fatal(err)
	}
	walker.Slot = 1
	err = r.Apply(tick(t, func(dst []byte) []byte {
		dst = native.AppendKey(dst, native.Key{Stream: 2, Epoch: 1}, []native.Member{other, walker}, nil)
		return native.AppendDelta(dst, &native.Delta{Stream: 1, Left: []int32{4}})
	}))
	if e := r.Entity(7); err != nil || e == nil || e.stream != 2 || e.slot != 1 || r.Len() != 2 {
		t.Fatalf("%v, %+v, %d in view", err, e, r.Len())
	}
}
