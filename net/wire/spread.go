package wire

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers are the goroutines that a tick's reads or writes are spread over.
type Workers struct {
	most  int
	worth int // so few are not worth another worker
	share int // how many a worker takes at a time
}

// One processor alone makes some thousands of system calls well within a tick, and each for less than two do: what another has in
// its cache is far away. So it is left alone with as many; but where somebody has said how many workers there are to be, there
// are. Beyond that, workers take little at a time, so that none is at work for long when the others are done: the system may have
// given its core to another program.
const (
	worthOne, shareOfOne   = 2048, 128
	worthSome, shareOfSome = 64, 64
)

// NewWorkers returns so many workers; 0 is as many as are worth it, and at most one a processor.
func NewWorkers(most int) Workers {
	if most == 0 {
		return Workers{most: runtime.GOMAXPROCS(0), worth: worthOne, share: shareOfOne}
	}
	return Workers{most: most, worth: worthSome, share: shareOfSome}
}

// Spread has work done for the numbers below count, a share of them at a time, by the caller and further goroutines, and returns
// when all is done.
func (w Workers) Spread(count int, work func(first, end int)) {
	var next atomic.Int64
	take := func() {
		for {
			end := int(next.Add(int64(w.share)))
			first := end - w.share
			if first >= count {
				return
			}
			work(first, min(end, count))
		}
	}
	var others sync.WaitGroup
	for range min(w.most-1, (count-1)/w.worth) {
		others.Go(take)
	}
	take()
	others.Wait()
}
