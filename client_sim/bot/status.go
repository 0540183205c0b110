package bot

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Status is how a run is going.
type Status struct {
	// Phase is connecting, ramping, gathering, moving or checking.
	Phase string
	// Elapsed is the time since the run began.
	Elapsed time.Duration
	// Moved is for how long the bots have moved, without quiet points.
	Moved time.Duration
	// Connected is how many bots are in the world.
	Connected int
	// MovesPerSecond and UpdatesPerSecond are of the time since the last status.
	MovesPerSecond, UpdatesPerSecond float64
	// P99 is the latency that 99 % of the moves so far were faster than.
	P99 time.Duration
	// LateSends is how many moves the bots themselves sent late. Doubts says why the figures are not to be trusted so far,
	// by the rule of the report; it is empty as long as they are.
	LateSends int64
	Doubts    []string
	// Violations and Disconnects are totals.
	Violations, Disconnects int64
}

// String is a line for a reader. Whatever is wrong stands at its end.
func (s Status) String() string {
	line := fmt.Sprintf("%4.0f s  %-10s %d bots  %6.0f moves/s  %8.0f updates/s  p99 %.1f ms", s.Elapsed.Seconds(), s.Phase,
		s.Connected, s.MovesPerSecond, s.UpdatesPerSecond, float64(s.P99)/float64(time.Millisecond))
	for _, trouble := range []struct {
		count int64
		name  string
	}{{s.Disconnects, "disconnected"}, {s.Violations, "violations"}, {s.LateSends, "late sends"}} {
		if trouble.count > 0 {
			line += fmt.Sprintf("  %d %s", trouble.count, trouble.name)
		}
	}
	if len(s.Doubts) > 0 {
		line += "  NOT TO TRUST: " + s.Doubts[0]
	}
	return line
}

// statusEvery is the time between two statuses.
const statusEvery = time.Second

// watch samples the run about once a second, and tells on if it is not nil, until the returned function is called, which
// waits for the last call's end.
func (f *fleet) watch(on func(Status)) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(statusEvery)
		defer ticker.Stop()
		s := newSampler()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				if status := s.sample(f); on != nil {
					on(status)
				}
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
	last    totals
	phase   *string                 // as it was then
	recent  *hdrhistogram.Histogram // latencies since then
	latency *hdrhistogram.Histogram // since load began
}

// newSampler returns one that knows of nothing.
func newSampler() *sampler { return &sampler{recent: newRecent(), latency: newSum()} }

// sample returns how the fleet is doing, and adds a second in which it did nothing but move to the series.
func (s *sampler) sample(f *fleet) Status {
	phase, now, bots := f.phase.Load(), f.count(), f.alive()
	second := now.since(s.last, time.Duration(f.began.Load()), bots, f.drain(s.recent))
	second.Staleness = f.looker.drain()
	if phase == s.phase && *phase == phaseMoving {
		f.moved.Add(int64(now.at - s.last.at))
		f.series = append(f.series, second)
	}
	s.latency.Reset()
	merge(s.latency, f.latency[:]...)
	status := Status{
		Phase:            *phase,
		Elapsed:          now.at,
		Moved:            time.Duration(f.moved.Load()),
		Connected:        bots,
		MovesPerSecond:   second.MovesPerSecond,
		UpdatesPerSecond: second.UpdatesPerSecond,
		P99:              time.Duration(millisAt(s.latency, 99) * float64(time.Millisecond)),
		LateSends:        f.sends.late.Load(),
		Doubts:           f.sends.doubts(),
		Violations:       f.wrong.total(),
	}
	closes, _ := f.ends()
	for _, n := range closes {
		status.Disconnects += int64(n)
	}
	s.last, s.phase = now, phase
	return status
}

// phaseMoving is the phase in which load is measured.
const phaseMoving = "moving"

// enter names what the fleet does now.
func (f *fleet) enter(phase string) { f.phase.Store(&phase) }
