package bot

import (
	"slices"
	"time"
)

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
			g.left = append(g.left, o.seen[i].picture)
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
		v.leftItself(now)
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
	case is.sequence < was.sequence && was.verdict == forgotten: // then it may have been any before, and others judge sooner
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

// stop keeps what is seen and nothing that comes after it: who does not read on is not to keep all that follows.
func (o *onlooker) stop() {
	for i := range o.seen {
		before := o.seen[i].picture
		o.seen[i].picture = o.gallery.copy(before)
		o.gallery.release(before)
	}
}
