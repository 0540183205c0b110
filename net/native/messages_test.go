package native

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	nativepb "aoiworld/pb/native"
)

// TestMessagesAgainstTheGeneratedCodec: the other messages that are written or read by hand.
func TestMessagesAgainstTheGeneratedCodec(t *testing.T) {
	at := Place{X: 7, Y: -300, Z: 1 << 20, V: 359}
	pbAt := &nativepb.Place{X: 7, Y: -300, Z: 1 << 20, Heading: 359}
	for name, test := range map[string]struct {
		got  []byte
		id   uint32
		want proto.Message
		into proto.Message
	}{
		"move": {
			AppendMove(nil, Move{5, at}), IDMove,
			&nativepb.Move{Sequence: 5, X: 7, Y: -300, Z: 1 << 20, Heading: 359}, &nativepb.Move{},
		},
		"ack": {AppendAck(nil, 300), IDAck, &nativepb.Ack{Sequence: 300}, &nativepb.Ack{}},
		"correction": {
			AppendCorrection(nil, 300, 1202, at), IDAck,
			&nativepb.Ack{Sequence: 300, Refused: nativepb.ErrorCode_ERROR_MOVE_REJECTED, At: pbAt}, &nativepb.Ack{},
		},
		"gesture": {AppendGesture(nil, 4, -2), IDGesture, &nativepb.Gesture{Player: 4, Number: -2}, &nativepb.Gesture{}},
		"chat": {
			AppendChat(nil, Chat{ID: 9, Nearby: true, Player: 4, Name: "Ann", Text: "hi", Tick: 8}), IDChat,
			&nativepb.Chat{Id: 9, Channel: nativepb.Channel_CHANNEL_NEARBY, Player: 4, Name: "Ann", Text: "hi", Tick: 8},
			&nativepb.Chat{},
		},
		"welcome": {
			AppendWelcome(nil, AppendMessage(nil, IDWelcome, &nativepb.Welcome{Version: 1, Player: 4}), at, 99), IDWelcome,
			&nativepb.Welcome{Version: 1, Player: 4, At: pbAt, Tick: 99}, &nativepb.Welcome{},
		},
	} {
		if err := Parse(payload(t, test.got, test.id), test.into); err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(test.want, test.into, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if m, err := ParseMove(payload(t, AppendMove(nil, Move{5, at}), IDMove)); err != nil || (m != Move{5, at}) {
		t.Errorf("move read as %+v: %v", m, err)
	}
}

// TestMovesOutOfTheWorld: coordinates that are none come out as some that no world has.
func TestMovesOutOfTheWorld(t *testing.T) {
	b, err := proto.Marshal(&nativepb.Move{X: math.MaxUint32, Z: 1 << 31, Heading: 725})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ParseMove(b); err != nil || (m.To != Place{X: -1, Z: -1, V: 5}) {
		t.Errorf("%+v: %v", m, err)
	}
}

// TestLattice: places are what they say, and every one of an exact lattice survives the way there and back.
func TestLattice(t *testing.T) {
	l := Lattice{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400, Quantum: 0.01}
	for _, test := range []struct {
		x, y, z, v float32
		want       Place
	}{
		{85, 0, 75, 0, Place{}},
		{410, 1.234, 400, 359.6, Place{32500, 123, 32500, 0}},
		{86, -1, 75.004, -90, Place{100, -100, 0, 270}},
		{85, 1e30, 75, 1e9, Place{0, MaxSteps, 0, 280}},
		{85, -1e30, 75, -1, Place{0, -MaxSteps, 0, 359}},
	} {
		if got := l.Place(test.x, test.y, test.z, test.v); got != test.want {
			t.Errorf("%v is at %v, want %v", test, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Float64Range(1, 1e7).Draw(t, "size")
		corner := rapid.Float64Range(-1e6, 1e6).Draw(t, "corner")
		l := Lattice{MinX: corner, MaxX: corner + size, MinZ: -size, MaxZ: 0, Quantum: rapid.Float64Range(1e-4, 1).Draw(t, "quantum")}
		if !l.Exact() {
			t.Skip("too fine for a float32")
		}
		steps := int32(math.Floor(size / l.Quantum))
		p := Place{
			X: rapid.Int32Range(0, steps).Draw(t, "x"), Z: rapid.Int32Range(0, steps).Draw(t, "z"),
			Y: rapid.Int32Range(-1000, 1000).Draw(t, "y"), V: rapid.Int32Range(0, 359).Draw(t, "v"),
		}
		if got := l.Place(l.Position(p)); got != p {
			t.Fatalf("%v came back as %v", p, got)
		}
	})
	for _, l := range []Lattice{{MaxX: 1, MaxZ: 1}, {MaxX: 1e6, MaxZ: 1, Quantum: 1e-3}, {MaxX: 1e30, MaxZ: 1, Quantum: 0.01}} {
		if l.Exact() {
			t.Errorf("%+v is said to be exact", l)
		}
	}
}

// TestTurns: the shortest way, and back.
func TestTurns(t *testing.T) {
	for from := range int32(360) {
		for to := range int32(360) {
			if turn := Turn(from, to); turn < -180 || turn > 179 || Turned(from, turn) != to {
				t.Fatalf("from %d to %d: %d", from, to, turn)
			}
		}
	}
}
