package bot

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"aoiworld/client"
	"aoiworld/net/native"
)

// crowded is what a picture of a crowd has beside its members.
type crowded struct {
	bound  uint32 // within what time everybody is told of anew who is not where its track leads (ms)
	groups int    // in which the members are told, 0 where they are not

	mu   sync.Mutex
	near map[uint64]*nearby // what was told in this tick of some of the members, by a hash of the bytes
}

// declares reports whether the same is told of a crowd as a whole; nil is that there is none.
func (c *crowded) declares(o *crowded) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.bound == o.bound && c.groups == o.groups
}

// nearby is where some members of a crowd are in a tick. It is shared as pictures are.
type nearby struct {
	raw   []byte // as it was received
	fixes []fixed
}

// fixed is where a member of a crowd is told to be.
type fixed struct {
	id, slot int32
	sequence uint32 // of the move that led there
	verdict  verdict
	first    bool // this is the first tick in which anybody is told of that move
	at       native.Place
	sent     time.Duration // when the move was
}

// track is where a member of a crowd goes.
func (m *member) going() native.Track {
	return native.Track{From: m.at, Speed: m.speed, Since: m.since}
}

// stand begins the track of a member where it is, if the picture is one of a crowd.
func (m *member) stand(s *picture, now uint32) {
	if m.crowded = s.crowd != nil; m.crowded {
		m.since, m.speed = now, native.Velocity{}
	}
}

// gather makes a picture one of a crowd: everybody in it stands since now.
func (s *picture) gather(now uint32) {
	s.crowd = &crowded{}
	for i := range s.members {
		if m := &s.members[i]; m.id != 0 {
			m.stand(s, now)
		}
	}
}

// applyCrowd applies what is told of a crowd to a change's picture.
func (c *gallery) applyCrowd(n *change, t *told) error {
	if err := n.to.fits(t.crowd.Epoch); err != nil {
		return err
	}
	if n.to.crowd == nil {
		n.to.gather(t.time)
	}
	if err := n.to.crowd.describe(t.crowd); err != nil {
		return err
	}
	fixes := t.crowd.Fixes()
	err := c.readFixes(n.to, &fixes, t.tick, func(f fixed, speed native.Velocity) {
		m := &n.to.members[f.slot]
		m.at, m.since, m.speed, m.sequence, m.verdict = f.at, t.time, speed, f.sequence, f.verdict
		n.fixes = append(n.fixes, f)
	})
	if err != nil || !t.crowd.Ends {
		return err
	}
	n.over = true
	return c.scatter(n.to, t)
}

// describe takes in what is told of a crowd as a whole.
func (c *crowded) describe(t *native.CrowdPart) error {
	if c.bound = t.BoundMillis; millis(c.bound) <= groupsAbove {
		c.groups = 0
	}
	all := t.Aggregates()
	for n := 1; ; n++ {
		_, more, err := all.Next()
		if err != nil || !more {
			return err
		}
		c.groups = n
	}
}

// readFixes reads a column of fixes of a picture's members.
func (c *gallery) readFixes(s *picture, fixes *native.Fixes, tick uint32, take func(fixed, native.Velocity)) error {
	for {
		f, more, err := fixes.Next()
		if err != nil || !more {
			return err
		}
		m := s.in(uint32(f.Slot))
		if m == nil && s.partial {
			continue
		}
		if m == nil {
			return fmt.Errorf("%w: a fix of slot %d of stream %d, nobody is there", client.ErrDesync, f.Slot, s.stream)
		}
		is := member{id: m.id, track: m.track, at: f.At}
		sequence, of := c.judge(&is)
		n := fixed{id: m.id, slot: f.Slot, sequence: sequence, verdict: of, at: f.At, sent: neverSent}
		if is.track != nil && of == genuine {
			n.first = is.track.tell(sequence, tick)
			if at, ok := is.track.sentAt(sequence); ok {
				n.sent = at
			}
		}
		take(n, f.Speed)
	}
}

// scatter ends a crowd: where everybody is now is where they were told to be.
func (c *gallery) scatter(s *picture, t *told) error {
	near := make(map[int32]native.Place)
	for _, raw := range t.near {
		n, err := native.ReadNear(raw)
		if err != nil {
			return err
		}
		fixes := n.Fixes()
		if err := c.readFixes(s, &fixes, t.tick, func(f fixed, _ native.Velocity) { near[f.slot] = f.at }); err != nil {
			return err
		}
	}
	extent := c.lattice.Extent()
	for i := range s.members {
		m := &s.members[i]
		if m.id == 0 {
			continue
		}
		going := m.going()
		at, told := near[int32(i)]
		if !told {
			at = going.At(t.time, extent)
		}
		m.at, m.since, m.speed, m.crowded = at, 0, native.Velocity{}, false
		m.sequence, m.verdict = c.judge(m)
	}
	s.crowd = nil
	return nil
}

