package stream

import (
	"strings"
	"testing"

	"aoiworld/net/native"
	"aoiworld/world"
)

// TestLargeViewsComeInParts: who has missed more than a frame holds gets it in several, while others go on moving, and while
// the slots of a stream that has come in part are dealt anew; and so does who is shown more in a tick than a frame holds.
func TestLargeViewsComeInParts(t *testing.T) {
	for seed := range uint64(4) {
		c := newTown(t, 2, MinMaxFrame, seed)
		in := &world.Input{}
		for range 400 {
			c.enter(in, Form(c.next%2))
		}
		c.play(in)
		late, ticks := world.ID(7), 0
		settle := func(movers int) {
			for ticks = 0; !c.upToDate(late); ticks++ {
				if ticks > 100 {
					t.Fatalf("seed %d: not up to date after 100 ticks", seed)
				}
				c.some(movers)
				c.compare()
			}
		}
		settle(10)
		if ticks < 2 {
			t.Errorf("seed %d: 400 players fit into %d frames", seed, ticks)
		}
		for range 3 {
			c.some(400)
		}
		settle(10)
		c.viewers[late].busy = true
		c.some(30)
		c.viewers[late].busy = false
		c.some(10)
		c.scatter(350)
		settle(10)
	}
}

// some lets so many random players move.
func (c *town) some(movers int) {
	in := &world.Input{}
	for _, id := range c.ids()[:min(movers, len(c.viewers))] {
		c.move(in, id)
	}
	for range movers {
		if id := 1 + world.ID(c.random.IntN(int(c.next))); c.viewers[id] != nil {
			c.move(in, id)
		}
	}
	c.play(in)
}

// scatter lets the last so many players leave.
func (c *town) scatter(leavers int) {
	in := &world.Input{}
	ids := c.ids()
	for _, id := range ids[len(ids)-leavers:] {
		c.leave(in, id)
	}
	c.play(in)
}

// TestASlowLinkCatchesUpWithACrowd: whose link takes not much more than a budget in a tick, is shown a crowd of which the keys
// take many of them, or all in one frame that its link takes two ticks for, though something happens in it in each tick: and from
// then on it goes along.
func TestASlowLinkCatchesUpWithACrowd(t *testing.T) {
	const budget = 600
	const link = budget * 5 / 4
	for _, form := range []Form{Columns, Bits} {
		for _, players := range []int{45, 300} {
			c := newBudgeted(t, 1, budget, 5)
			in := &world.Input{}
			for range players {
				c.enter(in, form)
			}
			c.play(in)
			square := world.Position{X: 5, Z: 5}
			for range 20 {
				c.gather(square, 9, 90)
			}
			id := c.ids()[players/2]
			slow := c.viewers[id]
			slow.busy = true
			c.gather(square, 9, 90)
			behind, unsent := 0, 0
			for tick := range 200 {
				slow.busy = unsent > 0
				before := len(slow.received)
				c.gather(square, 9, 90)
				unsent = max(0, unsent+len(slow.received)-before-link)
				if !c.upToDate(id) {
					behind = tick
				}
			}
			if behind > 100 {
				t.Errorf("form %d, %d players: after %d ticks it is still behind", form, players, behind)
			}
		}
	}
}

// letter is a command of a game that tells its player something alone.
type letter struct{ text string }

// Apply implements world.Command.
func (l letter) Apply(tx *world.Tx, by world.Entity) {
	if err := tx.Tell(by.ID, world.Message{ID: native.FirstGameID, Payload: []byte(l.text)}); err != nil {
		panic(err)
	}
}

