package bot

import (
	"sync"
	"time"
)

// Status is how a run is going.
type Status struct {
	// Phase is connecting, gathering, moving or checking.
	Phase string
	// Elapsed is the time since the run began.
	Elapsed time.Duration
	// Connected is how many bots are in the world.
	Connected int
	// MovesPerSecond and UpdatesPerSecond are of the time since the last status.
	MovesPerSecond, UpdatesPerSecond float64
	// P99 is the latency that 99 % of the moves so far were faster than.
	P99 time.Duration
	// LateSends is how many moves the bots themselves sent late: when it grows, the figures are worth less.
	LateSends int64
	// Violations and Disconnects are totals.
	Violations, Disconnects int64
}

// statusEvery is the time between two statuses.
const statusEvery = time.Second

// watch calls on about once a second until the returned function is called, which waits for the last call's end.
func (f *fleet) watch(on func(Status)) (stop func()) {
	if on == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(statusEvery)
		defer ticker.Stop()
		var s sampler
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				on(s.sample(f))
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(quit)
		<-done
	})
}

// sampler turns totals into rates.
type sampler struct {
	at             time.Duration
	moves, updates int64
}

// sample returns how the fleet is doing.
func (s *sampler) sample(f *fleet) Status {
	now := f.clock()
	sum, moves := f.totals()
	seconds := (now - s.at).Seconds()
	status := Status{
		Phase:            *f.phase.Load(),
		Elapsed:          now,
		Connected:        len(f.live()),
		MovesPerSecond:   float64(moves-s.moves) / seconds,
		UpdatesPerSecond: float64(sum.updates-s.updates) / seconds,
		P99:              time.Duration(summarise(f.latency[:]...).P99 * float64(time.Millisecond)),
		LateSends:        f.late.Load(),
		Violations:       f.wrong.total(),
	}
	closes, _ := f.ends()
	for _, n := range closes {
		status.Disconnects += int64(n)
	}
	s.at, s.moves, s.updates = now, moves, sum.updates
	return status
}

// enter names what the fleet does now.
func (f *fleet) enter(phase string) { f.phase.Store(&phase) }
