package client

import (
	"errors"
	"fmt"
	"iter"

	"aoiworld/net/native"
)

// ErrDesync is wrapped by every error that says what a Tick does not fit to. Whoever gets one connects anew.
var ErrDesync = errors.New("tick does not fit")

// Entity is somebody or something in view.
type Entity struct {
	ID         int32
	Kind       uint8 // 0 is a player
	Name       string
	Attributes []byte // of a game; they are replaced as a whole, never changed
	At         native.Place

	stream *stream // whose member it is, by slot
	slot   int32
	told   told // in this tick
	parked bool // it left a stream, or the stream was forgotten, and may be in another
}

// ShownName returns under which name to show an entity to people: a player without a name of its own has one all the same. What
// is no player may have none.
func (e *Entity) ShownName() string {
	if e.Kind != 0 {
		return e.Name
	}
	return native.ShownName(e.Name, e.ID)
}

// told says what a tick told of an entity.
type told uint8

const (
	toldNew told = 1 << iota
	toldMoved
	toldChanged
	toldAgain // of one that was known: traits that are not told are none
	toldTraits
	listed
)

// Observer is told what became of entities, in the order of a tick: who left, who appeared, who moved, whose traits changed. An
// Entity is the replica's, to be read during the call.
type Observer interface {
	Left(*Entity)
	Appeared(*Entity)
	Moved(*Entity)
	Changed(*Entity)
}

// Replica is what a server shows to one viewer, built from Ticks. It is pure: no connection, no clock, no lock.
type Replica struct {
	observer Observer
	streams  map[uint32]*stream
	entities map[int32]*Entity
	number   uint64
	cell     uint32

	// Of the tick that is applied; the memory is used again.
	tick    native.Tick
	touched []*Entity // of whom something is told
	parked  []*Entity
}

// stream is the members of one cell by slot.
type stream struct {
	id      uint32
	epoch   uint32
	partial bool // further key parts are to come: members of slots that are not known are passed over
	members []*Entity
}

// NewReplica returns a replica that was told nothing. The observer may be nil.
func NewReplica(o Observer) *Replica {
	return &Replica{observer: o, streams: map[uint32]*stream{}, entities: map[int32]*Entity{}}
}

// Number returns the number of the last tick, Cell the viewer cell as of then.
func (r *Replica) Number() uint64 { return r.number }

// Cell returns the cell from which the viewer looks.
func (r *Replica) Cell() uint32 { return r.cell }

// Len returns the number of entities in view, oneself included.
func (r *Replica) Len() int { return len(r.entities) }

// Entity returns an entity in view, or nil. It is the replica's, to be read until the next Apply.
func (r *Replica) Entity(id int32) *Entity { return r.entities[id] }

// All yields everybody in view, in no order.
func (r *Replica) All() iter.Seq[*Entity] {
	return func(yield func(*Entity) bool) {
		for _, e := range r.entities {
			if !yield(e) {
				return
			}
		}
	}
}

// Apply applies the payload of a Tick in the order of the protocol: forget all, keys, all left, all entered, traits, all moved,
// dropped. The error wraps native.ErrMalformed or ErrDesync; the replica is not to be used any more then.
func (r *Replica) Apply(payload []byte) error {
	t := &r.tick
	if err := t.Parse(payload); err != nil {
		return err
	}
	r.number = t.Number
	r.touched, r.parked = r.touched[:0], r.parked[:0]
	if t.Forget {
		for _, s := range r.streams {
			r.park(s, 0, len(s.members))
		}
		clear(r.streams)
	}
	if t.Shifted {
		r.cell = t.Cell
	}
	for _, step := range [...]func() error{r.applyKeys, r.applyLeft, r.applyEntered, r.applyMoved, r.applyBits, r.applyDropped} {
		if err := step(); err != nil {
			return err
		}
	}
	r.tell()
	return nil
}

// applyKeys applies key chunks.
func (r *Replica) applyKeys() error {
	for i := range r.tick.Keys {
		if err := r.applyKey(&r.tick.Keys[i]); err != nil {
			return err
		}
	}
	return nil
}

