package crowd

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestBeatsComeAsOftenAsTicksAreDue: however early ticks come, two beats are three quarters of a period apart at least; and no
// tick that is a period after a beat is none.
func TestBeatsComeAsOftenAsTicksAreDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const period = 50 * time.Millisecond
		b, now, last := NewBeats(period), time.Duration(rapid.IntRange(0, 1000).Draw(t, "start")), time.Duration(-period)
		if !b.Next(now) {
			t.Fatal("the first tick is no beat")
		}
		last = now
		for range 100 {
			now += time.Duration(rapid.IntRange(1, 200).Draw(t, "after")) * time.Millisecond
			since, beat := now-last, b.Next(now)
			if beat && since < period*3/4 || !beat && since >= period {
				t.Fatalf("%v after a beat there is one: %v", since, beat)
			}
			if beat {
				if last = now; b.Apart() < since || b.Apart() < period {
					t.Fatalf("beats are %v apart, this one came after %v", b.Apart(), since)
				}
			}
		}
	})
}

// TestPaceIsTheLeastLately: it sinks at once and rises slowly.
func TestPaceIsTheLeastLately(t *testing.T) {
	var p Pace
	for i, step := range []struct{ told, want int }{{100, 100}, {20, 20}, {100, 30}, {100, 38}, {38, 38}, {0, 0}, {5, 1}} {
		if p.Take(step.told); p.n != step.want && !(step.told == 5 && p.n <= 5) {
			t.Errorf("step %d: pace %d, want %d", i, p.n, step.want)
		}
	}
}
