package stream

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"aoiworld/view/press"
	"aoiworld/world"
)

// TestCrowdsBelieveTheTruth: whatever happens under a small budget - joining, leaving, walking, jumping, crossing, stalling,
// resuming, hiding - whoever is up to date knows exactly who is there, sees everybody where the server's tracks are, and who is
// near exactly; frames keep to the budget; and when all is quiet everything is exact.
func TestCrowdsBelieveTheTruth(t *testing.T) {
	for seed := range seeds(24) {
		side, players := []int{1, 2, 3, 6}[seed%4], []int{20, 60, 120}[seed%3]
		c := newBudgeted(t, side, []int{200, 500, 1500}[seed/4%3], seed)
		c.irregular = seed%2 == 1
		crowds, shown := 0, 0
		for range 120 {
			c.disturb(players)
			c.checkCrowds()
			crowds += len(c.view.crowds.streams)
			shown = max(shown, len(c.viewers))
		}
		if crowds == 0 && players*3 > c.view.cfg.Budget {
			t.Errorf("seed %d: there never was a crowd among %d", seed, shown)
		}
		c.quiet(120)
		for id := range c.viewers {
			if !c.upToDate(id) {
				t.Fatalf("seed %d: %d is behind after 120 quiet ticks", seed, id)
			}
		}
		if n := len(c.view.crowds.streams); n > 0 {
			t.Fatalf("seed %d: %d crowds after 120 quiet ticks", seed, n)
		}
		c.checkCrowds()
	}
}

// TestNothingChangesWithoutBudget: and with one that is never reached not a byte either.
func TestNothingChangesWithoutBudget(t *testing.T) {
	for seed := range seeds(12) {
		c := newTown(t, []int{1, 3, 6}[seed%3], 1<<17, seed)
		c.other = New(c.view.cfg)
		c.other.cfg.Budget = 1 << 15
		c.other.crowds = c.other.newCrowds()
		for range 80 {
			c.disturb(40)
		}
	}
}

// compareOther holds what a second view hands everybody against the first's.
func (c *town) compareOther(out *world.Output, frames []press.Frame, deliveries []press.Delivery) {
	c.t.Helper()
	c.other.Encode(out, c.states())
	others, handed := c.other.Compose()
	if !slices.Equal(handed, deliveries) {
		c.t.Fatalf("tick %d: %v is delivered, and %v", c.tick, deliveries, handed)
	}
	for i := range frames {
		if !slices.Equal(frames[i].Bytes, others[i].Bytes) || frames[i].Updates != others[i].Updates {
			c.t.Fatalf("tick %d: frame %d is\n%x\nand\n%x", c.tick, i, frames[i].Bytes, others[i].Bytes)
		}
	}
}

// TestBoundsAreKept: nobody is elsewhere than its track says for longer than was declared meanwhile, and a beat; and where that
// is more than five seconds, aggregates tell of everybody at once, and once a second.
func TestBoundsAreKept(t *testing.T) {
	for seed := range uint64(6) {
		c := newBudgeted(t, 1, []int{200, 400, 800}[seed%3], seed)
		in := &world.Input{}
		for range 300 {
			c.viewers[c.enter(in, Form(c.next%2))].model = nil
		}
		c.play(in)
		declared, aggregated := map[int32][]uint32{}, c.now
		for range 400 {
			c.gather(world.Position{X: 5, Z: 5}, 8, 50+int(seed)*10)
			for _, s := range c.view.crowds.streams {
				for slot := range s.members {
					track := &s.mass.tracks[slot]
					if !track.off {
						declared[int32(slot)] = nil
						continue
					}
					declared[int32(slot)] = append(declared[int32(slot)], uint32(s.mass.bound.Milliseconds()))
					if waits := c.view.crowds.now - track.since; waits > slices.Max(declared[int32(slot)])+100 {
						t.Fatalf("seed %d, tick %d: slot %d waits for %d ms, declared were %v", seed, c.tick, slot, waits, declared[int32(slot)])
					}
				}
				sum := int32(0)
				for _, a := range s.mass.aggregates {
					sum += a.Count
				}
				if len(s.mass.aggregates) > 0 {
					if aggregated = c.now; int(sum) != s.count || len(s.mass.aggregates) > maxAggregates {
						t.Fatalf("%d aggregates of %d, of whom %d are there", len(s.mass.aggregates), sum, s.count)
					}
				}
				if s.mass.bound.Milliseconds() <= aggregateAbove.Milliseconds() {
					aggregated = never // who looks on forgets them
				} else if c.now-aggregated > aggregateEvery {
					t.Fatalf("seed %d, tick %d: no aggregate since %v, the bound is %v", seed, c.tick, aggregated, s.mass.bound)
				}
			}
		}
		if len(declared) == 0 {
			t.Errorf("seed %d: there was no crowd", seed)
		}
	}
}

