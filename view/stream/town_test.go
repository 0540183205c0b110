package stream

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"aoiworld/aoi"
	"aoiworld/client"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view/press"
	"aoiworld/world"
)

// seeds returns how many seeds of n to play: with -short, such as under the race detector, a quarter.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 4
	}
	return n
}

// viewer is somebody who believes only what it is told.
type viewer struct {
	replica *client.Replica
	model   *model // unless nil, for worlds with a budget
	welcome nativepb.Welcome
	chats   []string
	mail    []string
	acked   uint32
	refused int // moves
	busied  int // errors: chats that were refused
	form    Form
	shifts  int
	columns uint32 // as the last description of the world has it, 0 before
	busy    bool
	fresh   []byte // the welcome that is due

	received []byte // all of it
}

// take applies a frame.
func (v *viewer) take(body []byte) error {
	v.received = append(v.received, body...)
	for len(body) > 0 {
		f, rest, err := wire.Cut(body, 1<<20)
		if err != nil {
			return err
		}
		if err := v.apply(f); err != nil {
			return err
		}
		body = rest
	}
	return nil
}

// apply applies a message.
func (v *viewer) apply(f wire.Frame) error {
	switch f.ID {
	case native.IDWelcome:
		v.welcome.Reset()
		return native.Parse(f.Payload, &v.welcome)
	case native.IDWorld:
		var w nativepb.World
		err := native.Parse(f.Payload, &w)
		v.columns = w.Columns
		return err
	case native.IDTick:
		if v.model != nil {
			if err := v.model.apply(f.Payload); err != nil {
				return err
			}
		}
		before := v.replica.Cell()
		err := v.replica.Apply(f.Payload)
		if v.replica.Cell() != before {
			v.shifts++
		}
		return err
	case native.IDChat:
		var c nativepb.Chat
		err := native.Parse(f.Payload, &c)
		if c.Channel == nativepb.Channel_CHANNEL_WORLD {
			v.chats = append(v.chats, c.Text)
		}
		return err
	case native.IDAck:
		var a nativepb.Ack
		err := native.Parse(f.Payload, &a)
		if v.acked = a.Sequence; a.Refused != 0 {
			v.refused++
		}
		return err
	case native.IDError:
		v.busied++
	case native.FirstGameID:
		v.mail = append(v.mail, string(f.Payload))
	}
	return nil
}

// town is a world of viewers.
type town struct {
	t       testing.TB
	random  *rand.Rand
	world   *world.World
	view    *View
	size    float32
	tick    uint64
	now     time.Duration
	next    world.ID
	truth   map[world.ID]world.Entity
	slots   map[world.ID]world.Slot
	viewers map[world.ID]*viewer
	epochs  map[world.ID]world.Epoch
	mailed  map[world.ID][]string
	said    []world.Said
	public  *View // what the public would be shown if who is hidden were not there; nil where nobody hides
	since   map[world.ID]int

	other     *View           // unless nil, what everybody is handed must be what this one hands them, too
	irregular bool            // ticks come early and late
	described *nativepb.World // unless nil, in each welcome
	recut     bool            // the world was cut into other cells
	budgets   []int           // of frames, of which each new cut takes one; empty where that does not change
}

// tell is a command of a game that tells its player something alone, and shows it to all.
type tell struct{ text string }

// Apply implements world.Command.
func (c tell) Apply(tx *world.Tx, by world.Entity) {
	if err := tx.Tell(by.ID, world.Message{ID: native.FirstGameID, Payload: []byte(c.text)}); err != nil {
		panic(err)
	}
	if err := tx.SetAttributes(by.ID, []byte(c.text)); err != nil {
		panic(err)
	}
}

