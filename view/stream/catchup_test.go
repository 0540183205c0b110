package stream

import (
	"strings"
	"testing"

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
// take many of them, though something happens in it in each tick: and from then on it goes along.
func TestASlowLinkCatchesUpWithACrowd(t *testing.T) {
	const budget = 600
	const link = budget * 5 / 4
	for _, form := range []Form{Columns, Bits} {
		c := newBudgeted(t, 1, budget, 5)
		in := &world.Input{}
		for range 300 {
			c.enter(in, form)
		}
		c.play(in)
		square := world.Position{X: 5, Z: 5}
		for range 20 {
			c.gather(square, 9, 90)
		}
		slow := c.viewers[c.ids()[200]]
		slow.busy = true
		c.gather(square, 9, 90)
		behind, unsent := 0, 0
		for tick := range 200 {
			slow.busy = unsent > 0
			before := len(slow.received)
			c.gather(square, 9, 90)
			unsent = max(0, unsent+len(slow.received)-before-link)
			if !c.upToDate(c.ids()[200]) {
				behind = tick
			}
		}
		if behind > 100 {
			t.Errorf("form %d: after %d ticks it is still behind", form, behind)
		}
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
		c.viewers[late].busy = false
		for tick := range 100 {
			if c.some(1); c.upToDate(late) {
				break
			} else if tick == 99 {
				t.Fatalf("form %d: still behind after 100 ticks", form)
			}
		}
		c.compare()
	}
}