// TestWhatIsLongGetsThrough: who has been interrupted so often that parts are as small as they become is shown members, and told
// mail, of which one alone is longer than half a budget.
func TestWhatIsLongGetsThrough(t *testing.T) {
	for _, form := range []Form{Columns, Bits} {
		c := newBudgeted(t, 1, 256, 1)
		in := &world.Input{}
		for range 8 {
			c.enter(in, form)
		}
		c.play(in)
		late := c.ids()[3]
		tells := func() {
			in := &world.Input{}
			for _, id := range c.ids() {
				text := strings.Repeat(string(rune('a'+c.tick%26)), world.MaxAttributes)
				in.Acts = append(in.Acts, world.Act{Player: id, Epoch: 1, Command: tell{text}})
			}
			c.play(in)
		}
		for range 20 {
			c.viewers[late].busy = !c.viewers[late].busy
			tells()
		}
		c.viewers[late].busy = true
		long := strings.Repeat("z", world.MaxMessage)
		c.play(&world.Input{Acts: []world.Act{{Player: late, Epoch: 1, Command: letter{long}}}})
		c.viewers[late].busy = false
		for tick := range 100 {
			if c.some(1); c.upToDate(late) {
				break
			} else if tick == 99 {
				t.Fatalf("form %d: still behind after 100 ticks", form)
			}
		}
		c.compare()
		if mail := c.viewers[late].mail; mail[len(mail)-1] != long {
			t.Errorf("form %d: the last message is %q", form, mail[len(mail)-1])
		}
	}
}

// TestInterruptionsAreCounted: once for each frame with keys that a link had not taken when something was missed, and not of who
// was busy with something else; who goes along is a slow one no longer.
func TestInterruptionsAreCounted(t *testing.T) {
	c := newBudgeted(t, 1, 600, 1)
	in := &world.Input{}
	for range 8 {
		c.enter(in, Bits)
	}
	c.play(in)
	late := c.ids()[3]
	for i, step := range []struct {
		busy, happens bool
		slow          int
	}{
		{false, true, 0}, // it goes along
		{true, false, 0}, // misses nothing,
		{true, true, 0},  // and then something, but no keys were under way
		{true, true, 0},
		{false, true, 0}, // all keys, in one frame
		{true, false, 0}, // which it has not taken yet: nothing happens
		{true, true, 1},  // until it does
		{true, true, 1},
		{false, true, 1}, // again
		{true, true, 2},
		{false, true, 2}, // and again
		{false, true, 0}, // it goes along
		{true, true, 0},
		{false, true, 0}, // all keys,
		{true, false, 0},
		{false, false, 0}, // which it has taken now,
		{true, true, 0},   // before it misses something
	} {
		c.viewers[late].busy = step.busy
		if step.happens {
			c.some(10)
		} else {
			c.play(&world.Input{})
		}
		if got := c.view.watchers[c.slots[late]].slow; got != step.slow {
			t.Errorf("step %d: %d, want %d", i, got, step.slow)
		}
	}
	in = &world.Input{}
	joined := c.enter(in, Bits)
	c.play(in)
	c.viewers[joined].busy = true
	c.some(10)
	if got := c.view.watchers[c.slots[joined]].slow; got != 1 {
		t.Errorf("%d of who has not taken what it was shown at first", got)
	}
	in = &world.Input{}
	c.resume(in, joined)
	c.play(in)
	if got := c.view.watchers[c.slots[joined]].slow; got != 0 {
		t.Errorf("%d of a new link", got)
	}
}

// TestABorderIsFollowedByKeys: who walks over a border is handed the keys of the cells that come into view with the frame of all who
// do. It is interrupted when it has not taken them yet as it misses something; but not where there was no key in the frame.
func TestABorderIsFollowedByKeys(t *testing.T) {
	c := newBudgeted(t, 4, 600, 1)
	in := &world.Input{}
	for range 8 {
		c.enter(in, Bits)
	}
	c.play(in)
	walker := c.ids()[0]
	step := func(x float32) {
		in := &world.Input{}
		for _, id := range c.ids() {
			to := world.Position{X: x + c.random.Float32(), Z: 5}
			if id != walker {
				to.X += 25 - x
			}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: c.epochs[id], To: to, Valid: true})
		}
		c.play(in)
	}
	for _, walk := range []struct {
		from, to float32
		slow     int
	}{
		{15, 18, 0}, // in a cell
		{5, 15, 1},  // into the view of the others,
		{35, 5, 0},  // out of it
		{15, 35, 0}, // and to where it sees as much
	} {
		for range 10 {
			step(walk.from)
		}
		step(walk.to)
		c.viewers[walker].busy = true
		step(walk.to)
		if got := c.view.watchers[c.slots[walker]].slow; got != walk.slow {
			t.Errorf("from %v to %v: %d, want %d", walk.from, walk.to, got, walk.slow)
		}
		c.viewers[walker].busy = false
	}
}
