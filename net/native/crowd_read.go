package native

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// CrowdPart is what is told of a crowded stream in a tick, as it was received.
type CrowdPart struct {
	Stream, Epoch uint32
	// BoundMillis is within how much time every member is told anew that is not where its track says.
	BoundMillis uint32
	Ends        bool

	column     []byte
	bits       []byte
	aggregates []byte
	body       []byte
}

// Bytes returns the chunk as it was received. All viewers who are sent it are sent the same.
func (c *CrowdPart) Bytes() []byte { return c.body }

// Fixes returns the column of the tracks that are new, Aggregates that of how the members are spread.
func (c *CrowdPart) Fixes() Fixes { return Fixes{rest: c.column, packed: c.bits, going: true} }

// Aggregates returns the column of how the members are spread.
func (c *CrowdPart) Aggregates() Aggregates { return Aggregates{c.aggregates} }

// parse takes what is told of a crowded stream in.
func (c *CrowdPart) parse(b []byte) error {
	c.body = b
	return fields(b, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldStream:
			c.Stream = uint32(number)
		case fieldEpoch:
			c.Epoch = uint32(number)
		case fieldFixes:
			c.column = body
		case fieldFixBits:
			c.bits = body
		case fieldAggregates:
			c.aggregates = body
		case fieldBound:
			c.BoundMillis = uint32(number)
		case fieldEnds:
			c.Ends = number != 0
		}
		return nil
	})
}

// NearPart is where some members of a crowded stream are in a tick, as it was received.
type NearPart struct {
	Stream, Epoch uint32

	column []byte
	bits   []byte
	body   []byte
}

// Bytes returns the chunk as it was received. All viewers who are sent it are sent the same.
func (n *NearPart) Bytes() []byte { return n.body }

// Fixes returns the column of the members' places.
func (n *NearPart) Fixes() Fixes { return Fixes{rest: n.column, packed: n.bits} }

// ReadNear returns what a NearPart is of which these are the Bytes. The error wraps ErrMalformed.
func ReadNear(b []byte) (n NearPart, err error) {
	err = n.parse(b)
	return n, err
}

// parse takes where some members of a crowded stream are in.
func (n *NearPart) parse(b []byte) error {
	n.body = b
	return fields(b, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldStream:
			n.Stream = uint32(number)
		case fieldEpoch:
			n.Epoch = uint32(number)
		case fieldFixes:
			n.column = body
		case fieldFixBits:
			n.bits = body
		}
		return nil
	})
}

// Fixes is a column of fixes, in either form: what is in columns, and then what is in bits.
type Fixes struct {
	rest   []byte // in columns
	packed []byte // in bits, as long as these have not begun
	begun  bool
	going  bool // they have velocities
	slot   int32
	base   Place

	bits   bitReader
	widths fixWidths
}

// Next returns the next fix, or false at the end of the column. The error wraps ErrMalformed.
func (c *Fixes) Next() (f Fix, ok bool, err error) {
	switch {
	case len(c.rest) > 0:
		f, ok = c.nextNumbers()
	case len(c.packed) > 0:
		if !c.beginBits() {
			return Fix{}, false, fmt.Errorf("%w: bits of fixes without a beginning", ErrMalformed)
		}
		fallthrough
	default:
		var ended bool
		if f, ended, ok = c.nextBits(); ended {
			return Fix{}, false, nil
		}
	}
	if !ok || !f.valid() {
		return Fix{}, false, fmt.Errorf("%w: a column of fixes", ErrMalformed)
	}
	c.slot = f.Slot
	return f, true, nil
}

// valid reports whether a fix is one that could be meant.
func (f *Fix) valid() bool {
	at := &f.At
	return uint32(f.Slot) <= maxSlot && uint32(at.X) <= MaxSteps && uint32(at.Z) <= MaxSteps &&
		at.Y >= -MaxSteps && at.Y <= MaxSteps && uint32(at.V) < degrees && f.Speed == f.Speed.Bounded()
}

// nextNumbers is Next of fixes as numbers.
func (c *Fixes) nextNumbers() (f Fix, ok bool) {
	if !c.begun {
		var base [3]int32
		if !signeds(&c.rest, base[:]) {
			return Fix{}, false
		}
		c.begun, c.slot, c.base = true, -1, Place{X: base[0], Z: base[1], Y: base[2]}
	}
	var v [8]int32
	n := len(v)
	if !c.going {
		n -= 3
	}
	if !signeds(&c.rest, v[:n]) || v[0] < 0 {
		return Fix{}, false
	}
	return Fix{
		Slot:  c.slot + 1 + v[0],
		At:    Place{X: c.base.X + v[1], Z: c.base.Z + v[2], Y: c.base.Y + v[3], V: v[4]},
		Speed: Velocity{X: v[5], Z: v[6], Y: v[7]},
	}, true
}

