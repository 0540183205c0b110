package bot

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"aoiworld/client"
	"aoiworld/net/native"
)

// pairOfLookers is the square with a second viewer who shares the gallery.
func pairOfLookers(t *testing.T) (q *square, other *nativeView) {
	q = newSquareOf(t, true)
	v := &view{
		directory: q, violate: q.violate, latency: newRecorder(), inTime: sceneInTime, mine: q.tracks[3], lattice: q.lattice, self: 3,
	}
	other = &nativeView{view: v, lattice: q.lattice, scratches: newScratches()}
	other.onlooker = &onlooker{view: v, gallery: q.n.onlooker.gallery, looks: true}
	return q, other
}

// begun is the tick with which the square begins.
func (q *square) begun(number uint64) []byte {
	b := native.AppendTime(native.BeginTick(nil, number), q.clock)
	members := []native.Member{{Slot: 0, ID: 1, At: q.at(1)}, {Slot: 1, ID: 2, At: q.at(2)}, {Slot: 2, ID: 3, At: q.at(3)}}
	return q.crowd(native.AppendKey(b, native.Key{Stream: stream}, members, nil))
}

// both tells both viewers the same.
func (q *square) both(other *nativeView, b []byte) {
	q.Helper()
	payload := tickOf(q, b)
	for _, n := range []*nativeView{q.n, other} {
		n.now = q.now()
		if _, err := n.tick(payload); err != nil {
			q.Fatal(err)
		}
	}
}

// TestPicturesOfCrowdsAreShared: what a tick tells of a crowd is worked out once for all who are told the same, at the same time;
// the same bytes at another time begin other tracks.
func TestPicturesOfCrowdsAreShared(t *testing.T) {
	q, other := pairOfLookers(t)
	picture := func(n *nativeView) *picture { return n.onlooker.seen[0].picture }
	q.both(other, q.begun(1))
	if a, b := picture(q.n), picture(other); a != b || a.crowd == nil || len(a.members) != 3 {
		t.Fatalf("after the same key they are at %p and %p: %+v", a, b, a)
	}
	at := q.move(2, 30, 30)
	tell := func() []byte {
		b := q.crowd(native.AppendTime(native.BeginTick(nil, 2), q.clock), native.Fix{Slot: 1, At: at, Speed: native.Velocity{X: 100}})
		return native.AppendNear(b, stream, 0, []native.Fix{{Slot: 1, At: at}}, true)
	}
	before := picture(q.n)
	q.both(other, tell())
	if a, b := picture(q.n), picture(other); a != b || a == before || q.n.onlooker.near[0].nearby != other.onlooker.near[0].nearby {
		t.Errorf("after the same tick they are at %p and %p", a, b)
	}
	third := &onlooker{gallery: q.n.onlooker.gallery, view: other.view}
	third.seen = []seen{{stream, before.hold()}}
	late := &nativeView{view: other.view, lattice: q.lattice, scratches: newScratches(), onlooker: third}
	q.clock += 1000
	if _, err := late.tick(tickOf(t, tell())); err != nil {
		t.Fatal(err)
	}
	if a, b := picture(q.n).members[1], picture(late).members[1]; a.since+1000 != b.since || a.at != b.at || a.speed != b.speed {
		t.Errorf("the same at another time: %+v, want %+v a second later", b, a)
	}
}

// TestMovesInCrowdsAreTimedOnce: in the tick that is the first to tell of them, for everybody who is told in it.
func TestMovesInCrowdsAreTimedOnce(t *testing.T) {
	q, other := pairOfLookers(t)
	q.both(other, q.begun(1))
	q.latency.reset()
	other.view.latency.reset()
	at := q.move(2, 30, 30)
	q.clock += 40
	near := func(number uint64) []byte {
		b := q.crowd(native.AppendTime(native.BeginTick(nil, number), q.clock))
		return native.AppendNear(b, stream, 0, []native.Fix{{Slot: 1, At: at}}, true)
	}
	q.both(other, near(2))
	q.clock += 100
	q.both(other, near(3)) // again
	q.both(other, q.crowd(native.AppendTime(native.BeginTick(nil, 4), q.clock), native.Fix{Slot: 1, At: at}))
	for i, r := range []*recorder{q.latency, other.view.latency} {
		if l := summarise(r); l.Count != 1 || l.Max < 39 || l.Max > 41 {
			t.Errorf("viewer %d has timed %+v, want one of 40 ms", i, l)
		}
	}
	if q.tally.expected != 0 || q.tally.delivered != 0 {
		t.Errorf("%d expected, %d delivered: of crowds neither is known", q.tally.expected, q.tally.delivered)
	}
	if q.tally.crowded != 3 || q.tally.crowded != q.tally.updates-2 { // and two who appeared
		t.Errorf("%d of %d updates are of a crowd", q.tally.crowded, q.tally.updates)
	}
}

