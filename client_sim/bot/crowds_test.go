package bot

import (
	"maps"
	"slices"
	"testing"
	"time"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// square is a scene in which the viewer, player 1 in slot 0, sees player 2 in slot 1 of a crowd, and player 3 in slot 2. All of
// them speak the native dialect.
type square struct {
	*testing.T
	*scene
	n     *nativeView
	clock uint32 // the world's (ms), and the bots'
	bound uint32
}

// stream is the square's.
const stream = 4

// newSquare returns the scene as the crowd begins, at 60 s.
func newSquare(t *testing.T) *square { return newSquareOf(t, false) }

// newSquareOf returns the scene in which the viewer sees by a replica of its own, or looks on.
func newSquareOf(t *testing.T, looksOn bool) *square {
	s, l := lateScene(Native, Native)
	s.tracks = map[int32]*track{1: s.mine, 2: s.tracks[2], 3: newTrack(10, Native, l)}
	for _, mover := range s.tracks {
		mover.marks = new(marks)
		mover.origin.CompareAndSwap(nil, &place{20, 0, 20, 90})
	}
	n := &nativeView{view: s.view, lattice: l, scratches: newScratches()}
	if looksOn {
		n.onlooker = &onlooker{view: s.view, gallery: newGallery(s, l), looks: true}
	}
	n.connect()
	s.stage = playing
	s.shown = sightings{}
	q := &square{T: t, scene: s, n: n, clock: 60_000, bound: 500}
	q.tick(func(b []byte) []byte {
		members := []native.Member{{Slot: 0, ID: 1, At: q.at(1)}, {Slot: 1, ID: 2, At: q.at(2)}, {Slot: 2, ID: 3, At: q.at(3)}}
		return q.crowd(native.AppendKey(b, native.Key{Stream: stream}, members, nil))
	})
	return q
}

// now is the bots' time.
func (q *square) now() time.Duration { return millis(q.clock) }

// at is where a player is.
func (q *square) at(id int32) native.Place {
	mover := q.tracks[id]
	if sent := mover.sent.Load(); sent > 0 {
		p, _, _ := mover.noted(sent)
		return p.rounded(q.n.lattice)
	}
	return mover.origin.Load().rounded(q.n.lattice)
}

// move moves a player.
func (q *square) move(id int32, x, z float32) native.Place {
	q.tracks[id].note(x, 0, z, 90, q.now())
	return q.at(id)
}

// tick applies a tick.
func (q *square) tick(fill func(b []byte) []byte) {
	q.Helper()
	b := native.EndFrame(fill(native.AppendTime(native.BeginTick(nil, 1), q.clock)), 0)
	q.frame(b)
}

// frame applies a frame.
func (q *square) frame(b []byte) {
	q.Helper()
	f, _, err := wire.Cut(b, 1<<20)
	if err != nil {
		q.Fatal(err)
	}
	if _, err := q.n.apply(f, q.now()); err != nil {
		q.Fatal(err)
	}
}

// crowd appends new tracks.
func (q *square) crowd(b []byte, fixes ...native.Fix) []byte {
	return native.AppendCrowd(b, &native.Crowd{Stream: stream, BoundMillis: q.bound, Fixes: fixes}, true)
}

// walk has player 2 walk to the east for so many tenths of a second, by so much in each; nothing is told of it.
func (q *square) walk(tenths int, x, step float32) (at native.Place) {
	for range tenths {
		q.clock += 100
		x += step
		at = q.move(2, x, 20)
		q.tick(func(b []byte) []byte { return q.crowd(b) })
	}
	return at
}

// crowdRule is something that is told of a crowd, and what is wrong with it.
type crowdRule struct {
	name string
	play func(q *square)
	want []Kind
}

// follow plays rules in scenes of their own, in which the viewer has a replica of its own, and in which it looks on: then it says
// nothing of who goes back, or is told of too late, and is shown the same.
func follow(t *testing.T, rules []crowdRule) {
	for _, rule := range rules {
		q := newSquare(t)
		if rule.play(q); !slices.Equal(q.kinds(), rule.want) {
			t.Errorf("%s: %v, want %v", rule.name, q.wrong, rule.want)
		}
		o := newSquareOf(t, true)
		rule.play(o)
		want := slices.DeleteFunc(slices.Clone(rule.want), func(k Kind) bool { return k == WentBack || k == Neglected })
		if !slices.Equal(o.kinds(), want) {
			t.Errorf("%s, looking on: %v, want %v", rule.name, o.wrong, want)
		}
		if got, shown := o.where(), q.where(); !maps.Equal(got, shown) {
			t.Errorf("%s, looking on: others are at %v, by a replica at %v", rule.name, got, shown)
		}
	}
}

// where is where the viewer is shown others.
func (q *square) where() map[int32]place {
	all := map[int32]place{}
	if o := q.n.onlooker; o != nil {
		var s sights
		o.sights(&s)
		for _, is := range s.all {
			for id, track := range q.tracks {
				if track == is.track {
					all[id] = is.at
				}
			}
		}
		return all
	}
	for e := range q.n.replica.All() {
		if e.ID != q.self {
			all[e.ID] = onLattice(q.n.lattice, q.n.replica.Place(e))
		}
	}
	return all
}

// two is a fix of player 2.
func two(at native.Place) native.Fix { return native.Fix{Slot: 1, At: at} }

// TestPlacesInCrowds: where members of a crowd may be said to be, and where not.
func TestPlacesInCrowds(t *testing.T) {
	follow(t, []crowdRule{
		{"a new track, and one near", func(q *square) {
			at := q.move(2, 21, 21)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
			at = q.move(2, 22, 21)
			q.tick(func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(at)}, true) })
		}, nil},
		{"near, where it has never been", func(q *square) {
			at := q.move(2, 21, 21)
			at.X++
			q.tick(func(b []byte) []byte { return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(at)}, true) })
		}, []Kind{Impossible}},
		{"a track from where it has never been", func(q *square) {
			at := q.move(2, 21, 21)
			at.Z++
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, []Kind{Impossible}},
		{"the end", func(q *square) {
			at := q.move(2, 21, 21)
			q.tick(func(b []byte) []byte {
				return q.crowd(b, native.Fix{Slot: 1, At: at, Speed: native.Velocity{X: 500, Y: 10}})
			})
			q.clock += 1000
			q.move(2, 21, 21)
			ends := func(b []byte) []byte {
				return native.AppendCrowd(b, &native.Crowd{Stream: stream, Ends: true}, true)
			}
			q.tick(ends)
		}, []Kind{Impossible}},
	})
}

