package view

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// town is a world of clients that join, move, chat and leave at random, some of them unable to take a frame now and
// then, each believing only what it is told.
type town struct {
	*stage
	random  *rand.Rand
	next    world.ID
	truth   map[world.ID]world.Position
	looks   map[world.ID]look
	said    map[world.ID]int // chats since the player joined
	mailed  map[world.ID]int // messages for the player alone
	recuts  bool             // the world is cut into other cells now and then
	budgets []int            // of frames, of which each new cut takes one; empty where that does not change

	handed map[world.ID]uint64 // in which tick it was handed a frame last
	sizes  map[world.ID]int    // of that (bytes)
	other  *View               // unless nil, what everybody is handed must be what this one hands them, too
}

// newTown returns an empty town in a world of so many cells a side.
func newTown(t testing.TB, side int, seed uint64) *town {
	return &town{
		stage: newStage(t, side, side), random: rand.New(rand.NewPCG(seed, 5)), next: 1,
		truth: map[world.ID]world.Position{}, looks: map[world.ID]look{},
		said: map[world.ID]int{}, mailed: map[world.ID]int{},
		handed: map[world.ID]uint64{}, sizes: map[world.ID]int{},
	}
}

// step plays one random tick of a world of the given size in units.
func (c *town) step(size float32, busyShare float64) {
	c.tick++
	in := world.Input{Tick: c.tick, Now: time.Duration(c.tick) * 50 * time.Millisecond}
	for range c.random.IntN(3) {
		in.Joins = append(in.Joins, world.Join{Player: c.next, Epoch: 1})
		c.next++
	}
	for id := range c.next {
		if c.random.IntN(3) == 0 {
			to := world.Position{X: c.random.Float32() * size, Z: c.random.Float32() * size, V: float32(c.tick)}
			if c.random.IntN(10) == 0 {
				to.X = -1
			}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
	}
	if c.random.IntN(2) == 0 {
		in.Chats = append(in.Chats, world.Chat{Player: c.someone(), Epoch: 1, Reach: world.ToAll, Text: fmt.Sprint(c.tick)})
		in.Leaves = append(in.Leaves, world.Leave{Player: c.someone(), Epoch: 1})
	}
	for range c.random.IntN(4) {
		d := deed{[]string{"wears", "wears", "hears"}[c.random.IntN(3)], []string{"", "red", "blue"}[c.random.IntN(3)]}
		in.Acts = append(in.Acts, world.Act{Player: c.someone(), Epoch: 1, Command: d})
	}
	if c.recuts && c.random.IntN(5) == 0 {
		in.Grid = c.otherGrid()
		if len(c.budgets) > 0 {
			c.view.Configure(c.budgets[c.random.IntN(len(c.budgets))], c.view.cfg.Period)
		}
	}
	before := c.states(nil)
	out := c.world.Step(&in)
	if err := c.world.Check(); err != nil {
		panic(err)
	}
	c.follow(out)
	c.show(out, c.states(before))
	for _, l := range out.Departed {
		delete(c.slots, l.Player)
	}
	clear(c.busy)
	for id := range c.slots {
		c.busy[id] = c.random.Float64() < busyShare
	}
}

// otherGrid returns other cells for the world.
func (c *town) otherGrid() *aoi.Config {
	cfg := c.world.Grid().Config()
	cfg.Columns, cfg.Rows, cfg.Radius = 1+c.random.IntN(9), 1+c.random.IntN(9), c.random.IntN(3)
	return &cfg
}

// someone returns an id, of a player or not.
func (c *town) someone() world.ID { return 1 + world.ID(c.random.IntN(int(c.next))) }

// follow keeps the truth.
func (c *town) follow(out *world.Output) {
	for _, change := range out.Changes {
		if change.Before == aoi.None {
			c.slots[change.Player], c.clients[change.Player] = change.Slot, &client{}
		}
		if c.truth[change.Player] = change.At; change.After == aoi.None {
			delete(c.truth, change.Player)
			delete(c.clients, change.Player)
			delete(c.looks, change.Player)
			delete(c.said, change.Player)
		}
	}
	for _, m := range out.Marks {
		if c.looks[m.Player] = (look{m.Kind, string(m.Attributes)}); len(m.Attributes) == 0 {
			delete(c.looks, m.Player)
		}
	}
	for _, t := range out.Told {
		c.mailed[t.Player]++
	}
	for range out.Chats {
		for id := range c.clients {
			c.said[id]++
		}
	}
}

// show shows everybody a tick.
func (c *town) show(out *world.Output, states []press.State) {
	c.view.Encode(out, states)
	frames, deliveries := c.view.Compose()
	if c.other != nil {
		c.compareOther(out, states, frames, deliveries)
	}
	c.hand(frames, deliveries)
}

// hand gives the frames to the clients, and checks that nobody busy gets one.
func (c *town) hand(frames []press.Frame, deliveries []press.Delivery) {
	for _, d := range deliveries {
		id := c.view.mirror.players[d.Slot].player
		body := frames[d.Frame].Bytes[c.view.cfg.Headroom:]
		if c.busy[id] {
			c.t.Fatalf("tick %d: busy %d is handed a frame", c.tick, id)
		}
		if len(body) > c.view.cfg.MaxFrame {
			c.t.Fatalf("tick %d: a frame of %d bytes, at most %d", c.tick, len(body), c.view.cfg.MaxFrame)
		}
		c.handed[id], c.sizes[id] = c.tick, len(body)
		if err := c.clients[id].take(body); err != nil {
			c.t.Fatalf("tick %d: %d objects: %v", c.tick, id, err)
		}
	}
}

// compare holds what every client that is up to date believes against brute force.
func (c *town) compare() {
	grid := c.view.cfg.Grid
	for id, me := range c.clients {
		if c.view.lags[c.slots[id]] != nil {
			continue
		}
		want, looks := map[world.ID]world.Position{}, map[world.ID]look{}
		for other, at := range c.truth {
			here := c.truth[id]
			if grid.Near(grid.CellAt(here.X, here.Z), grid.CellAt(at.X, at.Z)) {
				want[other] = at
				if l, has := c.looks[other]; has {
					looks[other] = l
				}
			}
		}
		if !maps.Equal(me.shown, want) {
			c.t.Fatalf("tick %d: %d is shown\n%v, want\n%v", c.tick, id, me.shown, want)
		}
		if !maps.Equal(me.looks, looks) {
			c.t.Fatalf("tick %d: to %d they look like\n%v, want\n%v", c.tick, id, me.looks, looks)
		}
		if len(me.heard) != c.mailed[id] {
			c.t.Fatalf("tick %d: %d got %d messages, want %d", c.tick, id, len(me.heard), c.mailed[id])
		}
		if len(me.chats) != c.said[id] {
			c.t.Fatalf("tick %d: %d heard %d chats, want %d", c.tick, id, len(me.chats), c.said[id])
		}
	}
}

// TestEverybodyIsShownTheTruth is the promise of the package: whatever happens and whoever lags, a client that takes its
// frames believes exactly what brute force says.
func TestEverybodyIsShownTheTruth(t *testing.T) {
	for _, side := range []int{1, 3, 8} {
		for seed := range uint64(20) {
			c := newTown(t, side, seed)
			for range 100 {
				c.step(float32(side)*10, float64(seed%4)/4)
				c.compare()
			}
		}
	}
}

// TestEverybodyIsShownTheTruthOfOtherCells: nor does it matter into what the world is cut meanwhile, and how far one sees.
func TestEverybodyIsShownTheTruthOfOtherCells(t *testing.T) {
	for seed := range uint64(40) {
		c := newTown(t, 5, seed)
		c.recuts = true
		for range 100 {
			c.step(50, float64(seed%4)/4)
			c.compare()
		}
		if seed%4 == 0 && slices.ContainsFunc(c.view.lags, func(l *lag) bool { return l != nil }) {
			t.Fatalf("seed %d: somebody is behind though all could take each frame", seed)
		}
	}
}

// TestLargeViewsComeInPieces: with frames too small for the view, everybody is up to date after a few quiet ticks.
func TestLargeViewsComeInPieces(t *testing.T) {
	c := newTown(t, 2, 1)
	c.view.cfg.MaxFrame = MinMaxFrame
	pieces := 0
	for range 200 {
		c.step(20, 0.2)
		for _, l := range c.view.lags {
			if l != nil {
				pieces++
			}
		}
		c.compare()
	}
	clear(c.busy)
	for range 10 {
		c.quiet()
	}
	if slices.ContainsFunc(c.view.lags, func(l *lag) bool { return l != nil }) {
		t.Error("somebody is still behind after ten quiet ticks")
	}
	c.compare()
	if pieces < 1000 {
		t.Errorf("the views were cut %d times: the test is too easy", pieces)
	}
}

// quiet plays a tick without a command.
func (c *town) quiet() { c.play(&world.Input{}) }

// TestFramesOfClassesAreBounded: everybody is up to date, and then more happens in one tick than fits into a frame.
func TestFramesOfClassesAreBounded(t *testing.T) {
	c := newTown(t, 1, 1)
	c.view.cfg.MaxFrame = MinMaxFrame
	var in world.Input
	for id := world.ID(1); id <= 120; id++ {
		in.Joins = append(in.Joins, world.Join{Player: id, Epoch: 1})
		to := world.Position{X: 5, Z: 6}
		in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
	}
	c.play(&world.Input{Joins: in.Joins})
	for range 5 {
		c.quiet()
	}
	if slices.ContainsFunc(c.view.lags, func(l *lag) bool { return l != nil }) {
		t.Fatal("somebody is behind before it begins")
	}
	c.play(&world.Input{Moves: in.Moves}) // hand checks the size of each frame
	for range 5 {
		c.quiet()
	}
	c.compare()
}

// play plays a tick of commands in which everybody can take a frame.
func (c *town) play(in *world.Input) {
	c.tick++
	in.Tick, in.Now = c.tick, time.Duration(c.tick)*50*time.Millisecond
	out := c.world.Step(in)
	if err := c.world.Check(); err != nil {
		panic(err)
	}
	c.follow(out)
	c.show(out, c.states(nil))
}

// TestNobodyStarves: in a crowd that moves all the time and never fits into a frame, everybody is shown moving.
func TestNobodyStarves(t *testing.T) {
	c := newTown(t, 1, 1)
	c.view.cfg.MaxFrame = MinMaxFrame
	for tick := range 150 {
		in := world.Input{}
		if tick == 0 {
			for c.next <= 300 {
				in.Joins = append(in.Joins, world.Join{Player: c.next, Epoch: 1})
				c.next++
			}
		}
		for id := world.ID(1); id < c.next; id++ {
			to := world.Position{X: 5, Z: 5, V: float32(tick + 1)}
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: 1, To: to, Valid: true})
		}
		c.play(&in)
	}
	for id, me := range c.clients {
		for other, at := range me.shown {
			if age := float32(c.tick) - at.V; age > 8 {
				t.Fatalf("%d sees %d as it was %v ticks ago: 300 records need 4 frames", id, other, age)
			}
		}
	}
}

