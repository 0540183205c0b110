package native

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSizesAreThoseOfTheBytes: a step takes as many bytes as it is said to, and fixes at most, and hardly fewer.
func TestSizesAreThoseOfTheBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := func() Place {
			return Place{
				X: rapid.Int32Range(0, 1<<20).Draw(t, "x"), Y: rapid.Int32Range(-9, 1<<20).Draw(t, "y"),
				Z: rapid.Int32Range(0, 1<<20).Draw(t, "z"), V: rapid.Int32Range(0, 359).Draw(t, "v"),
			}
		}
		from, to := place(), place()
		if n := len(appendMoved(nil, []Motion{{Slot: 0, From: from, To: to}})) - 2; n != StepSize(from, to) {
			t.Fatalf("a step of %d bytes, not %d", n, StepSize(from, to))
		}
		var fixes []Fix
		for slot := rapid.Int32Range(0, 50).Draw(t, "first"); len(fixes) < 40; slot += rapid.Int32Range(1, 60).Draw(t, "gap") {
			fixes = append(fixes, Fix{Slot: slot, At: place(), Speed: Velocity{X: slot, Z: -slot}})
		}
		const before = 3 + 3 + 4 + 6 // the base, the widths and r, at most
		n, said := len(appendFixBits(nil, fixes, true)), FixBitsSize(fixes)
		if n > said+before || n < said*9/10 {
			t.Fatalf("%d bytes, of which %d are said to be records", n, said)
		}
	})
}
