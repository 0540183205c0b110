package client

import (
	"bytes"
	"fmt"

	"aoiworld/net/native"
)

// stream returns a stream. One of which nothing was told is empty, and of epoch 0.
func (r *Replica) stream(id uint32) *stream {
	s := r.streams[id]
	if s == nil {
		s = &stream{id: id}
		r.streams[id] = s
	}
	return s
}

// park empties slots of a stream. Who was in them is gone at the end of the tick, unless another stream has it by then.
func (r *Replica) park(s *stream, first, end int) {
	for slot := first; slot < end; slot++ {
		e := s.members[slot]
		if s.members[slot] = nil; e == nil || e.stream != s || e.slot != int32(slot) || e.parked {
			continue
		}
		e.parked = true
		r.parked = append(r.parked, e)
	}
}

// place puts somebody into a slot. Who was in view before stays the same entity.
func (r *Replica) place(s *stream, m native.Member) {
	for int(m.Slot) >= len(s.members) {
		s.members = append(s.members, nil)
	}
	e := r.entities[m.ID]
	if e == nil {
		e = &Entity{ID: m.ID, At: m.At}
		r.entities[m.ID] = e
		r.touch(e, toldNew)
	} else {
		r.touch(e, toldAgain)
		if e.At != m.At {
			e.At = m.At
			r.touch(e, toldMoved)
		}
	}
	e.stream, e.slot, e.parked = s, m.Slot, false
	s.members[m.Slot] = e
}

// trait takes in what there is to a member beside its place.
func (r *Replica) trait(s *stream, t native.Traits) error {
	if int(t.Slot) >= len(s.members) || s.members[t.Slot] == nil {
		if s.partial {
			return nil
		}
		return fmt.Errorf("%w: traits of slot %d of stream %d, nobody is there", ErrDesync, t.Slot, s.id)
	}
	e := s.members[t.Slot]
	r.touch(e, toldTraits)
	if e.Kind != t.Kind || e.Name != t.Name || !bytes.Equal(e.Attributes, t.Attributes) {
		e.Kind, e.Name, e.Attributes = t.Kind, t.Name, bytes.Clone(t.Attributes)
		r.touch(e, toldChanged)
	}
	return nil
}

// touch notes what a tick tells of an entity.
func (r *Replica) touch(e *Entity, what told) {
	if e.told&listed == 0 {
		r.touched = append(r.touched, e)
	}
	e.told |= what | listed
}

// tell ends a tick: who is parked is gone, and the observer is told everything.
func (r *Replica) tell() {
	for _, e := range r.parked {
		if !e.parked || r.entities[e.ID] != e {
			continue
		}
		delete(r.entities, e.ID)
		if r.observer != nil && e.told&toldNew == 0 {
			r.observer.Left(e)
		}
	}
	for _, e := range r.touched {
		if e.told&toldAgain != 0 && e.told&toldTraits == 0 && (e.Kind != 0 || e.Name != "" || len(e.Attributes) > 0) {
			e.Kind, e.Name, e.Attributes = 0, "", nil
			e.told |= toldChanged
		}
	}
	r.report(toldNew, Observer.Appeared)
	r.report(toldMoved, Observer.Moved)
	r.report(toldChanged, Observer.Changed)
	for _, e := range r.touched {
		e.told = 0
	}
}

// report tells the observer of the entities of whom something was told: of the new ones only that they are new.
func (r *Replica) report(what told, tell func(Observer, *Entity)) {
	if r.observer == nil {
		return
	}
	for _, e := range r.touched {
		if e.told&what != 0 && (what == toldNew || e.told&toldNew == 0) && !e.parked {
			tell(r.observer, e)
		}
	}
}
