package client

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aoiworld/net/native"
)

// walker goes to and fro at a walk, and turns now and then, as the patrols of a game do.
type walker struct {
	random *rand.Rand
	x, z   float64
	vx, vz float64
}

// walk goes on for a time (s).
func (w *walker) walk(s float64) {
	const speed = 150 // steps a second
	outside := w.x < 1000 || w.x > 9000 || w.z < 1000 || w.z > 9000
	if w.random.Float64() < s || outside { // once a second
		angle := w.random.Float64() * 2 * math.Pi
		if outside {
			angle = math.Atan2(5000-w.z, 5000-w.x)
		}
		w.vx, w.vz = speed*math.Cos(angle), speed*math.Sin(angle)
	}
	w.x, w.z = w.x+w.vx*s, w.z+w.vz*s
}

// place is where it is.
func (w *walker) place() native.Place { return native.Place{X: int32(w.x), Z: int32(w.z)} }

// TestShownOnTracks: somebody in a crowd who is told of when its track is far off is shown near to where it is, and never jumps,
// however unevenly ticks arrive.
func TestShownOnTracks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const tick, frame = 100 * time.Millisecond, 10 * time.Millisecond
		var (
			random  = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			w       = walker{random: random, x: 5000, z: 5000}
			clock   = worldClock{extent: native.Extent{Width: 10000, Depth: 10000}}
			start   = rapid.Uint32().Draw(t, "start")
			began   = time.Unix(1e9, 0)
			now     = began
			track   = native.Track{From: w.place(), Since: start}
			p       = path{to: track.From, from: track.From}
			before  native.Place
			history []native.Place // by frames, to compare with who hears of it a little later
		)
		for n := range 100 {
			told := start + uint32(n)*uint32(tick/time.Millisecond)
			arrives := began.Add(time.Duration(n)*tick + time.Duration(random.IntN(30))*time.Millisecond)
			for ; now.Before(arrives); now = now.Add(frame) {
				p.follow(track, now, &clock)
				p.shown = now
				at := p.at(now, &clock)
				const most = 2 * 150 * 0.01 // twice a walk, beside the fading of what a turn makes of a tick
				if jump := math.Hypot(float64(at.X-before.X), float64(at.Z-before.Z)); now.After(began.Add(tick)) && jump > most+5 {
					t.Fatalf("after %v it jumps by %v steps from %+v", now.Sub(began), jump, before)
				}
				before, history = at, append(history, at)
			}
			predicted := track.At(told, clock.extent)
			if is := w.place(); math.Hypot(float64(is.X-predicted.X), float64(is.Z-predicted.Z)) > 15 {
				track = native.Track{From: is, Speed: native.Velocity{X: int32(w.vx), Z: int32(w.vz)}, Since: told}
			}
			if off := math.Hypot(w.x-float64(before.X), w.z-float64(before.Z)); n > 2 && off > 60 {
				t.Fatalf("after %v it is shown %v steps away", now.Sub(began), off)
			}
			clock.hear(told, now)
			w.walk(tick.Seconds())
		}
		if len(history) < 900 {
			t.Fatal("it was hardly shown")
		}
	})
}

// TestPath: what is shown of somebody from one moment to the next.
func TestPath(t *testing.T) {
	began := time.Unix(1e9, 0)
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	clock := worldClock{extent: native.Extent{Width: 9999, Depth: 9999}}
	clock.hear(math.MaxUint32-99, at(0)) // midnight is in 100 ms
	east := native.Track{From: native.Place{X: 1000, V: 350}, Speed: native.Velocity{X: 100}, Since: math.MaxUint32 - 99}
	p := path{to: native.Place{X: 900, V: 10}}
	see := func(ms int, want native.Place) {
		t.Helper()
		p.shown = at(ms)
		if got := p.at(at(ms), &clock); got != want {
			t.Errorf("after %d ms it is shown at %+v, want %+v", ms, got, want)
		}
	}
	see(0, native.Place{X: 900, V: 10})
	p.follow(east, at(0), &clock)
	see(0, native.Place{X: 900, V: 10})
	see(100, native.Place{X: 960, V: 0})
	see(200, native.Place{X: 1020, V: 350})
	see(300, native.Place{X: 1030, V: 350})
	see(500, native.Place{X: 1050, V: 350})
	see(2000, native.Place{X: 1050, V: 350}) // nothing is heard any more
	clock.hear(1900, at(2000))
	see(2000, native.Place{X: 1200, V: 350})
	p.step(native.Place{X: 1300, V: 350}, at(2000), &clock)
	see(2125, native.Place{X: 1250, V: 350})
	see(2250, native.Place{X: 1300, V: 350})

	ahead := native.Track{From: native.Place{X: 50}, Speed: native.Velocity{X: 100}, Since: 10_000}
	if got := clock.along(&ahead, at(2001)); got.X != 50 {
		t.Errorf("a track that is yet to begin has led to %+v", got)
	}
	unseen := path{to: native.Place{X: 900}}
	unseen.follow(east, at(2000), &clock)
	if got := unseen.at(at(2000), &clock); got.X != 1200 {
		t.Errorf("who was not shown before is shown at %+v", got)
	}
	unseen.step(native.Place{X: 5}, at(2000), &clock)
	if got := unseen.at(at(2001), &clock); got.X != 5 {
		t.Errorf("who was not shown before goes through %+v", got)
	}
}

// TestWorldClock: ticks that come late do not turn the time back by more than a little, and one that comes early is believed.
func TestWorldClock(t *testing.T) {
	began := time.Unix(1e9, 0)
	var c worldClock
	for _, step := range []struct {
		told    uint32
		arrives int // ms
		want    uint32
	}{
		{1000, 0, 1000},
		{1100, 100, 1100},
		{1200, 216, 1215},
		{1300, 300, 1300},
		{1400, 390, 1400},
		{1500, 500, 1509},
		{60_000, 600, 60_000},
		{59_000, 700, 59_000},
	} {
		now := began.Add(time.Duration(step.arrives) * time.Millisecond)
		c.hear(step.told, now)
		if got := c.at(now); got != step.want {
			t.Errorf("as %d arrives it is %d, want %d", step.told, got, step.want)
		}
	}
}
