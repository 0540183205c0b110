package native

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/net/wire"
)

// Member is somebody in a stream.
type Member struct {
	Slot int32
	ID   int32
	At   Place
}

// Motion is a step of somebody in a stream: from the place that the stream told last.
type Motion struct {
	Slot     int32
	From, To Place
}

// Traits is what there is to a member beside its place.
type Traits struct {
	Slot       int32
	Kind       uint8
	Name       string
	Attributes []byte
}

// Field numbers of Tick and what is in it.
const (
	fieldNumber = 1 // of Tick; those about crowds are in crowd.go
	fieldForget = 2
	fieldShift  = 3
	fieldKeys   = 4
	fieldDeltas = 5
	fieldBits   = 6

	fieldCell    = 1 // of Shift
	fieldDropped = 2

	fieldStream  = 1 // of Key and Delta, and of Crowd and Fixes
	fieldEpoch   = 2
	fieldFirst   = 3 // of Key
	fieldEnd     = 4
	fieldMembers = 5
	fieldKeyed   = 6 // traits
	fieldLeft    = 3 // of Delta
	fieldEntered = 4
	fieldTraits  = 5
	fieldMoved   = 6

	fieldSlot       = 1 // of Trait
	fieldKind       = 2
	fieldName       = 3
	fieldAttributes = 4
)

// Tags of fields below 16.
const (
	varintField = byte(protowire.VarintType)
	bytesField  = byte(protowire.BytesType)
)

// BeginTick appends the beginning of a Tick. EndFrame must follow, when everything has been appended that is in it.
func BeginTick(dst []byte, number uint64) []byte {
	return appendUint(wire.AppendHeader(dst, IDTick, 0), fieldNumber, number)
}

// TickOverhead is how long BeginTick's bytes are at most.
const TickOverhead = wire.HeaderSize + 1 + binary.MaxVarintLen64

// EndFrame ends the frame that begins at start: it writes its length.
func EndFrame(dst []byte, start int) []byte {
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-wire.HeaderSize))
	return dst
}

// AppendForget appends that all streams are to be forgotten.
func AppendForget(dst []byte) []byte { return append(dst, fieldForget<<3|varintField, 1) }

// AppendShift appends that the viewer's cells are those round another one now.
func AppendShift[Stream ~int32](dst []byte, cell Stream, dropped []Stream) []byte {
	dst, body := open(dst, fieldShift)
	dst = appendUint(dst, fieldCell, uint64(cell))
	if len(dropped) > 0 {
		var column int
		dst, column = open(dst, fieldDropped)
		for _, s := range dropped {
			dst = protowire.AppendVarint(dst, uint64(s))
		}
		dst = shut(dst, column)
	}
	return shut(dst, body)
}

// Key says what a key chunk is of: slots First to End (not included), or all when End is 0.
type Key struct {
	Stream, First, End int32
	Epoch              uint32
	// Tracks are those of the members of a crowded stream, in their order, and Time that of the Tick. They begin where the
	// members are.
	Tracks []Track
	Time   uint32
}

// AppendKey appends a key chunk.
func AppendKey(dst []byte, k Key, members []Member, traits []Traits) []byte {
	dst, body := open(dst, fieldKeys)
	dst = appendUint(dst, fieldStream, uint64(k.Stream))
	dst = appendUint(dst, fieldEpoch, uint64(k.Epoch))
	dst = appendUint(dst, fieldFirst, uint64(k.First))
	dst = appendUint(dst, fieldEnd, uint64(k.End))
	dst = appendMembers(dst, fieldMembers, members)
	dst = appendTraits(dst, fieldKeyed, traits)
	dst = appendTracks(dst, k.Tracks, k.Time)
	return shut(dst, body)
}

// Delta is what happened in a stream in a tick.
type Delta struct {
	Stream  int32
	Epoch   uint32
	Left    []int32
	Entered []Member
	Traits  []Traits
	Moved   []Motion
}

// AppendDelta appends a delta chunk, or nothing when nothing happened.
func AppendDelta(dst []byte, d *Delta) []byte {
	if len(d.Left)+len(d.Entered)+len(d.Traits)+len(d.Moved) == 0 {
		return dst
	}
	dst, body := open(dst, fieldDeltas)
	dst = appendUint(dst, fieldStream, uint64(d.Stream))
	dst = appendUint(dst, fieldEpoch, uint64(d.Epoch))
	if len(d.Left) > 0 {
		var column int
		dst, column = open(dst, fieldLeft)
		for _, slot := range d.Left {
			dst = protowire.AppendVarint(dst, uint64(slot))
		}
		dst = shut(dst, column)
	}
	dst = appendMembers(dst, fieldEntered, d.Entered)
	dst = appendTraits(dst, fieldTraits, d.Traits)
	if len(d.Moved) > 0 {
		dst = appendMoved(dst, d.Moved)
	}
	return shut(dst, body)
}

