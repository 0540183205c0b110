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
	// Least is the least share that crowds are given: with less, the budgets that are usual would have no room for the twenty who
	// are nearest any more.
	Least = 0.5
	// worth is what part of the time that ticks take has to be for what crowds are told: where it is less, giving them less
	// saves so little that they are given it back, and idle is for how long they then keep it.
	worth, idle = 0.25, 20 * time.Second
	// settling is how many ticks a step takes to show, and looking for how many the shares are then averaged.
	settling, looking = 4, 8
	// turning is how long after a step there is none in the other direction.
	turning = time.Second
	// trying is how long after a step one to more is tried, and again how long after one that was too much.
	trying, again = time.Second, time.Minute
	// proving is how long after a step that is tried it may turn out to be too much, and after one to less that it was in vain:
	// one look that is well may be luck.
	proving = 10 * time.Second
)

// Governor says which share of their budget crowds are given: all of it, or less while ticks take too long and that makes them
// shorter. It looks at what ticks took, takes one step, and waits until that shows before it looks again. Steps to less that do
// not show are taken back: the view would suffer for nothing. The zero value is ready.
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

	sinking      bool          // too much was taken at each look since some steps to less began,
	from, before float64       // from this share on, when ticks took so much
	vain         bool          // some steps to less were taken back
	back         time.Duration // when they were
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
	if average > tooMuch {
		g.relieve(average, now)
		return
	}
	g.sinking = false
	if now-g.stepped >= proving {
		g.tried = false // it was not too much: what may be later has another reason
	}
	switch share := g.Share(); {
	case share == 1:
	case average < plenty && g.may(false, now):
		g.failed = false
		g.take(false, min(1, share/step), now)
	case g.mayTry(now):
		g.take(false, min(1, share/step), now)
		g.tried = true
	}
}

// relieve gives crowds less, for ticks take too much; or what they had before, if that was in vain.
func (g *Governor) relieve(average float64, now time.Duration) {
	switch share := g.Share(); {
	case g.inVain(average, now):
		if g.may(false, now) {
			g.vain, g.back, g.sinking = true, now, false
			g.take(false, g.from, now)
		}
	case share > Least && g.may(true, now) && !(g.vain && now-g.back < idle):
		if g.tried {
			g.failed, g.at = true, now
		}
		if !g.sinking {
			g.sinking, g.from, g.before = true, share, average
		}
		g.take(true, max(Least, share*step), now)
	}
}

// inVain reports whether the last steps to less have not made ticks shorter, or by too little.
func (g *Governor) inVain(average float64, now time.Duration) bool {
	saved, less := 1-average/g.before, 1-g.Share()/g.from
	return g.sinking && now-g.stepped < proving && saved < worth*less
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
