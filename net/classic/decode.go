package classic

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/net/wire"
)

// ErrMalformed is wrapped by every error that says why bytes are not the message that their id promises.
var ErrMalformed = errors.New("malformed message")

// ParsePosition decodes what a client sends to move. Whether the values are a place in the world is not its business.
func ParsePosition(payload []byte) (x, y, z, v float32, err error) {
	var at [4]float32
	if err := parsePosition(payload, &at); err != nil {
		return 0, 0, 0, 0, err
	}
	return at[0], at[1], at[2], at[3], nil
}

// ParseTalk decodes what a client sends to chat. The text is valid UTF-8; that is all that proto3 asks of it.
func ParseTalk(payload []byte) (text string, err error) {
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return "", err
		}
		if f.is(fieldContent, protowire.BytesType) {
			if text, err = f.text(); err != nil {
				return "", err
			}
		}
		payload = rest
	}
	return text, nil
}

// Kind says what an Event tells.
type Kind uint8

// What a server can tell.
const (
	Welcome  Kind = iota + 1 // PID is the receiver's own id
	Appear                   // PID has come into view at X, Y, Z, V
	Moved                    // PID is now at X, Y, Z, V
	Leave                    // PID has left the game or the view
	Chat                     // PID said Text
	Action                   // PID does action Number
	Snapshot                 // a list of everybody in view begins: Entries follow
	Entry                    // PID is in view at X, Y, Z, V
	Looks                    // PID is an entity of kind Number, of which a game shows the attributes Bytes
	Message                  // a game's message Number says Bytes
)

// Event is one thing that a server told.
type Event struct {
	Kind       Kind
	PID        int32
	X, Y, Z, V float32
	Text       string
	Number     int64
	Bytes      []byte // the frame's, borrowed
}

// Decode tells visit of each event in a frame from the server, in order: one, or a Snapshot and its entries. The error
// wraps ErrMalformed, and nothing was told then; unknown ids below FirstGameID and unknown types are malformed too, for a
// classic server never sends them. Nothing is allocated but the text of chats.
func Decode(f wire.Frame, visit func(Event)) error {
	switch f.ID {
	case IDWelcome:
		return decodeSyncPID(f.Payload, Welcome, visit)
	case IDLeave:
		return decodeSyncPID(f.Payload, Leave, visit)
	case IDBroadcast:
		return decodeBroadcast(f.Payload, visit)
	case IDSnapshot:
		return decodeSnapshot(f.Payload, visit)
	case IDAttributes:
		return decodeAttributes(f.Payload, visit)
	}
	if f.ID >= FirstGameID {
		visit(Event{Kind: Message, Number: int64(f.ID), Bytes: f.Payload})
		return nil
	}
	return fmt.Errorf("%w: id %d is none of the server's", ErrMalformed, f.ID)
}

// decodeSyncPID decodes a message that holds nothing but an id.
func decodeSyncPID(payload []byte, kind Kind, visit func(Event)) error {
	e := Event{Kind: kind}
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		if f.is(fieldPID, protowire.VarintType) {
			e.PID = int32(f.number)
		}
		payload = rest
	}
	visit(e)
	return nil
}

// decodeBroadcast decodes a BroadCast. Of the fields of its oneof the last counts.
func decodeBroadcast(payload []byte, visit func(Event)) error {
	var e Event
	var at [4]float32
	tp, data := int32(0), protowire.Number(0)
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		payload = rest
		switch {
		case f.is(fieldPID, protowire.VarintType):
			e.PID = int32(f.number)
		case f.is(fieldTp, protowire.VarintType):
			tp = int32(f.number)
		case f.is(fieldText, protowire.BytesType):
			e.Text, err = f.text()
			data = fieldText
		case f.is(fieldPlace, protowire.BytesType):
			if data != fieldPlace {
				at = [4]float32{} // a message that is sent twice in a row is merged
			}
			err = parsePosition(f.bytes, &at)
			data = fieldPlace
		case f.is(fieldAction, protowire.VarintType):
			e.Number, data = int64(int32(f.number)), fieldAction
		}
		if err != nil {
			return err
		}
	}
	e.X, e.Y, e.Z, e.V = at[0], at[1], at[2], at[3]
	return visitBroadcast(tp, data, e, visit)
}

