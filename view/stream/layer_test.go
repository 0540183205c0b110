package stream

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view/press"
	"aoiworld/world"
)

// layerOf is a command that takes its player into a layer, and says so to everybody near.
type layerOf struct{ layer world.Layer }

// Apply implements world.Command. Who does not see the layer stays where it is.
func (c layerOf) Apply(tx *world.Tx, by world.Entity) {
	_ = tx.SetLayer(by.ID, c.layer)
	_ = tx.Announce(by.ID, world.Message{ID: native.FirstGameID + 1, Payload: fmt.Append(nil, by.ID)})
}

// newHidingTown returns an empty world in which some can hide.
func newHidingTown(t testing.TB, side, maxFrame int, seed uint64) *town {
	c := newTown(t, side, maxFrame, seed)
	c.public = New(c.view.cfg)
	return c
}

// moderate lets one newcomer in three see who is hidden, and some of them begin so.
func (c *town) moderate(j *world.Join) {
	if c.random.IntN(3) == 0 {
		j.Sees = world.Hidden
		j.Layer = world.Layer(c.random.IntN(2))
	}
}

// audible returns the texts of the chats that a viewer must have heard.
func (c *town) audible(id world.ID) []string {
	texts := []string{}
	for _, s := range c.said[c.since[id]:] {
		if s.Layer <= c.truth[id].Sees {
			texts = append(texts, s.Text)
		}
	}
	return texts
}

// comparePublic holds what those who see the public layer alone are handed against what a view hands them that knows of nobody
// hidden: byte for byte the same.
func (c *town) comparePublic(out *world.Output, frames []press.Frame, deliveries []press.Delivery) {
	c.t.Helper()
	viewers := c.states()
	for id, slot := range c.slots {
		if c.truth[id].Sees != world.Public {
			viewers[slot] = Viewer{}
		}
	}
	c.public.Encode(c.publicOf(out), viewers)
	want := map[world.Slot][]byte{}
	alone, handed := c.public.Compose()
	for _, d := range handed {
		want[d.Slot] = bytesOf(alone, d)
	}
	for _, d := range deliveries {
		if c.view.sights[d.Slot].sees != world.Public {
			continue
		}
		if got := bytesOf(frames, d); !bytes.Equal(got, want[d.Slot]) {
			c.t.Fatalf("tick %d: %d is handed\n%x\nwhere without anybody hidden it is\n%x", c.tick, c.view.sights[d.Slot].player,
				got, want[d.Slot])
		}
		delete(want, d.Slot)
	}
	for slot, b := range want {
		c.t.Fatalf("tick %d: slot %d is handed nothing instead of %x", c.tick, slot, b)
	}
}

// bytesOf returns the bytes of a delivery.
func bytesOf(frames []press.Frame, d press.Delivery) []byte {
	if d.Frame == press.Overflow {
		return nil
	}
	return bytes.Clone(frames[d.Frame].Bytes)
}

// publicOf returns a tick as if who is hidden were not there: hiding is leaving, and showing oneself is joining.
func (c *town) publicOf(out *world.Output) *world.Output {
	p := *out
	p.Changes, p.Marks, p.Chats, p.Gestures, p.Told = nil, nil, nil, nil, nil
	for _, change := range out.Changes {
		if change.LayerBefore != world.Public {
			change.Before = aoi.None
		}
		if change.Layer != world.Public {
			change.After = aoi.None
		}
		if change.Before == aoi.None && change.After == aoi.None {
			continue
		}
		change.LayerBefore, change.Layer = world.Public, world.Public
		p.Changes = append(p.Changes, change)
		if e := c.truth[change.Player]; change.Joined() {
			p.Marks = append(p.Marks, world.Mark{
				Player: change.Player, Slot: change.Slot, Kind: e.Kind, Name: e.Name, Attributes: e.Attributes,
			})
		}
	}
	for _, m := range out.Marks {
		if c.truth[m.Player].Layer == world.Public {
			p.Marks = append(p.Marks, m)
		}
	}
	for _, s := range out.Chats {
		if s.Layer == world.Public {
			p.Chats = append(p.Chats, s)
		}
	}
	for _, g := range out.Gestures {
		if g.Layer == world.Public {
			p.Gestures = append(p.Gestures, g)
		}
	}
	for _, t := range out.Told {
		if t.Reach != world.ToNear || t.Layer == world.Public {
			p.Told = append(p.Told, t)
		}
	}
	return &p
}

// hide lets somebody hide or show itself, and speak and wave before.
func (c *town) hide(in *world.Input, id world.ID) {
	if c.random.IntN(2) == 0 {
		reach := []world.Reach{world.ToAll, world.ToNear}[c.random.IntN(2)]
		in.Chats = append(in.Chats, world.Chat{Player: id, Epoch: c.epochs[id], Reach: reach, Text: fmt.Sprint("I ", c.tick)})
	}
	if c.random.IntN(3) == 0 {
		in.Gestures = append(in.Gestures, world.Gesture{Player: id, Epoch: c.epochs[id], Number: int32(c.tick)})
	}
	layer := world.Layer(c.random.IntN(int(world.Layers)))
	in.Acts = append(in.Acts, world.Act{Player: id, Epoch: c.epochs[id], Command: layerOf{layer}})
}

