package bot

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aoiworld/client"
	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// plays is a few streams, those who are in them, and viewers who are told of them: each sees by a replica of its own and as an
// onlooker.
type plays struct {
	t       *rapid.T
	lattice native.Lattice
	tracks  map[int32]*track
	now     time.Duration
	number  uint64
	epoch   [playStreams]uint32
	slots   [playStreams][playSlots]native.Member // as told last; nobody has no ID
	at      map[int32]native.Place                // where somebody is
	gallery *gallery
	viewers [2]playViewer
	strange int32 // places of strangers, none of them twice
}

const playStreams, playSlots, playIDs = 4, 6, 12

// playViewer is somebody in the streams, who sees twice: player 1 sees all of them and goes from one to another, player 2 stays in
// stream 1, and always sees it.
type playViewer struct {
	known [playStreams]bool
	begun bool // it was told of a tick
	lost  bool // it missed one since
	pairs [2]*nativeView
	wrong [2][]Violation
}

func (p *plays) enter(id int32, t *track) bool { return true }
func (p *plays) find(id int32) *track          { return p.tracks[id] }

// draw draws a number from 0 up to n.
func (p *plays) draw(n int, label string) int { return rapid.IntRange(0, n-1).Draw(p.t, label) }

// newPlays returns streams without anybody.
func newPlays(t *rapid.T) *plays {
	p := &plays{t: t, lattice: tenByTen.lattice(), tracks: map[int32]*track{}, at: map[int32]native.Place{}}
	for id := int32(1); id <= playIDs; id++ {
		p.tracks[id] = newTrack(10, Native, &p.lattice)
		p.tracks[id].origin.Store(&place{})
	}
	delete(p.tracks, playIDs) // a stranger
	p.gallery = newGallery(p, &p.lattice)
	for i := range p.viewers {
		for j := range p.viewers[i].pairs {
			p.viewers[i].pairs[j] = p.newView(int32(i+1), j == 1, &p.viewers[i].wrong[j])
		}
	}
	return p
}

// newView returns one way to see.
func (p *plays) newView(id int32, looksOn bool, wrong *[]Violation) *nativeView {
	v := &view{
		directory: p, violate: func(v Violation) { *wrong = append(*wrong, v) }, latency: newRecorder(),
		inTime: 200 * time.Millisecond, mine: p.tracks[id], lattice: &p.lattice, self: id, stage: awaitSnapshot,
	}
	n := &nativeView{view: v, lattice: &p.lattice, scratches: newScratches()}
	if looksOn {
		n.onlooker = &onlooker{view: v, gallery: p.gallery, looks: true}
	}
	n.connect()
	v.stage = awaitSnapshot
	return n
}

// move lets somebody send a move and returns where it is then.
func (p *plays) move(id int32) native.Place {
	t := p.tracks[id]
	if t == nil {
		p.strange++
		return native.Place{X: p.strange}
	}
	at := t.note(float32(p.draw(9, "x")), 0, float32(p.draw(9, "z")), p.draw(360, "heading"), p.now)
	return at.rounded(&p.lattice)
}

// step draws what happens in a tick to each stream.
func (p *plays) step() (before [playStreams][playSlots]native.Member, deltas [playStreams]native.Delta) {
	before = p.slots
	var free [playStreams][playSlots]bool
	for i := range p.slots {
		deltas[i] = native.Delta{Stream: int32(i), Epoch: p.epoch[i]}
		for slot := range p.slots[i] {
			m := &p.slots[i][slot]
			if free[i][slot] = m.ID == 0; m.ID != 0 && m.ID != 2 && p.draw(5, "leaves") == 0 {
				deltas[i].Left = append(deltas[i].Left, int32(slot))
				delete(p.at, m.ID)
				*m = native.Member{}
			}
		}
	}
	for i := range p.slots {
		for slot := range p.slots[i] {
			id, to := int32(1+p.draw(playIDs, "id")), native.Place{}
			if _, in := p.at[1]; !in {
				id = 1
			}
			if _, in := p.at[id]; in || !free[i][slot] || id > 1 && p.draw(3, "enters") > 0 {
				continue
			}
			if to = p.move(id); p.draw(3, "as it was") == 0 {
				to = p.was(before, id, to)
			}
			m := native.Member{Slot: int32(slot), ID: id, At: to}
			p.slots[i][slot], p.at[id] = m, to
			deltas[i].Entered = append(deltas[i].Entered, m)
		}
		for slot := range p.slots[i] {
			m := &p.slots[i][slot]
			for range p.draw(3, "moves") * min(1, int(m.ID)) {
				p.at[m.ID] = p.move(m.ID)
			}
			if m.ID != 0 && p.at[m.ID] != m.At {
				deltas[i].Moved = append(deltas[i].Moved, native.Motion{Slot: m.Slot, From: m.At, To: p.at[m.ID]})
				m.At = p.at[m.ID]
			}
		}
	}
	return before, deltas
}

