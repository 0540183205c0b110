package native

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"aoiworld/net/codes"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// AppendMessage appends a frame with a message of pb/native.
func AppendMessage(dst []byte, id uint32, m proto.Message) []byte {
	start := len(dst)
	grown, err := proto.MarshalOptions{}.MarshalAppend(wire.AppendHeader(dst, id, 0), m)
	if err != nil {
		panic(err) // only a text that is no UTF-8 does that, and texts are checked where they come from
	}
	return EndFrame(grown, start)
}

// AppendFrame appends a frame of a game's own.
func AppendFrame(dst []byte, id uint32, payload []byte) []byte {
	return wire.AppendFrame(dst, id, payload)
}

// Parse takes a payload into a message of pb/native. The error wraps ErrMalformed.
func Parse(payload []byte, m proto.Message) error {
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(payload, m); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// maxDepth is how deep messages may lie in one another.
const maxDepth = 8

// Move is what a client asks for: a place, under a number of its own.
type Move struct {
	Sequence uint32
	To       Place
}

// Field numbers of Move and Place.
const (
	fieldSequence = 1 // of Move; the others follow as in Place
	fieldX        = 1 // of Place
	fieldY        = 2
	fieldZ        = 3
	fieldHeading  = 4
)

// AppendMove appends a Move.
func AppendMove(dst []byte, m Move) []byte {
	start := len(dst)
	dst = appendUint(wire.AppendHeader(dst, IDMove, 0), fieldSequence, uint64(m.Sequence))
	return EndFrame(appendPlace(dst, fieldSequence, m.To), start)
}

// appendPlace appends a place's fields, whose numbers are so many more than those of Place.
func appendPlace(dst []byte, after byte, p Place) []byte {
	dst = appendUint(dst, after+fieldX, uint64(p.X))
	dst = appendUint(dst, after+fieldY, uint64(zigzag(p.Y)))
	dst = appendUint(dst, after+fieldZ, uint64(p.Z))
	return appendUint(dst, after+fieldHeading, uint64(p.V))
}

// ParseMove takes a Move in. The error wraps ErrMalformed. What is no place at all comes out as one outside every world.
func ParseMove(payload []byte) (m Move, err error) {
	coordinate := func(v uint32) int32 {
		if v > MaxSteps {
			return -1
		}
		return int32(v)
	}
	err = fields(payload, func(field protowire.Number, varint uint64, body []byte) error {
		if body != nil {
			return nil // a field of another type is another field
		}
		switch number := uint32(varint); field { // as the generated code cuts off what is too long
		case fieldSequence:
			m.Sequence = number
		case fieldSequence + fieldX:
			m.To.X = coordinate(number)
		case fieldSequence + fieldY:
			m.To.Y = unzigzag(number)
		case fieldSequence + fieldZ:
			m.To.Z = coordinate(number)
		case fieldSequence + fieldHeading:
			m.To.V = int32(number % degrees)
		}
		return nil
	})
	return m, err
}

// AppendAck appends an Ack of a client's moves.
func AppendAck(dst []byte, sequence uint32) []byte {
	start := len(dst)
	return EndFrame(appendUint(wire.AppendHeader(dst, IDAck, 0), 1, uint64(sequence)), start)
}

// AppendCorrection appends an Ack that says why a move had no effect, and where the player truly is.
func AppendCorrection(dst []byte, sequence uint32, refused codes.Error, at Place) []byte {
	start := len(dst)
	dst = appendUint(wire.AppendHeader(dst, IDAck, 0), 1, uint64(sequence))
	dst, body := open(appendUint(dst, 2, uint64(refused)), 3)
	return EndFrame(shut(appendPlace(dst, 0, at), body), start)
}

// Chat is what somebody says.
type Chat struct {
	ID     uint64
	Nearby bool
	Player int32
	Name   string
	Text   string
	Tick   uint64
}

// AppendChat appends a Chat.
func AppendChat(dst []byte, c Chat) []byte {
	m := &nativepb.Chat{Id: c.ID, Player: c.Player, Name: c.Name, Text: c.Text, Tick: c.Tick}
	if c.Nearby {
		m.Channel = nativepb.Channel_CHANNEL_NEARBY
	}
	return AppendMessage(dst, IDChat, m)
}

// AppendGesture appends a Gesture as the server shows it.
func AppendGesture(dst []byte, player, number int32) []byte {
	start := len(dst)
	dst = appendUint(wire.AppendHeader(dst, IDGesture, 0), 1, uint64(player))
	return EndFrame(appendUint(dst, 2, uint64(zigzag(number))), start)
}

// AppendError appends an Error that is not fatal, about a message.
func AppendError(dst []byte, code codes.Error, about uint32) []byte {
	return AppendMessage(dst, IDError, &nativepb.Error{
		Code: nativepb.ErrorCode(code), InReplyTo: about, Message: code.Row().Text,
	})
}

// AppendWelcome appends a Welcome: what was said of it beforehand, a frame, and where the player is in which tick.
func AppendWelcome(dst, prepared []byte, at Place, tick uint64) []byte {
	start := len(dst)
	dst, body := open(append(dst, prepared...), fieldAt)
	return EndFrame(appendUint(shut(appendPlace(dst, 0, at), body), fieldTick, tick), start)
}

// Field numbers of Welcome's end.
const (
	fieldAt   = 10
	fieldTick = 11
)
