package classic

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"aoiworld/net/wire"
	"aoiworld/pb"
)

// marshal is a frame as the generated codec writes it.
func marshal(t fataler, id uint32, m proto.Message) []byte {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return wire.AppendFrame(nil, id, payload)
}

// fataler is what rapid, fuzzing and plain tests have in common.
type fataler interface {
	Fatalf(format string, args ...any)
}

// place is a position as the generated codec has it.
func place(x, y, z, v float32) *pb.Position { return &pb.Position{X: x, Y: y, Z: z, V: v} }

// broadcast is a position's message as the generated codec has it.
func broadcast(id, tp int32, p *pb.Position) *pb.BroadCast {
	return &pb.BroadCast{PID: id, Tp: tp, Data: &pb.BroadCast_P{P: p}}
}

// TestGoldenBytes pins the dialect: these bytes are what clients in the field speak.
func TestGoldenBytes(t *testing.T) {
	var e Encoder
	for name, test := range map[string]struct {
		got  []byte
		want string
	}{
		"welcome":       {e.AppendWelcome(nil, 7), "02000000 01000000 0807"},
		"leave":         {e.AppendLeave(nil, 300), "03000000 c9000000 08ac02"},
		"appear":        {e.AppendAppear(nil, 1, 160, 0, 134, 0), "10000000 c8000000 0801 1002 220a 0d00002043 1d00000643"},
		"moved":         {e.AppendMoved(nil, 1, 1, 2, 3, 4), "1a000000 c8000000 0801 1004 2214 0d0000803f 1500000040 1d00004040 2500008040"},
		"moved to zero": {e.AppendMoved(nil, 1, 0, 0, 0, 0), "06000000 c8000000 0801 1004 2200"},
		"chat":          {e.AppendChat(nil, 1, "hi"), "08000000 c8000000 0801 1001 1a026869"},
		"snapshot": {
			e.AppendSnapshotEntry(e.AppendSnapshotHeader(nil, 11), 5, 1, 0, 0, 0),
			"0b000000 ca000000 0a09 0805 1205 0d0000803f",
		},
		"move": {AppendMove(nil, 1, 2, 3, 4), "14000000 03000000 0d0000803f 1500000040 1d00004040 2500008040"},
		"talk": {AppendTalk(nil, "hi"), "04000000 02000000 0a026869"},
	} {
		if want, err := hex.DecodeString(strings.ReplaceAll(test.want, " ", "")); err != nil || !bytes.Equal(test.got, want) {
			t.Errorf("%s: %x, want %x (%v)", name, test.got, want, err)
		}
	}
}

// floats draws coordinates, those included that codecs get wrong.
func floats() *rapid.Generator[float32] {
	odd := []float32{0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, math.MaxFloat32, 1}
	return rapid.OneOf(rapid.Float32(), rapid.SampledFrom(odd))
}

// TestEncoderAgainstGeneratedCodec: byte for byte, for any id, place and text.
func TestEncoderAgainstGeneratedCodec(t *testing.T) {
	var e Encoder
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.Int32(), rapid.Int32Range(0, 300)).Draw(t, "id")
		x, y, z, v := floats().Draw(t, "x"), floats().Draw(t, "y"), floats().Draw(t, "z"), floats().Draw(t, "v")
		text := rapid.String().Draw(t, "text")
		entry := e.AppendSnapshotEntry(nil, id, x, y, z, v)
		entry = append(entry, e.AppendSnapshotEntry(nil, 1, 0, 0, 0, 0)...)
		players := []*pb.Player{{PID: id, P: place(x, y, z, v)}, {PID: 1, P: place(0, 0, 0, 0)}}
		chat := &pb.BroadCast{PID: id, Tp: tpChat, Data: &pb.BroadCast_Content{Content: text}}
		for name, pair := range map[string][2][]byte{
			"welcome":  {e.AppendWelcome(nil, id), marshal(t, IDWelcome, &pb.SyncPID{PID: id})},
			"leave":    {e.AppendLeave(nil, id), marshal(t, IDLeave, &pb.SyncPID{PID: id})},
			"appear":   {e.AppendAppear(nil, id, x, y, z, v), marshal(t, IDBroadcast, broadcast(id, tpAppear, place(x, y, z, v)))},
			"moved":    {e.AppendMoved(nil, id, x, y, z, v), marshal(t, IDBroadcast, broadcast(id, tpMoved, place(x, y, z, v)))},
			"chat":     {e.AppendChat(nil, id, text), marshal(t, IDBroadcast, chat)},
			"snapshot": {append(e.AppendSnapshotHeader(nil, len(entry)), entry...), marshal(t, IDSnapshot, &pb.SyncPlayers{Ps: players})},
			"move":     {AppendMove(nil, x, y, z, v), marshal(t, IDPosition, place(x, y, z, v))},
			"talk":     {AppendTalk(nil, text), marshal(t, IDTalk, &pb.Talk{Content: text})},
		} {
			if !bytes.Equal(pair[0], pair[1]) {
				t.Fatalf("%s: %x, generated codec %x", name, pair[0], pair[1])
			}
		}
	})
}

// same reports whether two floats have the same bits.
func same(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// FuzzParsePosition holds the parser against the generated codec: the same verdict, the same values.
func FuzzParsePosition(f *testing.F) {
	f.Add(AppendMove(nil, 1, 2, 3, 4)[wire.HeaderSize:])
	f.Add([]byte{0x08, 1, 0x0d, 0, 0, 0x80, 0x3f, 0x0d, 0, 0, 0, 0x40})
	f.Add(bytes.Repeat([]byte{0x53}, 4096))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var want pb.Position
		wantErr := proto.Unmarshal(payload, &want)
		x, y, z, v, err := ParsePosition(payload)
		if (err == nil) != (wantErr == nil) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatalf("error %v, generated codec %v", err, wantErr)
		}
		if err == nil && !(same(x, want.X) && same(y, want.Y) && same(z, want.Z) && same(v, want.V)) {
			t.Fatalf("%v %v %v %v, generated codec %v", x, y, z, v, &want)
		}
	})
}