// TestNearPlacesHoldUntilTheNextBeat: where somebody was told to be near, it is until the crowd is told of again; then it is where
// its track leads.
func TestNearPlacesHoldUntilTheNextBeat(t *testing.T) {
	q := newSquareOf(t, true)
	track := q.where()[2]
	at := q.move(2, 30, 30)
	for _, step := range []struct {
		name string
		fill func(b []byte) []byte
		want place
	}{
		{"told near", func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(at)}, true) }, onLattice(q.lattice, at)},
		{"nothing told", func(b []byte) []byte { return b }, onLattice(q.lattice, at)},
		{"the crowd told, and not it", func(b []byte) []byte { return q.crowd(b) }, track},
		{"told near", func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(at)}, false) }, onLattice(q.lattice, at)},
		{"everything forgotten", func([]byte) []byte {
			b := native.AppendForget(native.BeginTick(nil, 9))
			return q.crowd(native.AppendKey(b, native.Key{Stream: stream}, []native.Member{{Slot: 1, ID: 2, At: at}}, nil))
		}, onLattice(q.lattice, at)},
	} {
		q.clock += 50
		if q.tick(step.fill); q.where()[2] != step.want {
			t.Errorf("%s: it is at %v, want %v", step.name, q.where()[2], step.want)
		}
	}
	if len(q.wrong) > 0 || len(q.n.onlooker.near) > 0 {
		t.Errorf("%v, near %v: of what was forgotten nothing is left, and that the viewer itself is not there yet is right", q.wrong, q.n.onlooker.near)
	}
}

// TestKeysEndNearPlaces: where somebody was told to be near, it is no longer when its crowd is told as a whole, or over another
// connection.
func TestKeysEndNearPlaces(t *testing.T) {
	q := newSquareOf(t, true)
	at, later := q.move(2, 30, 30), q.move(2, 31, 31)
	q.clock += 50
	q.tick(func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(at)}, true) })
	q.clock += 50
	q.tick(func(b []byte) []byte {
		key := native.Key{Stream: stream, Time: q.clock, Tracks: []native.Track{{}, {}, {}}}
		return native.AppendKey(b, key, []native.Member{{ID: 1, At: q.at(1)}, {Slot: 1, ID: 2, At: later}, {Slot: 2, ID: 3, At: q.at(3)}}, nil)
	})
	if is, want := q.where()[2], onLattice(q.lattice, later); is != want {
		t.Errorf("it is at %v, and was keyed at %v", is, want)
	}
	q.clock += 50
	q.tick(func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(later)}, true) })
	if q.n.connect(); len(q.n.onlooker.near) > 0 {
		t.Errorf("over another connection it is near still: %v", q.n.onlooker.near)
	}
}

