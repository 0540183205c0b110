package crowd

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestGovernorNeverFlaps: whatever takes the time - a part that crowds take, a part that they do not, noise, a delay of some
// ticks - there is no step to less and one to more within a second.
func TestGovernorNeverFlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Governor
		other, crowds := rapid.Float64Range(0, 1).Draw(t, "other"), rapid.Float64Range(0, 2).Draw(t, "crowds")
		noise, delay := rapid.Float64Range(0, 1).Draw(t, "noise"), rapid.IntRange(0, 6).Draw(t, "delay")
		period := time.Duration(rapid.IntRange(10, 200).Draw(t, "period")) * time.Millisecond
		shares := make([]float64, delay+1)
		for i := range shares {
			shares[i] = 1
		}
		last, down := time.Duration(-time.Hour), false
		for tick := range 400 {
			now := time.Duration(tick) * period
			before := g.Share()
			g.Tick(other+crowds*shares[0]+noise*rapid.Float64Range(-1, 1).Draw(t, "noise"), now)
			shares = append(shares[1:], g.Share())
			switch share := g.Share(); {
			case share < Least || share > 1:
				t.Fatalf("share %v", share)
			case share != before:
				if isDown := share < before; isDown != down && now-last < turning {
					t.Fatalf("tick %d: from %v to %v, %v after a step in the other direction", tick, before, share, now-last)
				}
				last, down = now, share < before
			}
		}
	})
}

// TestGovernorSettles: without noise there is an end to all steps for most of a minute, where what crowds are told takes a good
// part of the time, and then ticks take no more than they should, or crowds have the least; and crowds have all, or with a step
// more it would be too much.
func TestGovernorSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Governor
		part := rapid.Float64Range(worth+0.05, 1).Draw(t, "part of crowds")
		full, delay, steps := rapid.Float64Range(0, 3).Draw(t, "full"), rapid.IntRange(0, 3).Draw(t, "delay"), 0
		shares := make([]float64, delay+1)
		for i := range shares {
			shares[i] = 1
		}
		load := func(share float64) float64 { return full * (1 - part*(1-share)) }
		for tick := range 1000 {
			before := g.Share()
			g.Tick(load(shares[0]), time.Duration(tick)*50*time.Millisecond)
			shares = append(shares[1:], g.Share())
			if tick > 400 && g.Share() != before {
				steps++
			}
		}
		now, more := load(shares[0]), load(min(1, g.Share()/step))
		if steps > 0 || now > tooMuch+1e-9 && g.Share() > Least || more < tooMuch-1e-9 && g.Share() < 1 {
			t.Fatalf("%d steps after 20 s; load %v, share %v", steps, now, g.Share())
		}
	})
}

// TestGovernorGivesBackWhatSavesNothing: where ticks take too long because of something else, such as a system call for each viewer,
// crowds have nearly all of their budget nearly always, and be it that what ticks take is uneven; less is tried a few times a minute.
func TestGovernorGivesBackWhatSavesNothing(t *testing.T) {
	const period, minutes = 100 * time.Millisecond, 10
	rapid.Check(t, func(t *rapid.T) {
		var g Governor
		full, part := rapid.Float64Range(0.95, 3).Draw(t, "full"), rapid.Float64Range(0, 0.1).Draw(t, "part of crowds")
		noise := rapid.Float64Range(0, 0.05).Draw(t, "noise")
		random, steps, sum, ticks := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), 0, 0.0, 0.0
		for now := time.Duration(0); now < minutes*time.Minute; now += period {
			before := g.Share()
			if g.Tick(full*(1-part*(1-before)+noise*random.NormFloat64()), now); g.Share() != before {
				steps++
			}
			sum, ticks = sum+g.Share(), ticks+1
		}
		if average := sum / ticks; average < 0.95 || steps > 8*minutes {
			t.Fatalf("%d steps in %d minutes, a share of %v on average", steps, minutes, average)
		}
	})
}

// TestGovernorIsStillUnderNoise: where crowds take a part of the time, and with all of their budget about as much is taken as may
// be, ticks that take now more and now less do not have it step up and down more than six times in a minute.
func TestGovernorIsStillUnderNoise(t *testing.T) {
	const period, minutes = 50 * time.Millisecond, 10
	rapid.Check(t, func(t *rapid.T) {
		var g Governor
		full, part := rapid.Float64Range(0.74, 0.84).Draw(t, "full"), rapid.Float64Range(0.3, 0.5).Draw(t, "part of crowds")
		noise := rapid.Float64Range(0.01, 0.04).Draw(t, "noise")
		random, steps := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), 0
		for now := time.Duration(0); now < minutes*time.Minute; now += period {
			before := g.Share()
			if g.Tick(full-part*(1-before)+noise*random.NormFloat64(), now); g.Share() != before {
				steps++
			}
		}
		if steps > 6*minutes {
			t.Fatalf("%d steps in %d minutes", steps, minutes)
		}
	})
}

// TestGovernorRests: where there is no crowd all is forgotten.
func TestGovernorRests(t *testing.T) {
	var g Governor
	for tick := range 100 {
		g.Tick(2*g.Share(), time.Duration(tick)*50*time.Millisecond)
	}
	if g.Share() != Least {
		t.Errorf("share %v after 5 s of overload", g.Share())
	}
	if g.Rest(); g.Share() != 1 {
		t.Errorf("share %v at rest", g.Share())
	}
}

// TestGovernorForgetsTrialsThatWent: a step to more that was tried, and not too much, is no reason to wait when it becomes too much
// later, because of something else: as soon as that is over, more is tried again.
func TestGovernorForgetsTrialsThatWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Governor
		now, period := time.Duration(0), time.Duration(rapid.IntRange(10, 100).Draw(t, "period"))*time.Millisecond
		busy, between := rapid.Float64Range(tooMuch/Least+0.1, 4), rapid.Float64Range(plenty+0.01, tooMuch-0.01)
		load := func(load, crowds float64, until func() bool) time.Duration {
			for begun := now; ; now += period {
				switch g.Tick(load*(1-crowds*(1-g.Share())), now); {
				case until():
					return now - begun
				case now-begun > again/2:
					t.Fatalf("share %v after %v of load %v", g.Share(), now-begun, load)
				}
			}
		}
		for range 3 {
			down := rapid.Float64Range(Least, step).Draw(t, "down")
			load(busy.Draw(t, "busy"), 1, func() bool { return g.Share() <= down })
			load(between.Draw(t, "between"), 0, func() bool { return g.Share() == 1 })
			still := now
			load(between.Draw(t, "still"), 0, func() bool { return now-still > proving+2*looking*period })
		}
	})
}

// TestGovernorTriesAgain: what was too much once is tried again a minute later, and not before.
func TestGovernorTriesAgain(t *testing.T) {
	var g Governor
	var ups []time.Duration
	for tick := range 4000 { // of 50 ms
		now, before := time.Duration(tick)*50*time.Millisecond, g.Share()
		if g.Tick(0.5+0.35*g.Share(), now); g.Share() > before {
			ups = append(ups, now)
		}
	}
	if len(ups) < 3 {
		t.Fatalf("tried %v", ups)
	}
	for i := range ups[1:] {
		if apart := ups[i+1] - ups[i]; apart < again || apart > again+5*time.Second {
			t.Errorf("tried %v apart", apart)
		}
	}
}
