package study

import (
	"context"
	"time"

	"aoiworld/client_sim/bot"
)

const (
	// longestRest is how long a server is waited for that lets nobody in; what it does then is its answer.
	longestRest = 30 * time.Second
	// restEvery is how often it is asked.
	restEvery = 200 * time.Millisecond
	// blindRest is how long one is waited for that does not say how it does.
	blindRest = 2 * time.Second
)

// Rest waits until a server has recovered from the load before: one that had too much to do lets nobody new in for a while. It
// returns early when the context ends.
func Rest(ctx context.Context, probe bot.Probe) {
	ctx, cancel := context.WithTimeout(ctx, longestRest)
	defer cancel()
	every := restEvery
	if probe == nil {
		every = blindRest
	}
	for {
		timer := time.NewTimer(every)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if probe == nil {
			return
		}
		if counters, err := probe(ctx); err != nil || counters.Overloaded == 0 {
			return
		}
	}
}
