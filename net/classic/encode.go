package classic

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/net/wire"
)

// Encoder writes what the server says. Its methods append whole frames, but for AppendSnapshotEntry, and never fail.
// Player ids are positive; positions are world units, headings degrees, relayed bit for bit.
type Encoder struct{}

// AppendWelcome tells a newcomer its own id.
func (Encoder) AppendWelcome(dst []byte, id int32) []byte { return appendSyncPID(dst, IDWelcome, id) }

// AppendLeave says that a player has left the game or the view.
func (Encoder) AppendLeave(dst []byte, id int32) []byte { return appendSyncPID(dst, IDLeave, id) }

// AppendAppear says that a player has come into view.
func (Encoder) AppendAppear(dst []byte, id int32, x, y, z, v float32) []byte {
	return appendPlace(dst, id, tpAppear, x, y, z, v)
}

// AppendMoved says where a player in view is now.
func (Encoder) AppendMoved(dst []byte, id int32, x, y, z, v float32) []byte {
	return appendPlace(dst, id, tpMoved, x, y, z, v)
}

// AppendChat says what a player said to the world.
func (Encoder) AppendChat(dst []byte, id int32, text string) []byte {
	size := sizeInt(id) + 2 + 1 + protowire.SizeBytes(len(text))
	dst = wire.AppendHeader(dst, IDBroadcast, size)
	dst = appendInt(dst, fieldPID, id)
	dst = appendInt(dst, fieldTp, tpChat)
	dst = protowire.AppendTag(dst, fieldText, protowire.BytesType)
	return protowire.AppendString(dst, text)
}

// AppendGesture shows a gesture, which the tutorial calls an action.
func (Encoder) AppendGesture(dst []byte, id, number int32) []byte {
	size := sizeInt(id) + 2 + 1 + protowire.SizeVarint(uint64(int64(number)))
	dst = appendInt(wire.AppendHeader(dst, IDBroadcast, size), fieldPID, id)
	dst = append(appendInt(dst, fieldTp, tpAction), fieldAction<<3)
	return protowire.AppendVarint(dst, uint64(int64(number)))
}

// AppendAttributes tells what an entity is, and what its game shows of it. Nothing of it is sent for a player without
// attributes but the id.
func (Encoder) AppendAttributes(dst []byte, id int32, kind uint8, attributes []byte) []byte {
	size := sizeInt(id) + sizeInt(int32(kind))
	if len(attributes) > 0 {
		size += 1 + protowire.SizeBytes(len(attributes))
	}
	dst = appendInt(wire.AppendHeader(dst, IDAttributes, size), fieldPID, id)
	dst = appendInt(dst, fieldKind, int32(kind))
	if len(attributes) > 0 {
		dst = protowire.AppendBytes(protowire.AppendTag(dst, fieldShown, protowire.BytesType), attributes)
	}
	return dst
}

// AppendMessage appends a message of a game's own as a frame.
func (Encoder) AppendMessage(dst []byte, message uint32, payload []byte) []byte {
	return append(wire.AppendHeader(dst, message, len(payload)), payload...)
}

// AppendSnapshotHeader starts the list of everybody in view, whose entries take size bytes.
func (Encoder) AppendSnapshotHeader(dst []byte, size int) []byte {
	return wire.AppendHeader(dst, IDSnapshot, size)
}

// AppendSnapshotEntry appends one entry of the list. Entries can be put together in any order.
func (Encoder) AppendSnapshotEntry(dst []byte, id int32, x, y, z, v float32) []byte {
	place := sizePosition(x, y, z, v)
	dst = append(dst, fieldPlayers<<3|byte(protowire.BytesType), byte(sizeInt(id)+2+place))
	dst = appendInt(dst, fieldPID, id)
	return appendPosition(append(dst, fieldPlayerAt<<3|byte(protowire.BytesType), byte(place)), x, y, z, v)
}

// AppendMove is what a client sends to move.
func AppendMove(dst []byte, x, y, z, v float32) []byte {
	return appendPosition(wire.AppendHeader(dst, IDPosition, sizePosition(x, y, z, v)), x, y, z, v)
}

// AppendTalk is what a client sends to chat.
func AppendTalk(dst []byte, text string) []byte {
	if text == "" {
		return wire.AppendHeader(dst, IDTalk, 0)
	}
	dst = wire.AppendHeader(dst, IDTalk, 1+protowire.SizeBytes(len(text)))
	return protowire.AppendString(protowire.AppendTag(dst, fieldContent, protowire.BytesType), text)
}

// appendSyncPID appends a frame that holds a SyncPID.
func appendSyncPID(dst []byte, message uint32, id int32) []byte {
	return appendInt(wire.AppendHeader(dst, message, sizeInt(id)), fieldPID, id)
}

// appendPlace appends a frame that holds a BroadCast with a position.
func appendPlace(dst []byte, id, tp int32, x, y, z, v float32) []byte {
	place := sizePosition(x, y, z, v)
	dst = wire.AppendHeader(dst, IDBroadcast, sizeInt(id)+2+2+place)
	dst = appendInt(dst, fieldPID, id)
	dst = append(dst, fieldTp<<3, byte(tp), fieldPlace<<3|byte(protowire.BytesType), byte(place))
	return appendPosition(dst, x, y, z, v)
}

// appendInt appends an int32 field with a number below 16; a zero is left out, as proto3 does.
func appendInt(dst []byte, field byte, v int32) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(append(dst, field<<3), uint64(int64(v)))
}

// sizeInt is the length of what appendInt appends.
func sizeInt(v int32) int {
	if v == 0 {
		return 0
	}
	return 1 + protowire.SizeVarint(uint64(int64(v)))
}

// appendPosition appends the fields of a Position. Zeros are left out; a negative zero is not one.
func appendPosition(dst []byte, x, y, z, v float32) []byte {
	for i, f := range [...]float32{x, y, z, v} {
		if bits := math.Float32bits(f); bits != 0 {
			dst = append(dst, byte(fieldX+i)<<3|byte(protowire.Fixed32Type))
			dst = binary.LittleEndian.AppendUint32(dst, bits)
		}
	}
	return dst
}

// sizePosition is the length of what appendPosition appends: at most 20 bytes.
func sizePosition(x, y, z, v float32) int {
	n := 0
	for _, f := range [...]float32{x, y, z, v} {
		if math.Float32bits(f) != 0 {
			n += 5
		}
	}
	return n
}