// was is where somebody was shown before, or otherwise.
func (p *plays) was(before [playStreams][playSlots]native.Member, id int32, otherwise native.Place) native.Place {
	for _, slots := range before {
		for _, m := range slots {
			if m.ID == id {
				return m.At
			}
		}
	}
	return otherwise
}

// frame returns what a viewer is told in a tick.
func (p *plays) frame(v *playViewer, before [playStreams][playSlots]native.Member, deltas [playStreams]native.Delta) []byte {
	b := native.BeginTick(nil, p.number)
	anew := v.lost && p.draw(2, "forget") == 0
	if anew {
		b = native.AppendForget(b)
	}
	dropped := p.shift(v)
	if len(dropped) > 0 {
		b = native.AppendShift(b, 0, dropped)
	}
	for i := range v.known {
		wants := !v.begun || v == &p.viewers[0] || i == 1 || p.draw(3, "sees") == 0
		if wants && !v.known[i] && !slices.Contains(dropped, int32(i)) || v.lost && v.known[i] {
			b = p.appendKey(b, i, before[i])
			v.known[i] = true
		}
	}
	v.lost, v.begun = false, true
	for i := range deltas {
		if d := deltas[i]; v.known[i] {
			part := len(d.Moved) * p.forms(i) / 2
			bits := d.Moved[part:]
			d.Moved = d.Moved[:part]
			b = native.AppendBits(native.AppendDelta(b, &d), int32(i), d.Epoch, bits)
		}
	}
	return tickOf(p.t, b)
}

// forms is in which form moves of a stream are told in this tick: 0 bits, 1 both, 2 columns.
func (p *plays) forms(stream int) int { return (stream + int(p.number)) % 3 }

// shift lets a viewer look from elsewhere, so that streams are dropped.
func (p *plays) shift(v *playViewer) (dropped []int32) {
	for i := range v.known {
		if v.known[i] && !v.lost && i != 1 && v != &p.viewers[0] && p.draw(8, "drops") == 0 {
			dropped = append(dropped, int32(i))
			v.known[i] = false
		}
	}
	return dropped
}

// appendKey appends the key of a stream, in one or in two parts.
func (p *plays) appendKey(b []byte, i int, slots [playSlots]native.Member) []byte {
	var members []native.Member
	for _, m := range slots {
		if m.ID != 0 {
			members = append(members, m)
		}
	}
	k := native.Key{Stream: int32(i), Epoch: p.epoch[i]}
	if p.draw(3, "whole") > 0 {
		return native.AppendKey(b, k, members, nil)
	}
	k.End = playSlots / 2
	later := slices.IndexFunc(members, func(m native.Member) bool { return m.Slot >= k.End })
	if later < 0 {
		later = len(members)
	}
	b = native.AppendKey(b, k, members[:later], nil)
	k.First, k.End = k.End, 0
	return native.AppendKey(b, k, members[later:], nil)
}

