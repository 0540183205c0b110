package bot

import (
	"cmp"
	"slices"
	"time"

	"aoiworld/net/native"
)

// onlooker is how a bot of the native dialect is shown the world where nothing but counting is asked of it: it is at a picture of each
// stream in view, and all bots share the gallery. It counts what a replica of its own would tell it of. Where views are held
// against the truth, or a game is played, bots have such replicas.
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

// glance is the memory that taking in a tick needs. Nothing is kept in it.
type glance struct {
	tick      native.Tick
	told      []told
	whole     []whole
	changes   []*change
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
	if err := g.tick.Parse(payload); err != nil {
		return false, err
	}
	o.tick = uint32(g.tick.Number)
	if g.tick.Time != 0 || len(g.tick.Crowds) > 0 {
		o.time = g.tick.Time
	}
	g.told, g.whole, g.changes = g.told[:0], g.whole[:0], g.changes[:0]
	g.gone, g.come, g.latencies = g.gone[:0], g.come[:0], g.latencies[:0]
	if g.tick.Forget {
		for _, s := range o.seen {
			g.gone = s.picture.append(g.gone)
		}
		o.seen = o.seen[:0]
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
		picture, err := o.gallery.keyed(s.picture, k, o.time)
		if err != nil {
			return err
		}
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
		c, err := o.gallery.follow(s.picture, t)
		if err != nil {
			return err
		}
		s.picture = c.to
		if g.isWhole(t.stream) == nil {
			g.changes = append(g.changes, c)
		}
	}
	return nil
}

// compare works out who is gone and who has come.
func (o *onlooker) compare(g *glance) {
	for _, c := range g.changes {
		if c.crossings != nil {
			g.gone = append(g.gone, c.left...)
			g.come = append(g.come, c.entered...)
		}
	}
	for _, w := range g.whole {
		i, known := o.find(w.stream)
		switch {
		case !known: // told of, and dropped, in one
		case w.dropped:
			g.gone = w.before.append(g.gone)
			o.seen = slices.Delete(o.seen, i, i+1)
		case o.seen[i].picture != w.before:
			g.gone = w.before.append(g.gone)
			g.come = o.seen[i].picture.append(g.come)
		}
	}
}

// few is how many comparisons are quicker than an index.
const few = 256

// entered returns who has come with an id, or nil.
func (g *glance) entered(id int32) *member {
	if len(g.come)*len(g.gone) <= few {
		for i := range g.come {
			if g.come[i].id == id {
				return &g.come[i]
			}
		}
		return nil
	}
	if len(g.index) == 0 {
		if g.index == nil {
			g.index = make(map[int32]int, len(g.come))
		}
		for i := range g.come {
			g.index[g.come[i].id] = i
		}
	}
	if i, has := g.index[id]; has {
		return &g.come[i]
	}
	return nil
}

// meet accounts for those who left and who came. Who did both has moved from one stream to another. It reports whether the bot
// itself is among those who came.
func (o *onlooker) meet(g *glance, now time.Duration) (self bool) {
	v := o.view
	for i := range g.gone {
		was := &g.gone[i]
		is := g.entered(was.id)
		switch {
		case is == nil:
			o.leave(was, now)
		case is.at != was.at:
			o.moved(g, was, is, now)
			fallthrough
		default:
			is.id = -is.id // it has not appeared
		}
	}
	clear(g.index)
	for i := range g.come {
		m := &g.come[i]
		if m.id < 0 {
			self = self || -m.id == v.self
			continue
		}
		at := onLattice(v.lattice, m.at)
		if m.verdict == impossible {
			v.wrong(Impossible, m.id, "shown at %v, where it has never been", at)
		}
		switch {
		case m.id != v.self:
			v.tally.updates++
		case m.crowded:
			v.confirm(at, m.sequence, o.others(), now)
			self = true
		default:
			v.echoFirst(at, m.sequence, now)
			self = true
		}
	}
	return self
}