// beginBits reads what comes before the first fix in bits.
func (c *Fixes) beginBits() (ok bool) {
	head := Varints{c.packed}
	c.packed = nil
	var base [3]uint32
	for i := range base {
		if base[i], ok, _ = head.Next(); !ok {
			return false
		}
	}
	c.slot, c.base = -1, Place{X: int32(base[0]), Z: int32(base[1]), Y: unzigzag(base[2])}
	c.bits = bitReader{rest: head.rest}
	w := &c.widths
	all := [...]*int{&w.x, &w.z, &w.y, &w.vx, &w.vz, &w.vy}
	n := len(all)
	if !c.going {
		n -= 3
	}
	for _, into := range all[:n] {
		v, _ := c.bits.read(widthBits)
		if *into = int(v); v > 32 {
			return false
		}
	}
	rice, ok := c.bits.read(riceBits)
	w.rice = int(rice)
	return ok
}

// nextBits is Next of fixes in bits.
func (c *Fixes) nextBits() (f Fix, ended, ok bool) {
	r, w := &c.bits, &c.widths
	zeros, more := r.zeros(maxSlot >> w.rice)
	if !more {
		return Fix{}, zeros < 8 && r.empty(), false
	}
	if !r.has(w.sum()) {
		return Fix{}, false, false
	}
	gap, _ := r.read(w.rice)
	x, _ := r.read(w.x)
	z, _ := r.read(w.z)
	y, _ := r.read(w.y)
	v, _ := r.read(headingBits)
	f.At = Place{X: c.base.X + int32(x), Z: c.base.Z + int32(z), Y: c.base.Y + int32(y), V: int32(v)}
	if c.going {
		vx, _ := r.read(w.vx)
		vz, _ := r.read(w.vz)
		vy, _ := r.read(w.vy)
		f.Speed = Velocity{X: unzigzag(uint32(vx)), Z: unzigzag(uint32(vz)), Y: unzigzag(uint32(vy))}
	}
	if gap |= uint64(zeros) << w.rice; gap > maxSlot {
		return Fix{}, false, false
	}
	f.Slot = c.slot + 1 + int32(gap)
	return f, false, true
}

// sum is how many bits a fix takes beside the zeros of its gap and the one behind them.
func (w *fixWidths) sum() int { return w.rice + w.x + w.z + w.y + headingBits + w.vx + w.vz + w.vy }

// Aggregates is a column of how the members of a crowd are spread.
type Aggregates struct{ rest []byte }

// Next returns the next aggregate, or false at the end of the column. The error wraps ErrMalformed.
func (c *Aggregates) Next() (a Aggregate, ok bool, err error) {
	if len(c.rest) == 0 {
		return Aggregate{}, false, nil
	}
	var v [3]int32
	if !signeds(&c.rest, v[:]) || v[0] < 0 || uint32(v[1]) > MaxSteps || uint32(v[2]) > MaxSteps {
		return Aggregate{}, false, fmt.Errorf("%w: a column of aggregates", ErrMalformed)
	}
	return Aggregate{Count: v[0], X: v[1], Z: v[2]}, true, nil
}

// Tracks is the column of a key's tracks.
type Tracks struct{ rest []byte }

// Next returns the track of the next member, which begins at a place, in a Tick of a time. The error wraps ErrMalformed; there
// must be as many tracks as members.
func (c *Tracks) Next(from Place, now uint32) (t Track, err error) {
	var v [4]int32
	if !signeds(&c.rest, v[:]) {
		return Track{}, fmt.Errorf("%w: a column of tracks", ErrMalformed)
	}
	t = Track{From: from, Since: now - uint32(v[0]), Speed: Velocity{X: v[1], Z: v[2], Y: v[3]}}
	if t.Speed != t.Speed.Bounded() {
		return Track{}, fmt.Errorf("%w: track %+v", ErrMalformed, t)
	}
	return t, nil
}

// Empty reports whether no track is left.
func (c *Tracks) Empty() bool { return len(c.rest) == 0 }

// signeds cuts as many sint32 off b as there are in v, or reports false.
func signeds(b *[]byte, v []int32) (ok bool) {
	for i := range v {
		if v[i], ok = signed(b); !ok {
			return false
		}
	}
	return true
}
