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

// scene is the model of a few streams: who is where in them. Everybody is in at most one.
type scene struct {
	t       *rapid.T
	streams [4]map[int32]int32 // ids by slot; nil: the viewer does not know the stream
	epochs  [4]uint32
	all     map[int32]shown // who is in a stream, and where it was told to be last
	time    uint32
	crowds  [4]map[int32]native.Track // by slot; nil: the stream is not crowded
	near    map[int32]bool            // who was told of in this tick alone, by id
}

// numbers of ids and slots: few enough that both are used again.
const ids, slots = 60, 40

// number draws one from 0 up to n.
func (c *scene) number(n int, label string) int32 {
	return int32(rapid.IntRange(0, n-1).Draw(c.t, label))
}

// place draws where somebody is.
func (c *scene) place() native.Place {
	return native.Place{X: c.number(9, "x"), Z: c.number(9, "z"), V: c.number(360, "heading")}
}

// tick draws what happens in a tick and returns its chunks.
func (c *scene) tick() []byte {
	c.time += uint32(c.number(3000, "passes"))
	clear(c.near)
	b := native.AppendTime(nil, c.time)
	if c.number(12, "forget") == 0 {
		b = native.AppendForget(b)
		c.streams, c.crowds = [4]map[int32]int32{}, [4]map[int32]native.Track{}
		clear(c.all)
	}
	drop := c.number(8, "drop") // in the same tick in which who was in that stream may enter another
	var deltas [len(c.streams)]native.Delta
	for i := range c.streams {
		if c.streams[i] == nil {
			b = c.begin(b, i)
		} else if c.number(6, "anew") == 0 {
			b = c.anew(b, i)
		}
	}
	for i := range c.streams {
		deltas[i] = native.Delta{Stream: int32(i), Epoch: c.epochs[i]}
		c.leave(i, &deltas[i], int32(i) == drop)
	}
	for i := range c.streams {
		if int32(i) != drop {
			deltas[i].Entered, deltas[i].Traits = c.enter(i)
			b = c.happen(b, i, &deltas[i])
		}
	}
	if int(drop) < len(c.streams) {
		b = native.AppendShift(b, 0, []int32{drop})
		c.streams[drop], c.crowds[drop] = nil, nil
	}
	return b
}

// happen has members of a stream move, as its members or as those of a crowd, and writes its delta; or its key, when its slots are
// dealt anew.
func (c *scene) happen(b []byte, i int, d *native.Delta) []byte {
	if c.crowds[i] == nil && c.number(4, "gathers") == 0 {
		c.gather(i)
	}
	dealt := c.number(8, "dealt") == 0
	if dealt {
		b = c.deal(b, i)
	}
	if c.crowds[i] != nil {
		if !dealt {
			b = native.AppendDelta(b, d)
		}
		return c.throng(b, i)
	}
	if !dealt {
		c.move(i, d)
		b = native.AppendDelta(b, d)
	}
	return b
}

// begin begins a stream that the viewer does not know: by a key, or with nobody in it and without a word.
func (c *scene) begin(b []byte, i int) []byte {
	c.streams[i], c.epochs[i] = map[int32]int32{}, 0
	if c.number(2, "key") == 0 {
		return b
	}
	c.epochs[i] = uint32(c.number(3, "epoch"))
	members, traits := c.enter(i)
	key := native.Key{Stream: int32(i), Epoch: c.epochs[i]}
	if c.number(2, "crowded") == 0 && len(members) > 0 {
		c.gather(i)
		c.track(&key, members)
	}
	return native.AppendKey(b, key, members, traits)
}

// leave lets some leave a stream, or all.
func (c *scene) leave(i int, d *native.Delta, all bool) {
	for slot := range int32(slots) {
		if id := c.streams[i][slot]; id != 0 && (all || c.number(3, "leaves") == 0) {
			delete(c.streams[i], slot)
			delete(c.all, id)
			delete(c.crowds[i], slot)
			d.Left = append(d.Left, slot)
		}
	}
}

// enter lets some enter a stream who are in none.
func (c *scene) enter(i int) (entered []native.Member, traits []native.Traits) {
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
		if c.crowds[i] != nil {
			c.crowds[i][slot] = native.Track{From: who.at, Since: c.time}
		}
	}
	return entered, traits
}

// move moves some of a stream.
func (c *scene) move(i int, d *native.Delta) {
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

// where is where somebody is as of this tick, who is in a slot of a stream.
func (c *scene) where(i int, slot int32) native.Place {
	id := c.streams[i][slot]
	if t, crowded := c.crowds[i][slot]; crowded && !c.near[id] {
		return t.At(c.time, small)
	}
	return c.all[id].at
}

// TestReplicasAreTheModel: whatever happens in a few streams, a replica shows it and its observer is told of it, and what memory
// replicas share does not matter.
func TestReplicasAreTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var scratch Scratch
		var models [2]scene
		var replicas [2]*Replica
		var mirrors [2]mirror
		for i := range models {
			models[i] = scene{t: t, all: map[int32]shown{}, near: map[int32]bool{}}
			mirrors[i] = mirror{t, map[int32]shown{}}
			replicas[i] = NewReplica(&mirrors[i])
			replicas[i].Bound(small)
		}
		for range rapid.IntRange(1, 30).Draw(t, "ticks") {
			for i := range models {
				chunks := models[i].tick()
				frame := payload(t, native.EndFrame(append(native.BeginTick(nil, 1), chunks...), 0))
				if err := replicas[i].ApplyWith(&scratch, frame); err != nil {
					t.Fatal(err)
				}
				check(t, replicas[i], &models[i], mirrors[i].all)
			}
		}
	})
}

// check holds a replica and its observer against the truth. What an observer was told of is where it was told to be, as long as
// nothing has to be reckoned.
func check(t *rapid.T, r *Replica, model *scene, told map[int32]shown) {
	truth, seen := map[int32]shown{}, map[int32]shown{}
	for i, members := range model.streams {
		for slot, id := range members {
			who := model.all[id]
			truth[id] = shown{who.kind, who.name, model.where(i, slot)}
		}
	}
	for e := range r.All() {
		seen[e.ID] = shown{e.Kind, e.Name, r.Place(e)}
		if _, crowded := r.Track(e); crowded && !r.Near(e) {
			told[e.ID] = shown{told[e.ID].kind, told[e.ID].name, r.Place(e)}
		}
		if r.Entity(e.ID) != e {
			t.Fatalf("%d is not found by its id", e.ID)
		}
	}
	if !maps.Equal(seen, truth) || !maps.Equal(told, truth) || r.Len() != len(truth) {
		t.Fatalf("shown %v, told %v, %d in all, want %v", seen, told, r.Len(), truth)
	}
	model.checkCrowds(r)
}