// Bits of a moved column's head.
const (
	headTurn   = 2
	headHeight = 1
	headShift  = 2
)

// appendMoved appends the column of moves.
func appendMoved(dst []byte, moved []Motion) []byte {
	dst, column := open(dst, fieldMoved)
	slot := int32(-1)
	for i := range moved {
		m := &moved[i]
		dy, turn := m.To.Y-m.From.Y, Turn(m.From.V, m.To.V)
		head := (m.Slot - slot - 1) << headShift
		if dy != 0 {
			head |= headHeight
		}
		if turn != 0 {
			head |= headTurn
		}
		dst = appendSigned(dst, head)
		dst = appendSigned(dst, m.To.X-m.From.X)
		dst = appendSigned(dst, m.To.Z-m.From.Z)
		if dy != 0 {
			dst = appendSigned(dst, dy)
		}
		if turn != 0 {
			dst = appendSigned(dst, turn)
		}
		slot = m.Slot
	}
	return shut(dst, column)
}

// appendMembers appends a column of members.
func appendMembers(dst []byte, field byte, members []Member) []byte {
	if len(members) == 0 {
		return dst
	}
	dst, column := open(dst, field)
	var before Member
	for _, m := range members {
		dst = appendSigned(dst, m.Slot-before.Slot)
		dst = appendSigned(dst, m.ID-before.ID)
		dst = appendSigned(dst, m.At.X-before.At.X)
		dst = appendSigned(dst, m.At.Z-before.At.Z)
		dst = appendSigned(dst, m.At.Y)
		dst = appendSigned(dst, m.At.V)
		before = m
	}
	return shut(dst, column)
}

// appendTraits appends traits, each as a message of its own.
func appendTraits(dst []byte, field byte, traits []Traits) []byte {
	for i := range traits {
		t := &traits[i]
		var body int
		dst, body = open(dst, field)
		dst = appendUint(dst, fieldSlot, uint64(t.Slot))
		dst = appendUint(dst, fieldKind, uint64(t.Kind))
		if t.Name != "" {
			dst = protowire.AppendString(append(dst, fieldName<<3|bytesField), t.Name)
		}
		if len(t.Attributes) > 0 {
			dst = protowire.AppendBytes(append(dst, fieldAttributes<<3|bytesField), t.Attributes)
		}
		dst = shut(dst, body)
	}
	return dst
}

// open appends the tag of a field whose length is not known yet, and room for a short one. Its body begins at body.
func open(dst []byte, field byte) (grown []byte, body int) {
	dst = append(dst, field<<3|bytesField, 0)
	return dst, len(dst)
}

// shut writes the length of the body that begins at body. A long one makes way for its length.
func shut(dst []byte, body int) []byte {
	n := len(dst) - body
	if n < 1<<7 {
		dst[body-1] = byte(n)
		return dst
	}
	extra := protowire.SizeVarint(uint64(n)) - 1
	for range extra {
		dst = append(dst, 0)
	}
	copy(dst[body+extra:], dst[body:body+n])
	protowire.AppendVarint(dst[body-1:body-1], uint64(n))
	return dst
}

// appendUint appends a number's field; a zero is left out, as proto3 does.
func appendUint(dst []byte, field byte, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(append(dst, field<<3|varintField), v)
}

// appendSigned appends a sint32.
func appendSigned(dst []byte, v int32) []byte {
	u := zigzag(v)
	for u >= 1<<7 {
		dst = append(dst, byte(u)|1<<7)
		u >>= 7
	}
	return append(dst, byte(u))
}

// zigzag maps numbers near 0 to small ones: 0, -1, 1, -2 to 0, 1, 2, 3.
func zigzag(v int32) uint32 { return uint32(v)<<1 ^ uint32(v>>31) }

// unzigzag is the reverse of zigzag.
func unzigzag(u uint32) int32 { return int32(u>>1) ^ -int32(u&1) }

// width is how many bits hold a number and all smaller ones.
func width(u uint32) int { return bits.Len32(u) }