// TestWaitingInCrowds: how long a bot may be elsewhere than a crowd says.
func TestWaitingInCrowds(t *testing.T) {
	follow(t, []crowdRule{
		{"told within the bound", func(q *square) {
			at := q.walk(15, 10, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, nil},
		{"told too late", func(q *square) {
			at := q.walk(17, 10, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, []Kind{Neglected}},
		{"told too late, again", func(q *square) {
			at := q.walk(5, 10, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
			at = q.walk(17, 20, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, []Kind{Neglected}},
		{"told late, but the bound was larger meanwhile", func(q *square) {
			q.bound = 800
			q.walk(1, 10, 0.5)
			q.bound = 500
			at := q.walk(17, 11, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, nil},
		{"told late, after it has stood", func(q *square) {
			q.clock += 5000
			at := q.walk(15, 10, 0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, nil},
		{"told late, after it has kept to its track", func(q *square) {
			at := q.move(2, 20, 20)
			q.tick(func(b []byte) []byte {
				return q.crowd(b, native.Fix{Slot: 1, At: at, Speed: native.Velocity{X: 500, Y: 10}})
			})
			at = q.walk(30, 20, 0.5)
			at = q.move(2, 9, 9)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, nil},
		{"told too late, after it has left its track", func(q *square) {
			at := q.move(2, 20, 20)
			q.tick(func(b []byte) []byte {
				return q.crowd(b, native.Fix{Slot: 1, At: at, Speed: native.Velocity{X: 500, Y: 10}})
			})
			q.walk(10, 20, 0.5)
			at = q.walk(17, 25, -0.5)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(at)) })
		}, []Kind{Neglected}},
	})
}

// TestOneselfInACrowd: one's own moves are confirmed by an Ack, or a place; a place that is told again is no correction.
func TestOneselfInACrowd(t *testing.T) {
	for _, looksOn := range []bool{false, true} {
		oneselfInACrowd(t, newSquareOf(t, looksOn))
	}
}

func oneselfInACrowd(t *testing.T, q *square) {
	q.move(1, 12, 12)
	at := q.move(1, 13, 13)
	if q.answered() {
		t.Error("answered before anything came")
	}
	q.frame(native.AppendAck(nil, 2))
	if own := q.own.rounded(q.n.lattice); !q.answered() || own != at || q.acked != 2 {
		t.Errorf("at %v, move %d is confirmed, want move 2 at %v", own, q.acked, at)
	}
	for range 2 {
		q.tick(func(b []byte) []byte { return q.crowd(b, native.Fix{Slot: 0, At: at}) })
	}
	at = q.move(1, 14, 14)
	q.tick(func(b []byte) []byte {
		return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{{Slot: 0, At: at}}, false)
	})
	if q.acked != 3 || q.denied || q.tally.corrections != 0 || len(q.wrong) > 0 {
		t.Errorf("move %d is confirmed, %d corrections: %v", q.acked, q.tally.corrections, q.wrong)
	}
	q.frame(native.AppendAck(nil, 77))
	if q.acked != 3 {
		t.Error("a move is confirmed that was never made")
	}
	q.tick(func(b []byte) []byte { return native.AppendCrowd(b, &native.Crowd{Stream: stream, Ends: true}, true) })
	if q.denied || q.tally.corrections != 0 || len(q.wrong) > 0 {
		t.Errorf("the end of a crowd is %d corrections: %v", q.tally.corrections, q.wrong)
	}
}

// TestReckonedAtAQuietPoint: members of a crowd are where their tracks lead when they are held against the truth.
func TestReckonedAtAQuietPoint(t *testing.T) {
	q := newSquare(t)
	at := q.move(2, 21, 21)
	q.tick(func(b []byte) []byte { return q.crowd(b, native.Fix{Slot: 1, At: at, Speed: native.Velocity{X: 100}}) })
	for range 2 {
		q.clock += 1000
		q.tick(func(b []byte) []byte { return q.crowd(b) })
	}
	shown := q.players()
	q.n.reckon(shown)
	if got := shown[2].rounded(q.n.lattice); got.X != at.X+200 || shown[3] != q.players()[3] || len(shown) != 3 {
		t.Errorf("shown at %v, told at %v", got, at)
	}
	viewer := truth{id: 1, shown: shown, lattice: q.n.lattice, from: 11}
	others := []truth{viewer, {id: 2, at: onLattice(q.n.lattice, at), lattice: q.n.lattice, from: 22}}
	if found := compare(tenByTen, others, func(int32) bool { return false }); !slices.ContainsFunc(found, func(v Violation) bool {
		return v.Kind == Stale && v.Viewer == 1 && v.Player == 2
	}) {
		t.Errorf("nobody minds: %v", found)
	}
}

// TestCrowdsBeginAndEnd: what was told of a crowd that is over does not count in the next one.
func TestCrowdsBeginAndEnd(t *testing.T) {
	q := newSquare(t)
	q.tick(func(b []byte) []byte { return native.AppendCrowd(b, &native.Crowd{Stream: stream, Ends: true}, true) })
	if len(q.n.crowds.declared)+len(q.n.crowds.told) > 0 {
		t.Errorf("left over: %+v", q.n.crowds)
	}
	q.clock += 20_000
	before := q.at(2)
	q.tick(func(b []byte) []byte {
		moved := []native.Motion{{Slot: 1, From: before, To: q.move(2, 30, 30)}}
		return native.AppendDelta(b, &native.Delta{Stream: stream, Moved: moved})
	})
	q.clock += 20_000
	q.tick(func(b []byte) []byte { return q.crowd(b) })
	at := q.walk(15, 30, 0.5)
	q.tick(func(b []byte) []byte { return q.crowd(b, native.Fix{Slot: 1, At: at}) })
	if len(q.wrong) > 0 {
		t.Error(q.wrong)
	}
	var d declared
	d.take(3*time.Second, 1000)
	for ms := uint32(2000); ms < 40_000; ms += 1000 {
		d.take(time.Second, ms)
		if most := max(d.now, d.before); most != 3*time.Second && ms < 11_000 || most != time.Second && ms > 32_000 {
			t.Errorf("after %d ms %v are declared", ms, most)
		}
	}
}

// TestWhereTracksLead: leads knows every place that a track comes by, and others not.
func TestWhereTracksLead(t *testing.T) {
	extent := native.Extent{Width: 5000, Depth: 5000}
	for _, speed := range []native.Velocity{{X: 300, Y: 7, Z: -20}, {Z: 999}, {X: -3, Y: 4, Z: 1}, {X: -700, Z: 701}, {Y: -60}} {
		track := native.Track{From: native.Place{X: 2500, Y: 10, Z: 2500, V: 5}, Speed: speed, Since: 1 << 31}
		for after := range uint32(3000) {
			at := track.At(track.Since+after, extent)
			if !leads(&track, at, extent) {
				t.Fatalf("%+v leads to %+v after %d ms", track, at, after)
			}
			at.V++
			if leads(&track, at, extent) {
				t.Fatalf("%+v leads to %+v", track, at)
			}
		}
		for _, off := range []native.Place{{X: 2500, Y: 12, Z: 2503, V: 5}, {X: 2490, Y: 30, Z: 2511, V: 5}} {
			if leads(&track, off, extent) {
				t.Errorf("%+v leads to %+v", track, off)
			}
		}
		if !leads(&track, native.Place{X: 5000, Z: 1, V: 5}, extent) {
			t.Error("a place on the border is sure to be off the track")
		}
	}
}

// TestSilentAcks: out of crowds an Ack confirms nothing that is not shown.
func TestSilentAcks(t *testing.T) {
	q := newSquare(t)
	q.tick(func(b []byte) []byte { return native.AppendCrowd(b, &native.Crowd{Stream: stream, Ends: true}, true) })
	q.move(1, 12, 12)
	q.frame(native.AppendAck(nil, 1))
	if q.answered() {
		t.Error("an Ack was enough")
	}
	q.frame(native.AppendMessage(nil, native.IDPong, &nativepb.Pong{}))
}