// visitBroadcast gives a broadcast its kind. Its type and its data must belong together.
func visitBroadcast(tp int32, data protowire.Number, e Event, visit func(Event)) error {
	switch {
	case tp == tpChat && data == fieldText:
		visit(Event{Kind: Chat, PID: e.PID, Text: e.Text})
	case tp == tpAppear && data == fieldPlace:
		visit(Event{Kind: Appear, PID: e.PID, X: e.X, Y: e.Y, Z: e.Z, V: e.V})
	case tp == tpMoved && data == fieldPlace:
		visit(Event{Kind: Moved, PID: e.PID, X: e.X, Y: e.Y, Z: e.Z, V: e.V})
	case tp == tpAction && data == fieldAction:
		visit(Event{Kind: Action, PID: e.PID, Number: e.Number})
	default:
		return fmt.Errorf("%w: broadcast of type %d with field %d", ErrMalformed, tp, data)
	}
	return nil
}

// decodeAttributes decodes an Attributes.
func decodeAttributes(payload []byte, visit func(Event)) error {
	e := Event{Kind: Looks}
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		payload = rest
		switch {
		case f.is(fieldPID, protowire.VarintType):
			e.PID = int32(f.number)
		case f.is(fieldKind, protowire.VarintType):
			e.Number = int64(int32(f.number))
		case f.is(fieldShown, protowire.BytesType):
			e.Bytes = f.bytes
		}
	}
	if e.Number < 0 || e.Number > math.MaxUint8 {
		return fmt.Errorf("%w: kind %d of an entity", ErrMalformed, e.Number)
	}
	visit(e)
	return nil
}

// decodeSnapshot decodes a SyncPlayers: once to see whether all of it is well-formed, and then to tell of it.
func decodeSnapshot(payload []byte, visit func(Event)) error {
	if err := decodeEntries(payload, func(Event) {}); err != nil {
		return err
	}
	visit(Event{Kind: Snapshot})
	return decodeEntries(payload, visit)
}

// decodeEntries decodes the entries of a SyncPlayers.
func decodeEntries(payload []byte, visit func(Event)) error {
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		payload = rest
		if f.is(fieldPlayers, protowire.BytesType) {
			if err := decodeEntry(f.bytes, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeEntry decodes a Player.
func decodeEntry(payload []byte, visit func(Event)) error {
	e := Event{Kind: Entry}
	var at [4]float32
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		payload = rest
		switch {
		case f.is(fieldPID, protowire.VarintType):
			e.PID = int32(f.number)
		case f.is(fieldPlayerAt, protowire.BytesType):
			if err := parsePosition(f.bytes, &at); err != nil {
				return err
			}
		}
	}
	e.X, e.Y, e.Z, e.V = at[0], at[1], at[2], at[3]
	visit(e)
	return nil
}

// parsePosition decodes the fields of a Position over at.
func parsePosition(payload []byte, at *[4]float32) error {
	for len(payload) > 0 {
		f, rest, err := next(payload)
		if err != nil {
			return err
		}
		if f.kind == protowire.Fixed32Type && f.num >= fieldX && f.num <= fieldV {
			at[f.num-fieldX] = math.Float32frombits(uint32(f.number))
		}
		payload = rest
	}
	return nil
}

// field is one field of a message: a number for varints and fixed ones, bytes for the rest.
type field struct {
	num    protowire.Number
	kind   protowire.Type
	number uint64
	bytes  []byte
}

// is reports whether the field is a known one. One of another type than it should be counts as unknown.
func (f field) is(num protowire.Number, kind protowire.Type) bool {
	return f.num == num && f.kind == kind
}

// text returns the field's bytes as a string, which proto3 wants to be UTF-8.
func (f field) text() (string, error) {
	if !utf8.Valid(f.bytes) {
		return "", fmt.Errorf("%w: text is not UTF-8", ErrMalformed)
	}
	return string(f.bytes), nil
}

// next cuts the first field off b. The error wraps ErrMalformed.
func next(b []byte) (f field, rest []byte, err error) {
	num, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 || num > protowire.MaxValidNumber {
		return field{}, nil, malformed(min(tag, 0))
	}
	f = field{num: num, kind: kind}
	b = b[tag:]
	n := 0
	switch kind {
	case protowire.VarintType:
		f.number, n = protowire.ConsumeVarint(b)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.number = uint64(v)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b)
	default:
		n = protowire.ConsumeFieldValue(num, kind, b)
	}
	if n < 0 {
		return field{}, nil, malformed(n)
	}
	return f, b[n:], nil
}

// malformed turns protowire's code into an error; 0 stands for a field number out of range.
func malformed(code int) error {
	if code == 0 {
		return fmt.Errorf("%w: field number out of range", ErrMalformed)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, protowire.ParseError(code))
}
