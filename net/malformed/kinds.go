package malformed

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/net/ws/wstest"
)

// largest is the default limit of a payload (bytes).
const largest = wstest.MaxPayload

// How many messages with unknown ids and with payloads that cannot be read are forgiven a minute, by default.
const (
	unknown = 20
	garbled = 5
)

// headers are frames whose header is wrong.
func headers() []Kind {
	declared := func(name string, length uint32) Kind {
		return Kind{Name: name, Ends: 1, frame: func(isNative bool, _ *rand.Rand) []byte {
			return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, length), move(isNative))
		}}
	}
	id := func(name string, id func(bool) uint32) Kind { return payload(name, unknown+1, id, fixed(nil)) }
	always := func(id uint32) func(bool) uint32 { return func(bool) uint32 { return id } }
	return []Kind{
		declared("4 GiB declared", math.MaxUint32),
		declared("2 GiB declared", 1<<31),
		declared("a byte too many declared", largest+1),
		{Name: "a frame too large", Ends: 1, frame: func(isNative bool, _ *rand.Rand) []byte {
			return wire.AppendFrame(nil, move(isNative), make([]byte, largest+1))
		}},
		{Name: "HTTP", Ends: 1, frame: func(bool, *rand.Rand) []byte {
			return []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		}},
		{Name: "TLS", Ends: 1, frame: func(bool, *rand.Rand) []byte {
			return append([]byte{22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, make([]byte, 32)...)
		}},
		id("id 0", always(0)),
		id("an id that is none", always(99)),
		id("the largest id", always(math.MaxUint32)),
		id("an id of the server's", func(isNative bool) uint32 {
			if isNative {
				return native.IDTick
			}
			return classic.IDBroadcast
		}),
		id("an id of the other dialect", func(isNative bool) uint32 { return move(!isNative) }),
		id("an id of a game's that is not there", always(native.FirstGameID+77)),
	}
}

// encodings are payloads that are no protobuf.
func encodings() []Kind {
	field := func(number protowire.Number, kind protowire.Type, rest ...byte) func(*rand.Rand) []byte {
		return fixed(append(protowire.AppendTag(nil, number, kind), rest...))
	}
	return []Kind{
		payload("noise", garbled+1, move, func(random *rand.Rand) []byte {
			return append([]byte{0xff}, noise(random, random.IntN(200))...)
		}),
		payload("field number 0", garbled+1, move, fixed([]byte{0, 0})),
		payload("wire type 7", garbled+1, move, fixed([]byte{0x0f})),
		payload("an endless varint", garbled+1, move, fixed(bytes.Repeat([]byte{0x88}, 20))),
		payload("a fixed32 cut short", garbled+1, move, field(9, protowire.Fixed32Type, 1, 2)),
		payload("a fixed64 cut short", garbled+1, move, field(9, protowire.Fixed64Type, 1, 2, 3, 4)),
		payload("bytes cut short", garbled+1, move, field(9, protowire.BytesType, 100, 1, 2)),
		payload("bytes of 2^63", garbled+1, move, field(9, protowire.BytesType, append(bytes.Repeat([]byte{0xff}, 8), 0x7f)...)),
		payload("groups in groups", garbled+1, move, fixed(bytes.Repeat([]byte{0x4b}, largest))),
		payload("the end of no group", garbled+1, move, fixed([]byte{0x4c})),
		payload("a group with the end of another", garbled+1, move, fixed([]byte{0x4b, 0x54})),
		payload("no UTF-8", 0, text, fixed([]byte{0x0a, 2, 0xc3, 0x28, 0x12, 2, 0xc3, 0x28})),
	}
}

// meanings are messages that can be read, and mean nothing that may be.
func meanings() []Kind {
	said := func(s string) func(*rand.Rand) []byte { // field 1 of a Talk, field 2 of a Say
		return fixed(protowire.AppendString(append(protowire.AppendString([]byte{0x0a}, s), 0x12), s))
	}
	place := func(x float32) Kind { // out of the map in both dialects: fields 1 and 3 of a Position, 2 and 4 of a Move
		return payload("", 0, move, func(*rand.Rand) []byte {
			b := protowire.AppendFixed32([]byte{0x0d}, math.Float32bits(x))
			return append(b, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x20, 0xff, 0xff, 0xff, 0xff, 0x0f)
		})
	}
	named := func(name string, k Kind) Kind {
		k.Name = name
		return k
	}
	return []Kind{
		payload("a text of nothing", 0, text, fixed(nil)),
		payload("a text that is too long", 0, text, said(strings.Repeat("x", 257))),
		payload("a text that hides", 0, text, said("a\u202eb")),
		payload("a text of controls", 0, text, said("\x1b[2J")),
		named("no number", place(float32(math.NaN()))),
		named("infinitely far", place(float32(math.Inf(1)))),
		named("far out", place(1e30)),
		payload("a Hello with a guessed token", 0, func(bool) uint32 { return native.IDHello }, func(random *rand.Rand) []byte {
			return protowire.AppendBytes([]byte{0x08, 1, 0x32}, noise(random, 32))
		}),
	}
}

// sockets are bytes that break the rules of WebSocket.
func sockets() []Kind {
	kind := func(name, b string) Kind {
		return Kind{Name: name, Ends: 1, Socket: true, frame: func(bool, *rand.Rand) []byte { return []byte(b) }}
	}
	return []Kind{
		kind("text", wstest.Message(wstest.Text, "hello")),
		kind("no mask", "\x82\x01x"),
		kind("a reserved bit", wstest.Message(0xc2, "x")),
		kind("a reserved opcode", wstest.Message(0x83, "x")),
		kind("a ping in fragments", wstest.Message(0x09, "x")),
		kind("a ping that is too long", wstest.Message(wstest.Ping, strings.Repeat("x", 126))),
		kind("a close of one byte", wstest.Message(wstest.Close, "x")),
		kind("a continuation of nothing", wstest.Message(wstest.End, "x")),
	}
}
