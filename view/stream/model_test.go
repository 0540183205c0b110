package stream

import (
	"fmt"

	"aoiworld/net/native"
	"aoiworld/world"
)

// model is a client that is too simple to be wrong: everything that the document says, in that order, without regard to speed.
type model struct {
	extent  native.Extent
	time    uint32
	streams map[uint32]*modelStream
	last    native.Tick // what was told last
}

// modelStream is a stream.
type modelStream struct {
	members map[int32]*modelMember
	partial bool
	crowded bool
}

// modelMember is somebody.
type modelMember struct {
	id    int32
	at    native.Place // by keys, deltas and what ended a crowd
	track native.Track
	near  *native.Place
}

// newModel returns a model that was told nothing.
func newModel(extent native.Extent) *model {
	return &model{extent: extent, streams: map[uint32]*modelStream{}}
}

// place is where somebody is.
func (s *modelStream) place(m *modelMember, now uint32, e native.Extent) native.Place {
	switch {
	case !s.crowded:
		return m.at
	case m.near != nil:
		return *m.near
	}
	return m.track.At(now, e)
}

// of returns a stream. One of which nothing was told is empty.
func (m *model) of(id uint32) *modelStream {
	if m.streams[id] == nil {
		m.streams[id] = &modelStream{members: map[int32]*modelMember{}}
	}
	return m.streams[id]
}

// apply applies a Tick.
func (m *model) apply(payload []byte) error {
	t := native.Tick{}
	if err := t.Parse(payload); err != nil {
		return err
	}
	m.last = t
	if t.Forget {
		clear(m.streams)
	}
	if t.Time != 0 {
		m.time = t.Time
	}
	for i := range t.Keys {
		m.key(&t.Keys[i])
	}
	for i := range t.Deltas {
		m.delta(&t.Deltas[i])
	}
	for _, b := range t.Bits {
		id, _, moved, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		m.moved(m.of(id), &moved)
	}
	for i := range t.Crowds {
		if err := m.crowd(&t.Crowds[i]); err != nil {
			return err
		}
	}
	for i := range t.Near {
		s, fixes := m.of(t.Near[i].Stream), t.Near[i].Fixes()
		for f, more, err := fixes.Next(); more; f, more, err = fixes.Next() {
			if who := s.members[f.Slot]; who != nil {
				who.near = &f.At
			} else if !s.partial || err != nil {
				return fmt.Errorf("a near fix of slot %d, %w", f.Slot, err)
			}
		}
	}
	m.end(&t)
	for {
		id, more, err := t.Dropped.Next()
		if err != nil || !more {
			return err
		}
		delete(m.streams, id)
	}
}

// key applies a key chunk.
func (m *model) key(k *native.KeyPart) {
	s := m.of(k.Stream)
	for slot := range s.members {
		if slot >= int32(k.First) && (k.End == 0 || slot < int32(k.End)) || k.First == 0 {
			delete(s.members, slot)
		}
	}
	s.partial = k.End != 0
	tracks, members := k.Tracks(), k.Members()
	if k.First == 0 {
		s.crowded = !tracks.Empty()
	}
	s.crowded = s.crowded || !tracks.Empty()
	for r, more, _ := members.Next(); more; r, more, _ = members.Next() {
		who := &modelMember{id: r.ID, at: r.At, track: native.Track{From: r.At, Since: m.time}}
		if !tracks.Empty() {
			who.track, _ = tracks.Next(r.At, m.time)
		}
		s.members[r.Slot] = who
	}
}

// delta applies a delta chunk.
func (m *model) delta(d *native.DeltaPart) {
	s, left, entered, moved := m.of(d.Stream), d.Left(), d.Entered(), d.Moved()
	for slot, more, _ := left.Next(); more; slot, more, _ = left.Next() {
		delete(s.members, int32(slot))
	}
	for r, more, _ := entered.Next(); more; r, more, _ = entered.Next() {
		s.members[r.Slot] = &modelMember{id: r.ID, at: r.At, track: native.Track{From: r.At, Since: m.time}}
	}
	m.moved(s, &moved)
}

// moved applies a column of moves.
func (m *model) moved(s *modelStream, moved *native.Steps) {
	for step, more, _ := moved.Next(); more; step, more, _ = moved.Next() {
		if who := s.members[step.Slot]; who != nil {
			who.at = who.at.Moved(step)
		}
	}
}

// crowd applies what is told of a crowd, but for its end.
func (m *model) crowd(c *native.CrowdPart) error {
	s := m.of(c.Stream)
	for _, who := range s.members {
		if who.near = nil; !s.crowded {
			who.track = native.Track{From: who.at, Since: m.time}
		}
	}
	s.crowded = true
	fixes := c.Fixes()
	for f, more, err := fixes.Next(); more; f, more, err = fixes.Next() {
		if who := s.members[f.Slot]; who != nil {
			who.track = native.Track{From: f.At, Speed: f.Speed, Since: m.time}
		} else if !s.partial || err != nil {
			return fmt.Errorf("a fix of slot %d, %w", f.Slot, err)
		}
	}
	return nil
}

// end ends crowds.
func (m *model) end(t *native.Tick) {
	for i := range t.Crowds {
		if s := m.of(t.Crowds[i].Stream); t.Crowds[i].Ends {
			for _, who := range s.members {
				who.at, who.near = s.place(who, m.time, m.extent), nil
			}
			s.crowded = false
		}
	}
}

// everybody returns who is where.
func (m *model) everybody() map[world.ID]native.Place {
	all := map[world.ID]native.Place{}
	for _, s := range m.streams {
		for _, who := range s.members {
			all[world.ID(who.id)] = s.place(who, m.time, m.extent)
		}
	}
	return all
}
