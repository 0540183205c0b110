package classic

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/wire"
	"aoiworld/pb"
)

// same reports whether two floats have the same bits.
func same(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// positions are payloads of a Position: what they say, or nil where they are malformed.
var positions = map[string]struct {
	payload string
	want    []float32
}{
	"nothing":               {"", []float32{0, 0, 0, 0}},
	"everything":            {"0d0000803f 1500000040 1d00004040 2500008040", []float32{1, 2, 3, 4}},
	"backwards":             {"2500008040 1d00004040 1500000040 0d0000803f", []float32{1, 2, 3, 4}},
	"last one counts":       {"0d0000803f 0d00000040", []float32{2, 0, 0, 0}},
	"zero counts too":       {"0d0000803f 0d00000000", []float32{0, 0, 0, 0}},
	"negative zero":         {"0d00000080", []float32{negativeZero(), 0, 0, 0}},
	"infinity":              {"150000807f", []float32{0, float32(math.Inf(1)), 0, 0}},
	"unknown varint":        {"2801 0d0000803f", []float32{1, 0, 0, 0}},
	"unknown fixed32":       {"2d00000040 0d0000803f", []float32{1, 0, 0, 0}},
	"unknown fixed64":       {"29 0000000000000000 0d0000803f", []float32{1, 0, 0, 0}},
	"unknown bytes":         {"2a 02 0d00 0d0000803f", []float32{1, 0, 0, 0}},
	"unknown group":         {"2b 0d00000040 33 34 2c 0d0000803f", []float32{1, 0, 0, 0}},
	"largest field number":  {"f8ffffff0f 00", []float32{0, 0, 0, 0}},
	"long-winded tag":       {"8d 80 00 0000803f", []float32{1, 0, 0, 0}},
	"x as a varint":         {"08 01", []float32{0, 0, 0, 0}},
	"x as a double":         {"09 000000000000f03f", []float32{0, 0, 0, 0}},
	"x as bytes":            {"0a 04 0000803f", []float32{0, 0, 0, 0}},
	"x as a group":          {"0b 0d0000803f 0c", []float32{0, 0, 0, 0}},
	"tag breaks off":        {"8d", nil},
	"float breaks off":      {"0d 000080", nil},
	"second one breaks off": {"0d 0000803f 15", nil},
	"double breaks off":     {"29 00000000", nil},
	"varint breaks off":     {"28 80", nil},
	"bytes break off":       {"2a 02 00", nil},
	"length breaks off":     {"2a", nil},
	"length beyond reason":  {"2a ffffffffffffffffff01 00", nil},
	"group does not end":    {"2b 2801", nil},
	"other group ends":      {"2b 34", nil},
	"group ends only":       {"2c", nil},
	"wire type 6":           {"2e 00", nil},
	"wire type 7":           {"2f 00", nil},
	"field number 0":        {"05 00000000", nil},
	"field number 2^29":     {"8080808010 00", nil},
	"field number 2^32":     {"808080808001 00", nil},
	"eleven bytes of tag":   {"80 80 80 80 80 80 80 80 80 80 01", nil},
	"eleven bytes of value": {"28 80 80 80 80 80 80 80 80 80 80 01", nil},
	"group as deep as may":  {strings.Repeat("2b", 10_001) + strings.Repeat("2c", 10_001), []float32{0, 0, 0, 0}},
	"group too deep":        {strings.Repeat("2b", 10_002) + strings.Repeat("2c", 10_002), nil},
	"endless group":         {strings.Repeat("2b", 4096), nil},
	"16 KiB of the unknown": {strings.Repeat("2801", 8<<10) + "0d0000803f", []float32{1, 0, 0, 0}},
}

func TestParsePosition(t *testing.T) {
	for name, test := range positions {
		payload := unhex(t, test.payload)
		if err := comparePosition(payload); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		x, y, z, v, err := ParsePosition(payload)
		if test.want == nil {
			if !errors.Is(err, ErrMalformed) || x != 0 || y != 0 || z != 0 || v != 0 {
				t.Errorf("%s: %v %v %v %v, %v; want ErrMalformed", name, x, y, z, v, err)
			}
		} else if err != nil || !slices.EqualFunc([]float32{x, y, z, v}, test.want, same) {
			t.Errorf("%s: %v %v %v %v, %v; want %v", name, x, y, z, v, err, test.want)
		}
	}
}

// comparePosition says how ParsePosition and the generated codec differ about a payload.
func comparePosition(payload []byte) error {
	var want pb.Position
	wantErr := proto.Unmarshal(payload, &want)
	x, y, z, v, err := ParsePosition(payload)
	switch {
	case (err == nil) != (wantErr == nil), err != nil && !errors.Is(err, ErrMalformed):
		return fmt.Errorf("error %v, generated codec %v", err, wantErr)
	case err == nil && !(same(x, want.X) && same(y, want.Y) && same(z, want.Z) && same(v, want.V)):
		return fmt.Errorf("%v %v %v %v, generated codec %v", x, y, z, v, &want)
	}
	return nil
}

func TestParseTalk(t *testing.T) {
	for name, test := range map[string]struct {
		payload, want string
		malformed     bool
	}{
		"nothing":             {payload: ""},
		"text":                {payload: "0a 02 6869", want: "hi"},
		"last one counts":     {payload: "0a 02 6869 0a 01 6f", want: "o"},
		"empty one counts":    {payload: "0a 02 6869 0a 00", want: ""},
		"NUL is UTF-8":        {payload: "0a 01 00", want: "\x00"},
		"beyond the BMP":      {payload: "0a 04 f09f9980", want: "🙀"},
		"unknown fields":      {payload: "1001 0a 02 6869 1a 01 ff", want: "hi"},
		"text as a number":    {payload: "0a 02 6869 08 01", want: "hi"},
		"not UTF-8":           {payload: "0a 01 ff", malformed: true},
		"half a character":    {payload: "0a 03 f09f99", malformed: true},
		"surrogate":           {payload: "0a 03 eda080", malformed: true},
		"overlong":            {payload: "0a 02 c080", malformed: true},
		"bad and then good":   {payload: "0a 01 ff 0a 02 6869", malformed: true},
		"good and then bad":   {payload: "0a 02 6869 0a 01 ff", malformed: true},
		"text breaks off":     {payload: "0a 03 6869", malformed: true},
		"a length of 2^63":    {payload: "0a 80808080808080808001", malformed: true},
		"length is not there": {payload: "0a", malformed: true},
	} {
		payload := unhex(t, test.payload)
		if err := compareTalk(payload); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := ParseTalk(payload); text != test.want || errors.Is(err, ErrMalformed) != test.malformed {
			t.Errorf("%s: %q, %v; want %q", name, text, err, test.want)
		}
	}
}

// compareTalk says how ParseTalk and the generated codec differ about a payload.
func compareTalk(payload []byte) error {
	var want pb.Talk
	wantErr := proto.Unmarshal(payload, &want)
	text, err := ParseTalk(payload)
	switch {
	case (err == nil) != (wantErr == nil), err != nil && !errors.Is(err, ErrMalformed):
		return fmt.Errorf("error %v, generated codec %v", err, wantErr)
	case err == nil && text != want.Content, err != nil && text != "":
		return fmt.Errorf("%q, generated codec %q", text, want.Content)
	}
	return nil
}

func TestDecode(t *testing.T) {
	for name, test := range map[string]struct {
		id      uint32
		payload string
		want    []Event // nil where the frame is malformed
	}{
		"welcome":              {IDWelcome, "0807", []Event{{Kind: Welcome, PID: 7}}},
		"welcome without id":   {IDWelcome, "", []Event{{Kind: Welcome}}},
		"negative id":          {IDLeave, "08 ffffffffffffffffff01", []Event{{Kind: Leave, PID: -1}}},
		"id beyond 32 bits":    {IDLeave, "08 8180808010", []Event{{Kind: Leave, PID: 1}}},
		"action":               {IDBroadcast, "0801 1003 2805", []Event{{Kind: Action, PID: 1, Number: 5}}},
		"chat":                 {IDBroadcast, "0801 1001 1a026869", []Event{{Kind: Chat, PID: 1, Text: "hi"}}},
		"moved, data first":    {IDBroadcast, "2205 0d0000803f 1004 0801", []Event{{Kind: Moved, PID: 1, X: 1}}},
		"place in two parts":   {IDBroadcast, "1004 22050d0000803f 22051500000040", []Event{{Kind: Moved, X: 1, Y: 2}}},
		"text between parts":   {IDBroadcast, "1004 22050d0000803f 1a00 22051500000040", []Event{{Kind: Moved, Y: 2}}},
		"last of oneof counts": {IDBroadcast, "1001 2205 0d0000803f 1a026869", []Event{{Kind: Chat, Text: "hi"}}},
		"id as a fixed32":      {IDWelcome, "0807 0d01000000", []Event{{Kind: Welcome, PID: 7}}},
		"type as bytes":        {IDBroadcast, "1004 2200 1200", []Event{{Kind: Moved}}},
		"text as a number":     {IDBroadcast, "1004 2200 1801", []Event{{Kind: Moved}}},
		"place as a number":    {IDBroadcast, "1001 1a026869 2001", []Event{{Kind: Chat, Text: "hi"}}},
		"action as bytes":      {IDBroadcast, "1001 1a026869 2a00", []Event{{Kind: Chat, Text: "hi"}}},
		"entry as a number":    {IDSnapshot, "0801", []Event{{Kind: Snapshot}}},
		"snapshot of nobody":   {IDSnapshot, "", []Event{{Kind: Snapshot}}},
		"snapshot": {
			IDSnapshot, "0a09 0805 1205 0d0000803f 0a02 0806 0a00",
			[]Event{{Kind: Snapshot}, {Kind: Entry, PID: 5, X: 1}, {Kind: Entry, PID: 6}, {Kind: Entry}},
		},
		"client's message":       {IDPosition, "", nil},
		"unknown id":             {7, "", nil},
		"no type":                {IDBroadcast, "0801", nil},
		"unknown type":           {IDBroadcast, "0801 1005 2200", nil},
		"type without data":      {IDBroadcast, "0801 1004", nil},
		"chat with a place":      {IDBroadcast, "0801 1001 2200", nil},
		"move with a text":       {IDBroadcast, "0801 1004 1a00", nil},
		"bad text":               {IDBroadcast, "1001 1a01ff", nil},
		"bad text, then a place": {IDBroadcast, "1004 1a01ff 2200", nil},
		"place breaks off":       {IDBroadcast, "1004 2202 0d00", nil},
		"leave breaks off":       {IDLeave, "08", nil},
		"second entry is bad":    {IDSnapshot, "0a09 0805 1205 0d0000803f 0a02 0880", nil},
		"snapshot breaks off":    {IDSnapshot, "0a02 0806 0a02", nil},
	} {
		checkDecoding(t, name, wire.Frame{ID: test.id, Payload: unhex(t, test.payload)}, test.want)
	}
}

// TestDecodeOfGames: what the tutorial does not have.
func TestDecodeOfGames(t *testing.T) {
	for name, test := range map[string]struct {
		id      uint32
		payload string
		want    []Event // nil where the frame is malformed
	}{
		"attributes":           {IDAttributes, "0805 1010 1a026869", []Event{{Kind: Looks, PID: 5, Number: 16, Bytes: []byte("hi")}}},
		"a plain entity":       {IDAttributes, "0805", []Event{{Kind: Looks, PID: 5}}},
		"attributes, twice":    {IDAttributes, "0805 1a026869 1a00", []Event{{Kind: Looks, PID: 5}}},
		"message of a game":    {FirstGameID, "ff", []Event{{Kind: Message, Number: FirstGameID, Bytes: []byte{0xff}}}},
		"kind beyond a byte":   {IDAttributes, "0805 108002", nil},
		"negative kind":        {IDAttributes, "0805 10ffffffffffffffffff01", nil},
		"attributes break off": {IDAttributes, "0805 1a0268", nil},
		"below the games' ids": {FirstGameID - 1, "", nil},
	} {
		checkDecoding(t, name, wire.Frame{ID: test.id, Payload: unhex(t, test.payload)}, test.want)
	}
}

// checkDecoding holds what Decode tells of a frame against what it should, nil for nothing but an error, and against the
// generated codec.
func checkDecoding(t *testing.T, name string, frame wire.Frame, want []Event) {
	got, err := decodeAll(frame)
	if want == nil && (!errors.Is(err, ErrMalformed) || len(got) > 0) || want != nil && err != nil {
		t.Errorf("%s: %v, %v; want %v", name, got, err, want)
		return
	}
	t.Run(name, func(t *testing.T) {
		compareEvents(t, got, want)
		compareDecode(t, frame)
	})
}

// decodeAll returns all that Decode tells of a frame.
func decodeAll(f wire.Frame) (all []Event, err error) {
	err = Decode(f, func(e Event) { all = append(all, e) })
	return all, err
}

// compareEvents holds events against those that are wanted, coordinates bit for bit.
func compareEvents(t fataler, got, want []Event) {
	if !slices.EqualFunc(got, want, func(g, w Event) bool {
		return g.Kind == w.Kind && g.PID == w.PID && g.Text == w.Text && g.Number == w.Number && bytes.Equal(g.Bytes, w.Bytes) &&
			same(g.X, w.X) && same(g.Y, w.Y) && same(g.Z, w.Z) && same(g.V, w.V)
	}) {
		t.Fatalf("%+v, want %+v", got, want)
	}
}

// compareDecode holds Decode against the generated codec: the same verdict, the same events.
func compareDecode(t fataler, f wire.Frame) {
	want, accepted := slowDecode(f)
	got, err := decodeAll(f)
	if (err == nil) != accepted || err != nil && (!errors.Is(err, ErrMalformed) || len(got) > 0) {
		t.Fatalf("%d events and error %v; the generated codec accepts it: %v", len(got), err, accepted)
	}
	if accepted {
		compareEvents(t, got, want)
	}
}

// slowDecode is Decode by the generated codec.
func slowDecode(f wire.Frame) (events []Event, ok bool) {
	at := func(kind Kind, pid int32, p *pb.Position) Event {
		return Event{Kind: kind, PID: pid, X: p.GetX(), Y: p.GetY(), Z: p.GetZ(), V: p.GetV()}
	}
	if f.ID >= FirstGameID {
		return []Event{{Kind: Message, Number: int64(f.ID), Bytes: f.Payload}}, true
	}
	switch f.ID {
	case IDAttributes:
		var m pb.Attributes
		ok = proto.Unmarshal(f.Payload, &m) == nil && m.Kind >= 0 && m.Kind <= math.MaxUint8
		return []Event{{Kind: Looks, PID: m.PID, Number: int64(m.Kind), Bytes: m.Attributes}}, ok
	case IDWelcome, IDLeave:
		var m pb.SyncPID
		ok = proto.Unmarshal(f.Payload, &m) == nil
		return []Event{{Kind: map[uint32]Kind{IDWelcome: Welcome, IDLeave: Leave}[f.ID], PID: m.PID}}, ok
	case IDSnapshot:
		var m pb.SyncPlayers
		ok = proto.Unmarshal(f.Payload, &m) == nil
		events = append(events, Event{Kind: Snapshot})
		for _, p := range m.Ps {
			events = append(events, at(Entry, p.PID, p.P))
		}
		return events, ok
	case IDBroadcast:
		var m pb.BroadCast
		if proto.Unmarshal(f.Payload, &m) != nil {
			return nil, false
		}
		switch data := m.Data.(type) {
		case *pb.BroadCast_Content:
			return []Event{{Kind: Chat, PID: m.PID, Text: data.Content}}, m.Tp == tpChat
		case *pb.BroadCast_ActionData:
			return []Event{{Kind: Action, PID: m.PID, Number: int64(data.ActionData)}}, m.Tp == tpAction
		case *pb.BroadCast_P:
			kind := map[int32]Kind{tpAppear: Appear, tpMoved: Moved}[m.Tp]
			return []Event{at(kind, m.PID, data.P)}, kind != 0
		}
	}
	return nil, false
}

// FuzzParsePosition holds the parser against the generated codec: the same verdict, the same values.
func FuzzParsePosition(f *testing.F) {
	for _, seed := range positions {
		if len(seed.payload) < 1000 {
			f.Add(unhex(f, seed.payload))
		}
	}
	f.Add(bytes.Repeat([]byte{0x53}, 4096))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if err := comparePosition(payload); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzParseTalk does the same for chats.
func FuzzParseTalk(f *testing.F) {
	f.Add(AppendTalk(nil, "hello")[wire.HeaderSize:])
	f.Add([]byte{0x0a, 1, 0xff})
	f.Fuzz(func(t *testing.T, payload []byte) {
		if err := compareTalk(payload); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzDecode does the same for what a server says.
func FuzzDecode(f *testing.F) {
	var e Encoder
	seed := e.AppendChat(e.AppendMoved(e.AppendLeave(e.AppendWelcome(nil, 1), 2), 3, 1, 2, 3, 4), 5, "hi")
	seed = e.AppendMessage(e.AppendAttributes(seed, 5, 16, []byte("hi")), FirstGameID, []byte("hi"))
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
		compareDecode(t, wire.Frame{ID: id, Payload: payload})
	})
}