// TestAnOnlookerCountsWhatAReplicaTells: whatever bots are shown, and whether they are shown the same or not, who shares pictures
// counts what it would count by a view of its own.
func TestAnOnlookerCountsWhatAReplicaTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlays(t)
		for id := int32(1); id <= int32(len(p.viewers)); id++ {
			at := p.move(id)
			p.slots[id-1][0], p.at[id] = native.Member{ID: id, At: at}, at
		}
		for range rapid.IntRange(1, 40).Draw(t, "ticks") {
			p.number++
			p.now += 100 * time.Millisecond
			before, deltas := p.step()
			for i := range p.viewers {
				v := &p.viewers[i]
				if v.begun && (v.lost && p.draw(2, "still lost") == 0 || p.draw(8, "lost") == 0) {
					v.lost = true
					continue
				}
				frame := p.frame(v, before, deltas)
				read := p.now + time.Duration(p.draw(300, "delay"))*time.Millisecond
				for _, n := range v.pairs {
					n.now = read
					if _, err := n.tick(frame); err != nil {
						t.Fatal(err)
					}
				}
				v.compare(t)
			}
		}
		for i := range p.viewers {
			v := &p.viewers[i]
			v.pairs[0].view.close(p.now)
			v.pairs[1].onlooker.close(p.now)
			v.compare(t)
		}
	})
}

// compare holds the two ways to see against each other.
func (v *playViewer) compare(t *rapid.T) {
	a, b := v.pairs[0].view, v.pairs[1].view
	if a.tally != b.tally || a.own != b.own || a.acked != b.acked || a.answer != b.answer || a.stage != b.stage ||
		a.denied != b.denied {
		t.Fatalf("viewer %d: by a replica %+v, at %v, acked %d, stage %d; as an onlooker %+v, at %v, acked %d, stage %d",
			a.self, a.tally, a.own, a.acked, a.stage, b.tally, b.own, b.acked, b.stage)
	}
	if !slices.Equal(v.wrong[0], v.wrong[1]) {
		t.Fatalf("viewer %d: by a replica %v, as an onlooker %v", a.self, v.wrong[0], v.wrong[1])
	}
	if got, want := summarise(b.latency), summarise(a.latency); got.Count != want.Count || got.Mean != want.Mean {
		t.Fatalf("viewer %d: latencies %+v, want %+v", a.self, got, want)
	}
	shown := 0
	for s := range v.pairs[1].onlooker.all() {
		shown++
		if own := a.shown.find(s.id); own == nil || own.at != onLattice(a.lattice, s.at) {
			t.Fatalf("viewer %d: as an onlooker, %d is at %v; by a replica %v", a.self, s.id, s.at, own)
		}
	}
	if shown != a.shown.len() {
		t.Fatalf("viewer %d: %d in view as an onlooker, %d by a replica", a.self, shown, a.shown.len())
	}
}

// all yields everybody in view.
func (o *onlooker) all() func(func(member) bool) {
	return func(yield func(member) bool) {
		for _, s := range o.seen {
			for _, m := range s.picture.members {
				if m.id != 0 && !yield(m) {
					return
				}
			}
		}
	}
}

// TestAnOnlookerJudges: what breaks the rules is told for each viewer who was shown it, though it is found once.
func TestAnOnlookerJudges(t *testing.T) {
	for name, c := range map[string]struct {
		// to is where the mover is shown after its first move and its second.
		to   func(first, second native.Place) native.Place
		want Kind
	}{
		"where it never was": {func(_, second native.Place) native.Place { second.X++; return second }, Impossible},
		"an older move":      {func(first, _ native.Place) native.Place { return first }, WentBack},
		"nowhere new":        {func(_, second native.Place) native.Place { return second }, ""},
	} {
		p := newPlays(nil)
		mover := p.tracks[3]
		first := mover.note(1, 0, 1, 0, 0).rounded(&p.lattice)
		second := mover.note(2, 0, 2, 0, 0).rounded(&p.lattice)
		key := func(b []byte) []byte {
			return native.AppendKey(b, native.Key{}, []native.Member{{ID: 1, Slot: 1}, {ID: 2, Slot: 2}, {ID: 3, Slot: 3, At: second}}, nil)
		}
		moves := func(b []byte) []byte {
			return native.AppendBits(b, 0, 0, []native.Motion{{Slot: 3, From: second, To: c.to(first, second)}})
		}
		for i := range p.viewers {
			n := p.viewers[i].pairs[1]
			for _, chunk := range []func([]byte) []byte{key, moves} {
				if _, err := n.tick(tickOf(t, chunk(native.BeginTick(nil, 1)))); err != nil {
					t.Fatal(err)
				}
			}
			wrong := p.viewers[i].wrong[1]
			if c.want == "" && len(wrong) > 0 || c.want != "" && (len(wrong) != 1 || wrong[0].Kind != c.want || wrong[0].Viewer != n.view.self) {
				t.Errorf("%s: viewer %d finds %v, want %q", name, n.view.self, wrong, c.want)
			}
		}
	}
}

