package figures

import (
	"slices"
	"sync/atomic"
	"time"

	"aoiworld/world"
)

// keptTicks is of how many ticks it is remembered what they took.
const keptTicks = 1 << 10

// ticks is what ticks leave behind. They write it, and others read it, without waiting for one another; of two worlds that end a
// tick at the same time one is not among the slowest.
type ticks struct {
	count, late atomic.Uint64
	took        atomic.Int64 // nanoseconds, all together
	last        [keptTicks]atomic.Int64
}

// tally is what ticks there were.
type tally struct {
	count, late uint64
	took        time.Duration
}

// note takes in a tick.
func (t *ticks) note(r world.TickReport) {
	took := r.Total()
	if r.Overdue() {
		t.late.Add(1)
	}
	t.took.Add(int64(took))
	t.last[(t.count.Load()+1)%keptTicks].Store(int64(took))
	t.count.Add(1)
}

// tally returns what ticks there were.
func (t *ticks) tally() tally {
	return tally{count: t.count.Load(), late: t.late.Load(), took: time.Duration(t.took.Load())}
}

// slowest returns what the slowest ticks took, in milliseconds: the longest of those after one count and up to another, and what
// one in a hundred took longer than, of all that are remembered; a second has too few to tell.
func (t *ticks) slowest(after, upTo uint64) (p99, longest float64) {
	n := min(upTo, keptTicks)
	if n == 0 {
		return 0, 0
	}
	all := make([]int64, n)
	for i := range all {
		all[i] = t.last[(upTo-uint64(i))%keptTicks].Load()
	}
	if recent := all[:min(upTo-after, n)]; len(recent) > 0 {
		longest = millis(time.Duration(slices.Max(recent)))
	}
	slices.Sort(all)
	return millis(time.Duration(all[(n*99-1)/100])), longest
}
