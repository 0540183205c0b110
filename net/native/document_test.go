package native

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestWorkedBytes: the bytes in docs/native.md are those that this package writes.
func TestWorkedBytes(t *testing.T) {
	document, err := os.ReadFile("../../docs/native.md")
	if err != nil {
		t.Fatal(err)
	}
	delta := Delta{Stream: 5, Moved: []Motion{
		{Slot: 2, To: Place{X: 3, Z: -1}}, {Slot: 3, From: Place{V: 40}, To: Place{V: 30}},
	}}
	crowd := func(inBits bool) []byte {
		far := Crowd{Stream: 5, BoundMillis: 3000, Fixes: []Fix{
			{Slot: 2, At: Place{X: 1000, Z: 2000, V: 90}, Speed: Velocity{X: 150}}, {Slot: 9, At: Place{X: 1040, Z: 1990}},
		}}
		near := []Fix{{Slot: 4, At: Place{X: 1010, Z: 2005, V: 270}}}
		b := AppendCrowd(AppendTime(BeginTick(nil, 9), 70_000), &far, inBits)
		return EndFrame(AppendNear(b, 5, 0, near, inBits), 0)
	}
	for name, b := range map[string][]byte{
		"move":             AppendMove(nil, Move{Sequence: 1, To: Place{X: 12, Y: -3, Z: 256, V: 90}}),
		"tick":             EndFrame(AppendDelta(BeginTick(nil, 9), &delta), 0),
		"crowd in columns": crowd(false),
		"crowd in bits":    crowd(true),
	} {
		found := false
		for line := range strings.Lines(string(document)) {
			found = found || strings.ReplaceAll(strings.TrimSpace(line), " ", "") == hex.EncodeToString(b)
		}
		if !found {
			t.Errorf("%s: no line is % x", name, b)
		}
	}
}
