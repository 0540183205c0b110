package server

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"aoiworld/pb"
)

// update rewrites the recorded session: go test . -run Recorded -update.
var update = flag.Bool("update", false, "rewrite testdata/session.txt and the table in docs/metrics.md")

// act is one step of the session: what a client sends, and how many frames each is told.
type act struct {
	text   string
	by     string // A or B
	sends  []byte // nothing: it connects, or leaves if it is there
	told   map[string]int
	leaves bool
}

// acts are a session of two clients: join, see, move, cross, be refused, chat and leave.
func acts() []act {
	move := func(x, z float32) []byte { return frame(3, &pb.Position{X: x, Z: z}) }
	return []act{
		{text: "A joins: it is welcomed, appears, and is alone", by: "A", told: map[string]int{"A": 3}},
		{text: "B joins, where A is", by: "B", told: map[string]int{"A": 1, "B": 3}},
		{text: "B moves inside its cell", by: "B", sends: move(161, 135), told: map[string]int{"A": 1, "B": 1}},
		{text: "A crosses into the next cell; they still see each other", by: "A", sends: move(185, 134), told: map[string]int{"A": 1, "B": 1}},
		{text: "B jumps to the far corner, out of sight", by: "B", sends: move(410, 400), told: map[string]int{"A": 1, "B": 2}},
		{text: "B moves where nobody sees it", by: "B", sends: move(409, 399), told: map[string]int{"B": 1}},
		{text: "B comes back", by: "B", sends: move(170, 140), told: map[string]int{"A": 1, "B": 2}},
		{text: "A asks for a place out of the map", by: "A", sends: move(84, 134), told: map[string]int{"A": 1}},
		{text: "A asks for a place that is no number", by: "A", sends: move(float32(math.NaN()), 134), told: map[string]int{"A": 1}},
		{text: "A chats", by: "A", sends: frame(2, &pb.Talk{Content: "hello"}), told: map[string]int{"A": 1, "B": 1}},
		{text: "B leaves", by: "B", leaves: true, told: map[string]int{"A": 1}},
	}
}

// TestRecordedSession plays the session over both transports. The bytes are the same, and they are those on record.
func TestRecordedSession(t *testing.T) {
	const file = "testdata/session.txt"
	for _, transport := range []string{"tcp", "ws"} {
		got := playSession(t, transport)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || got != string(want) {
			t.Errorf("over %s the session is not the recorded one (%v), but:\n%s", transport, err, got)
		}
	}
}

// playSession plays all acts on a fresh server and writes down every byte.
func playSession(t *testing.T, transport string) string {
	var out strings.Builder
	m := start(t)
	clients := map[string]*client{}
	for _, a := range acts() {
		fmt.Fprintf(&out, "\n# %s.\n", a.text)
		switch {
		case a.leaves:
			_ = clients[a.by].conn.Close()
		case a.sends == nil:
			clients[a.by] = dial(t, m, transport)
			clients[a.by].name = a.by
		default:
			fmt.Fprintf(&out, "%s > %x\n", a.by, a.sends)
			clients[a.by].send(a.sends)
		}
		for _, name := range []string{"A", "B"} {
			for range a.told[name] {
				got := clients[name].next()
				fmt.Fprintf(&out, "%s < %x  %s\n", name, got.bytes, words(got))
			}
		}
	}
	return strings.TrimPrefix(out.String(), "\n")
}

// words puts a frame into words.
func words(m message) string {
	var who pb.SyncPID
	var all pb.SyncPlayers
	b := m.broadcast()
	at := func(p *pb.Position) string { return fmt.Sprintf("(%g, %g)", p.GetX(), p.GetZ()) }
	switch {
	case m.id == 1 && proto.Unmarshal(m.bytes[8:], &who) == nil:
		return fmt.Sprintf("you are %d", who.PID)
	case m.id == 201 && proto.Unmarshal(m.bytes[8:], &who) == nil:
		return fmt.Sprintf("%d leaves", who.PID)
	case m.id == 202 && proto.Unmarshal(m.bytes[8:], &all) == nil:
		text := "in view:"
		for _, p := range all.Ps {
			text += fmt.Sprintf(" %d at %s", p.PID, at(p.P))
		}
		return text
	case b.GetTp() == 1:
		return fmt.Sprintf("%d says %q", b.PID, b.GetContent())
	case b.GetTp() == 2:
		return fmt.Sprintf("%d appears at %s", b.PID, at(b.GetP()))
	case b.GetTp() == 4:
		return fmt.Sprintf("%d moved to %s", b.PID, at(b.GetP()))
	}
	return "?"
}
