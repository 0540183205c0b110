package bot

import (
	"fmt"

	"aoiworld/client"
	"aoiworld/net/native"
)

// change works out what a tick's chunks make of the picture that a change leads to, which is as it was before, in the order
// of the protocol: who left, who entered, who moved, crowds. The error wraps native.ErrMalformed or client.ErrDesync.
func (c *gallery) change(n *change, t *told) error {
	before := n.to.crowd
	if before != nil || t.crowd != nil {
		n.time = t.time
	}
	if before != nil {
		n.to.crowd = &crowded{bound: before.bound, groups: before.groups}
	}
	if t.delta != nil {
		if err := c.applyDelta(n, t.delta); err != nil {
			return err
		}
	}
	if t.bits != nil {
		_, epoch, moved, err := native.ReadBits(t.bits)
		if err != nil {
			return err
		}
		if err := n.to.fits(epoch); err != nil {
			return err
		}
		if err := c.move(n, &moved); err != nil {
			return err
		}
	}
	if t.crowd != nil {
		if err := c.applyCrowd(n, t); err != nil {
			return err
		}
	}
	n.to.trim()
	return nil
}

// fits returns why a chunk of some epoch is none of a picture.
func (s *picture) fits(epoch uint32) error {
	if s.epoch != epoch {
		return fmt.Errorf("%w: delta of epoch %d, stream %d is of epoch %d", client.ErrDesync, epoch, s.stream, s.epoch)
	}
	return nil
}

// applyDelta applies a delta to a change's picture.
func (c *gallery) applyDelta(n *change, d *native.DeltaPart) error {
	if err := n.to.fits(d.Epoch); err != nil {
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
		m := n.to.in(slot)
		if m == nil && !n.to.partial {
			return fmt.Errorf("%w: slot %d of stream %d leaves, nobody is there", client.ErrDesync, slot, n.to.stream)
		}
		if m != nil {
			x := c.cross(n)
			x.left = append(x.left, *m)
			*m = member{}
			n.to.count--
		}
	}
	if err := c.enter(n.to, d.Entered(), func(m *member) error {
		m.stand(n.to, n.time)
		x := c.cross(n)
		x.entered = append(x.entered, *m)
		return nil
	}); err != nil {
		return err
	}
	if err := d.Traits(n.to.hasTraits); err != nil {
		return err
	}
	moved := d.Moved()
	return c.move(n, &moved)
}

// in returns who is in a slot, or nil.
func (s *picture) in(slot uint32) *member {
	if int64(slot) >= int64(len(s.members)) || s.members[slot].id == 0 {
		return nil
	}
	return &s.members[slot]
}

// hasTraits checks that traits are somebody's; what they are does not matter to who measures.
func (s *picture) hasTraits(t native.Traits) error {
	if s.in(uint32(t.Slot)) == nil && !s.partial {
		return fmt.Errorf("%w: traits of slot %d of stream %d, nobody is there", client.ErrDesync, t.Slot, s.stream)
	}
	return nil
}

// trim takes nobody off the end.
func (s *picture) trim() {
	for n := len(s.members); n > 0 && s.members[n-1].id == 0; n-- {
		s.members = s.members[:n-1]
	}
}

// enter puts the members of a column into their slots, and tells of each.
func (c *gallery) enter(s *picture, members native.Members, tell func(*member) error) error {
	for {
		e, more, err := members.Next()
		if err != nil || !more {
			return err
		}
		if there := s.in(uint32(e.Slot)); there != nil {
			return fmt.Errorf("%w: %d enters slot %d of stream %d, %d is there",
				client.ErrDesync, e.ID, e.Slot, s.stream, there.id)
		}
		for int(e.Slot) >= len(s.members) {
			s.members = append(s.members, member{})
		}
		m := &s.members[e.Slot]
		*m = member{id: e.ID, at: e.At}
		m.sequence, m.verdict = c.judge(m)
		s.count++
		if err := tell(m); err != nil {
			return err
		}
	}
}

// judge tells by which move a member came to where it is, if it ever was there.
func (c *gallery) judge(m *member) (sequence uint32, of verdict) {
	if m.track == nil {
		if m.track = c.directory.find(m.id); m.track == nil {
			return 0, forgotten
		}
	}
	return m.track.judge(onLattice(c.lattice, m.at), true)
}

// move applies a column of moves to a change's picture. Who entered in the same tick has entered where it is then.
func (c *gallery) move(n *change, moved *native.Steps) error {
	for {
		step, more, err := moved.Next()
		if err != nil || !more {
			return err
		}
		m := n.to.in(uint32(step.Slot))
		if m == nil && n.to.partial {
			continue
		}
		if m == nil {
			return fmt.Errorf("%w: slot %d of stream %d moves, nobody is there", client.ErrDesync, step.Slot, n.to.stream)
		}
		m.at = m.at.Moved(step)
		if e := n.hasEntered(m.id); e != nil {
			m.sequence, m.verdict = c.judge(m)
			*e = *m
		} else {
			c.note(n, m, step.Slot)
		}
	}
}

// hasEntered returns who has entered in this change, or nil.
func (n *change) hasEntered(id int32) *member {
	if n.crossings != nil {
		for i := range n.entered {
			if n.entered[i].id == id {
				return &n.entered[i]
			}
		}
	}
	return nil
}

// note judges where a member has moved to, and notes what every viewer has to know of it.
func (c *gallery) note(n *change, m *member, slot int32) {
	known := m.sequence
	v := movement{id: m.id, slot: slot, first: int32(len(n.sent))}
	v.sequence, v.verdict = c.judge(m)
	m.verdict = v.verdict
	switch {
	case m.track == nil || v.verdict == impossible:
	case v.sequence < known:
		v.wentBack = true
	default:
		for s := known + 1; s <= v.sequence; s++ {
			at, ok := m.track.sentAt(s)
			if !ok {
				at = neverSent
			}
			n.sent = append(n.sent, at)
		}
		m.sequence = v.sequence
	}
	v.end = int32(len(n.sent))
	n.moved = append(n.moved, v)
}

// decodeKey makes n, whatever it was, a picture whose members, or some of its slots, are what a key says.
func (c *gallery) decodeKey(n, s *picture, k *native.KeyPart, time uint32) error {
	n.stream, n.epoch, n.partial = k.Stream, k.Epoch, k.End != 0
	n.members, n.count, n.crowd = n.members[:0], 0, nil
	if k.First != 0 {
		if s.epoch != k.Epoch || !s.partial {
			return fmt.Errorf("%w: part of a key of epoch %d from slot %d on, stream %d is of epoch %d",
				client.ErrDesync, k.Epoch, k.First, s.stream, s.epoch)
		}
		n.members, n.count, n.crowd = append(n.members, s.members...), s.count, s.crowd
		for slot := range n.members {
			if m := &n.members[slot]; m.id != 0 && slot >= int(k.First) && (k.End == 0 || slot < int(k.End)) {
				*m = member{}
				n.count--
			}
		}
	}
	tracks := k.Tracks()
	keyed := !tracks.Empty()
	if keyed && n.crowd == nil {
		n.gather(time)
	}
	if err := c.enter(n, k.Members(), func(m *member) error {
		m.stand(n, time)
		if !keyed {
			return nil
		}
		t, err := tracks.Next(m.at, time)
		m.since, m.speed = t.Since, t.Speed
		return err
	}); err != nil {
		return err
	}
	if !tracks.Empty() {
		return fmt.Errorf("%w: more tracks than members in stream %d", native.ErrMalformed, n.stream)
	}
	n.trim()
	return k.Traits(n.hasTraits)
}
