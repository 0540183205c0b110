package native

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed is wrapped by every error that says why bytes are no message of the dialect.
var ErrMalformed = errors.New("malformed message")

// maxSlot bounds the slots of a stream.
const maxSlot = 1 << 20

// Tick is a Tick as it was received. Its columns share the payload's memory, and its slices are used again by the next
// Parse.
type Tick struct {
	Number  uint64
	Forget  bool
	Shifted bool
	Cell    uint32  // of a shift
	Dropped Varints // of a shift: streams
	Keys    []KeyPart
	Deltas  []DeltaPart
	Bits    [][]byte
	Time    uint32 // the world's clock (ms), where there are crowds or tracks
	Crowds  []CrowdPart
	Near    []NearPart
}

// KeyPart is a key chunk as it was received.
type KeyPart struct {
	Stream, Epoch, First, End uint32
	traited                   bool // there are traits
	members                   []byte
	tracks                    []byte
	body                      []byte
}

// Bytes returns the chunk as it was received. All viewers who are sent it are sent the same.
func (k *KeyPart) Bytes() []byte { return k.body }

// Members returns the column of the members.
func (k *KeyPart) Members() Members { return Members{rest: k.members} }

// Tracks returns the column of the members' tracks, which is empty when the stream is not crowded.
func (k *KeyPart) Tracks() Tracks { return Tracks{k.tracks} }

// DeltaPart is a delta chunk as it was received.
type DeltaPart struct {
	Stream, Epoch        uint32
	traited              bool // there are traits
	left, entered, moved []byte
	body                 []byte
}

// Bytes returns the chunk as it was received. All viewers who are sent it are sent the same.
func (d *DeltaPart) Bytes() []byte { return d.body }

// Left returns the column of the slots that were left, Entered that of the members that entered, Moved that of the moves.
func (d *DeltaPart) Left() Varints { return Varints{d.left} }

// Entered returns the column of the members that entered.
func (d *DeltaPart) Entered() Members { return Members{rest: d.entered} }

// Moved returns the column of the moves.
func (d *DeltaPart) Moved() Steps { return Steps{rest: d.moved, slot: -1} }

// Parse takes a payload in. The error wraps ErrMalformed; columns are looked at only as they are read.
func (t *Tick) Parse(payload []byte) error {
	*t = Tick{Keys: t.Keys[:0], Deltas: t.Deltas[:0], Bits: t.Bits[:0], Crowds: t.Crowds[:0], Near: t.Near[:0]}
	return fields(payload, func(field protowire.Number, number uint64, body []byte) (err error) {
		switch field {
		case fieldNumber:
			t.Number = number
		case fieldForget:
			t.Forget = number != 0
		case fieldShift:
			t.Shifted = true
			err = t.parseShift(body)
		case fieldKeys:
			t.Keys = append(t.Keys, KeyPart{body: body})
			err = t.Keys[len(t.Keys)-1].parse()
		case fieldDeltas:
			t.Deltas = append(t.Deltas, DeltaPart{body: body})
			err = t.Deltas[len(t.Deltas)-1].parse()
		case fieldBits:
			t.Bits = append(t.Bits, body)
		case fieldTime:
			t.Time = uint32(number)
		case fieldCrowds:
			t.Crowds = append(t.Crowds, CrowdPart{})
			err = t.Crowds[len(t.Crowds)-1].parse(body)
		case fieldNear:
			t.Near = append(t.Near, NearPart{})
			err = t.Near[len(t.Near)-1].parse(body)
		}
		return err
	})
}

// parseShift takes a shift in.
func (t *Tick) parseShift(b []byte) error {
	return fields(b, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldCell:
			t.Cell = uint32(number)
		case fieldDropped:
			t.Dropped = Varints{body}
		}
		return nil
	})
}

// parse takes a key chunk in.
func (k *KeyPart) parse() error {
	return fields(k.body, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldStream:
			k.Stream = uint32(number)
		case fieldEpoch:
			k.Epoch = uint32(number)
		case fieldFirst:
			k.First = uint32(number)
		case fieldEnd:
			k.End = uint32(number)
		case fieldMembers:
			k.members = body
		case fieldKeyed:
			k.traited = true
		case fieldTracks:
			k.tracks = body
		}
		return nil
	})
}

// parse takes a delta chunk in.
func (d *DeltaPart) parse() error {
	return fields(d.body, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldStream:
			d.Stream = uint32(number)
		case fieldEpoch:
			d.Epoch = uint32(number)
		case fieldLeft:
			d.left = body
		case fieldEntered:
			d.entered = body
		case fieldTraits:
			d.traited = true
		case fieldMoved:
			d.moved = body
		}
		return nil
	})
}

// Traits calls visit for each of the chunk's traits. The error wraps ErrMalformed, or is visit's.
func (k *KeyPart) Traits(visit func(Traits) error) error {
	if !k.traited {
		return nil
	}
	return traits(k.body, fieldKeyed, visit)
}

// Traits calls visit for each of the chunk's traits. The error wraps ErrMalformed, or is visit's.
func (d *DeltaPart) Traits(visit func(Traits) error) error {
	if !d.traited {
		return nil
	}
	return traits(d.body, fieldTraits, visit)
}

// traits reads the traits of a chunk.
func traits(chunk []byte, of protowire.Number, visit func(Traits) error) error {
	return fields(chunk, func(field protowire.Number, _ uint64, body []byte) error {
		if field != of {
			return nil
		}
		t, err := parseTraits(body)
		if err != nil {
			return err
		}
		return visit(t)
	})
}

// parseTraits reads one Trait. Its attributes share b's memory.
func parseTraits(b []byte) (t Traits, err error) {
	err = fields(b, func(field protowire.Number, number uint64, body []byte) error {
		switch field {
		case fieldSlot:
			if number > maxSlot {
				return fmt.Errorf("%w: slot %d", ErrMalformed, number)
			}
			t.Slot = int32(number)
		case fieldKind:
			if number > math.MaxUint8 {
				return fmt.Errorf("%w: kind %d", ErrMalformed, number)
			}
			t.Kind = uint8(number)
		case fieldName:
			t.Name = string(body)
		case fieldAttributes:
			t.Attributes = body
		}
		return nil
	})
	return t, err
}

// fields calls visit for each field of a message: with its number, or its body where it has a length. Fields of other types
// are passed over.
func fields(b []byte, visit func(field protowire.Number, number uint64, body []byte) error) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrMalformed, protowire.ParseError(n))
		}
		b = b[n:]
		var number uint64
		var body []byte
		switch kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			body, n = protowire.ConsumeBytes(b)
		default:
			if n = protowire.ConsumeFieldValue(field, kind, b); n >= 0 {
				b = b[n:]
				continue
			}
		}
		if n < 0 {
			return fmt.Errorf("%w: field %d: %w", ErrMalformed, field, protowire.ParseError(n))
		}
		b = b[n:]
		if err := visit(field, number, body); err != nil {
			return err
		}
	}
	return nil
}