// TestPublicBytesTellOfNobodyHidden: whatever those do who are hidden - come, walk, speak, stall, resume, show themselves, hide
// again and go - the public is handed the bytes that it would be if they were not there; and everybody believes the truth.
func TestPublicBytesTellOfNobodyHidden(t *testing.T) {
	for seed := range seeds(48) {
		side, players := []int{1, 3, 6}[seed%3], []int{6, 20, 60}[seed/3%3]
		c := newHidingTown(t, side, []int{1 << 17, MinMaxFrame}[seed%2], seed)
		for range 100 {
			c.disturb(players)
			c.compare()
		}
		for _, v := range c.viewers {
			v.busy = false
		}
		for range 40 {
			c.play(&world.Input{})
		}
		for id := range c.viewers {
			if !c.upToDate(id) {
				t.Fatalf("seed %d: %d is behind after 40 quiet ticks", seed, id)
			}
		}
		c.compare()
	}
}

// TestHiddenInTheWorstTicks: joining hidden, and hiding or showing oneself while crossing, leaving, stalling and resuming.
func TestHiddenInTheWorstTicks(t *testing.T) {
	c := newHidingTown(t, 4, 1<<17, 1)
	in := &world.Input{}
	ann, mod := c.enter(in, Columns), c.enter(in, Bits)
	in.Joins[0].Layer, in.Joins[0].Sees = world.Public, world.Public
	in.Joins[1].Layer, in.Joins[1].Sees = world.Hidden, world.Hidden
	goTo := func(in *world.Input, x, z float32) {
		in.Moves = append(in.Moves, world.Move{Player: mod, Epoch: c.epochs[mod], To: world.Position{X: x, Z: z}, Valid: true})
	}
	become := func(in *world.Input, layer world.Layer) {
		in.Acts = append(in.Acts, world.Act{Player: mod, Epoch: c.epochs[mod], Command: layerOf{layer}})
	}
	in.Moves = []world.Move{{Player: ann, Epoch: 1, To: world.Position{X: 15, Z: 15}, Valid: true}}
	goTo(in, 15, 15)
	c.play(in)
	a, m := c.viewers[ann].replica, c.viewers[mod]
	step := func(what string, annSees bool, do func(in *world.Input)) {
		t.Helper()
		in := &world.Input{}
		do(in)
		c.play(in)
		c.compare()
		if sees := a.Entity(int32(mod)) != nil; sees != annSees {
			t.Errorf("%s: ann sees the moderator: %v", what, sees)
		}
	}
	step("hidden from the start", false, func(*world.Input) {})
	step("walks hidden", false, func(in *world.Input) { goTo(in, 12, 12) })
	step("shows itself", true, func(in *world.Input) { become(in, world.Public) })
	step("hides and crosses", false, func(in *world.Input) { become(in, world.Hidden); goTo(in, 25, 15) })
	step("shows itself and crosses", true, func(in *world.Input) { become(in, world.Public); goTo(in, 15, 25) })
	step("stalls and hides", false, func(in *world.Input) { m.busy = true; become(in, world.Hidden) })
	step("recovers", false, func(in *world.Input) { m.busy = false; goTo(in, 16, 25) })
	step("resumes and shows itself", true, func(in *world.Input) { c.resume(in, mod); become(in, world.Public) })
	step("hides and resumes", false, func(in *world.Input) { c.resume(in, mod); become(in, world.Hidden) })
	step("shows itself and goes", false, func(in *world.Input) { become(in, world.Public); c.leave(in, mod) })
}

// TestStreamsOfHiddenLayers: the streams of a layer above have ids of their own, and a hidden viewer's cell is a cell.
func TestStreamsOfHiddenLayers(t *testing.T) {
	c := newHidingTown(t, 3, 1<<17, 1)
	in := &world.Input{}
	mod := c.enter(in, Columns)
	in.Joins[0].Layer, in.Joins[0].Sees = world.Hidden, world.Hidden
	in.Moves = []world.Move{{Player: mod, Epoch: 1, To: world.Position{X: 15, Z: 15}, Valid: true}}
	c.play(in)
	c.compare()
	var tick native.Tick
	var welcome nativepb.Welcome
	first, rest, _ := wire.Cut(c.viewers[mod].received, 1<<20)
	second, _, _ := wire.Cut(rest, 1<<20)
	if err := errors.Join(native.Parse(first.Payload, &welcome), tick.Parse(second.Payload)); err != nil {
		t.Fatal(err)
	}
	if len(tick.Deltas) != 1 || tick.Deltas[0].Stream != 9+4 || tick.Cell != 4 || welcome.At.GetX() != 1500 {
		t.Errorf("deltas %+v, cell %d, welcome %v", tick.Deltas, tick.Cell, &welcome)
	}
}