// applyKey makes the members of a stream, or of some of its slots, what a key says.
func (r *Replica) applyKey(k *native.KeyPart) error {
	s := r.stream(k.Stream)
	if k.First == 0 {
		r.park(s, 0, len(s.members))
		s.members, s.epoch = s.members[:0], k.Epoch
	} else if s.epoch != k.Epoch || !s.partial {
		return fmt.Errorf("%w: part of a key of epoch %d from slot %d on, stream %d is of epoch %d",
			ErrDesync, k.Epoch, k.First, s.id, s.epoch)
	}
	end := len(s.members)
	if k.End != 0 {
		end = min(end, int(k.End))
	}
	r.park(s, int(k.First), end)
	s.partial = k.End != 0
	members := k.Members()
	for {
		m, more, err := members.Next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		r.place(s, m)
	}
	return k.Traits(func(t native.Traits) error { return r.trait(s, t) })
}

// deltaOf returns the stream of a delta or of bits.
func (r *Replica) deltaOf(id, epoch uint32) (*stream, error) {
	s := r.stream(id)
	if s.epoch != epoch {
		return nil, fmt.Errorf("%w: delta of epoch %d, stream %d is of epoch %d", ErrDesync, epoch, id, s.epoch)
	}
	return s, nil
}

// applyLeft applies who left.
func (r *Replica) applyLeft() error {
	for i := range r.tick.Deltas {
		d := &r.tick.Deltas[i]
		s, err := r.deltaOf(d.Stream, d.Epoch)
		if err != nil {
			return err
		}
		left := d.Left()
		for {
			slot, more, err := left.Next()
			if err != nil {
				return err
			}
			if !more {
				break
			}
			if int(slot) >= len(s.members) || s.members[slot] == nil {
				if s.partial {
					continue
				}
				return fmt.Errorf("%w: slot %d of stream %d leaves, nobody is there", ErrDesync, slot, s.id)
			}
			r.park(s, int(slot), int(slot)+1)
		}
	}
	return nil
}

// applyEntered applies who entered, and the traits of the deltas.
func (r *Replica) applyEntered() error {
	for i := range r.tick.Deltas {
		d := &r.tick.Deltas[i]
		s := r.stream(d.Stream)
		entered := d.Entered()
		for {
			m, more, err := entered.Next()
			if err != nil {
				return err
			}
			if !more {
				break
			}
			if int(m.Slot) < len(s.members) && s.members[m.Slot] != nil {
				return fmt.Errorf("%w: %d enters slot %d of stream %d, %d is there",
					ErrDesync, m.ID, m.Slot, s.id, s.members[m.Slot].ID)
			}
			r.place(s, m)
		}
		if err := d.Traits(func(t native.Traits) error { return r.trait(s, t) }); err != nil {
			return err
		}
	}
	return nil
}

// applyMoved applies the deltas' moves.
func (r *Replica) applyMoved() error {
	for i := range r.tick.Deltas {
		d := &r.tick.Deltas[i]
		moved := d.Moved()
		if err := r.move(r.stream(d.Stream), &moved); err != nil {
			return err
		}
	}
	return nil
}

// applyBits applies moves in bits.
func (r *Replica) applyBits() error {
	for _, b := range r.tick.Bits {
		id, epoch, moved, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		s, err := r.deltaOf(id, epoch)
		if err != nil {
			return err
		}
		if err := r.move(s, &moved); err != nil {
			return err
		}
	}
	return nil
}

// move applies a column of moves to a stream.
func (r *Replica) move(s *stream, moved *native.Steps) error {
	for {
		step, more, err := moved.Next()
		if err != nil || !more {
			return err
		}
		if int(step.Slot) >= len(s.members) || s.members[step.Slot] == nil {
			if s.partial {
				continue
			}
			return fmt.Errorf("%w: slot %d of stream %d moves, nobody is there", ErrDesync, step.Slot, s.id)
		}
		e := s.members[step.Slot]
		e.At = e.At.Moved(step)
		r.touch(e, toldMoved)
	}
}

// applyDropped forgets the streams that are no longer in view.
func (r *Replica) applyDropped() error {
	for {
		id, more, err := r.tick.Dropped.Next()
		if err != nil || !more {
			return err
		}
		if s := r.streams[id]; s != nil {
			r.park(s, 0, len(s.members))
			delete(r.streams, id)
		}
	}
}
