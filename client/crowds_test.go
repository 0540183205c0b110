package client

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aoiworld/net/native"
)

// market is a crowded stream of so many.
const market = 7

// square returns a replica that sees a crowd of so many, on tracks that lead east.
func square(t testing.TB, o Observer, n int32) *Replica {
	t.Helper()
	r := NewReplica(o)
	r.Bound(native.Extent{Width: 100_000, Depth: 100_000})
	key := native.Key{Stream: market, Time: 5000}
	var members []native.Member
	for slot := range n {
		m := native.Member{Slot: slot, ID: slot + 1, At: native.Place{X: 1000 + slot, Z: 2000}}
		members = append(members, m)
		key.Tracks = append(key.Tracks, native.Track{From: m.At, Speed: native.Velocity{X: 100}, Since: 4000})
	}
	see(t, r, 5000, func(b []byte) []byte {
		return native.AppendCrowd(native.AppendKey(b, key, members, nil), &native.Crowd{Stream: market, BoundMillis: 3000}, false)
	})
	return r
}

// see applies a tick.
func see(t testing.TB, r *Replica, time uint32, chunks func(b []byte) []byte) {
	t.Helper()
	if err := r.Apply(tick(t, func(b []byte) []byte { return chunks(native.AppendTime(b, time)) })); err != nil {
		t.Fatal(err)
	}
}

// stays is a crowd of which nothing is told.
func stays(b []byte) []byte { return native.AppendCrowd(b, &native.Crowd{Stream: market}, true) }

// TestCrowd: where a member is from tick to tick, and what an observer is told of it.
func TestCrowd(t *testing.T) {
	var o recorder
	r := square(t, &o, 3)
	fix := []native.Fix{{Slot: 1, At: native.Place{X: 1500, Z: 1500, V: 9}, Speed: native.Velocity{Z: -1000}}}
	two := func(b []byte) []byte {
		return native.AppendDelta(b, &native.Delta{
			Stream: market, Left: []int32{2}, Entered: []native.Member{{Slot: 9, ID: 50, At: native.Place{X: 70}}},
		})
	}
	for _, step := range []struct {
		name  string
		time  uint32
		chunk func(b []byte) []byte
		want  map[int32]native.Place
		told  []string
	}{
		{"tracks of the key", 6000, stays, map[int32]native.Place{1: {X: 1200, Z: 2000}, 2: {X: 1201, Z: 2000}}, nil},
		{
			"a fix of this tick", 7000, func(b []byte) []byte { return native.AppendNear(stays(b), market, 0, fix, true) },
			map[int32]native.Place{1: {X: 1300, Z: 2000}, 2: {X: 1500, Z: 1500, V: 9}},
			[]string{"moved"},
		},
		{"an early tick", 7001, func(b []byte) []byte { return b }, map[int32]native.Place{1: {X: 1300, Z: 2000}, 2: {X: 1500, Z: 1500, V: 9}}, nil},
		{"and of no other", 8000, stays, map[int32]native.Place{2: {X: 1401, Z: 2000}}, nil},
		{
			"a new track", 9000, func(b []byte) []byte {
				return native.AppendCrowd(b, &native.Crowd{Stream: market, Fixes: fix}, true)
			}, map[int32]native.Place{1: {X: 1500, Z: 2000}, 2: {X: 1500, Z: 1500, V: 9}}, []string{"moved"},
		},
		{"along it", 9100, stays, map[int32]native.Place{2: {X: 1500, Z: 1400, V: 9}}, nil},
		{
			"who enters stands", 9200, func(b []byte) []byte { return stays(two(b)) },
			map[int32]native.Place{1: {X: 1520, Z: 2000}, 50: {X: 70}},
			[]string{"left", "appeared"},
		},
		{"still", 9900, stays, map[int32]native.Place{50: {X: 70}}, nil},
		{
			"the end", 10_000, func(b []byte) []byte {
				b = native.AppendCrowd(b, &native.Crowd{Stream: market, Ends: true}, false)
				return native.AppendNear(b, market, 0, []native.Fix{{Slot: 1, At: native.Place{X: 3}}}, false)
			}, map[int32]native.Place{1: {X: 1600, Z: 2000}, 2: {X: 3}, 50: {X: 70}}, []string{"moved", "moved"},
		},
		{
			"steps again", 12_000, func(b []byte) []byte {
				return native.AppendDelta(b, &native.Delta{Stream: market, Moved: []native.Motion{{To: native.Place{X: 5}}}})
			}, map[int32]native.Place{1: {X: 1605, Z: 2000}, 2: {X: 3}, 50: {X: 70}}, []string{"moved"},
		},
	} {
		o.told = nil
		see(t, r, step.time, step.chunk)
		for id, want := range step.want {
			if got := r.Place(r.Entity(id)); got != want {
				t.Errorf("%s: %d is at %+v, want %+v", step.name, id, got, want)
			}
		}
		if !slices.Equal(o.told, step.told) {
			t.Errorf("%s: told %v, want %v", step.name, o.told, step.told)
		}
	}
}

