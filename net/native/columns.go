package native

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Varints is a column of unsigned numbers.
type Varints struct{ rest []byte }

// Next returns the next number, or false at the end of the column. The error wraps ErrMalformed.
func (c *Varints) Next() (v uint32, ok bool, err error) {
	if len(c.rest) == 0 {
		return 0, false, nil
	}
	number, n := protowire.ConsumeVarint(c.rest)
	if n < 0 || number > 1<<32-1 {
		return 0, false, fmt.Errorf("%w: a column of numbers", ErrMalformed)
	}
	c.rest = c.rest[n:]
	return uint32(number), true, nil
}

// Members is a column of members.
type Members struct {
	rest   []byte
	before Member
}

// Next returns the next member, or false at the end of the column. The error wraps ErrMalformed.
func (c *Members) Next() (m Member, ok bool, err error) {
	if len(c.rest) == 0 {
		return Member{}, false, nil
	}
	var v [6]int32
	for i := range v {
		if v[i], ok = signed(&c.rest); !ok {
			return Member{}, false, fmt.Errorf("%w: a column of members", ErrMalformed)
		}
	}
	m = Member{
		Slot: c.before.Slot + v[0], ID: c.before.ID + v[1],
		At: Place{X: c.before.At.X + v[2], Z: c.before.At.Z + v[3], Y: v[4], V: v[5]},
	}
	if m.Slot < 0 || m.Slot > maxSlot || m.ID <= 0 || m.At.V < 0 || m.At.V >= degrees {
		return Member{}, false, fmt.Errorf("%w: member %+v", ErrMalformed, m)
	}
	c.before = m
	return m, true, nil
}

// Step is how far a member of a stream has moved: in steps of the quantum, and by a turn in degrees.
type Step struct {
	Slot             int32
	DX, DY, DZ, Turn int32
}

// Moved returns the place after a step.
func (p Place) Moved(s Step) Place {
	p.X, p.Y, p.Z = p.X+s.DX, p.Y+s.DY, p.Z+s.DZ
	if s.Turn != 0 {
		p.V = Turned(p.V, s.Turn)
	}
	return p
}

// Steps is a column of moves, in either form.
type Steps struct {
	rest []byte
	slot int32

	packed        bool
	bits          bitReader
	plane, height int
}

// ReadBits begins the column of one of a Tick's bits and returns its stream and epoch. The error wraps ErrMalformed.
func ReadBits(b []byte) (stream, epoch uint32, moved Steps, err error) {
	head := Varints{b}
	number, ok, err := head.Next()
	if number&1 != 0 && err == nil {
		epoch, ok, err = head.Next()
	}
	if !ok || err != nil {
		return 0, 0, Steps{}, fmt.Errorf("%w: bits of no stream", ErrMalformed)
	}
	s := Steps{packed: true, slot: -1, bits: bitReader{rest: head.rest}}
	plane, _ := s.bits.read(widthBits)
	height, ok := s.bits.read(widthBits)
	if !ok || plane > 32 || height > 32 {
		return 0, 0, Steps{}, fmt.Errorf("%w: bits without widths", ErrMalformed)
	}
	s.plane, s.height = int(plane), int(height)
	return number >> 1, epoch, s, nil
}

// Next returns the next move, or false at the end of the column. The error wraps ErrMalformed.
func (c *Steps) Next() (s Step, ok bool, err error) {
	if c.packed {
		return c.nextBits()
	}
	if len(c.rest) == 0 {
		return Step{}, false, nil
	}
	head, whole := signed(&c.rest)
	dx, more := signed(&c.rest)
	whole = whole && more
	dz, more := signed(&c.rest)
	whole = whole && more
	s = Step{DX: dx, DZ: dz}
	if head&headHeight != 0 {
		s.DY, more = signed(&c.rest)
		whole = whole && more
	}
	if head&headTurn != 0 {
		s.Turn, more = signed(&c.rest)
		whole = whole && more
	}
	if !whole || head < 0 || head>>headShift >= maxSlot-c.slot || s.Turn < -degrees || s.Turn > degrees {
		return Step{}, false, fmt.Errorf("%w: a column of moves", ErrMalformed)
	}
	c.slot += 1 + head>>headShift
	s.Slot = c.slot
	return s, true, nil
}

// nextBits is Next of a bit-packed column.
func (c *Steps) nextBits() (s Step, ok bool, err error) {
	gap, more := c.bits.gamma()
	if !more {
		return Step{}, false, nil
	}
	dx, _ := c.bits.read(c.plane)
	dz, _ := c.bits.read(c.plane)
	dy, _ := c.bits.read(c.height)
	turns, whole := c.bits.read(1)
	s = Step{DX: unzigzag(uint32(dx)), DZ: unzigzag(uint32(dz)), DY: unzigzag(uint32(dy))}
	if turns == 1 {
		var turn uint64
		turn, whole = c.bits.read(turnBits)
		s.Turn = int32(turn) - degrees/2
	}
	if !whole || int64(gap) > int64(maxSlot-c.slot) || s.Turn >= degrees {
		return Step{}, false, fmt.Errorf("%w: bits of moves", ErrMalformed)
	}
	c.slot += int32(gap)
	s.Slot = c.slot
	return s, true, nil
}

// signed cuts a sint32 off b, or reports false. Of a longer number the lowest 32 bits count, as in protobuf.
func signed(b *[]byte) (v int32, ok bool) {
	rest := *b
	if len(rest) > 0 && rest[0] < 1<<7 {
		*b = rest[1:]
		return unzigzag(uint32(rest[0])), true
	}
	number, n := protowire.ConsumeVarint(rest)
	if n < 0 {
		return 0, false
	}
	*b = rest[n:]
	return unzigzag(uint32(number)), true
}
