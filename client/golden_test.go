package client

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// update rewrites the texts beside the golden recordings: go test ./client -run Golden -update.
var update = flag.Bool("update", false, "rewrite what a client makes of the golden recordings")

// TestGoldenRecordings: a client that is sent testdata/native/*.bin believes what the text beside it says: after each tick
// whom it sees, unless those are many, and in the end everybody.
func TestGoldenRecordings(t *testing.T) {
	files, err := filepath.Glob("../testdata/native/*.bin")
	if err != nil || len(files) < 4 {
		t.Fatal("too few recordings", files, err)
	}
	for _, file := range files {
		bytes, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, text := tell(t, bytes), strings.TrimSuffix(file, ".bin")+".txt"
		if *update {
			if err := os.WriteFile(text, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(text); err != nil || string(want) != got {
			t.Errorf("%s is no longer what a client believes (%v)", text, err)
		}
	}
}

// few is how many entities are listed after each tick.
const few = 12

// tell puts a recording into words.
func tell(t *testing.T, stream []byte) string {
	var out strings.Builder
	r := NewReplica(nil)
	for len(stream) > 0 {
		f, rest, err := wire.Cut(stream, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		stream = rest
		switch f.ID {
		case native.IDWelcome:
			var m nativepb.Welcome
			if err := native.Parse(f.Payload, &m); err != nil {
				t.Fatal(err)
			}
			r = NewReplica(nil)
			if w := m.World; w != nil {
				r.Bound(native.Lattice{MaxX: w.MaxX, MaxZ: w.MaxZ, Quantum: w.Quantum}.Extent())
			}
			fmt.Fprintf(&out, "welcome: player %d at %d,%d,%d heading %d in tick %d\n",
				m.Player, m.At.GetX(), m.At.GetY(), m.At.GetZ(), m.At.GetHeading(), m.Tick)
		case native.IDTick:
			if err := r.Apply(f.Payload); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "tick %d: looks from cell %d and sees %d\n", r.Number(), r.Cell(), r.Len())
			if r.Len() <= few {
				list(&out, r)
			}
		case native.IDChat:
			var m nativepb.Chat
			if err := native.Parse(f.Payload, &m); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "chat %d in tick %d: player %d (%q) says %q\n", m.Id, m.Tick, m.Player, m.Name, m.Text)
		case native.IDAck:
			var m nativepb.Ack
			if err := native.Parse(f.Payload, &m); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "ack of move %d, refused %d\n", m.Sequence, m.Refused)
		default:
			fmt.Fprintf(&out, "message %d: %q\n", f.ID, f.Payload)
		}
	}
	out.WriteString("in the end:\n")
	list(&out, r)
	return out.String()
}

// list writes everybody in view by id.
func list(out *strings.Builder, r *Replica) {
	for _, e := range slices.SortedFunc(r.All(), func(a, b *Entity) int { return cmp.Compare(a.ID, b.ID) }) {
		at := r.Place(e)
		fmt.Fprintf(out, "  %d at %d,%d,%d heading %d", e.ID, at.X, at.Y, at.Z, at.V)
		if e.Kind != 0 || e.Name != "" || len(e.Attributes) > 0 {
			fmt.Fprintf(out, " kind %d name %q attributes %q", e.Kind, e.Name, e.Attributes)
		}
		out.WriteString("\n")
	}
}