// newTown returns an empty world of so many cells of ten units a side.
func newTown(t testing.TB, side, maxFrame int, seed uint64) *town {
	size := float64(side) * 10
	bounds := aoi.Bounds{MaxX: size, MaxZ: size}
	w, err := world.New(world.Config{
		Grid: aoi.Config{Bounds: bounds, Columns: side, Rows: side, Radius: 1}, Spawn: bounds, Seed: seed,
	})
	if err != nil {
		t.Fatal(err)
	}
	lattice := native.Lattice{MaxX: size, MaxZ: size, Quantum: 0.01}
	return &town{
		t: t, random: rand.New(rand.NewPCG(seed, 3)), world: w, size: float32(size), next: 1,
		view:  New(Config{Grid: w.Grid(), Lattice: lattice, Headroom: 3, MaxFrame: maxFrame}),
		truth: map[world.ID]world.Entity{}, slots: map[world.ID]world.Slot{}, viewers: map[world.ID]*viewer{},
		epochs: map[world.ID]world.Epoch{}, mailed: map[world.ID][]string{}, since: map[world.ID]int{},
	}
}

// welcome is a Welcome as a session prepares it.
func (c *town) welcome(id world.ID) []byte {
	return native.AppendMessage(nil, native.IDWelcome, &nativepb.Welcome{Player: int32(id), World: c.described})
}

// enter lets a viewer join.
func (c *town) enter(in *world.Input, form Form) world.ID {
	id := c.next
	c.next++
	name := []string{"", "Ann", "Bob"}[c.random.IntN(3)]
	j := world.Join{Player: id, Epoch: 1, Name: name}
	if c.public != nil {
		c.moderate(&j)
	}
	in.Joins = append(in.Joins, j)
	c.epochs[id] = 1
	c.viewers[id] = &viewer{form: form, fresh: c.welcome(id)}
	c.renew(c.viewers[id])
	return id
}

// renew makes a viewer one that was told nothing.
func (c *town) renew(v *viewer) {
	v.replica = client.NewReplica(nil)
	if c.view.crowds != nil {
		extent := c.view.cfg.Lattice.Extent()
		v.replica.Bound(extent)
		v.model = newModel(extent)
	}
}

// leave takes a viewer out.
func (c *town) leave(in *world.Input, id world.ID) {
	in.Leaves = append(in.Leaves, world.Leave{Player: id, Epoch: c.epochs[id]})
}

// resume cuts a viewer's connection and lets it resume with an empty replica.
func (c *town) resume(in *world.Input, id world.ID) {
	v := c.viewers[id]
	c.epochs[id]++
	in.Resumes = append(in.Resumes, world.Resume{Player: id, Epoch: c.epochs[id]})
	v.fresh, v.busy = c.welcome(id), false
	c.renew(v)
}

// states returns who can take a frame, by slot.
func (c *town) states() []Viewer {
	var all []Viewer
	for id, slot := range c.slots {
		for int(slot) >= len(all) {
			all = append(all, Viewer{})
		}
		v := c.viewers[id]
		all[slot] = Viewer{State: press.Ready, Form: v.form, Welcome: v.fresh}
		if v.busy {
			all[slot].State = press.Busy
		}
	}
	return all
}

// play plays a tick and hands out its frames.
func (c *town) play(in *world.Input) {
	c.t.Helper()
	c.tick++
	if c.now += 50 * time.Millisecond; c.irregular {
		c.now += []time.Duration{-48, -45, -30, 0, 0, 0, 50, 150}[c.random.IntN(8)] * time.Millisecond
	}
	in.Tick, in.Now = c.tick, c.now
	out := c.world.Step(in)
	if err := c.world.Check(); err != nil {
		panic(err)
	}
	c.follow(out)
	c.view.Encode(out, c.states())
	frames, deliveries := c.view.Compose()
	if c.public != nil {
		c.comparePublic(out, frames, deliveries)
	}
	if c.other != nil {
		c.compareOther(out, frames, deliveries)
	}
	for _, d := range deliveries {
		id := c.view.sights[d.Slot].player
		v := c.viewers[id]
		if d.Frame == press.Overflow {
			continue
		}
		body := frames[d.Frame].Bytes[c.view.cfg.Headroom:]
		if len(body) > c.view.cfg.MaxFrame || v.busy {
			c.t.Fatalf("tick %d: %d is handed %d bytes, busy: %v", c.tick, id, len(body), v.busy)
		}
		if c.view.crowds != nil {
			c.checkFrame(id, body)
		}
		if err := v.take(body); err != nil {
			c.t.Fatalf("tick %d: %d objects: %v", c.tick, id, err)
		}
	}
	for id := range c.slots {
		if v := c.viewers[id]; !v.busy {
			v.fresh = nil
		}
	}
	for _, l := range out.Departed {
		delete(c.slots, l.Player)
	}
}