// leave accounts for somebody who is gone.
func (o *onlooker) leave(m *member, now time.Duration) {
	v := o.view
	if m.id == v.self {
		v.wrong(LeftUnseen, m.id, "leaves, is not shown (or is the viewer itself)")
		return
	}
	v.tally.updates++
	if m.track != nil && !m.crowded && o.looks {
		v.tally.overdue(m.track, m.sequence, now, v.inTime)
	}
}

// moved accounts for somebody who was in one stream and is in another, or is told by a key.
func (o *onlooker) moved(g *glance, was, is *member, now time.Duration) {
	v := o.view
	at := onLattice(v.lattice, is.at)
	if is.verdict == impossible {
		v.wrong(Impossible, is.id, "shown at %v, where it has never been", at)
	}
	if was.crowded || is.crowded {
		o.fixed(is.id, at, is.sequence, now)
		return
	}
	if is.id == v.self {
		v.echo(at, is.sequence, is.verdict, o.others(), now)
		return
	}
	v.tally.updates++
	switch {
	case is.track == nil || is.verdict == impossible || !o.looks:
	case is.sequence < was.sequence:
		v.wrong(WentBack, is.id, "move %d after move %d", is.sequence, was.sequence)
	case is.sequence > was.sequence:
		took := memory
		if sent, ok := is.track.sentAt(is.sequence); ok {
			took = now - sent
		}
		g.latencies = append(g.latencies, took)
		v.tally.arrived(is.track, was.sequence, is.sequence, now, v.inTime)
	}
}

// watch accounts for a change's movements, and reports whether the bot itself is among them.
func (o *onlooker) watch(g *glance, c *change, now time.Duration) (self bool) {
	v := o.view
	oldest := now - v.inTime
	for i := range c.moved {
		m := &c.moved[i]
		if m.verdict == impossible || m.wentBack {
			o.complain(c, m)
		}
		if m.id == v.self {
			v.echo(onLattice(v.lattice, c.to.members[m.slot].at), m.sequence, m.verdict, o.others(), now)
			self = true
			continue
		}
		v.tally.updates++
		if m.first == m.end || !o.looks {
			continue
		}
		for _, sent := range c.sent[m.first:m.end] {
			v.tally.expected++
			if sent >= oldest {
				v.tally.delivered++
			}
		}
		took := memory
		if sent := c.sent[m.end-1]; sent != neverSent {
			took = now - sent
		}
		g.latencies = append(g.latencies, took)
	}
	o.watchFixes(g, c.fixes, now)
	if c.over {
		o.end(c)
	}
	return self
}

// complain reports a move that breaks the rules. Of its own moves a bot hears what it hears: the server may refuse them.
func (o *onlooker) complain(c *change, m *movement) {
	v := o.view
	switch {
	case m.verdict == impossible:
		at := onLattice(v.lattice, c.to.members[m.slot].at)
		v.wrong(Impossible, m.id, "shown at %v, where it has never been", at)
	case m.id != v.self:
		v.wrong(WentBack, m.id, "move %d after a later one", m.sequence)
	}
}

// others is how many others are in view.
func (o *onlooker) others() int {
	n := -1
	for _, s := range o.seen {
		n += s.picture.count
	}
	return n
}

// close accounts for the moves that were due by now and never came.
func (o *onlooker) close(now time.Duration) {
	if o.closed {
		return
	}
	if o.closed = true; !o.looks {
		return
	}
	for _, s := range o.seen {
		if s.picture.crowd != nil {
			continue
		}
		for i := range s.picture.members {
			if m := &s.picture.members[i]; m.id != o.view.self && m.track != nil {
				o.view.tally.overdue(m.track, m.sequence, now, o.view.inTime)
			}
		}
	}
}

// stop keeps what is seen and nothing that comes after it.
func (o *onlooker) stop() {
	for i := range o.seen {
		o.seen[i].picture = o.seen[i].picture.alone()
	}
}
