package bot

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// recorder is a histogram of durations from 1 µs to a minute, three digits exact. Safe for everybody; those who record
// often are given different ones, merged in the end.
type recorder struct {
	mu        sync.Mutex
	histogram *hdrhistogram.Histogram // microseconds
	recent    *hdrhistogram.Histogram // the same since drain was last called, two digits exact
}

// newRecorder returns an empty one.
func newRecorder() *recorder {
	return &recorder{
		histogram: newSum(),
		recent:    newRecent(),
	}
}

// record adds one duration; what is out of range counts as the nearest that is in it.
func (r *recorder) record(d time.Duration) {
	r.mu.Lock()
	r.add(d)
	r.mu.Unlock()
}

// recordAll is record of many.
func (r *recorder) recordAll(all []time.Duration) {
	if len(all) == 0 {
		return
	}
	r.mu.Lock()
	r.addAll(all)
	r.mu.Unlock()
}

// tryRecordAll is recordAll, unless somebody else is at it: then it records nothing and reports false.
func (r *recorder) tryRecordAll(all []time.Duration) bool {
	if !r.mu.TryLock() {
		return false
	}
	r.addAll(all)
	r.mu.Unlock()
	return true
}

// addAll is recordAll without the lock.
func (r *recorder) addAll(all []time.Duration) {
	for _, d := range all {
		r.add(d)
	}
}

// add is record without the lock.
func (r *recorder) add(d time.Duration) {
	micros := max(1, min(d.Microseconds(), time.Minute.Microseconds()))
	_ = r.histogram.RecordValue(micros) // fails only out of range
	_ = r.recent.RecordValue(micros)
}

// reset forgets everything.
func (r *recorder) reset() {
	r.mu.Lock()
	r.histogram.Reset()
	r.recent.Reset()
	r.mu.Unlock()
}

// drain adds what was recorded since the last time to a histogram.
func (r *recorder) drain(into *hdrhistogram.Histogram) {
	r.mu.Lock()
	defer r.mu.Unlock()
	into.Merge(r.recent)
	r.recent.Reset()
}

// newRecent returns a histogram for what is asked for every second.
func newRecent() *hdrhistogram.Histogram { return hdrhistogram.New(1, time.Minute.Microseconds(), 2) }

// drain makes sum what the fleet's latencies were since the last time, adds it to those of the phase, and returns it.
func (f *fleet) drain(sum *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	sum.Reset()
	for _, r := range f.latency {
		r.drain(sum)
	}
	f.mu.Lock()
	f.phaseLatency.Merge(sum)
	f.mu.Unlock()
	return sum
}

// drained returns the latencies of a phase that ends, and makes ready for the next.
func (f *fleet) drained() *hdrhistogram.Histogram {
	f.drain(newRecent())
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.phaseLatency
	f.phaseLatency = newRecent()
	return all
}

// Latency is how long moves took from the mover's sending to other players' receiving, in milliseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
	// Count is how many were measured.
	Count int64 `json:"count"`
	// Distribution is what part of the moves took how long.
	Distribution []Percentile `json:"distribution,omitempty"`
}

// Percentile says that so many percent took at most so long.
type Percentile struct {
	Percent float64 `json:"percent"`
	Millis  float64 `json:"millis"`
}

// percents are the points of a distribution, closer where it matters.
var percents = []float64{0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100}

// summarise merges recorders.
func summarise(all ...*recorder) Latency {
	sum := newSum()
	merge(sum, all...)
	return describe(sum)
}

// newSum returns a histogram as exact as those of recorders.
func newSum() *hdrhistogram.Histogram { return hdrhistogram.New(1, time.Minute.Microseconds(), 3) }

// merge adds what was recorded to a histogram.
func merge(sum *hdrhistogram.Histogram, all ...*recorder) {
	for _, r := range all {
		r.mu.Lock()
		sum.Merge(r.histogram)
		r.mu.Unlock()
	}
}

// p99 returns what 99 percent took at most, in milliseconds, and how many were recorded.
func (r *recorder) p99() (millis float64, count int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return millisAt(r.histogram, 99), r.histogram.TotalCount()
}

// millisAt is what so many percent of a histogram of microseconds took at most, in milliseconds.
func millisAt(h *hdrhistogram.Histogram, percent float64) float64 {
	return float64(h.ValueAtPercentile(percent)) / 1000
}

// describe returns what a histogram of microseconds says.
func describe(sum *hdrhistogram.Histogram) Latency {
	if sum.TotalCount() == 0 {
		return Latency{}
	}
	millis := func(percentile float64) float64 { return millisAt(sum, percentile) }
	var distribution []Percentile
	for _, p := range percents {
		distribution = append(distribution, Percentile{p, millis(p)})
	}
	return Latency{
		P50:   millis(50),
		P90:   millis(90),
		P99:   millis(99),
		P999:  millis(99.9),
		Max:   millis(100),
		Mean:  sum.Mean() / 1000,
		Count: sum.TotalCount(),

		Distribution: distribution,
	}
}
