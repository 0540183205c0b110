package bot

import (
	"math"
	"sync"
	"testing"
	"time"
)

func TestATrackKnowsItsMoves(t *testing.T) {
	track := newTrack(10, Classic, nil)
	origin := place{160, 0, 140, 0}
	if _, v := track.judge(origin, false); v != forgotten {
		t.Errorf("before the server has said where the bot is: %v, want forgotten", v)
	}
	first := track.note(100, 7, 200, 90, 3*time.Second)
	if _, v := track.judge(origin, false); v != forgotten {
		t.Errorf("after a move, before the server has said where it was: %v, want forgotten", v)
	}
	track.origin.Store(&origin)
	second := track.note(101, 7.5, 201, 359, 4*time.Second)
	one, two := float32(1)/numbers, float32(2)/numbers
	for _, c := range []struct {
		name     string
		at       place
		sequence uint32
		verdict  verdict
	}{
		{"where it began", origin, 0, genuine},
		{"the first move", first, 1, genuine},
		{"the second move", second, 2, genuine},
		{"the first move, written out", place{100, 7, 200, 90 + one}, 1, genuine},
		{"a move that was not sent yet", place{101, 7.5, 201, 359 + 1.5*two}, 0, impossible},
		{"another X", place{100.5, 7, 200, 90 + one}, 1, impossible},
		{"another Z", place{100, 7, 200.5, 90 + one}, 1, impossible},
		{"another height", place{100, 8, 200, 90 + one}, 1, impossible},
		{"another heading", place{100, 7, 200, 91 + one}, 1, impossible},
		{"the number of another move", place{100, 7, 200, 90 + two}, 2, impossible},
		{"half a number", place{100, 7, 200, 90 + one/2}, 0, impossible},
		{"number 0", place{100, 7, 200, 90}, 0, impossible},
		{"a huge heading", place{100, 7, 200, 1e30}, 0, impossible},
		{"a negative heading", place{100, 7, 200, -one}, 0, impossible},
		{"no heading", place{100, 7, 200, float32(math.NaN())}, 0, impossible},
		{"beside where it began", place{160, 0, 140, 1}, 0, impossible},
	} {
		if sequence, v := track.judge(c.at, false); v != c.verdict || v == genuine && sequence != c.sequence {
			t.Errorf("%s: move %d, %v; want %d, %v", c.name, sequence, v, c.sequence, c.verdict)
		}
	}
	if at, ok := track.sentAt(2); !ok || at != 4*time.Second {
		t.Errorf("the second move was sent at %v, %v", at, ok)
	}
}

// TestEveryMoveHasItsNumber: exactly, whatever the heading, and however often the numbers have come round.
func TestEveryMoveHasItsNumber(t *testing.T) {
	track := newTrack(10, Classic, nil)
	for i := range 3 * numbers {
		p := track.note(1, 2, 3, i*7%360, time.Duration(i))
		if sequence, v := track.judge(p, false); v != genuine || sequence != uint32(i+1) {
			t.Fatalf("move %d is called %d, %v", i+1, sequence, v)
		}
	}
}

func TestATrackForgets(t *testing.T) {
	track := newTrack(10, Classic, nil)
	n := uint32(len(track.steps))
	if span := time.Duration(float64(n)/10) * time.Second; span < memory {
		t.Fatalf("%d steps are %v of moves, less than %v", n, span, memory)
	}
	var first place
	for i := range n + 1 {
		at := track.note(float32(i), 0, 0, 0, time.Duration(i)*time.Millisecond)
		if i == 0 {
			first = at
		}
	}
	if sequence, v := track.judge(first, false); v != forgotten || sequence != 1 {
		t.Errorf("the oldest move: %d, %v; want it to be forgotten", sequence, v)
	}
	if _, ok := track.sentAt(1); ok {
		t.Error("the time of the oldest move is known still")
	}
	if _, ok := track.sentAt(2); !ok {
		t.Error("the time of the second oldest move is not known")
	}
	if _, ok := track.sentAt(0); ok {
		t.Error("there is a time of no move")
	}
}

func TestARetractedMoveIsSentAgain(t *testing.T) {
	track := newTrack(10, Classic, nil)
	track.origin.Store(&place{})
	track.note(1, 0, 1, 0, time.Second)
	lost := track.note(2, 0, 2, 0, 2*time.Second)
	track.retract()
	if _, v := track.judge(lost, false); v != impossible {
		t.Errorf("a move that was not sent: %v", v)
	}
	if at := track.note(3, 0, 3, 0, 3*time.Second); at.v != float32(2)/numbers {
		t.Errorf("the next move is headed %v, want number 2 again", at.v)
	}
	if when, _ := track.sentAt(2); when != 3*time.Second {
		t.Errorf("it was sent at %v", when)
	}
}

// Whoever reads while the bot moves sees whole steps or none.
func TestATrackIsReadWhileItIsWritten(t *testing.T) {
	track := newTrack(1, Classic, nil)
	track.origin.Store(&place{})
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				sent := track.sent.Load()
				p := place{float32(sent), 1, -float32(sent), float32(sent%numbers) / numbers}
				if _, v := track.judge(p, false); sent > 0 && v == impossible {
					t.Errorf("move %d was sent, but is called impossible", sent)
					return
				}
			}
		})
	}
	for i := range numbers - 1 { // once round, a number is another move's
		track.note(float32(i+1), 1, -float32(i+1), 0, time.Duration(i))
	}
	close(done)
	readers.Wait()
}

func TestPlacesAreComparedBitForBit(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		a, b place
		want bool
	}{
		{place{1, 2, 3, 4}, place{1, 2, 3, 4}, true},
		{place{1, 2, 3, 4}, place{1, 2, 3, 5}, false},
		{place{1, 2, 3, 4}, place{1, 2, 4, 4}, false},
		{place{1, 2, 3, 4}, place{1, 3, 3, 4}, false},
		{place{1, 2, 3, 4}, place{2, 2, 3, 4}, false},
		{place{}, place{x: float32(math.Copysign(0, -1))}, false},
		{place{v: nan}, place{v: nan}, true},
	} {
		if c.a.same(c.b) != c.want {
			t.Errorf("%v and %v: same is %v", c.a, c.b, !c.want)
		}
	}
}