// nearby returns what is told of some members of a picture's crowd.
func (c *gallery) nearby(s *picture, n *native.NearPart, tick uint32) (*nearby, error) {
	if err := s.fits(n.Epoch); err != nil {
		return nil, err
	}
	if s.crowd == nil {
		return nil, fmt.Errorf("%w: places in stream %d, which is not crowded", client.ErrDesync, s.stream)
	}
	hash := maphash.Bytes(c.seed, n.Bytes())
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	if known := s.crowd.near[hash]; known != nil && bytes.Equal(known.raw, n.Bytes()) {
		return known, nil
	}
	is := &nearby{raw: bytes.Clone(n.Bytes())}
	fixes := n.Fixes()
	err := c.readFixes(s, &fixes, tick, func(f fixed, _ native.Velocity) { is.fixes = append(is.fixes, f) })
	if err != nil {
		return nil, err
	}
	if s.crowd.near == nil {
		s.crowd.near = make(map[uint64]*nearby)
	}
	s.crowd.near[hash] = is
	return is, nil
}

// lookNear takes in where some members of crowds are told to be, which holds until their crowd is told of again.
func (o *onlooker) lookNear(g *glance, now time.Duration) error {
	o.near = slices.DeleteFunc(o.near, func(n near) bool {
		i, known := o.find(n.stream)
		return !known || o.seen[i].picture.crowd == nil || g.tellsCrowd(n.stream) || g.isWhole(n.stream) != nil
	})
	for i := range g.tick.Near {
		n := &g.tick.Near[i]
		at, known := o.find(n.Stream)
		if !known || g.ends(n.Stream) { // it is dropped in this tick; or its end was told with the change
			continue
		}
		told, err := o.gallery.nearby(o.seen[at].picture, n, uint32(g.tick.Number))
		if err != nil {
			return err
		}
		o.watchFixes(g, told.fixes, now)
		o.near = append(o.near, near{n.Stream, told})
	}
	return nil
}

// tellsCrowd reports whether a tick tells of the crowd of a stream, ends whether it is the last to do so.
func (g *glance) tellsCrowd(stream uint32) bool {
	for i := range g.tick.Crowds {
		if g.tick.Crowds[i].Stream == stream {
			return true
		}
	}
	return false
}

func (g *glance) ends(stream uint32) bool {
	for i := range g.tick.Crowds {
		if c := &g.tick.Crowds[i]; c.Stream == stream && c.Ends {
			return true
		}
	}
	return false
}

// watchFixes accounts for where members of crowds are told to be. A move is timed in the tick that is the first to tell of it.
func (o *onlooker) watchFixes(g *glance, fixes []fixed, now time.Duration) {
	v := o.view
	for i := range fixes {
		f := &fixes[i]
		if f.verdict == impossible {
			v.wrong(Impossible, f.id, "shown at %v, where it has never been", onLattice(v.lattice, f.at))
		}
		if f.id == v.self {
			v.confirm(onLattice(v.lattice, f.at), f.sequence, o.others(), now)
			continue
		}
		v.tally.crowded++
		if v.tally.updates++; f.first && o.looks {
			g.latencies = append(g.latencies, now-f.sent)
		}
	}
}

// fixed accounts for somebody who was told of in one stream and then in another, where either is crowded.
func (o *onlooker) fixed(id int32, at place, sequence uint32, now time.Duration) {
	if v := o.view; id == v.self {
		v.confirm(at, sequence, o.others(), now)
	} else {
		v.tally.updates++
		v.tally.crowded++
	}
}

// end takes in where the members of a crowd are that is over.
func (o *onlooker) end(c *change) {
	v := o.view
	for i := range c.to.members {
		if m := &c.to.members[i]; m.id != 0 && m.verdict == impossible {
			v.wrong(Impossible, m.id, "shown at %v, where it has never been", onLattice(v.lattice, m.at))
		}
	}
}

// crowded reports whether there is a crowd in view.
func (o *onlooker) crowded() bool {
	for _, s := range o.seen {
		if s.picture.crowd != nil {
			return true
		}
	}
	return false
}
