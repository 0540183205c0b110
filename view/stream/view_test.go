package stream

import (
	"fmt"
	"slices"
	"testing"

	"aoiworld/net/native"
	"aoiworld/world"
)

// disturb plays a random tick: some join, move, chat, wear something, stall, are cut and resume, and leave.
func (c *town) disturb(players int) { c.disturbWith(&world.Input{}, players) }

// disturbWith is disturb beside what is in the input already.
func (c *town) disturbWith(in *world.Input, players int) {
	if len(c.viewers) < players {
		for range c.random.IntN(4) {
			c.enter(in, Form(c.random.IntN(int(forms))))
		}
	}
	for _, id := range c.ids() {
		v := c.viewers[id]
		if _, here := c.slots[id]; !here {
			continue
		}
		v.busy = v.busy && c.random.IntN(4) != 0 || c.random.IntN(30) == 0
		switch die := c.random.IntN(100); {
		case die < 60:
			c.move(in, id)
		case die < 62:
			in.Acts = append(in.Acts, world.Act{Player: id, Epoch: c.epochs[id], Command: tell{fmt.Sprint(c.tick % 3)}})
		case die < 63:
			in.Chats = append(in.Chats, world.Chat{Player: id, Epoch: c.epochs[id], Reach: world.ToAll, Text: fmt.Sprint(c.tick)})
		case die < 65:
			c.leave(in, id)
		case die < 68:
			c.resume(in, id)
		case c.public != nil && die < 76:
			c.hide(in, id)
		}
	}
	c.play(in)
}

