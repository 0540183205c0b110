package figures

import (
	"slices"
	"sync/atomic"
	"time"

	"aoiworld/world"
)

// keptTicks is of how many ticks it is remembered what they took: more than there are in two seconds.
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
	took := time.Duration(0)
	for _, phase := range r.Took {
		took += phase
	}
	if r.Late >= r.Period {
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

// slowest returns what the slowest ticks took of those after one count and up to another, in milliseconds: one in a hundred took
// longer than p99.
func (t *ticks) slowest(after, upTo uint64) (p99, longest float64) {
	n := min(upTo-after, keptTicks)
	if n == 0 {
		return 0, 0
	}
	all := make([]int64, n)
	for i := range all {
		all[i] = t.last[(upTo-uint64(i))%keptTicks].Load()
	}
	slices.Sort(all)
	return millis(time.Duration(all[(n*99-1)/100])), millis(time.Duration(all[n-1]))
}
