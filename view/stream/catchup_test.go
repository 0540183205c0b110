package stream

import (
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