// ids returns the viewers by ascending id.
func (c *town) ids() []world.ID {
	ids := make([]world.ID, 0, len(c.viewers))
	for id := range c.viewers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// move takes somebody a few units on, or anywhere.
func (c *town) move(in *world.Input, id world.ID) {
	at := c.truth[id].At
	to := world.Position{
		X: at.X + (c.random.Float32()-0.5)*6, Z: at.Z + (c.random.Float32()-0.5)*6,
		Y: c.random.Float32()*100 - 50, V: c.random.Float32()*720 - 360,
	}
	if c.random.IntN(15) == 0 {
		to.X, to.Z = c.random.Float32()*c.size, c.random.Float32()*c.size
	}
	in.Moves = append(in.Moves, world.Move{Player: id, Epoch: c.epochs[id], To: to, Valid: true, Sequence: uint32(c.tick)})
}

// TestViewersBelieveTheTruth: whoever is up to date believes what brute force says, in both forms, whatever happens; and in
// the end everybody is.
func TestViewersBelieveTheTruth(t *testing.T) {
	for seed := range seeds(60) {
		side, players := []int{1, 3, 6, 10}[seed%4], []int{4, 20, 60}[seed%3]
		maxFrame := []int{1 << 17, MinMaxFrame}[seed/4%2]
		c := newTown(t, side, maxFrame, seed)
		for range 120 {
			c.disturb(players)
			c.compare()
		}
		for range 40 {
			for _, v := range c.viewers {
				v.busy = false
			}
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

// TestSlotsAreDealtAnew: a crowd that has gone leaves a stream whose slots are close together again, in a new epoch, and all
// who look on believe the truth throughout.
func TestSlotsAreDealtAnew(t *testing.T) {
	c := newTown(t, 3, 1<<17, 1)
	in := &world.Input{}
	for range 100 {
		id := c.enter(in, Form(c.next%2))
		in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: world.Position{X: 15, Z: 15}, Valid: true})
	}
	c.play(in)
	c.compare()
	in = &world.Input{}
	for id := world.ID(1); id <= 90; id++ {
		to := world.Position{X: 5, Z: 5}
		if id%3 == 0 {
			c.leave(in, id)
		} else {
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
	}
	c.viewers[95].busy = true
	c.play(in)
	c.compare()
	s := c.view.streams[c.world.Grid().CellAt(15, 15)]
	if s.epoch != 1 || len(s.members) != 10 {
		t.Errorf("epoch %d, %d slots", s.epoch, len(s.members))
	}
	c.viewers[95].busy = false
	for range 3 {
		in = &world.Input{}
		for id := world.ID(91); id <= 100; id++ {
			c.move(in, id)
		}
		c.play(in)
		c.compare()
	}
}

// TestWhoComesAsSlotsAreDealtAnew: who is sent keys in the tick in which another comes over to a stream that is dealt anew has that
// one in two keys, of before the tick and of after.
func TestWhoComesAsSlotsAreDealtAnew(t *testing.T) {
	for _, budget := range []int{0, 500} {
		c := newTown(t, 2, 1<<17, 1)
		if budget > 0 {
			c = newBudgeted(t, 2, budget, 1)
		}
		in := &world.Input{}
		for range 60 {
			id := c.enter(in, Form(c.next%2))
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: world.Position{X: 5, Z: 5}, Valid: true})
		}
		in.Moves[0].To = world.Position{X: 15, Z: 15}
		c.play(in)
		c.viewers[60].busy = true
		c.play(&world.Input{Moves: []world.Move{{Player: 2, Epoch: 1, To: world.Position{X: 6, Z: 5}, Valid: true}}})
		c.viewers[60].busy = false
		in = &world.Input{Moves: []world.Move{{Player: 1, Epoch: 1, To: world.Position{X: 5, Z: 5}, Valid: true}}}
		for id := world.ID(2); id <= 50; id++ {
			c.leave(in, id)
		}
		c.play(in)
		if s := c.view.streams[0]; s.epoch != 1 {
			t.Fatalf("epoch %d", s.epoch)
		}
		c.compare()
		c.some(0)
		c.compare()
	}
}

// TestSlotsAreNotReusedAtOnce: who enters in the tick in which another leaves gets another slot.
func TestSlotsAreNotReusedAtOnce(t *testing.T) {
	c := newTown(t, 1, 1<<17, 1)
	in := &world.Input{}
	first := c.enter(in, Columns)
	c.enter(in, Bits)
	c.play(in)
	in = &world.Input{}
	c.leave(in, first)
	third := c.enter(in, Columns)
	c.play(in)
	c.compare()
	if slot := c.view.sights[c.slots[third]].slot; slot != 2 {
		t.Errorf("the third has slot %d", slot)
	}
	in = &world.Input{}
	fourth := c.enter(in, Columns)
	c.play(in)
	c.compare()
	if slot := c.view.sights[c.slots[fourth]].slot; slot != 0 {
		t.Errorf("the fourth has slot %d", slot)
	}
}

// TestDancingOnACorner: whoever dances on a corner of four cells causes at most four shifts a second, and none within the
// margin.
func TestDancingOnACorner(t *testing.T) {
	for reach, want := range map[float32][2]int{0.9: {0, 0}, 1.5: {10, 12}} {
		c := newTown(t, 4, 1<<17, 1)
		in := &world.Input{}
		id := c.enter(in, Bits)
		dance := func(in *world.Input) {
			to := world.Position{X: 20 + reach, Z: 20 + reach}
			if c.tick%2 == 0 {
				to.X -= 2 * reach
			}
			if c.tick%4 < 2 {
				to.Z -= 2 * reach
			}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		dance(in)
		c.play(in)
		c.viewers[id].shifts = 0
		for range 60 { // three seconds at 20 Hz
			in = &world.Input{}
			dance(in)
			c.play(in)
			c.compare()
		}
		if n := c.viewers[id].shifts; n < want[0] || n > want[1] {
			t.Errorf("dancing %v units round a corner causes %d shifts in 3 s, want %v", reach, n, want)
		}
	}
}

// TestAcks: moves are confirmed by number, the first at once and then once a second, and refused ones are corrected at once.
func TestAcks(t *testing.T) {
	c := newTown(t, 1, 1<<17, 1)
	in := &world.Input{}
	id := c.enter(in, Bits)
	c.play(in)
	acks := []uint32{}
	for n := range uint32(45) {
		c.viewers[id].acked = 0
		to := world.Position{X: float32(n%10) + 0.5, Z: 3}
		c.play(&world.Input{Moves: []world.Move{{Player: id, Epoch: 1, To: to, Valid: true, Sequence: n + 1}}})
		if a := c.viewers[id].acked; a != 0 {
			acks = append(acks, a)
		}
	}
	if want := []uint32{1, 21, 41}; !slices.Equal(acks, want) {
		t.Errorf("moves %v are confirmed, want %v", acks, want)
	}
	c.play(&world.Input{Moves: []world.Move{{Player: id, Epoch: 1, Refused: world.BadPosition, Sequence: 46}}})
	if v := c.viewers[id]; v.acked != 46 || v.refused != 1 {
		t.Errorf("move %d is answered, %d refused", v.acked, v.refused)
	}
	c.viewers[id].busy = true
	c.play(&world.Input{Moves: []world.Move{{Player: id, Epoch: 1, Refused: world.TooFast, Sequence: 47}}})
	c.viewers[id].busy = false
	c.play(&world.Input{})
	if v := c.viewers[id]; v.acked != 47 || v.refused != 2 {
		t.Errorf("after a stall move %d is answered, %d refused", v.acked, v.refused)
	}
}

// TestRefusedChatHidesNoCorrection: who has moved too far and said too much in one tick is told both, also after a stall.
func TestRefusedChatHidesNoCorrection(t *testing.T) {
	for _, stalls := range []bool{false, true} {
		c := newTown(t, 1, 1<<17, 1)
		in := &world.Input{}
		id := c.enter(in, Bits)
		c.play(in)
		v := c.viewers[id]
		v.busy = stalls
		c.view.Encode(&world.Output{Tick: 2, Refusals: []world.Refusal{
			{Player: id, Reason: world.BadPosition, Sequence: 9}, {Player: id, Reason: world.ChatBusy},
		}}, c.states())
		frames, _ := c.view.Compose()
		if c.tick++; stalls {
			v.busy = false
			c.play(&world.Input{})
		} else if err := v.take(frames[0].Bytes[c.view.cfg.Headroom:]); err != nil {
			t.Fatal(err)
		}
		if v.acked != 9 || v.refused != 1 || v.busied != 1 {
			t.Errorf("stalls %v: told of move %d, %d moves and %d chats refused", stalls, v.acked, v.refused, v.busied)
		}
	}
}

// TestWelcomeSaysWhere: a welcome carries the place and the tick, also of a move in the tick of joining.
func TestWelcomeSaysWhere(t *testing.T) {
	c := newTown(t, 3, 1<<17, 1)
	in := &world.Input{}
	id := c.enter(in, Columns)
	in.Moves = []world.Move{{Player: id, Epoch: 1, To: world.Position{X: 1.234, Y: -5, Z: 25, V: -90}, Valid: true}}
	c.play(in)
	w := &c.viewers[id].welcome
	at := native.Place{X: int32(w.At.GetX()), Y: w.At.GetY(), Z: int32(w.At.GetZ()), V: int32(w.At.GetHeading())}
	if want := (native.Place{X: 123, Y: -500, Z: 2500, V: 270}); at != want || w.Tick != 1 || w.Player != int32(id) {
		t.Errorf("welcomed at %v, want %v: %v", at, want, w)
	}
}