// TestViewersOfAClassShareTheirBytes: equal classes are handed the same backing array.
func TestViewersOfAClassShareTheirBytes(t *testing.T) {
	s := newStage(t, 5, 5)
	s.perform("ann joins; bob joins; cid joins; cid moves to 45,45")
	in := world.Input{Tick: 99, Moves: []world.Move{
		{Player: 1, Epoch: 1, To: world.Position{X: 6, Z: 6}, Valid: true},
		{Player: 3, Epoch: 1, To: world.Position{X: 46, Z: 46}, Valid: true},
	}}
	s.view.Encode(s.world.Step(&in), s.states(nil))
	frames, deliveries := s.view.Compose()
	if len(deliveries) != 3 {
		t.Fatalf("%d deliveries, want 3", len(deliveries))
	}
	first := func(i int) *byte { return &frames[deliveries[i].Frame].Bytes[0] }
	if first(0) != first(1) {
		t.Error("two viewers of a class are handed different arrays")
	}
	if first(0) == first(2) {
		t.Error("viewers of different classes are handed one array")
	}
}

// TestSteadyStateAllocatesNothing: walkers that cross borders cost no garbage once all memory has grown.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	rig := newRig(t, 500, 8)
	for range 300 {
		rig.tick()
	}
	if allocations := testing.AllocsPerRun(100, rig.tick); allocations > 0 {
		t.Errorf("%v allocations a tick", allocations)
	}
}

// TestMailIsNotLost: who is behind gets every message for it alone, or is ended.
func TestMailIsNotLost(t *testing.T) {
	c := newTown(t, 1, 1)
	c.view.cfg.MaxFrame = MinMaxFrame
	c.play(&world.Input{Joins: []world.Join{{Player: 1, Epoch: 1}}})
	text := strings.Repeat("x", world.MaxMessage)
	letters := func(n int) (in world.Input) {
		for range n {
			in.Acts = append(in.Acts, world.Act{Player: 1, Epoch: 1, Command: deed{"hears", text}})
		}
		return in
	}
	c.play(new(letters(20))) // more than a frame holds
	for range 20 {
		c.quiet()
	}
	c.compare()
	if got := len(c.clients[1].heard); got != 20 {
		t.Errorf("%d of 20 messages came", got)
	}
	c.view.Encode(c.world.Step(new(letters(100))), []press.State{press.Busy})
	if _, deliveries := c.view.Compose(); !slices.Equal(deliveries, []press.Delivery{{Slot: 0, Frame: press.Overflow}}) {
		t.Errorf("more mail than is kept: deliveries %v", deliveries)
	}
}