// FuzzParseTalk does the same for chats.
func FuzzParseTalk(f *testing.F) {
	f.Add(AppendTalk(nil, "hello")[wire.HeaderSize:])
	f.Add([]byte{0x0a, 1, 0xff})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var want pb.Talk
		wantErr := proto.Unmarshal(payload, &want)
		text, err := ParseTalk(payload)
		if (err == nil) != (wantErr == nil) || text != want.Content && err == nil {
			t.Fatalf("%q, %v; generated codec %q, %v", text, err, want.Content, wantErr)
		}
	})
}

// FuzzDecode does the same for what a server says.
func FuzzDecode(f *testing.F) {
	var e Encoder
	seed := e.AppendChat(e.AppendMoved(e.AppendLeave(e.AppendWelcome(nil, 1), 2), 3, 1, 2, 3, 4), 5, "hi")
	seed = e.AppendSnapshotEntry(e.AppendSnapshotHeader(seed, 11), 5, 1, 0, 0, 0)
	for len(seed) > 0 {
		frame, rest, err := wire.Cut(seed, 4096)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame.ID, frame.Payload)
		seed = rest
	}
	f.Fuzz(func(t *testing.T, id uint32, payload []byte) {
		want, wantOK := slowDecode(id, payload)
		var got []Event
		err := Decode(wire.Frame{ID: id, Payload: payload}, func(e Event) { got = append(got, e) })
		if (err == nil) != wantOK {
			t.Fatalf("error %v, but the generated codec accepts it: %v", err, wantOK)
		}
		if err != nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%d events, want %d", len(got), len(want))
		}
		for i, w := range want {
			g := got[i]
			if g.Kind != w.Kind || g.PID != w.PID || g.Text != w.Text || g.Action != w.Action ||
				!same(g.X, w.X) || !same(g.Y, w.Y) || !same(g.Z, w.Z) || !same(g.V, w.V) {
				t.Fatalf("event %d: %+v, want %+v", i, g, w)
			}
		}
	})
}

// slowDecode is Decode by the generated codec.
func slowDecode(id uint32, payload []byte) (events []Event, ok bool) {
	at := func(kind Kind, pid int32, p *pb.Position) Event {
		return Event{Kind: kind, PID: pid, X: p.GetX(), Y: p.GetY(), Z: p.GetZ(), V: p.GetV()}
	}
	switch id {
	case IDWelcome, IDLeave:
		var m pb.SyncPID
		ok = proto.Unmarshal(payload, &m) == nil
		return []Event{{Kind: map[uint32]Kind{IDWelcome: Welcome, IDLeave: Leave}[id], PID: m.PID}}, ok
	case IDSnapshot:
		var m pb.SyncPlayers
		ok = proto.Unmarshal(payload, &m) == nil
		events = append(events, Event{Kind: Snapshot})
		for _, p := range m.Ps {
			events = append(events, at(Entry, p.PID, p.P))
		}
		return events, ok
	case IDBroadcast:
		var m pb.BroadCast
		if proto.Unmarshal(payload, &m) != nil {
			return nil, false
		}
		switch data := m.Data.(type) {
		case *pb.BroadCast_Content:
			return []Event{{Kind: Chat, PID: m.PID, Text: data.Content}}, m.Tp == tpChat
		case *pb.BroadCast_ActionData:
			return []Event{{Kind: Action, PID: m.PID, Action: data.ActionData}}, m.Tp == tpAction
		case *pb.BroadCast_P:
			return []Event{at(map[int32]Kind{tpAppear: Appear, tpMoved: Moved}[m.Tp], m.PID, data.P)}, m.Tp == tpAppear || m.Tp == tpMoved
		}
	}
	return nil, false
}

func TestNothingIsAllocated(t *testing.T) {
	var e Encoder
	buf := make([]byte, 0, 256)
	moved := e.AppendMoved(nil, 1, 1, 2, 3, 4)
	frame, _, err := wire.Cut(moved, 4096)
	if err != nil {
		t.Fatal(err)
	}
	move := AppendMove(nil, 1, 2, 3, 4)[wire.HeaderSize:]
	sum := float32(0)
	allocations := testing.AllocsPerRun(100, func() {
		buf = e.AppendSnapshotEntry(e.AppendMoved(buf[:0], 1, 1, 2, 3, 4), 1, 1, 2, 3, 4)
		x, _, _, _, err := ParsePosition(move)
		if err != nil {
			t.Error(err)
		}
		sum += x
		if err := Decode(frame, func(e Event) { sum += e.X }); err != nil {
			t.Error(err)
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func BenchmarkAppendMoved(b *testing.B) {
	var e Encoder
	buf := make([]byte, 0, 64)
	for b.Loop() {
		buf = e.AppendMoved(buf[:0], 12345, 100.5, 2, 300.25, 90)
	}
}

func BenchmarkDecodeMoved(b *testing.B) {
	frame, _, err := wire.Cut(Encoder{}.AppendMoved(nil, 12345, 100.5, 2, 300.25, 90), 4096)
	if err != nil {
		b.Fatal(err)
	}
	visit := func(Event) {}
	for b.Loop() {
		if err := Decode(frame, visit); err != nil {
			b.Fatal(err)
		}
	}
}
