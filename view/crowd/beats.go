package crowd

import "time"

// How a frame's budget is shared by the lanes.
const (
	// mostFar is the largest share that is for far lanes, and leastFar the least.
	mostFar, leastFar = 0.5, 0.25
	// enough is how many records the near lanes have room for before the far ones have more than the least: then the twenty who
	// are nearest are told of in each tick, with all that stand in their leaves.
	enough = 71
)

// FarRoom returns what of a frame's budget (bytes) is for the far lanes of all crowds in view, which tell of some members to all
// who see them. The rest is for the near lanes, which tell of all members to who is near them, with so many bytes for each.
func FarRoom(budget float64, record int) float64 {
	return max(leastFar*budget, min(mostFar*budget, budget-float64(enough*record)))
}

// Tolerance is how far (world units) somebody may be from where others think before that matters.
const Tolerance = 0.5

// earliest is the share of a period after which there may be the next beat: a tick may be a little early or late.
const earliest = 0.75

// Beats says in which ticks crowds are told of: about as often as ticks are due. In each of them the same is told again of who is
// near, so that it would cost more, and say no more, to do it whenever a tick comes early.
type Beats struct {
	period  time.Duration
	last    time.Duration
	begun   bool
	longest time.Duration // from one to the next, lately
}

// NewBeats returns the beats of a world whose ticks are due once in a period.
func NewBeats(period time.Duration) Beats { return Beats{period: period, longest: period} }

// Next reports whether the tick of a time is a beat. Each tick is asked about once, in their order.
func (b *Beats) Next(now time.Duration) bool {
	since := now - b.last
	if b.begun && float64(since) < earliest*float64(b.period) {
		return false
	}
	if b.begun {
		const forgetting = 8 // beats
		b.longest = max(since, b.longest-(b.longest-since)/forgetting, b.period)
	}
	b.last, b.begun = now, true
	return true
}

// Apart returns how long it takes from one beat to the next: lately, at most.
func (b *Beats) Apart() time.Duration { return b.longest }

// margin is by how much a bound is larger than it would have to be if nothing changed.
const margin = 1.25

// Pace is how many members are told of in a beat: lately, at least. The zero value knows nothing.
type Pace struct{ n int }

// Take takes in how many were told of now, of those that could be told of.
func (p *Pace) Take(n int) {
	const remembering = 8 // beats
	if p.n == 0 {
		p.n = n
	}
	p.n = min(n, p.n+max(1, (n-p.n)/remembering))
}

// Bound returns within what time everybody will be told of who is to be picked: an honest one, with something to spare.
func (p *Pace) Bound(of *Picker, apart time.Duration) time.Duration {
	return time.Duration(margin * float64(of.Bound(p.n, apart)))
}
