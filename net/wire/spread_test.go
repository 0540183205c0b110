package wire_test

import (
	"sync/atomic"
	"testing"

	"aoiworld/net/wire"
)

// TestSpread: whatever the workers, each number is worked on once.
func TestSpread(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7} {
		for _, count := range []int{0, 1, 63, 64, 65, 2048, 2049, 10_000} {
			done := make([]atomic.Int32, count)
			wire.NewWorkers(workers).Spread(count, func(first, end int) {
				for i := first; i < end; i++ {
					done[i].Add(1)
				}
			})
			for i := range done {
				if n := done[i].Load(); n != 1 {
					t.Fatalf("%d workers, %d numbers: %d is worked on %d times", workers, count, i, n)
				}
			}
		}
	}
}
