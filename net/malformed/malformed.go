// Package malformed has frames of many kinds that no honest client sends, and a client that sends them: for the test that they
// cost nobody else anything, and for the harness that measures it.
package malformed

import (
	"math/rand/v2"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/net/ws/wstest"
)

// Way is how a client comes, and what it speaks.
type Way struct{ WebSocket, Native bool }

// Ways are all of them.
var Ways = []Way{{}, {Native: true}, {WebSocket: true}, {WebSocket: true, Native: true}}

// String names a way.
func (w Way) String() string {
	return map[bool]string{true: "native", false: "classic"}[w.Native] + " over " +
		map[bool]string{true: "WebSocket", false: "TCP"}[w.WebSocket]
}

// Kind is one way of being wrong.
type Kind struct {
	Name string
	// Ends is how many such frames end the connection of a client in the world, by the default limits: 1 is the first one, 0
	// says that they are refused again and again.
	Ends int
	// Socket says that the bytes break the rules of WebSocket, and are sent over it alone.
	Socket bool
	// frame makes one of the kind for a dialect: a frame of ours, or bytes as they go over the WebSocket.
	frame func(native bool, random *rand.Rand) []byte
}

// Suits reports whether there is something of the kind to be sent on a way.
func (k Kind) Suits(w Way) bool { return w.WebSocket || !k.Socket }

// Bytes returns a frame of the kind as it is written to the connection, after WebSocket's handshake where there is one.
func (k Kind) Bytes(w Way, random *rand.Rand) []byte {
	b := k.frame(w.Native, random)
	if k.Socket {
		return b
	}
	return w.wrap(b)
}

// wrap makes a WebSocket message of a frame, where there is a WebSocket.
func (w Way) wrap(frame []byte) []byte {
	if !w.WebSocket {
		return frame
	}
	return []byte(wstest.Message(wstest.Binary, string(frame)))
}

// Honest returns a move to somewhere in a square of so many world units, as long as a frame of a kind on the same way, or a
// few bytes longer: what an honest client might have sent in its place. What it is longer by is a field that nobody knows,
// which is no mistake.
func Honest(w Way, size int, square float32, random *rand.Rand) []byte {
	x, z := square*random.Float32(), square*random.Float32()
	frame := classic.AppendMove(nil, x, 0, z, 0)
	if w.Native {
		frame = native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: int32(100 * x), Z: int32(100 * z)}})
	}
	payload := frame[wire.HeaderSize:]
	if more := min(size, largest) - len(frame); more > 0 {
		payload = protowire.AppendBytes(protowire.AppendTag(payload, 15, protowire.BytesType), make([]byte, more))
	}
	return w.wrap(wire.AppendFrame(nil, move(w.Native), payload))
}

// Kinds returns all kinds.
func Kinds() []Kind { return slices.Concat(headers(), encodings(), meanings(), sockets()) }

// text is the id of the message that has a text, and move that of a move.
func text(isNative bool) uint32 {
	if isNative {
		return native.IDSay
	}
	return classic.IDTalk
}

func move(isNative bool) uint32 {
	if isNative {
		return native.IDMove
	}
	return classic.IDPosition
}

// Last returns how many frames of the kind end a connection on a way, or 0. Who has not said Hello in the native dialect is
// forgiven nothing.
func (k Kind) Last(w Way, entered bool) int {
	if w.Native && !entered {
		return 1
	}
	return k.Ends
}

// payload is a kind whose header is right: a payload under the id of a message.
func payload(name string, ends int, id func(bool) uint32, bytes func(random *rand.Rand) []byte) Kind {
	return Kind{Name: name, Ends: ends, frame: func(isNative bool, random *rand.Rand) []byte {
		return wire.AppendFrame(nil, id(isNative), bytes(random))
	}}
}

// fixed is a function of no chance.
func fixed(b []byte) func(*rand.Rand) []byte { return func(*rand.Rand) []byte { return b } }

// noise is so many bytes of anything.
func noise(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
