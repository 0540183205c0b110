package client

import (
	"maps"
	"testing"

	"pgregory.net/rapid"

	"aoiworld/net/native"
)

// shown is what a viewer is to know of somebody.
type shown struct {
	kind uint8
	name string
	at   native.Place
}

// crowd is the model of a few streams: who is where in them. Everybody is in at most one.
type crowd struct {
	t       *rapid.T
	streams [4]map[int32]int32 // ids by slot; nil: the viewer does not know the stream
	epochs  [4]uint32
	all     map[int32]shown // who is in a stream
}

// numbers of ids and slots: few enough that both are used again.
const ids, slots = 60, 40

// number draws one from 0 up to n.
func (c *crowd) number(n int, label string) int32 {
	return int32(rapid.IntRange(0, n-1).Draw(c.t, label))
}

// place draws where somebody is.
func (c *crowd) place() native.Place {
	return native.Place{X: c.number(9, "x"), Z: c.number(9, "z"), V: c.number(360, "heading")}
}

// tick draws what happens in a tick and returns its chunks.
func (c *crowd) tick() []byte {
	var b []byte
	if c.number(12, "forget") == 0 {
		b = native.AppendForget(b)
		c.streams = [4]map[int32]int32{}
		clear(c.all)
	}
	drop := c.number(8, "drop") // in the same tick in which who was in that stream may enter another
	var deltas [len(c.streams)]native.Delta
	for i := range c.streams {
		if c.streams[i] == nil {
			b = c.begin(b, i)
		}
	}
	for i := range c.streams {
		deltas[i] = native.Delta{Stream: int32(i), Epoch: c.epochs[i]}
		c.leave(i, &deltas[i], int32(i) == drop)
	}
	for i := range c.streams {
		if int32(i) != drop {
			deltas[i].Entered, deltas[i].Traits = c.enter(i)
			c.move(i, &deltas[i])
			b = native.AppendDelta(b, &deltas[i])
		}
	}
	if int(drop) < len(c.streams) {
		b = native.AppendShift(b, 0, []int32{drop})
		c.streams[drop] = nil
	}
	return b
}

// begin begins a stream that the viewer does not know: by a key, or with nobody in it and without a word.
func (c *crowd) begin(b []byte, i int) []byte {
	c.streams[i], c.epochs[i] = map[int32]int32{}, 0
	if c.number(2, "key") == 0 {
		return b
	}
	c.epochs[i] = uint32(c.number(3, "epoch"))
	members, traits := c.enter(i)
	return native.AppendKey(b, native.Key{Stream: int32(i), Epoch: c.epochs[i]}, members, traits)
}

// leave lets some leave a stream, or all.
func (c *crowd) leave(i int, d *native.Delta, all bool) {
	for slot := range int32(slots) {
		if id := c.streams[i][slot]; id != 0 && (all || c.number(3, "leaves") == 0) {
			delete(c.streams[i], slot)
			delete(c.all, id)
			d.Left = append(d.Left, slot)
		}
	}
}

// enter lets some enter a stream who are in none.
func (c *crowd) enter(i int) (entered []native.Member, traits []native.Traits) {
	for range c.number(12, "enter") * c.number(2, "any") {
		id, slot := 1+c.number(ids, "id"), c.number(slots, "slot")
		if _, in := c.all[id]; in || c.streams[i][slot] != 0 {
			continue
		}
		who := shown{at: c.place()}
		if c.number(4, "named") == 0 {
			who.kind, who.name = 1, "Ann"
			traits = append(traits, native.Traits{Slot: slot, Kind: 1, Name: "Ann"})
		}
		entered = append(entered, native.Member{Slot: slot, ID: id, At: who.at})
		c.streams[i][slot], c.all[id] = id, who
	}
	return entered, traits
}

// move moves some of a stream.
func (c *crowd) move(i int, d *native.Delta) {
	for slot := range int32(slots) {
		id := c.streams[i][slot]
		if id == 0 || c.number(2, "moves") == 0 {
			continue
		}
		who, to := c.all[id], c.place()
		d.Moved = append(d.Moved, native.Motion{Slot: slot, From: who.at, To: to})
		who.at = to
		c.all[id] = who
	}
}

// mirror is an observer that knows only what it was told.
type mirror struct {
	t   *rapid.T
	all map[int32]shown
}

// expect complains when somebody should be in the mirror and is not, or should not and is.
func (m *mirror) expect(e *Entity, known bool, what string) {
	if _, is := m.all[e.ID]; is != known {
		m.t.Fatalf("%d %s, known before: %v", e.ID, what, is)
	}
}

func (m *mirror) Left(e *Entity) {
	m.expect(e, true, "left")
	delete(m.all, e.ID)
}

func (m *mirror) Appeared(e *Entity) {
	m.expect(e, false, "appeared")
	m.all[e.ID] = shown{e.Kind, e.Name, e.At}
}

func (m *mirror) Moved(e *Entity) {
	m.expect(e, true, "moved")
	m.all[e.ID] = shown{m.all[e.ID].kind, m.all[e.ID].name, e.At}
}

func (m *mirror) Changed(e *Entity) {
	m.expect(e, true, "changed")
	m.all[e.ID] = shown{e.Kind, e.Name, m.all[e.ID].at}
}

// TestReplicasAreTheModel: whatever happens in a few streams, a replica shows it and its observer is told of it, and what memory
// replicas share does not matter.
func TestReplicasAreTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var scratch Scratch
		var models [2]crowd
		var replicas [2]*Replica
		var mirrors [2]mirror
		for i := range models {
			models[i] = crowd{t: t, all: map[int32]shown{}}
			mirrors[i] = mirror{t, map[int32]shown{}}
			replicas[i] = NewReplica(&mirrors[i])
		}
		for range rapid.IntRange(1, 30).Draw(t, "ticks") {
			for i := range models {
				chunks := models[i].tick()
				frame := payload(t, native.EndFrame(append(native.BeginTick(nil, 1), chunks...), 0))
				if err := replicas[i].ApplyWith(&scratch, frame); err != nil {
					t.Fatal(err)
				}
				check(t, replicas[i], models[i].all, mirrors[i].all)
			}
		}
	})
}

// check holds a replica and its observer against the truth.
func check(t *rapid.T, r *Replica, truth, told map[int32]shown) {
	seen := map[int32]shown{}
	for e := range r.All() {
		seen[e.ID] = shown{e.Kind, e.Name, e.At}
		if r.Entity(e.ID) != e {
			t.Fatalf("%d is not found by its id", e.ID)
		}
	}
	if !maps.Equal(seen, truth) || !maps.Equal(told, truth) || r.Len() != len(truth) {
		t.Fatalf("shown %v, told %v, %d in all, want %v", seen, told, r.Len(), truth)
	}
}
