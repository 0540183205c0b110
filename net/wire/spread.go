package wire

import (
	"sync"
	"sync/atomic"
)

// Spread has work done for the numbers below count, a share of them at a time, by as many goroutines as workers says, the
// caller's among them, and returns when all is done. One share is not worth a goroutine.
func Spread(count, share, workers int, work func(first, end int)) {
	var next atomic.Int64
	take := func() {
		for {
			end := int(next.Add(int64(share)))
			first := end - share
			if first >= count {
				return
			}
			work(first, min(end, count))
		}
	}
	var others sync.WaitGroup
	for range min(workers-1, (count-1)/share) {
		others.Go(take)
	}
	take()
	others.Wait()
}