// TestCrowdsGatherAndLeave: ten times over, in ten seconds; the budget is back two seconds after.
func TestCrowdsGatherAndLeave(t *testing.T) {
	c := newBudgeted(t, 4, 400, 7)
	in := &world.Input{}
	for n := range 200 {
		if v := c.viewers[c.enter(in, Form(c.next%2))]; n%15 > 0 {
			v.model = nil
		}
	}
	c.play(in)
	for range 10 {
		for range 100 {
			c.gather(world.Position{X: 25, Z: 25}, 6, 80)
			c.checkCrowds()
		}
		if len(c.view.crowds.streams) == 0 {
			t.Fatal("no crowd")
		}
		in := &world.Input{}
		for i, id := range c.ids() {
			to := world.Position{X: float32(i%14)*2.8 + 0.5, Z: float32(i/14)*2.6 + 0.5}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		c.play(in)
		c.checkCrowds()
		for range 40 {
			c.gather(world.Position{X: 25, Z: 25}, 1000, 2)
			c.checkCrowds()
		}
		if n := len(c.view.crowds.streams); n > 0 {
			t.Fatalf("%d crowds two seconds after", n)
		}
	}
}

// TestWhoComesNearACrowdKeepsWhatItSees: a crowd that is too large to be shown at once is shown in parts, and meanwhile those do
// not vanish who are in view before and after.
func TestWhoComesNearACrowdKeepsWhatItSees(t *testing.T) {
	c := newBudgeted(t, 5, 500, 1)
	in := &world.Input{}
	at := func(in *world.Input, id world.ID, x, z float32) {
		in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: world.Position{X: x, Z: z}, Valid: true})
	}
	walker, friend := c.enter(in, Bits), c.enter(in, Columns)
	for range 300 {
		id := c.enter(in, Bits)
		c.viewers[id].model = nil
		at(in, id, 15+c.random.Float32()*4, 15+c.random.Float32()*4)
	}
	at(in, c.enter(in, Bits), 15, 5) // in the first of the cells that will be new
	at(in, walker, 39, 15)
	at(in, friend, 35, 16)
	c.play(in)
	c.quiet(10)
	in = &world.Input{}
	at(in, walker, 28, 15)
	c.play(in)
	parts := 0
	for ; !c.upToDate(walker); parts++ {
		if parts > 20 {
			t.Fatal("still behind after 20 ticks")
		}
		v := c.viewers[walker]
		if _, seen := v.model.everybody()[friend]; !seen || v.replica.Entity(int32(friend)) == nil || v.replica.Entity(int32(walker)) == nil {
			t.Fatalf("part %d: the friend, or oneself, has vanished", parts)
		}
		in = &world.Input{}
		at(in, friend, 35+float32(parts)/10, 16)
		c.play(in)
	}
	if c.checkCrowds(); parts < 2 || c.viewers[walker].replica.Len() != 303 {
		t.Errorf("%d parts, %d in view", parts, c.viewers[walker].replica.Len())
	}
}

// TestMissedBeatIsMadeUpFor: who could not take a frame that told of nothing but tracks has missed something.
func TestMissedBeatIsMadeUpFor(t *testing.T) {
	c := newBudgeted(t, 1, 200, 1)
	in := &world.Input{}
	for n := range 120 {
		if v := c.viewers[c.enter(in, Bits)]; n > 4 {
			v.model = nil
		}
	}
	c.play(in)
	for range 30 {
		c.gather(world.Position{X: 5, Z: 5}, 8, 90)
	}
	if len(c.view.crowds.streams) == 0 {
		t.Fatal("no crowd")
	}
	for range 3 { // all stand, and there are tracks to be put right
		c.viewers[1].busy = true
		c.play(&world.Input{})
		c.checkCrowds()
		c.quiet(5)
	}
	if !c.upToDate(1) {
		t.Error("not up to date")
	}
}

// TestStraightWalkersCostLittle: whoever walks straight on is where its track says, about, without being told again.
func TestStraightWalkersCostLittle(t *testing.T) {
	c := newBudgeted(t, 1, 200, 3)
	c.size = 10
	in := &world.Input{}
	for n := range 150 {
		if v := c.viewers[c.enter(in, Bits)]; n%8 > 0 {
			v.model = nil
		}
	}
	c.play(in)
	random := rand.New(rand.NewPCG(1, 1))
	speed := map[world.ID]world.Position{}
	var off []int64
	for tick := range 200 {
		in := &world.Input{}
		for i, id := range c.ids() {
			if (tick+i)%2 != 0 {
				continue // ten moves a second
			}
			at, v := c.truth[id].At, speed[id]
			if to := at.X + v.X; to < 0 || to > 10 || v == (world.Position{}) {
				v.X = (random.Float32() - 0.5) / 8
			}
			if to := at.Z + v.Z; to < 0 || to > 10 || v.Z == 0 {
				v.Z = (random.Float32() - 0.5) / 8
			}
			speed[id] = v
			to := world.Position{X: min(max(at.X+v.X, 0), 10), Z: min(max(at.Z+v.Z, 0), 10)}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		c.play(in)
		c.checkCrowds()
		if tick > 100 && len(c.view.crowds.streams) > 0 {
			s := c.view.crowds.streams[0]
			for slot := range s.members {
				off = append(off, s.mass.tracks[slot].distance(s.members[slot].at, c.view.crowds))
			}
		}
	}
	if len(off) == 0 {
		t.Fatal("there was no crowd")
	}
	slices.SortFunc(off, cmp.Compare[int64])
	if p95 := off[len(off)*95/100]; p95 > 50 {
		t.Errorf("tracks are off by %d hundredths of a unit (p95), p50 %d", p95, off[len(off)/2])
	}
}
