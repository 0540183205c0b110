package client

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"aoiworld/net/native"
)

// Crowd is what is told of a crowded part of the world beside who is there: so many are in it that most of them are told of only
// now and then. A Crowd is its owner's, to be read until the next tick is taken in.
type Crowd struct {
	Stream  uint32
	Members int // in view
	// Bound is within how much time everybody is told of who is not where Replica.Place has it.
	Bound time.Duration
	// Groups are how the members are spread when they are too many to be told of every few seconds: all of them, in parts, by
	// the middle of each. Otherwise there are none.
	Groups []native.Aggregate
}

// crowd is what a crowded stream has beside its members.
type crowd struct {
	tracks []native.Track // by slot
	beat   uint32         // the last tick that told of the crowd, as Replica.applied: fixes of before are over
	bound  uint32         // ms
	groups []native.Aggregate
}

// groupsAbove is how long a bound must be (ms) for a crowd to be told in groups.
const groupsAbove = 5000

// Bound says how large the world is: nobody is taken to have gone any farther. Without it places have no bounds but their own.
func (r *Replica) Bound(e native.Extent) { r.extent = e }

// Time returns the world's clock as of the last tick that told it (ms, modulo 2^32): those that tell of crowds do.
func (r *Replica) Time() uint32 { return r.time }

// Place returns where an entity in view is as of the last tick. That is where it was told to be, and in a crowd where its track
// has led since.
func (r *Replica) Place(e *Entity) native.Place {
	if t := r.track(e); t != nil {
		return t.At(r.time, r.extent)
	}
	return e.At
}

// Track returns the track of an entity in a crowd: where it goes, as everybody who sees it is told. False: it is in none.
func (r *Replica) Track(e *Entity) (t native.Track, crowded bool) {
	if c := r.crowdOf(e); c != nil {
		return c.tracks[e.slot], true
	}
	return native.Track{}, false
}

// Near reports whether a crowd has just told where an entity is truly, so that its track does not matter for now.
func (r *Replica) Near(e *Entity) bool {
	c := r.crowdOf(e)
	return c != nil && c.beat == e.near
}

// CrowdOf returns the crowd in which an entity is, or false.
func (r *Replica) CrowdOf(e *Entity) (c Crowd, crowded bool) {
	if s := r.crowdedStream(e); s != nil {
		return s.told(), true
	}
	return Crowd{}, false
}

// Crowds yields the crowds in view.
func (r *Replica) Crowds() iter.Seq[Crowd] {
	return func(yield func(Crowd) bool) {
		for i := range r.streams {
			if s := &r.streams[i]; s.crowd != nil && !yield(s.told()) {
				return
			}
		}
	}
}

// told is what is told of a stream that is crowded.
func (s *stream) told() Crowd {
	return Crowd{
		Stream: s.id, Members: int(s.count), Bound: time.Duration(s.crowd.bound) * time.Millisecond, Groups: s.crowd.groups,
	}
}

// crowdedStream returns the stream in whose crowd an entity is, or nil. Who has left it has no track there any more, though an
// Observer that is told may ask.
func (r *Replica) crowdedStream(e *Entity) *stream {
	if !e.crowded || e.parked {
		return nil
	}
	if i, known := r.find(e.stream); known && r.streams[i].crowd != nil {
		return &r.streams[i]
	}
	return nil
}

// crowdOf returns the crowd in which an entity is, or nil.
func (r *Replica) crowdOf(e *Entity) *crowd {
	if s := r.crowdedStream(e); s != nil {
		return s.crowd
	}
	return nil
}

// track returns the track of an entity in a crowd, unless where it is truly was told in the crowd's last beat, or nil.
func (r *Replica) track(e *Entity) *native.Track {
	c := r.crowdOf(e)
	if c == nil || c.beat == e.near {
		return nil
	}
	return &c.tracks[e.slot]
}