// follow keeps the truth.
func (c *town) follow(out *world.Output) {
	said := len(c.said)
	for layer := range world.Layers {
		for _, s := range out.Chats {
			if s.Layer == layer && s.Reach == world.ToAll {
				c.said = append(c.said, s)
			}
		}
	}
	for _, change := range out.Changes {
		e := c.truth[change.Player]
		e.At, e.Layer, e.Sees = change.At, change.Layer, change.Sees
		if c.truth[change.Player] = e; change.Joined() {
			c.slots[change.Player] = change.Slot
			c.since[change.Player] = said
		}
		if change.Left() {
			delete(c.truth, change.Player)
			delete(c.viewers, change.Player)
			delete(c.slots, change.Player)
		}
	}
	for _, m := range out.Marks {
		e := c.truth[m.Player]
		e.Name, e.Attributes = m.Name, m.Attributes
		c.truth[m.Player] = e
	}
	for _, t := range out.Told {
		if t.Reach == world.ToOne {
			c.mailed[t.Player] = append(c.mailed[t.Player], string(t.Payload))
		}
	}
}

// upToDate reports whether the view holds that a viewer knows everything.
func (c *town) upToDate(id world.ID) bool {
	w := &c.view.watchers[c.slots[id]]
	return w.lag == nil && !c.viewers[id].busy
}

// compare holds what viewers believe that are up to date against brute force.
func (c *town) compare() {
	c.t.Helper()
	for id, v := range c.viewers {
		if _, here := c.slots[id]; here && c.upToDate(id) {
			if wrong := c.wrong(id, v); wrong != "" {
				c.t.Fatalf("tick %d: %d, which looks from %d, %s", c.tick, id, v.replica.Cell(), wrong)
			}
		}
	}
}

// wrong says what is wrong with what a viewer believes.
func (c *town) wrong(id world.ID, v *viewer) string {
	grid, lattice := c.view.cfg.Grid, c.view.cfg.Lattice
	cell := func(at world.Position) aoi.Cell { return grid.CellAt(at.X, at.Z) }
	from := aoi.Cell(v.replica.Cell())
	if !grid.Near(from, cell(c.truth[id].At)) {
		return fmt.Sprint("is in ", cell(c.truth[id].At))
	}
	count := 0
	for other, e := range c.truth {
		shown := v.replica.Entity(int32(other))
		visible := grid.Near(from, cell(e.At)) && e.Layer <= c.truth[id].Sees
		switch at := lattice.Place(e.At.X, e.At.Y, e.At.Z, e.At.V); {
		case !visible && shown != nil:
			return fmt.Sprintf("is shown the ghost %+v", shown)
		case !visible:
			continue
		case shown == nil:
			return fmt.Sprintf("misses %d in %d", other, cell(e.At))
		case shown.At != at || shown.Name != e.Name || string(shown.Attributes) != string(e.Attributes):
			return fmt.Sprintf("is shown %+v, want %v %q %q", shown, at, e.Name, e.Attributes)
		}
		count++
	}
	if v.replica.Len() != count {
		return fmt.Sprintf("is shown %d, of whom %d are there", v.replica.Len(), count)
	}
	if got, want := fmt.Sprint(v.mail), fmt.Sprint(c.mailed[id]); got != want {
		return fmt.Sprintf("was told %s alone, want %s", got, want)
	}
	if got, want := fmt.Sprint(v.chats), fmt.Sprint(c.audible(id)); got != want {
		return fmt.Sprintf("heard %s, want %s", got, want)
	}
	return ""
}