// TestLeavingACrowd: who goes from a track into another stream is seen to move, even to where it was told to be before.
func TestLeavingACrowd(t *testing.T) {
	var o recorder
	r := square(t, &o, 1)
	o.told = nil
	see(t, r, 9000, func(b []byte) []byte {
		b = native.AppendDelta(stays(b), &native.Delta{Stream: market, Left: []int32{0}})
		back := native.Member{ID: 1, At: native.Place{X: 1000, Z: 2000}}
		return native.AppendDelta(b, &native.Delta{Stream: 8, Entered: []native.Member{back}})
	})
	if got := r.Place(r.Entity(1)); got.X != 1000 || !slices.Equal(o.told, []string{"moved"}) {
		t.Errorf("it is at %+v, told %v", got, o.told)
	}
}

// TestCrowdInGroups: what is said of crowds beside their members.
func TestCrowdInGroups(t *testing.T) {
	r := square(t, nil, 30)
	groups := []native.Aggregate{{Count: 20, X: 5, Z: 6}, {Count: 10, X: 7, Z: 8}}
	for i, step := range []struct {
		tell native.Crowd
		want []native.Aggregate
	}{
		{native.Crowd{Stream: market, BoundMillis: 6000, Aggregates: groups}, groups},
		{native.Crowd{Stream: market, BoundMillis: 6000}, groups},
		{native.Crowd{Stream: market, BoundMillis: 7000, Aggregates: groups[1:]}, groups[1:]},
		{native.Crowd{Stream: market, BoundMillis: 5000}, nil},
	} {
		see(t, r, 6000, func(b []byte) []byte { return native.AppendCrowd(b, &step.tell, false) })
		got := slices.Collect(r.Crowds())
		bound := time.Duration(step.tell.BoundMillis) * time.Millisecond
		want := []Crowd{{Stream: market, Members: 30, Bound: bound, Groups: step.want}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestCrowdDesync: what does not fit to a crowd says so.
func TestCrowdDesync(t *testing.T) {
	nobody := []native.Fix{{Slot: 5}}
	two := []native.Member{{Slot: 0, ID: 1}, {Slot: 1, ID: 2}}
	for name, test := range map[string]struct {
		chunks func(b []byte) []byte
		want   error
	}{
		"a track of nobody": {func(b []byte) []byte {
			return native.AppendCrowd(b, &native.Crowd{Stream: market, Fixes: nobody}, true)
		}, ErrDesync},
		"a place of nobody": {func(b []byte) []byte { return native.AppendNear(b, market, 0, nobody, true) }, ErrDesync},
		"another epoch":     {func(b []byte) []byte { return native.AppendCrowd(b, &native.Crowd{Stream: market, Epoch: 1}, true) }, ErrDesync},
		"another's epoch":   {func(b []byte) []byte { return native.AppendNear(b, market, 1, nobody, true) }, ErrDesync},
		"no crowd":          {func(b []byte) []byte { return native.AppendNear(b, 8, 0, nobody, true) }, ErrDesync},
		"steps": {func(b []byte) []byte {
			return native.AppendDelta(b, &native.Delta{Stream: market, Moved: []native.Motion{{Slot: 1}}})
		}, ErrDesync},
		"tracks of nobody": {func(b []byte) []byte {
			return native.AppendKey(b, native.Key{Stream: 9, Tracks: make([]native.Track, 3)}, two, nil)
		}, native.ErrMalformed},
		"nobody's tracks": {func(b []byte) []byte {
			return native.AppendKey(b, native.Key{Stream: 9, Tracks: make([]native.Track, 1)}, two, nil)
		}, native.ErrMalformed},
		"groups cut off": {func([]byte) []byte { return []byte{0x42, 5, 0x08, market, 0x2a, 1, 2} }, native.ErrMalformed},
	} {
		r := square(t, nil, 3)
		err := r.Apply(tick(t, func(b []byte) []byte { return append(b, test.chunks(nil)...) }))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMemoryIsBounded: a server that names slots or streams without end is not believed.
func TestMemoryIsBounded(t *testing.T) {
	slots := tick(t, func(b []byte) []byte {
		far := []native.Member{{Slot: maxSlots - 1, ID: 1}}
		b = native.AppendKey(b, native.Key{Stream: 1, Tracks: make([]native.Track, 1)}, far, nil)
		far[0].ID = 2
		return native.AppendKey(b, native.Key{Stream: 2, Tracks: make([]native.Track, 1)}, far, nil)
	})
	streams := tick(t, func(b []byte) []byte {
		for i := range int32(maxStreams + 2) {
			b = native.AppendCrowd(b, &native.Crowd{Stream: i}, false)
		}
		return b
	})
	for name, payload := range map[string][]byte{"slots": slots, "streams": streams} {
		if err := NewReplica(nil).Apply(payload); !errors.Is(err, native.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := NewReplica(nil)
	for i := range int32(3) { // what is forgotten, or replaced, does not count
		see(t, r, 1, func(b []byte) []byte {
			far := []native.Member{{Slot: maxSlots - 1 - i, ID: 1}}
			if i == 2 {
				b = native.AppendForget(b)
			}
			return native.AppendKey(b, native.Key{Stream: i / 2}, far, nil)
		})
	}
	see(t, r, 1, func(b []byte) []byte { return native.AppendShift(b, int32(0), []int32{1}) })
	if r.slots != 0 || r.Len() != 0 {
		t.Errorf("%d slots and %d members are left", r.slots, r.Len())
	}
}

// BenchmarkCrowd is what a tick of a crowd of so many costs in which ten are told of, and where one of them is.
func BenchmarkCrowd(b *testing.B) {
	for name, n := range map[string]int32{"of 100": 100, "of 5000": 5000} {
		r := square(b, nil, n)
		var fixes []native.Fix
		for slot := range int32(10) {
			fixes = append(fixes, native.Fix{Slot: slot * 10, At: native.Place{X: slot}, Speed: native.Velocity{X: 7}})
		}
		payload := tick(b, func(dst []byte) []byte {
			return native.AppendCrowd(native.AppendTime(dst, 9000), &native.Crowd{Stream: market, Fixes: fixes}, true)
		})
		apply := func() {
			if err := r.Apply(payload); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("tick "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				apply()
			}
		})
		b.Run("place "+name, func(b *testing.B) {
			e := r.Entity(50)
			for b.Loop() {
				_ = r.Place(e)
			}
		})
	}
}

// TestCrowdsDoNotAllocate: once memory has grown, a tick of a crowd takes none.
func TestCrowdsDoNotAllocate(t *testing.T) {
	r := square(t, nil, 100)
	fixes := []native.Fix{{Slot: 1}, {Slot: 5, At: native.Place{X: 3}}}
	payload := tick(t, func(b []byte) []byte {
		b = native.AppendCrowd(native.AppendTime(b, 9000), &native.Crowd{Stream: market, Fixes: fixes}, true)
		return native.AppendNear(b, market, 0, fixes, true)
	})
	apply := func() {
		if err := r.Apply(payload); err != nil {
			t.Fatal(err)
		}
	}
	apply()
	if n := testing.AllocsPerRun(100, apply); n > 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// asker is an observer that asks where somebody is of whom it is told.
type asker struct {
	t    *testing.T
	r    *Replica
	left []native.Place
}

func (a *asker) Appeared(*Entity) {}
func (a *asker) Moved(*Entity)    {}
func (a *asker) Changed(*Entity)  {}
func (a *asker) Left(e *Entity) {
	a.left = append(a.left, a.r.Place(e))
	if _, on := a.r.Track(e); on || a.r.Near(e) {
		a.t.Error("it is on a track that is no longer its own")
	}
	if _, in := a.r.CrowdOf(e); in {
		a.t.Error("it is in a crowd that it has left")
	}
}

// TestWhoLeavesACrowdIsAskedFor: an observer may ask for whom it is told to have left, also when the crowd begins anew without it.
func TestWhoLeavesACrowdIsAskedFor(t *testing.T) {
	key := func(members int32) func(b []byte) []byte {
		k := native.Key{Stream: market, Time: 5000}
		all := make([]native.Member, members)
		for slot := range members {
			all[slot] = native.Member{Slot: slot, ID: slot + 1, At: native.Place{X: 1000 + slot, Z: 2000}}
			k.Tracks = append(k.Tracks, native.Track{From: all[slot].At, Since: 4000})
		}
		return func(b []byte) []byte { return native.AppendKey(b, k, all, nil) }
	}
	for _, forget := range []bool{false, true} {
		a := &asker{t: t}
		a.r = NewReplica(a)
		see(t, a.r, 5000, key(10))
		see(t, a.r, 5100, func(b []byte) []byte {
			if forget {
				b = native.AppendForget(b)
			}
			return key(2)(b)
		})
		if len(a.left) != 8 || slices.Contains(a.left, native.Place{}) {
			t.Errorf("forgotten %v: left from %v", forget, a.left)
		}
	}
}