// TestAnOnlookerNoticesCrowdsThatDoNotFit: as a replica does.
func TestAnOnlookerNoticesCrowdsThatDoNotFit(t *testing.T) {
	whole := []native.Track{{}, {}, {}}
	for name, fill := range map[string]func(q *square, b []byte) []byte{
		"near, in a stream without a crowd": func(_ *square, b []byte) []byte {
			b = native.AppendKey(b, native.Key{Stream: 2}, []native.Member{{Slot: 1, ID: 4}}, nil)
			return native.AppendNear(b, 2, 0, []native.Fix{{Slot: 1}}, true)
		},
		"near, of another epoch": func(q *square, b []byte) []byte {
			return native.AppendNear(q.crowd(b), stream, 7, []native.Fix{{Slot: 1}}, true)
		},
		"near, of nobody": func(q *square, b []byte) []byte {
			return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{{Slot: 9}}, true)
		},
		"a track of nobody": func(q *square, b []byte) []byte { return q.crowd(b, native.Fix{Slot: 9}) },
		"a crowd of another epoch": func(_ *square, b []byte) []byte {
			return native.AppendCrowd(b, &native.Crowd{Stream: stream, Epoch: 7}, true)
		},
		"more tracks than members": func(q *square, b []byte) []byte {
			key := native.Key{Stream: stream, Time: q.clock, Tracks: whole}
			return native.AppendKey(b, key, []native.Member{{ID: 1}}, nil)
		},
	} {
		q := newSquareOf(t, true)
		q.clock += 50
		_, err := q.n.tick(tickOf(t, fill(q, native.AppendTime(native.BeginTick(nil, 2), q.clock))))
		if !errors.Is(err, client.ErrDesync) && !errors.Is(err, native.ErrMalformed) {
			t.Errorf("%s: %v, want that it does not fit", name, err)
		}
	}
}

// TestOneselfIsSentLast: who has to forget all, or looks from another cell, and is itself in what is still to come, is not in view
// for a while. At any other time that is wrong.
func TestOneselfIsSentLast(t *testing.T) {
	anew := map[string]func(b []byte) []byte{
		"forgets": native.AppendForget,
		"shifts":  func(b []byte) []byte { return native.AppendShift(b, int32(3), []int32{stream}) },
	}
	for name, begin := range anew {
		for _, looksOn := range []bool{true, false} {
			oneselfIsSentLast(t, fmt.Sprintf("%s, looking on %v", name, looksOn), newSquareOf(t, looksOn), begin)
		}
	}
}

func oneselfIsSentLast(t *testing.T, name string, q *square, begin func(b []byte) []byte) {
	anew := func(b []byte) []byte {
		return native.AppendKey(begin(b), native.Key{Stream: 9}, []native.Member{{ID: 3, At: q.at(3)}}, nil)
	}
	q.tick(anew)
	q.tick(func(b []byte) []byte {
		return native.AppendKey(b, native.Key{Stream: 8}, []native.Member{{ID: 1, At: q.at(1)}}, nil)
	})
	leaves := func(b []byte) []byte {
		return native.AppendDelta(b, &native.Delta{Stream: 8, Left: []int32{0}})
	}
	q.clock += 1000
	q.tick(leaves) // for a stream that is to come
	if len(q.wrong) > 0 {
		t.Errorf("%s: %v", name, q.wrong)
	}
	q.tick(func(b []byte) []byte {
		return native.AppendKey(b, native.Key{Stream: 7}, []native.Member{{ID: 1, At: q.at(1)}}, nil)
	})
	q.clock += uint32((inParts + time.Second).Milliseconds())
	q.tick(func(b []byte) []byte { return native.AppendDelta(b, &native.Delta{Stream: 7, Left: []int32{0}}) })
	if kinds := q.kinds(); len(kinds) != 1 || kinds[0] != LeftUnseen {
		t.Errorf("%s: long after, %v", name, q.wrong)
	}
}

// TestGroupsAreOnesOwn: who is sent a crowd's members alone has been told no groups, though others who see the same have.
func TestGroupsAreOnesOwn(t *testing.T) {
	g := newGallery(nil, nil)
	looking := func(bound uint32, groups int) *picture {
		s := &picture{stream: 1, count: 1, members: []member{{id: 5, crowded: true}}, crowd: &crowded{bound: bound, groups: groups}}
		s.hold()
		return s.hold()
	}
	told := looking(9000, 4)
	g.remember(told)
	if s := g.shared(looking(0, 0)); s.crowd.groups != 0 || s.crowd.bound != 0 {
		t.Errorf("who has just come has been told %d groups, and a bound of %d ms", s.crowd.groups, s.crowd.bound)
	}
	if s := g.shared(looking(9000, 4)); s != told {
		t.Error("who is told the same has another picture")
	}
}
