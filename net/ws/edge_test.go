package ws

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// clientFrame returns a client's frame with a payload of n zeros.
func clientFrame(first byte, n int) []byte {
	b := []byte{first}
	switch {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(b, make([]byte, 4+n)...)
}

// TestEdge: byte by byte, a stream is between messages exactly behind their last bytes.
func TestEdge(t *testing.T) {
	for name, messages := range map[string][][]byte{
		"empty":         {clientFrame(0x82, 0)},
		"short":         {clientFrame(0x82, 125), clientFrame(0x82, 1)},
		"16-bit length": {clientFrame(0x82, 126), clientFrame(0x82, 65535)},
		"64-bit length": {clientFrame(0x82, 65536)},
		"control":       {clientFrame(0x89, 0), clientFrame(0x8a, 125), clientFrame(0x88, 2)},
		"fragments":     {append(append(clientFrame(0x02, 3), clientFrame(0x00, 0)...), clientFrame(0x80, 2)...)},
		"interrupted":   {append(append(clientFrame(0x02, 3), clientFrame(0x89, 4)...), clientFrame(0x80, 0)...)},
		"unmasked":      {{0x82, 1, 7}, {0x89, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			var e edge
			for _, message := range messages {
				for i := range message {
					ended := e.pass(message[i : i+1])
					if last := i == len(message)-1; ended != last || e.inside() == last {
						t.Fatalf("after %d bytes of %d: ended %v, inside %v", i+1, len(message), ended, e.inside())
					}
				}
			}
		})
	}
}

// FuzzEdge: how a stream is chopped up makes no difference.
func FuzzEdge(f *testing.F) {
	f.Add(append(clientFrame(0x02, 3), clientFrame(0x80, 200)...), 7)
	f.Add(bytes.Repeat([]byte{0xff}, 40), 3)
	f.Add(clientFrame(0x89, 5)[:8], 1)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		step = max(1, step%100)
		var whole, chopped edge
		ended := whole.pass(stream)
		endedChopped := false
		for rest := stream; len(rest) > 0; {
			n := min(step, len(rest))
			endedChopped = chopped.pass(rest[:n]) || endedChopped
			rest = rest[n:]
		}
		if ended != endedChopped || whole.inside() != chopped.inside() || whole.payload != chopped.payload {
			t.Errorf("at once: %v, %+v; in steps of %d: %v, %+v", ended, whole, step, endedChopped, chopped)
		}
	})
}
