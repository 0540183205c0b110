package malformed_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"aoiworld/net/classic"
	"aoiworld/net/malformed"
	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// TestKinds: there are forty, each with a name of its own and bytes on every way that it suits, the same for the same chance.
func TestKinds(t *testing.T) {
	names := map[string]bool{}
	for _, k := range malformed.Kinds() {
		names[k.Name] = true
		for _, w := range malformed.Ways {
			b := k.Bytes(w, rand.New(rand.NewPCG(1, 1)))
			if again := k.Bytes(w, rand.New(rand.NewPCG(1, 1))); len(b) == 0 || !bytes.Equal(b, again) {
				t.Errorf("%s, %v: %d bytes, and then %d", k.Name, w, len(b), len(again))
			}
			if k.Suits(w) != (w.WebSocket || !k.Socket) || w.Native && k.Last(w, false) != 1 || k.Last(w, true) != k.Ends {
				t.Errorf("%s, %v: suits %v, ends after %d and %d", k.Name, w, k.Suits(w), k.Last(w, false), k.Last(w, true))
			}
		}
	}
	if len(names) != 40 {
		t.Errorf("there are %d kinds", len(names))
	}
}

// TestHonest: what is sent in the place of a malformed frame is a move inside the map, and as long.
func TestHonest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, size := range []int{0, 8, 40, 300, 4200} {
		b := malformed.Honest(malformed.Way{}, size, 50, random)
		f, rest, err := wire.Cut(b, 4096)
		if err != nil || len(rest) > 0 || len(b) < min(size, 4096) || len(b) > max(40, size+5) {
			t.Fatalf("%d bytes for %d: %v", len(b), size, err)
		}
		if x, y, z, _, err := classic.ParsePosition(f.Payload); err != nil || x > 50 || y != 0 || z > 50 {
			t.Errorf("a move to %v, %v: %v", x, z, err)
		}
		f, _, err = wire.Cut(malformed.Honest(malformed.Way{Native: true}, size, 50, random), 4096)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := native.ParseMove(f.Payload); err != nil || m.To.X > 5000 || m.To.Z > 5000 || m.To.X+m.To.Z == 0 {
			t.Errorf("a move to %v: %v", m.To, err)
		}
	}
}
