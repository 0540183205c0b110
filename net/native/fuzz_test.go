package native

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	nativepb "aoiworld/pb/native"
)

// messages makes each message of the dialect that is read by the generated code, the server's side and the client's.
var messages = []func() proto.Message{
	func() proto.Message { return &nativepb.Hello{} },
	func() proto.Message { return &nativepb.Say{} },
	func() proto.Message { return &nativepb.Gesture{} },
	func() proto.Message { return &nativepb.Ping{} },
	func() proto.Message { return &nativepb.Pong{} },
	func() proto.Message { return &nativepb.Goodbye{} },
	func() proto.Message { return &nativepb.Welcome{} },
	func() proto.Message { return &nativepb.Ack{} },
	func() proto.Message { return &nativepb.Chat{} },
	func() proto.Message { return &nativepb.Notice{} },
	func() proto.Message { return &nativepb.Error{} },
	func() proto.Message { return &nativepb.Move{} },
}

// FuzzMessages: whatever comes as any of the messages is refused as malformed, or says the same once it is written down again; and
// a Move, which is read by hand, is read as the generated code reads it.
func FuzzMessages(f *testing.F) {
	at := &nativepb.Place{X: 7, Y: -300, Z: 1 << 20, Heading: 359}
	for _, m := range []proto.Message{
		&nativepb.Hello{Version: 1, Client: "x", Login: &nativepb.Hello_Guest{Guest: "Ann"}, Forms: []nativepb.Form{1}},
		&nativepb.Welcome{Version: 1, Player: 1, World: &nativepb.World{MaxX: 9, Columns: 3}, Limits: &nativepb.Limits{}, At: at},
		&nativepb.Ack{Sequence: 1, At: at}, &nativepb.Say{Channel: 1, Text: "hi"}, &nativepb.Move{Sequence: 5, X: 7, Y: -3, Z: 1 << 31},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		for kind := range messages {
			f.Add(byte(kind), b)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		m, again := messages[int(kind)%len(messages)](), messages[int(kind)%len(messages)]()
		if err := Parse(payload, m); err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		// Numbers that are none stay so, and are not equal to themselves: bytes are.
		if err := Parse(b, again); err != nil || !equal(t, b, again) {
			t.Errorf("%v, written down again: %v, %v", m, again, err)
		}
		if want, is := m.(*nativepb.Move); is {
			compareMove(t, payload, want)
		}
	})
}

// equal reports whether a message is written as b. Unknown fields and all are kept in their order.
func equal(t *testing.T, b []byte, m proto.Message) bool {
	got, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(got) == string(b)
}

// compareMove holds ParseMove against what the generated code has read.
func compareMove(t *testing.T, payload []byte, want *nativepb.Move) {
	coordinate := func(v uint32) int32 {
		if v > MaxSteps {
			return -1
		}
		return int32(v)
	}
	to := Place{coordinate(want.X), want.Y, coordinate(want.Z), int32(want.Heading % degrees)}
	if m, err := ParseMove(payload); err != nil || m.Sequence != want.Sequence || m.To != to {
		t.Errorf("a move to %v under %d is read as %+v: %v", to, want.Sequence, m, err)
	}
}
