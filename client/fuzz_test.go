package client

import (
	"io"
	"testing"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// silent is a connection over which nothing comes.
type silent struct{}

func (silent) Read() ([]byte, error) { return nil, io.EOF }
func (silent) Write([]byte) error    { return nil }
func (silent) Close() error          { return nil }

// FuzzMessages: whatever three messages a server sends, a client takes them in or gives them up, and does not panic. What it then
// believes to be in view is what it told of.
func FuzzMessages(f *testing.F) {
	frame := func(id uint32, m proto.Message) (uint32, []byte) {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return id, b
	}
	welcome, hello := frame(native.IDWelcome, &nativepb.Welcome{Version: 1, Player: 1, World: &nativepb.World{MaxX: 9, Quantum: 1}})
	enter := tick(f, func(dst []byte) []byte {
		return native.AppendDelta(dst, &native.Delta{Entered: []native.Member{{Slot: 0, ID: 1}}})
	})
	for _, m := range []struct {
		id uint32
		m  proto.Message
	}{
		{native.IDAck, &nativepb.Ack{Sequence: 1, Refused: 1202, At: &nativepb.Place{X: 3}}},
		{native.IDAck, &nativepb.Ack{Sequence: 9}},
		{native.IDPong, &nativepb.Pong{Time: 1, ServerMicros: 2}},
		{native.IDPing, &nativepb.Ping{Time: 1}},
		{native.IDChat, &nativepb.Chat{Player: 1, Text: "hi"}},
		{native.IDGesture, &nativepb.Gesture{Player: 1, Number: 2}},
		{native.IDNotice, &nativepb.Notice{Text: "hi"}},
		{native.IDError, &nativepb.Error{Code: 1107, Fatal: true, Message: "no"}},
		{native.IDGoodbye, &nativepb.Goodbye{Code: 4001}},
		{native.FirstGameID, &nativepb.Notice{}},
		{welcome, &nativepb.Welcome{}},
	} {
		id, b := frame(m.id, m.m)
		f.Add(welcome, hello, uint32(native.IDTick), enter, id, b)
	}
	f.Fuzz(func(t *testing.T, id1 uint32, b1 []byte, id2 uint32, b2 []byte, id3 uint32, b3 []byte) {
		takeIn(t, []wire.Frame{{ID: id1, Payload: b1}, {ID: id2, Payload: b2}, {ID: id3, Payload: b3}})
	})
}

// takeIn has a client take frames in, and holds its view against what it tells.
func takeIn(t *testing.T, frames []wire.Frame) {
	c := &Client{joined: make(chan struct{}), paths: map[int32]*path{}, conn: silent{}}
	c.replica = NewReplica(observer{c})
	told := map[int32]bool{}
	for _, frame := range frames {
		if c.apply(frame) != nil {
			return // the connection ends, and with it the view
		}
		for _, e := range c.events {
			switch e.Kind {
			case Connected:
				clear(told)
			case Appeared:
				told[e.Entity.ID] = true
			case Left:
				delete(told, e.Entity.ID)
			}
		}
		c.events = c.events[:0]
	}
	n := 0
	for e := range c.replica.All() {
		if n++; !told[e.ID] {
			t.Errorf("entity %d is in view, and nobody was told", e.ID)
		}
	}
	if n != len(told) {
		t.Errorf("%d are in view, %d by what was told", n, len(told))
	}
}
