package client

import (
	"bytes"
	"fmt"
	"slices"

	"aoiworld/net/native"
)

// park empties slots of a stream. Who was in them is gone at the end of the tick, unless a stream has it by then.
func (a applying) park(s *stream, first, end int) {
	for slot := first; slot < end; slot++ {
		i := s.members[slot]
		if s.members[slot] = nobody; i < 0 {
			continue
		}
		s.count--
		a.entities[i].parked = true
		a.parked = append(a.parked, i)
	}
}

// place puts somebody into a slot. Who was in view before stays the same entity.
func (a applying) place(s *stream, m native.Member) error {
	if i := s.member(m.Slot); i != nobody {
		return fmt.Errorf("%w: %d enters slot %d of stream %d, %d is there", ErrDesync, m.ID, m.Slot, s.id, a.entities[i].ID)
	}
	if grow := int(m.Slot) + 1 - len(s.members); grow > 0 {
		if a.slots += grow; a.slots > maxSlots {
			return fmt.Errorf("%w: slot %d of stream %d is one too many", native.ErrMalformed, m.Slot, s.id)
		}
		for range grow {
			s.members = append(s.members, nobody)
		}
	}
	i, known := a.index[m.ID]
	if known {
		a.again(i, m.At)
	} else {
		if len(a.entities) == cap(a.entities) {
			a.resize(len(a.entities))
		}
		i = int32(len(a.entities))
		a.index[m.ID] = i
		a.entities = append(a.entities, Entity{ID: m.ID, At: m.At})
		a.touch(i, toldNew)
	}
	e := &a.entities[i]
	e.stream, e.slot, e.parked, e.crowded = s.id, m.Slot, false, false
	s.count++
	if s.members[m.Slot] = i; s.crowd != nil {
		a.stand(s, m.Slot, i)
	}
	return nil
}

// again takes in where somebody is who was in view before. A stream that it leaves in this tick, or that is dropped, may have it
// still.
func (a applying) again(i int32, at native.Place) {
	e := &a.entities[i]
	if !e.parked {
		s := a.stream(e.stream)
		s.members[e.slot] = elsewhere
		s.count--
	}
	e.told &^= toldTraits // a key told those before this tick
	a.touch(i, toldAgain)
	if e.At != at || e.crowded { // on a track it was elsewhere
		e.At = at
		a.touch(i, toldMoved)
	}
}

// trait takes in what there is to a member beside its place.
func (a applying) trait(s *stream, t native.Traits) error {
	i := s.member(t.Slot)
	if i == nobody {
		if s.partial {
			return nil
		}
		return fmt.Errorf("%w: traits of slot %d of stream %d, nobody is there", ErrDesync, t.Slot, s.id)
	}
	e := &a.entities[i]
	a.touch(i, toldTraits)
	if e.Kind != t.Kind || e.Name != t.Name || !bytes.Equal(e.Attributes, t.Attributes) {
		e.Kind, e.Name, e.Attributes = t.Kind, t.Name, bytes.Clone(t.Attributes)
		a.touch(i, toldChanged)
	}
	return nil
}

// touch notes what a tick tells of an entity.
func (a applying) touch(i int32, what told) {
	e := &a.entities[i]
	if e.told&listed == 0 {
		a.touched = append(a.touched, i)
	}
	e.told |= what | listed
}

// tell ends a tick: who is parked is gone, and the observer is told everything.
func (a applying) tell() {
	a.parked = a.gone()
	for _, i := range a.parked {
		delete(a.index, a.entities[i].ID)
	}
	for _, i := range a.parked {
		if e := &a.entities[i]; a.observer != nil && e.told&toldNew == 0 {
			a.observer.Left(e)
		}
	}
	for _, i := range a.touched {
		e := &a.entities[i]
		if e.told&toldAgain != 0 && e.told&toldTraits == 0 && (e.Kind != 0 || e.Name != "" || len(e.Attributes) > 0) {
			e.Kind, e.Name, e.Attributes = 0, "", nil
			e.told |= toldChanged
		}
	}
	a.report(toldNew, Observer.Appeared)
	a.report(toldMoved, Observer.Moved)
	a.report(toldChanged, Observer.Changed)
	for _, i := range a.touched {
		a.entities[i].told = 0
	}
	for _, i := range a.parked {
		a.remove(i)
	}
	a.trim()
}

// gone returns who is parked still, the last in memory first, each once.
func (a applying) gone() []int32 {
	gone := slices.DeleteFunc(a.parked, func(i int32) bool { return !a.entities[i].parked })
	slices.SortFunc(gone, func(i, j int32) int { return int(j - i) })
	return slices.Compact(gone)
}

// report tells the observer of the entities of whom something was told: of the new ones only that they are new.
func (a applying) report(what told, tell func(Observer, *Entity)) {
	if a.observer == nil {
		return
	}
	for _, i := range a.touched {
		if e := &a.entities[i]; e.told&what != 0 && (what == toldNew || e.told&toldNew == 0) && !e.parked {
			tell(a.observer, e)
		}
	}
}

// remove frees the memory of who is gone: the last entity takes its place.
func (r *Replica) remove(i int32) {
	last := int32(len(r.entities) - 1)
	if i != last {
		e := r.entities[last]
		r.entities[i], r.index[e.ID] = e, i
		r.stream(e.stream).members[e.slot] = i
	}
	r.entities[last] = Entity{}
	r.entities = r.entities[:last]
}

const (
	// smallest is for how many entities there is memory at least.
	smallest = 8
	// trimTicks is after how many ticks memory is given back that none of them needed.
	trimTicks = 32
)

// trim gives memory back now and then: a crowd that was passed once is not kept.
func (r *Replica) trim() {
	r.most = max(r.most, len(r.entities))
	if r.untrimmed++; r.untrimmed < trimTicks {
		return
	}
	if spare := cap(r.entities) - r.most; spare > max(smallest, r.most/2) {
		r.resize(r.most)
	}
	r.untrimmed, r.most = 0, len(r.entities)
}

// resize leaves memory for a quarter more than so many entities, which is less than append would add for speed.
func (r *Replica) resize(n int) {
	size := n + max(smallest, n/4)
	r.entities = append(make([]Entity, 0, size), r.entities...)
	r.index = make(map[int32]int32, size)
	for i := range r.entities {
		r.index[r.entities[i].ID] = int32(i)
	}
}
