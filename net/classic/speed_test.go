package classic

import (
	"testing"

	"aoiworld/net/wire"
)

// movedFrame is what a client receives most, and movePayload what a server does.
func movedFrame(t testing.TB) wire.Frame {
	t.Helper()
	frame, _, err := wire.Cut(Encoder{}.AppendMoved(nil, 12345, 100.5, 2, 300.25, 90), 4096)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func movePayload() []byte { return AppendMove(nil, 100.5, 2, 300.25, 90)[wire.HeaderSize:] }

// snapshotFrame lists n players.
func snapshotFrame(n int32) wire.Frame {
	var entries []byte
	for id := range n {
		entries = Encoder{}.AppendSnapshotEntry(entries, id+1, 1, 2, 3, 4)
	}
	return wire.Frame{ID: IDSnapshot, Payload: entries}
}

func TestNothingIsAllocated(t *testing.T) {
	var e Encoder
	buf := make([]byte, 0, 256)
	moved, snapshot, move := movedFrame(t), snapshotFrame(20), movePayload()
	sum := float32(0)
	visit := func(e Event) { sum += e.X }
	for name, work := range map[string]func() error{
		"append welcome":  func() error { buf = e.AppendWelcome(buf[:0], 1); return nil },
		"append appear":   func() error { buf = e.AppendAppear(buf[:0], 1, 1, 2, 3, 4); return nil },
		"append moved":    func() error { buf = e.AppendMoved(buf[:0], 1, 1, 2, 3, 4); return nil },
		"append leave":    func() error { buf = e.AppendLeave(buf[:0], 1); return nil },
		"append chat":     func() error { buf = e.AppendChat(buf[:0], 1, "hello"); return nil },
		"append entry":    func() error { buf = e.AppendSnapshotEntry(buf[:0], 1, 1, 2, 3, 4); return nil },
		"append move":     func() error { buf = AppendMove(buf[:0], 1, 2, 3, 4); return nil },
		"append talk":     func() error { buf = AppendTalk(buf[:0], "hello"); return nil },
		"parse position":  func() error { _, _, _, _, err := ParsePosition(move); return err },
		"decode moved":    func() error { return Decode(moved, visit) },
		"decode snapshot": func() error { return Decode(snapshot, visit) },
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := work(); err != nil {
				t.Error(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkAppendMoved(b *testing.B) {
	var e Encoder
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendMoved(buf[:0], 12345, 100.5, 2, 300.25, 90)
	}
}

func BenchmarkAppendSnapshotEntry(b *testing.B) {
	var e Encoder
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendSnapshotEntry(buf[:0], 12345, 100.5, 2, 300.25, 90)
	}
}

func BenchmarkParsePosition(b *testing.B) {
	payload := movePayload()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, _, err := ParsePosition(payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeMoved(b *testing.B) {
	frame := movedFrame(b)
	visit := func(Event) {}
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(frame, visit); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSnapshot20(b *testing.B) {
	frame := snapshotFrame(20)
	visit := func(Event) {}
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(frame, visit); err != nil {
			b.Fatal(err)
		}
	}
}
