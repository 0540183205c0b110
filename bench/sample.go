package main

import (
	"context"
	"time"

	"aoiworld/bench/side"
)

// sample is how a program stood at one time.
type sample struct {
	at      time.Time
	cpu     cpuTime
	busy    time.Duration // all cores', with anything
	softirq time.Duration // ksoftirqd's
	hasSoft bool
	rss     float64
	metrics metrics
}

// sample asks for the metrics first and for the CPU time then, so that at the beginning of a window the asking is before it.
func (r *run) sample(ctx context.Context) (s sample, err error) {
	if s.metrics, err = scrape(ctx, r.addresses[side.KeyMetrics]); err != nil {
		return sample{}, err
	}
	err = r.look(&s)
	return s, err
}

// sampleLast asks the other way round: at the end of a window the asking is behind it.
func (r *run) sampleLast(ctx context.Context) (s sample, err error) {
	if err := r.look(&s); err != nil {
		return sample{}, err
	}
	s.metrics, err = scrape(ctx, r.addresses[side.KeyMetrics])
	return s, err
}

// look reads what the kernel says of the program.
func (r *run) look(s *sample) (err error) {
	s.at = time.Now()
	if s.cpu, err = procCPU(r.program.pid()); err != nil {
		return err
	}
	if s.busy, err = procBusy(); err != nil {
		return err
	}
	if s.rss, err = procRSS(r.program.pid()); err != nil {
		return err
	}
	s.softirq, s.hasSoft = sumCPU(r.softirqd)
	return nil
}

// collectTime is how much longer bots stay at most, so that a program can be made to collect its garbage.
const collectTime = 12 * time.Second

// collected samples a program once it has collected its garbage twice since a sample, for what served the joining of thousands
// is still there. Nothing makes it do so but being asked for its metrics so often. Memory is swept little by little, and filled
// again: of what is seen after that, the least counts.
func (r *run) collected(ctx context.Context, since sample) (least sample, err error) {
	const looks = 50
	least = since
	for seen, deadline := 0, time.Now().Add(collectTime-spare); seen < looks && time.Now().Before(deadline); {
		s, err := r.sample(ctx)
		if err != nil {
			return sample{}, err
		}
		if s.metrics[collections] < since.metrics[collections]+2 {
			continue
		}
		if seen++; seen == 1 || s.metrics.goMemory() < least.metrics.goMemory() {
			least = s
		}
	}
	return least, nil
}