// TestAnOnlookerNoticesWhatDoesNotFit: a chunk that fits to no picture ends the connection, as it does with a replica.
func TestAnOnlookerNoticesWhatDoesNotFit(t *testing.T) {
	delta := func(d native.Delta) func([]byte) []byte {
		return func(b []byte) []byte { return native.AppendDelta(b, &d) }
	}
	key := func(k native.Key, members ...native.Member) func([]byte) []byte {
		return func(b []byte) []byte { return native.AppendKey(b, k, members, nil) }
	}
	for name, chunks := range map[string][]func([]byte) []byte{
		"an epoch that was not keyed":   {delta(native.Delta{Epoch: 1, Left: []int32{0}})},
		"bits of such an epoch":         {func(b []byte) []byte { return native.AppendBits(b, 0, 1, []native.Motion{{}}) }},
		"nobody leaves":                 {delta(native.Delta{Left: []int32{0}})},
		"nobody moves":                  {delta(native.Delta{Moved: []native.Motion{{To: native.Place{X: 1}}}})},
		"nobody has traits":             {delta(native.Delta{Traits: []native.Traits{{Slot: 2}}})},
		"two enter one slot":            {delta(native.Delta{Entered: []native.Member{{ID: 3}, {ID: 4}}})},
		"the second part of a key":      {key(native.Key{First: 5}, native.Member{ID: 3, Slot: 5})},
		"a part of another epoch's key": {key(native.Key{End: 5}), key(native.Key{First: 5, Epoch: 1})},
	} {
		p := newPlays(nil)
		var last [2]error
		for i, n := range p.viewers[0].pairs {
			for _, chunk := range chunks {
				_, last[i] = n.tick(tickOf(t, chunk(native.BeginTick(nil, 1))))
			}
			if !errors.Is(last[i], client.ErrDesync) {
				t.Errorf("%s: %v (onlooker: %v), want that it does not fit", name, last[i], i == 1)
			}
		}
	}
}

// TestWhoIsForgottenDoesNotGoBack: a bot that is seconds behind knows of a forgotten move only that it is none of the latest. Where
// somebody is in another stream may have been judged by another bot, in time.
func TestWhoIsForgottenDoesNotGoBack(t *testing.T) {
	for before, want := range map[verdict]int{genuine: 1, forgotten: 0} {
		p := newPlays(nil)
		o, track := p.viewers[0].pairs[1].onlooker, p.tracks[3]
		was := member{id: 3, sequence: 50, verdict: before, track: track}
		o.moved(&glance{}, &was, &member{id: 3, sequence: 40, verdict: genuine, track: track, at: native.Place{X: 1}}, time.Minute)
		if wrong := p.viewers[0].wrong[1]; len(wrong) != want {
			t.Errorf("move 40 after move 50, which is judged %v: %v, want %d violations", before, wrong, want)
		}
	}
}

// TestWhoDoesNotReadOnKeepsNothing: a bot whose connection has ended does not keep all that others are shown afterwards.
func TestWhoDoesNotReadOnKeepsNothing(t *testing.T) {
	p := newPlays(nil)
	o := p.viewers[0].pairs[1].onlooker
	key := native.AppendKey(native.BeginTick(nil, 1), native.Key{}, []native.Member{{ID: 1}}, nil)
	if _, err := p.viewers[0].pairs[1].tick(tickOf(t, key)); err != nil {
		t.Fatal(err)
	}
	before := o.seen[0].picture
	o.stop()
	if after := o.seen[0].picture; after == before || !after.shows(before) || o.others() != 0 || before.held.Load() != 1 {
		t.Errorf("it is at %p with %d others, was at %p, held by %d beside the gallery", after, o.others(), before, before.held.Load()-1)
	}
}

// tickOf ends a frame and returns its payload.
func tickOf(t interface{ Fatal(...any) }, b []byte) []byte {
	f, _, err := wire.Cut(native.EndFrame(b, 0), maxPayload)
	if err != nil {
		t.Fatal(err)
	}
	return f.Payload
}
