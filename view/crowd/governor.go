package crowd

import "time"

// How the Governor reacts.
const (
	// tooMuch is the share of the period that ticks may take before crowds get less: as much as they may before they come less
	// often. Below plenty crowds get more again, for then a step to more cannot be too much. Between the two it may be, or not:
	// with thousands of players most of what ticks take is a system call for each, however small the frames. So it is tried.
	tooMuch, plenty = 0.80, 0.62
	// step is by how much crowds get less or more at once: less than what lies between tooMuch and plenty, so that no step
	// leads from one to the other.
	step = 0.8
	// Least is the least share that crowds are given.
	Least = 0.25
	// settling is how many ticks a step takes to show, and looking for how many the shares are then averaged.
	settling, looking = 4, 8
	// turning is how long after a step there is none in the other direction.
	turning = time.Second
	// trying is how long after a step one to more is tried, and again how long after one that was too much.
	trying, again = time.Second, time.Minute
	// proving is how long after a step that is tried it may turn out to be too much: one look that is well may be luck.
	proving = 10 * time.Second
)

// Governor says which share of their budget crowds are given: all of it, or less while ticks take too long. It looks at what
// ticks took, takes one step, and waits until that shows before it looks again. The zero value is ready.
type Governor struct {
	lack    float64 // what crowds are given less than all
	ticks   int     // since the last step, or since it has looked
	sum     float64 // of the shares since it began to look
	stepped time.Duration
	down    bool          // the last step was one to less
	tried   bool          // the last step was one to more that is tried: it may still turn out to be too much
	failed  bool          // one that was tried was too much
	at      time.Duration // when it was
	moved   bool          // there was a step at all
}

// Share returns the share that crowds are given now.
func (g *Governor) Share() float64 { return 1 - g.lack }

// Rest forgets everything: there is no crowd.
func (g *Governor) Rest() { *g = Governor{} }

// Tick takes in how much of its period the last tick took, at the time of this one.
func (g *Governor) Tick(load float64, now time.Duration) {
	if g.ticks++; g.ticks <= settling {
		return
	}
	if g.sum += load; g.ticks < settling+looking {
		return
	}
	average := g.sum / looking
	g.ticks, g.sum = settling, 0
	if average <= tooMuch && now-g.stepped >= proving {
		g.tried = false // it was not too much: what may be later has another reason
	}
	switch share := g.Share(); {
	case average > tooMuch && share > Least && g.may(true, now):
		if g.tried {
			g.failed, g.at = true, now
		}
		g.take(true, max(Least, share*step), now)
	case average < plenty && share < 1 && g.may(false, now):
		g.failed = false
		g.take(false, min(1, share/step), now)
	case average <= tooMuch && share < 1 && g.mayTry(now):
		g.take(false, min(1, share/step), now)
		g.tried = true
	}
}

// mayTry reports whether a step to more may be tried.
func (g *Governor) mayTry(now time.Duration) bool {
	return now-g.stepped >= trying && !(g.failed && now-g.at < again)
}

// may reports whether a step may be taken in a direction.
func (g *Governor) may(down bool, now time.Duration) bool {
	return !g.moved || g.down == down || now-g.stepped >= turning
}

// take takes a step.
func (g *Governor) take(down bool, share float64, now time.Duration) {
	g.lack, g.down, g.stepped, g.moved, g.tried, g.ticks = 1-share, down, now, true, false, 0
}
