package stream

import (
	"flag"
	"os"
	"testing"

	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// update rewrites testdata/native with what is sent now: go test ./view/stream -run Golden -update, and then
// go test ./client -run Golden -update for what a client makes of it.
var update = flag.Bool("update", false, "rewrite the golden recordings")

// golden is where the recordings are, for implementations of the protocol to test themselves against.
const golden = "../../testdata/native/"

// recordings are what one viewer, player 1, is sent: all of it, frame after frame.
var recordings = map[string]func(t testing.TB) []byte{
	// A few players who walk, cross borders, chat, wear something, come, leave, stall, are cut and resume.
	"few-columns": func(t testing.TB) []byte { return record(t, Columns, 3, 1<<17, 8, 60, 11) },
	"few-bits":    func(t testing.TB) []byte { return record(t, Bits, 3, 1<<17, 8, 60, 21) },
	// A crowd under a small budget, in which some come, walk, leave, stall and resume, until all is quiet.
	"crowd-columns": func(t testing.TB) []byte { return recordCrowd(t, Columns, 7) },
	"crowd-bits":    func(t testing.TB) []byte { return recordCrowd(t, Bits, 8) },
	// More than a frame of 2 KB holds: keys come in parts.
	"parts": func(t testing.TB) []byte {
		c := newTown(t, 2, MinMaxFrame, 13)
		in := &world.Input{}
		c.enter(in, Bits)
		for range 300 {
			c.enter(in, Bits)
		}
		c.play(in)
		for range 8 {
			c.some(10)
		}
		return c.viewers[1].received
	},
	// A crowd that goes: slots are dealt anew, in a new epoch.
	"dealt": func(t testing.TB) []byte {
		c := newTown(t, 1, 1<<17, 14)
		in := &world.Input{}
		for range 60 {
			c.enter(in, Columns)
		}
		c.play(in)
		c.scatter(52)
		c.some(8)
		return c.viewers[1].received
	},
}

// record plays so many random ticks and returns what the first player was sent.
func record(t testing.TB, form Form, side, maxFrame, players, ticks int, seed uint64) []byte {
	c := newTown(t, side, maxFrame, seed)
	in := &world.Input{}
	c.enter(in, form)
	c.play(in)
	first := c.viewers[1]
	for range ticks {
		c.disturb(players)
		if c.viewers[1] != first {
			t.Fatal("the first player has left: choose another seed")
		}
	}
	return first.received
}

// recordCrowd plays a crowd of a few, whose bounds the welcome tells.
func recordCrowd(t testing.TB, form Form, seed uint64) []byte {
	c := newBudgeted(t, 2, 30, seed)
	c.described = &nativepb.World{MaxX: 20, MaxZ: 20, Quantum: c.view.cfg.Lattice.Quantum}
	in := &world.Input{}
	c.enter(in, form)
	c.play(in)
	first, crowded := c.viewers[1], 0
	for range 50 {
		c.disturb(12)
		c.checkCrowds()
		crowded += len(c.view.crowds.streams)
		if c.viewers[1] != first {
			t.Fatal("the first player has left: choose another seed")
		}
	}
	if c.quiet(45); crowded < 50 || len(c.view.crowds.streams) > 0 {
		t.Fatalf("%d crowds of 50 ticks, %d at the end", crowded, len(c.view.crowds.streams))
	}
	return first.received
}

// TestGoldenRecordings: what is sent is what was recorded.
func TestGoldenRecordings(t *testing.T) {
	for name, play := range recordings {
		got, file := play(t), golden+name+".bin"
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != string(got) {
			t.Errorf("%s is no longer what is sent, %d bytes (%v)", file, len(got), err)
		}
	}
}
