package crowd

import (
	"slices"
	"time"
)

// Picker chooses of whom all are told who see a crowd. Those of whom the crowd knows least come first; but at least every other
// one is whoever has waited longest, so that nobody waits for ever. Its memory is used again. The zero value is ready.
type Picker struct {
	scores, waits []uint64
	waiting       [buckets]int
	longest       uint32 // wait, in milliseconds
	picked        []int32
}

// How important somebody is: as one who is off by the tolerance, once for each, or who was told last so long ago.
const (
	unit    = 256
	mostOff = 1 << 23 // of a unit: beyond that nothing is worse
	ageing  = 5 * time.Second
)

// buckets is how finely waits are told apart for the bound.
const buckets = 64

// Begin starts a choice.
func (p *Picker) Begin() {
	p.scores, p.waits, p.picked, p.longest = p.scores[:0], p.waits[:0], p.picked[:0], 0
}

// Candidate is somebody who is not where others think.
type Candidate struct {
	Member int32
	// Off is how far it is from there, in steps, and Tolerance how much of that does not matter, > 0.
	Off, Tolerance int64
	// Age is when it was told last, Wait for how long it has not been where others think: milliseconds ago.
	Age, Wait uint32
}

// Add adds a candidate. Each is added once.
func (p *Picker) Add(c Candidate) {
	score := min(c.Off*unit/c.Tolerance, mostOff) + int64(c.Age)*unit/ageing.Milliseconds()
	p.scores = append(p.scores, item(^uint32(min(score, 1<<32-1)), c.Member))
	p.waits = append(p.waits, item(^c.Wait, c.Member))
	p.longest = max(p.longest, c.Wait)
}

// Len returns how many candidates there are.
func (p *Picker) Len() int { return len(p.scores) }

// Reserved returns how many of so many that are chosen are those who have waited longest.
func Reserved(n int) int { return (n + 1) / 2 }

// Pick returns at most n candidates by ascending number. The slice is valid until the next Begin.
func (p *Picker) Pick(n int) []int32 {
	if n >= len(p.scores) {
		for _, i := range p.scores {
			p.picked = append(p.picked, which(i))
		}
		slices.Sort(p.picked)
		return p.picked
	}
	reserved := Reserved(n)
	split(p.waits, reserved)
	for _, i := range p.waits[:reserved] {
		p.picked = append(p.picked, which(i))
	}
	slices.Sort(p.picked)
	split(p.scores, n) // at most reserved of them are picked already
	best := p.scores[:n]
	slices.Sort(best)
	for _, i := range best {
		if len(p.picked) == n {
			break
		}
		if _, already := slices.BinarySearch(p.picked[:reserved], which(i)); !already {
			p.picked = append(p.picked, which(i))
		}
	}
	slices.Sort(p.picked)
	return p.picked
}

// Bound returns within what time every candidate will have been told, from when its wait began, if n are picked now and in each
// of the beats that are to come: the least that can be promised. Those who begin to wait from now on come after them all.
func (p *Picker) Bound(n int, beat time.Duration) time.Duration {
	if len(p.waits) == 0 {
		return beat
	}
	p.waiting = [buckets]int{}
	for _, i := range p.waits {
		wait := ^uint32(i >> 32)
		p.waiting[uint64(wait)*buckets/(uint64(p.longest)+1)]++
	}
	n = max(1, Reserved(n))
	bound, before := beat, 0
	for b := buckets - 1; b >= 0; b-- {
		if p.waiting[b] == 0 {
			continue
		}
		before += p.waiting[b]
		oldest := time.Duration((uint64(p.longest)+1)*uint64(b+1)/buckets+1) * time.Millisecond
		bound = max(bound, min(oldest, time.Duration(p.longest)*time.Millisecond)+time.Duration((before-1)/n)*beat)
	}
	return bound
}
