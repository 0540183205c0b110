package bot

import (
	"cmp"
	"slices"
	"time"

	"aoiworld/net/native"
)

// onlooker is how a bot of the native dialect is shown the world where nothing but counting is asked of it: it is at a picture
// of each stream in view, and all bots share the gallery. It counts what a replica of its own would tell it of. Where views are
// held against the truth, or a game is played, bots have such replicas.
type onlooker struct {
	view    *view
	gallery *gallery
	seen    []seen // by stream
	near    []near // what the crowds in view have told last of some of their members
	time    uint32 // by the world's clock (ms), of the last tick that told it
	tick    uint32 // the number of the last one
	looks   bool   // it times what it is shown
	closed  bool   // accounts are closed: what is told since does not count
}

// seen is a stream in view.
type seen struct {
	stream  uint32
	picture *picture
}

// near is where some members of a crowd were told to be.
type near struct {
	stream uint32
	*nearby
}

// glance is the memory that taking in a tick needs. Nothing is kept in it, and nothing held.
type glance struct {
	tick      native.Tick
	keyed     picture // what a key is read into
	told      []told
	whole     []whole
	changes   []*change
	own       []*change  // that this bot alone has worked out
	left      []*picture // at which it was before, for every time
	gone      []member
	come      []member
	index     map[int32]int // of come by id, where they are many
	latencies []time.Duration
}

// whole is a stream that a tick tells of otherwise than by a change: it was keyed, or is no longer in view.
type whole struct {
	stream  uint32
	before  *picture
	dropped bool
}

// apply takes in the payload of a Tick that arrived at time now and reports whether it told of the bot itself.
func (o *onlooker) apply(g *glance, payload []byte, now time.Duration) (self bool, err error) {
	if o.closed {
		return false, nil
	}
	defer o.gallery.settle(g)
	if err := g.tick.Parse(payload); err != nil {
		return false, err
	}
	o.tick = uint32(g.tick.Number)
	if g.tick.Time != 0 || len(g.tick.Crowds) > 0 {
		o.time = g.tick.Time
	}
	g.told, g.whole, g.changes = g.told[:0], g.whole[:0], g.changes[:0]
	g.gone, g.come, g.latencies = g.gone[:0], g.come[:0], g.latencies[:0]
	if g.tick.Forget || g.tick.Shifted {
		o.view.anew = now
	}
	if g.tick.Forget {
		for _, s := range o.seen {
			g.gone = s.picture.append(g.gone)
		}
		o.forget()
	}
	for _, step := range [...]func(*glance) error{o.takeKeys, o.takeDropped, o.collect, o.takeChanges} {
		if err := step(g); err != nil {
			return false, err
		}
	}
	o.compare(g)
	self = o.meet(g, now)
	for _, c := range g.changes {
		self = o.watch(g, c, now) || self
	}
	if err := o.lookNear(g, now); err != nil {
		return false, err
	}
	if o.looks {
		o.view.latency.recordAll(g.latencies)
	}
	return self, nil
}

// settle gives back what a bot needed to take in a tick.
func (c *gallery) settle(g *glance) {
	for _, n := range g.own {
		c.giveBack(n)
	}
	for _, s := range g.left {
		c.release(s)
	}
	clear(g.own)
	clear(g.left)
	clear(g.changes)
	clear(g.whole)
	g.own, g.left = g.own[:0], g.left[:0]
}

// forget forgets all streams, and what is told near.
func (o *onlooker) forget() {
	for _, s := range o.seen {
		o.gallery.release(s.picture)
	}
	clear(o.near)
	clear(o.seen)
	o.seen, o.near = o.seen[:0], o.near[:0]
}

// append appends who is there.
func (s *picture) append(dst []member) []member {
	for _, m := range s.members {
		if m.id != 0 {
			dst = append(dst, m)
		}
	}
	return dst
}

// find returns where a stream is, or would be.
func (o *onlooker) find(stream uint32) (i int, known bool) {
	return slices.BinarySearchFunc(o.seen, stream, func(s seen, stream uint32) int { return cmp.Compare(s.stream, stream) })
}

// at returns a stream, until the next is asked for. One of which nothing was told is empty.
func (o *onlooker) at(stream uint32) *seen {
	i, known := o.find(stream)
	if !known {
		o.seen = slices.Insert(o.seen, i, seen{stream, o.gallery.empty(stream)})
	}
	return &o.seen[i]
}

// isWhole finds a stream among those of which a tick tells otherwise than by a change.
func (g *glance) isWhole(stream uint32) *whole {
	for i := range g.whole {
		if g.whole[i].stream == stream {
			return &g.whole[i]
		}
	}
	return nil
}

// takeKeys takes in the keys.
func (o *onlooker) takeKeys(g *glance) error {
	for i := range g.tick.Keys {
		k := &g.tick.Keys[i]
		s := o.at(k.Stream)
		if g.isWhole(k.Stream) == nil {
			g.whole = append(g.whole, whole{stream: k.Stream, before: s.picture})
		}
		picture, err := o.gallery.keyed(&g.keyed, s.picture, k, o.time)
		if err != nil {
			return err
		}
		g.left = append(g.left, s.picture)
		s.picture = picture
	}
	return nil
}

// takeDropped takes in which streams are no longer in view after the tick.
func (o *onlooker) takeDropped(g *glance) error {
	for {
		stream, more, err := g.tick.Dropped.Next()
		if err != nil || !more {
			return err
		}
		if w := g.isWhole(stream); w != nil {
			w.dropped = true
		} else if i, known := o.find(stream); known {
			g.whole = append(g.whole, whole{stream, o.seen[i].picture, true})
		}
	}
}

// collect brings together what the tick tells of each stream.
func (o *onlooker) collect(g *glance) error {
	for i := range g.tick.Deltas {
		d := &g.tick.Deltas[i]
		g.told = append(g.told, o.told(g, d.Stream))
		g.told[i].delta = d
	}
	for _, b := range g.tick.Bits {
		stream, _, _, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		o.of(g, stream, func(t *told) bool { return t.bits == nil }).bits = b
	}
	for i := range g.tick.Crowds {
		c := &g.tick.Crowds[i]
		t := o.of(g, c.Stream, func(t *told) bool { return t.crowd == nil })
		if t.crowd = c; c.Ends {
			for n := range g.tick.Near {
				if g.tick.Near[n].Stream == c.Stream {
					t.near = append(t.near, g.tick.Near[n].Bytes())
				}
			}
		}
	}
	return nil
}

// told begins what a tick tells of a stream.
func (o *onlooker) told(g *glance, stream uint32) told {
	return told{stream: stream, tick: uint32(g.tick.Number), time: o.time}
}

// of returns what a tick tells of a stream, if more has room there, and begins it otherwise.
func (o *onlooker) of(g *glance, stream uint32, more func(*told) bool) *told {
	for i := range g.told {
		if t := &g.told[i]; t.stream == stream && more(t) {
			return t
		}
	}
	g.told = append(g.told, o.told(g, stream))
	return &g.told[len(g.told)-1]
}

// takeChanges follows what the tick tells of each stream.
func (o *onlooker) takeChanges(g *glance) error {
	for i := range g.told {
		t := &g.told[i]
		s := o.at(t.stream)
		w := g.isWhole(t.stream)
		c, own, err := o.gallery.follow(s.picture, t, w == nil || w.before != s.picture)
		if err != nil {
			return err
		}
		if own {
			g.own = append(g.own, c)
		}
		g.left = append(g.left, s.picture)
		s.picture = c.to.hold()
		if w == nil {
			g.changes = append(g.changes, c)
		}
	}
	return nil
}