// gather makes a stream a crowded one: everybody in it stands since now.
func (a applying) gather(s *stream) {
	if s.crowd != nil {
		return
	}
	s.crowd = &crowd{tracks: make([]native.Track, len(s.members)), beat: a.applied}
	for slot, i := range s.members {
		if i >= 0 {
			a.stand(s, int32(slot), i)
		}
	}
}

// stand begins the track of somebody who is in a slot of a crowded stream.
func (a applying) stand(s *stream, slot, i int32) {
	if n := len(s.members) - len(s.crowd.tracks); n > 0 {
		s.crowd.tracks = append(s.crowd.tracks, make([]native.Track, n)...)
	}
	e := &a.entities[i]
	e.crowded, e.near = true, 0
	s.crowd.tracks[slot] = native.Track{From: e.At, Since: a.time}
}

// applyCrowds applies new tracks.
func (a applying) applyCrowds() error {
	for i := range a.tick.Crowds {
		c := &a.tick.Crowds[i]
		s, err := a.deltaOf(c.Stream, c.Epoch)
		if err != nil {
			return err
		}
		a.gather(s)
		s.crowd.beat = a.applied
		if err := s.crowd.describe(c); err != nil {
			return err
		}
		fixes := c.Fixes()
		if err := a.fix(s, &fixes, false); err != nil {
			return err
		}
	}
	return nil
}

// describe takes in what is told of a crowd as a whole.
func (c *crowd) describe(told *native.CrowdPart) error {
	if c.bound = told.BoundMillis; c.bound <= groupsAbove {
		c.groups = nil
	}
	column := told.Aggregates()
	for first := true; ; first = false {
		g, more, err := column.Next()
		if err != nil || !more {
			return err
		}
		if first {
			c.groups = c.groups[:0]
		}
		c.groups = append(c.groups, g)
	}
}

// applyNear applies where members of crowds are in this tick, and ends the crowds that are over.
func (a applying) applyNear() error {
	for i := range a.tick.Near {
		n := &a.tick.Near[i]
		s, err := a.deltaOf(n.Stream, n.Epoch)
		if err != nil {
			return err
		}
		if s.crowd == nil {
			return fmt.Errorf("%w: places in stream %d, which is not crowded", ErrDesync, s.id)
		}
		s.crowd.beat = a.applied
		fixes := n.Fixes()
		if err := a.fix(s, &fixes, true); err != nil {
			return err
		}
	}
	for i := range a.tick.Crowds {
		if c := &a.tick.Crowds[i]; c.Ends {
			a.scatter(a.stream(c.Stream))
		}
	}
	return nil
}

// fix applies a column of fixes to a stream, which are for this tick alone or new tracks.
func (a applying) fix(s *stream, fixes *native.Fixes, near bool) error {
	for {
		f, more, err := fixes.Next()
		if err != nil || !more {
			return err
		}
		i := s.member(f.Slot)
		if i != nobody {
			e := &a.entities[i]
			if e.At = f.At; near {
				e.near = a.applied
			} else {
				s.crowd.tracks[f.Slot] = native.Track{From: f.At, Speed: f.Speed, Since: a.time}
			}
			a.touch(i, toldMoved)
		} else if !s.partial {
			return fmt.Errorf("%w: a fix of slot %d of stream %d, nobody is there", ErrDesync, f.Slot, s.id)
		}
	}
}

// scatter ends a crowd: where everybody is now is where they were told to be.
func (a applying) scatter(s *stream) {
	if s.crowd == nil {
		return
	}
	for _, i := range s.members {
		if i < 0 {
			continue
		}
		e := &a.entities[i]
		if t := a.track(e); t != nil {
			at := t.At(a.time, a.extent)
			if at != e.At || t.Speed != (native.Velocity{}) { // it was told of elsewhere, or has gone since
				a.touch(i, toldMoved)
			}
			e.At = at
		}
		e.crowded = false
	}
	s.crowd = nil
}

// clone is a crowd for whoever keeps it.
func (c Crowd) clone() Crowd {
	c.Groups = slices.Clone(c.Groups)
	return c
}
