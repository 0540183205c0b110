package stream

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"aoiworld/world"
)

// square is the middle of the cell in which the crowds of these tests are.
var square = world.Position{X: 5, Z: 5}

// crowdOf returns a town of one cell in which so many walk about, and are told of within a budget; all but the first few only
// stand for clients, which keeps the test quick.
func crowdOf(t *testing.T, players, budget int, form Form) *town {
	t.Helper()
	c := newBudgeted(t, 1, budget, 5)
	in := &world.Input{}
	for n := range players {
		if v := c.viewers[c.enter(in, form)]; n > 2 {
			v.model = nil
		}
	}
	c.play(in)
	for range 20 {
		c.gather(square, 9, 90)
	}
	if len(c.view.crowds.streams) == 0 {
		t.Fatal("no crowd")
	}
	return c
}

// early plays a tick that comes so much after the last one, which is before it is due.
func (c *town) early(after time.Duration, in *world.Input) {
	c.now -= beatEvery - after
	c.play(in)
	if c.view.crowds.beat {
		c.t.Fatal("an early tick tells of crowds")
	}
}

// exact returns how many of the twenty who are nearest to a viewer it is shown where they are.
func (c *town) exact(viewer world.ID) (n int) {
	here, r := c.truth[viewer].At, c.viewers[viewer].replica
	others := make([]world.ID, 0, len(c.truth))
	for id := range c.truth {
		if id != viewer {
			others = append(others, id)
		}
	}
	away := func(id world.ID) float64 {
		at := c.truth[id].At
		return math.Hypot(float64(at.X-here.X), float64(at.Z-here.Z))
	}
	slices.SortFunc(others, func(a, b world.ID) int { return cmp.Compare(away(a), away(b)) })
	for _, id := range others[:20] {
		at := c.truth[id].At
		if e := r.Entity(int32(id)); e != nil && r.Place(e) == c.view.cfg.Lattice.Place(at.X, at.Y, at.Z, at.V) {
			n++
		}
	}
	return n
}

// turn has everybody turn on the spot, or stand within so many units of the square anew.
func (c *town) turn(spread float32) *world.Input {
	in := &world.Input{}
	for _, id := range c.ids() {
		to := c.truth[id].At
		if spread > 0 {
			to.X, to.Z = square.X+(c.random.Float32()-0.5)*spread, square.Z+(c.random.Float32()-0.5)*spread
		}
		to.V = float32(c.random.IntN(360))
		in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
	}
	return in
}

// TestEarlyTicksHaveNobodyBegin: who cannot take an early tick, which tells nothing of where a crowd is, has missed nothing. A
// link that takes a budget and a quarter in a period gets to the end, early ticks or not.
func TestEarlyTicksHaveNobodyBegin(t *testing.T) {
	const budget = 600
	c := crowdOf(t, 300, budget, Bits)
	id := c.ids()[150]
	slow, unsent, upToDate := c.viewers[id], 0, 0
	slow.busy = true
	c.gather(square, 9, 90)
	for range 200 {
		for _, gap := range []time.Duration{20 * time.Millisecond, 30 * time.Millisecond} {
			unsent = max(0, unsent-budget*5/4*int(gap)/int(beatEvery))
			slow.busy = unsent > 0
			before := len(slow.received)
			c.now -= beatEvery - gap
			c.gather(square, 9, 90)
			unsent += len(slow.received) - before
		}
		if c.upToDate(id) {
			upToDate++
		}
	}
	if upToDate < 100 {
		t.Errorf("it was up to date in %d of 200 periods", upToDate)
	}
}

// interrupted returns a crowd, and one in it who could not take a tick of it.
func interrupted(t *testing.T, budget int, tick func(*town)) (c *town, id world.ID) {
	t.Helper()
	c = crowdOf(t, 800, budget, Bits)
	id = c.ids()[0]
	c.viewers[id].busy = true
	tick(c)
	c.viewers[id].busy = false
	return c, id
}

// TestAfterAMissedTick: who has missed a tick of which no key is due is sent no more than a budget, and of those next to it.
func TestAfterAMissedTick(t *testing.T) {
	const budget = 800
	c, id := interrupted(t, budget, func(c *town) { c.early(20*time.Millisecond, &world.Input{}) })
	before := len(c.viewers[id].received)
	c.gather(square, 9, 90)
	if n := len(c.viewers[id].received) - before; n > budget+personalRoom {
		t.Errorf("it was sent %d bytes", n)
	}
	if n := c.exact(id); n < 19 {
		t.Errorf("of the twenty nearest it was told of %d", n)
	}
}

// TestKeysLeaveTheNearLaneABudget: while keys come in parts, what is near takes no more than at other times, and is near.
func TestKeysLeaveTheNearLaneABudget(t *testing.T) {
	const budget = 800
	c, id := interrupted(t, budget, func(c *town) { c.gather(square, 9, 90) })
	for !c.upToDate(id) {
		before := len(c.viewers[id].received)
		c.gather(square, 9, 90)
		if far, near, keys := lanesOf(c.viewers[id].received[before:]); far+near > budget {
			t.Fatalf("%d bytes far, %d near, beside %d of keys", far, near, keys)
		}
	}
	if n := c.exact(id); n < 19 {
		t.Errorf("of the twenty nearest it was told of %d", n)
	}
}

// TestSmallRecordsInColumns: the far lane leaves room for who is near where a record is two bytes in bits, and nine in columns;
// and when records become longer from one tick to the next.
func TestSmallRecordsInColumns(t *testing.T) {
	const budget = 1600
	for _, form := range []Form{Bits, Columns} {
		c := crowdOf(t, 800, budget, form)
		id := c.ids()[0]
		c.play(c.turn(1))
		for range 15 {
			c.play(c.turn(0))
		}
		for i := range 20 {
			before := len(c.viewers[id].received)
			c.play(c.turn(float32(max(0, i-16))))
			far, near, _ := lanesOf(c.viewers[id].received[before:])
			if n := c.exact(id); far > budget || n < 20 && i < 17 {
				t.Errorf("form %d: %d bytes far, %d near; of the twenty nearest %d are right", form, far, near, n)
			}
		}
	}
}

// TestHiddenAmongACrowd: who is hidden is told of those who are nearest, as anybody is who stands there.
func TestHiddenAmongACrowd(t *testing.T) {
	c := crowdOf(t, 500, 800, Bits)
	in := &world.Input{}
	moderator := c.enter(in, Bits)
	in.Joins[0].Sees, in.Joins[0].Layer = world.Hidden, world.Hidden
	c.play(in)
	told := 0
	for i := range 30 {
		in := &world.Input{}
		for _, id := range c.ids() {
			to := c.truth[id].At
			to.X, to.Z = to.X+(c.random.Float32()-0.5)/2, to.Z+(c.random.Float32()-0.5)/2
			if id == moderator {
				to = world.Position{X: 8, Z: 8 + float32(i%2)/10}
			}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		if c.play(in); i >= 20 {
			told += c.exact(moderator)
		}
	}
	if told < 190 {
		t.Errorf("of 200 who were nearest to a moderator it was told of %d", told)
	}
}
