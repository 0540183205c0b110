package client

import (
	"fmt"
	"slices"

	"aoiworld/net/native"
)

// applying is a tick on its way into a replica.
type applying struct {
	*Replica
	*Scratch
}

// applyKeys applies key chunks.
func (a applying) applyKeys() error {
	for i := range a.tick.Keys {
		if err := a.applyKey(&a.tick.Keys[i]); err != nil {
			return err
		}
	}
	return nil
}

// applyKey makes the members of a stream, or of some of its slots, what a key says.
func (a applying) applyKey(k *native.KeyPart) error {
	s, err := a.known(k.Stream)
	if err != nil {
		return err
	}
	if k.First == 0 {
		a.park(s, 0, len(s.members))
		a.slots -= len(s.members)
		s.members, s.epoch, s.crowd = nil, k.Epoch, nil
	} else if s.epoch != k.Epoch || !s.partial {
		return fmt.Errorf("%w: part of a key of epoch %d from slot %d on, stream %d is of epoch %d",
			ErrDesync, k.Epoch, k.First, s.id, s.epoch)
	}
	end := len(s.members)
	if k.End != 0 {
		end = min(end, int(k.End))
	}
	a.park(s, int(k.First), end)
	s.partial = k.End != 0
	if err := a.placeKeyed(s, k); err != nil {
		return err
	}
	return k.Traits(func(t native.Traits) error { return a.trait(s, t) })
}

// placeKeyed puts the members of a key into their slots, and in a crowded stream on their tracks.
func (a applying) placeKeyed(s *stream, k *native.KeyPart) error {
	tracks, members := k.Tracks(), k.Members()
	if tracks.Empty() {
		return a.placeAll(s, members)
	}
	a.gather(s)
	for {
		m, more, err := members.Next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := a.place(s, m); err != nil {
			return err
		}
		if s.crowd.tracks[m.Slot], err = tracks.Next(m.At, a.tick.Time); err != nil {
			return err
		}
	}
	if !tracks.Empty() {
		return fmt.Errorf("%w: more tracks than members in stream %d", native.ErrMalformed, s.id)
	}
	return nil
}

// deltaOf returns the stream of a delta or of bits.
func (a applying) deltaOf(id, epoch uint32) (*stream, error) {
	s, err := a.known(id)
	if err != nil {
		return nil, err
	}
	if s.epoch != epoch {
		return nil, fmt.Errorf("%w: delta of epoch %d, stream %d is of epoch %d", ErrDesync, epoch, id, s.epoch)
	}
	return s, nil
}

// applyLeft applies who left.
func (a applying) applyLeft() error {
	for i := range a.tick.Deltas {
		d := &a.tick.Deltas[i]
		s, err := a.deltaOf(d.Stream, d.Epoch)
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
			if int(slot) < len(s.members) && s.members[slot] != nobody {
				a.park(s, int(slot), int(slot)+1)
			} else if !s.partial {
				return fmt.Errorf("%w: slot %d of stream %d leaves, nobody is there", ErrDesync, slot, s.id)
			}
		}
	}
	return nil
}

// applyEntered applies who entered, and the traits of the deltas.
func (a applying) applyEntered() error {
	for i := range a.tick.Deltas {
		d := &a.tick.Deltas[i]
		s := a.stream(d.Stream)
		if err := a.placeAll(s, d.Entered()); err != nil {
			return err
		}
		if err := d.Traits(func(t native.Traits) error { return a.trait(s, t) }); err != nil {
			return err
		}
	}
	return nil
}

// placeAll puts the members of a column into their slots.
func (a applying) placeAll(s *stream, members native.Members) error {
	for {
		m, more, err := members.Next()
		if err != nil || !more {
			return err
		}
		if err := a.place(s, m); err != nil {
			return err
		}
	}
}

// applyMoved applies the deltas' moves.
func (a applying) applyMoved() error {
	for i := range a.tick.Deltas {
		d := &a.tick.Deltas[i]
		moved := d.Moved()
		if err := a.move(a.stream(d.Stream), &moved); err != nil {
			return err
		}
	}
	return nil
}

// applyBits applies moves in bits.
func (a applying) applyBits() error {
	for _, b := range a.tick.Bits {
		id, epoch, moved, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		s, err := a.deltaOf(id, epoch)
		if err != nil {
			return err
		}
		if err := a.move(s, &moved); err != nil {
			return err
		}
	}
	return nil
}

// move applies a column of moves to a stream.
func (a applying) move(s *stream, moved *native.Steps) error {
	for {
		step, more, err := moved.Next()
		if err != nil || !more {
			return err
		}
		if s.crowd != nil {
			return fmt.Errorf("%w: slot %d of stream %d moves by steps, in a crowd", ErrDesync, step.Slot, s.id)
		}
		i := s.member(step.Slot)
		if i != nobody {
			e := &a.entities[i]
			e.At = e.At.Moved(step)
			a.touch(i, toldMoved)
		} else if !s.partial {
			return fmt.Errorf("%w: slot %d of stream %d moves, nobody is there", ErrDesync, step.Slot, s.id)
		}
	}
}

// applyDropped forgets the streams that are no longer in view.
func (a applying) applyDropped() error {
	for {
		id, more, err := a.tick.Dropped.Next()
		if err != nil || !more {
			return err
		}
		if i, known := a.find(id); known {
			a.park(&a.streams[i], 0, len(a.streams[i].members))
			a.slots -= len(a.streams[i].members)
			a.streams = slices.Delete(a.streams, i, i+1)
		}
	}
}
