package world

import (
	"fmt"
	"time"
)

// maxLateTicks is how many ticks the loop may fall behind and still make up for; beyond that it skips them.
const maxLateTicks = 3

// What ticks may take of the time, as shares of it. docs/adr/007 has the reasons and the measurements.
const (
	// earlyShare is what all ticks together may take at most for one to come early still. The less light the load is, the
	// less it is: nothing where a tick takes lightShare of its period.
	earlyShare, lightShare = 0.4, 0.08
	// saving is for how long what is not taken of that is saved up, so that one slow tick does not end the early ones.
	saving = time.Second
	// dueShare is what ticks that come when they are due may take before they come less often. The rest is for whatever else
	// runs on the machine.
	dueShare = 0.8
	// smoothing is the weight of the last tick in what a tick takes on average, and outlier how many periods a tick
	// counts for at most: one alone changes nothing, three in a row do.
	smoothing = 0.125
	outlier   = 4
)

// PaceConfig says when ticks come.
type PaceConfig struct {
	// TickRate is how often ticks are due, in ticks a second, > 0.
	TickRate float64
	// MinTickRate is to what that sinks when ticks take too long. At 0, or at TickRate and above, it does not sink.
	MinTickRate float64
	// MinInterval is the least time from one tick to an early one. At 0 none comes early.
	MinInterval time.Duration
}

// check reports what is impossible about the schedule; the error wraps ErrConfig.
func (c PaceConfig) check() error {
	if !(c.TickRate > 0) || !(c.MinTickRate >= 0) {
		return fmt.Errorf("%w: tick rate %v, %v at least", ErrConfig, c.TickRate, c.MinTickRate)
	}
	return nil
}

// bounds returns the shortest and the longest time from one tick to when the next is due.
func (c PaceConfig) bounds() (shortest, longest time.Duration) {
	period := func(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }
	shortest = period(c.TickRate)
	if c.MinTickRate <= 0 {
		return shortest, shortest
	}
	return shortest, max(shortest, period(c.MinTickRate))
}

// pace decides when ticks come, from nothing but the times that it is told. It is two feedbacks on what ticks take:
//
//   - An account is credited with a share of the time and charged with what every tick takes. While it is not overdrawn
//     a tick may come before it is due. The share shrinks as ticks take longer, down to nothing: so early ticks become
//     rarer with the load, and end by themselves before it is heavy.
//   - The period is what a tick takes on average, over dueShare, between the two bounds: a smoothed value and no
//     switch, so that there is nothing to flap.
type pace struct {
	shortest, longest time.Duration // bounds of the period
	minInterval       time.Duration

	period time.Duration // from one tick to when the next is due
	due    time.Time     // when that is
	start  time.Time     // of the last tick
	end    time.Time     // of the last tick
	from   time.Time     // since when the last tick could have run
	cost   float64       // of a tick on average, in nanoseconds
	load   float64       // what the last tick took of the shortest period
	credit time.Duration // at the end of the last tick; overdrawn below 0
}

// newPace returns the pace of a loop that starts now: its first tick is due.
func newPace(cfg PaceConfig, now time.Time) *pace {
	p := &pace{minInterval: cfg.MinInterval, due: now, end: now}
	p.shortest, p.longest = cfg.bounds()
	p.period = p.shortest
	return p
}

// retune goes on by another schedule, with what is known of what ticks take.
func (p *pace) retune(cfg PaceConfig) {
	p.minInterval = cfg.MinInterval
	p.shortest, p.longest = cfg.bounds()
	p.settle()
	if next := p.start.Add(p.period); next.Before(p.due) {
		p.due = next
	}
}

// settle sets the period to what ticks take, within its bounds.
func (p *pace) settle() {
	p.period = min(p.longest, max(p.shortest, time.Duration(p.cost/dueShare)))
}

// begin notes that a tick begins, and says how it stands to its schedule. The next is due a period after this one was, so
// that a short delay is made up for, unless more than maxLateTicks would have to be; those are skipped. After an early one
// the period begins anew.
func (p *pace) begin(now time.Time) (late lateness) {
	p.start = now
	if now.Before(p.due) {
		p.from, p.due = now, now.Add(p.period)
		return lateness{early: true}
	}
	late.by, p.from = now.Sub(p.due), p.due
	if p.from.Before(p.end) {
		p.from = p.end
	}
	if behind := late.by / p.period; behind > maxLateTicks {
		late.skipped = int(behind)
		p.due = p.due.Add(behind * p.period)
	}
	p.due = p.due.Add(p.period)
	return late
}

// done notes that the tick has ended: what it took is paid for, and decides when those to come are due. That it had to wait
// for the processor counts as well.
func (p *pace) done(now time.Time) {
	p.earn(now.Sub(p.end))
	spent := now.Sub(p.start)
	p.credit = max(-spent, p.credit-spent) // what was due had to come: it leaves no debts to the ticks after the next
	p.end = now
	took := min(now.Sub(p.from), outlier*p.period)
	p.load = float64(took) / float64(p.shortest)
	p.cost += smoothing * (float64(took) - p.cost)
	p.settle()
}

// earn credits the account with some time.
func (p *pace) earn(elapsed time.Duration) {
	share := p.share()
	p.credit = min(part(share, saving), p.credit+part(share, elapsed))
}

// share returns what all ticks together may take of the time for one to come early: 0 is that none may.
func (p *pace) share() float64 {
	return earlyShare * max(0, 1-p.cost/(lightShare*float64(p.shortest)))
}

// part returns a share of a time.
func part(share float64, of time.Duration) time.Duration { return time.Duration(share * float64(of)) }

// earliest returns when the next tick may begin: when it is due, or before, if one may come early.
func (p *pace) earliest() time.Time {
	share := p.share()
	if p.minInterval <= 0 || share == 0 {
		return p.due
	}
	at := p.start.Add(p.minInterval)
	unpaid := min(float64(-min(0, p.credit))/share, float64(p.period)) // by then something is due
	if paid := p.end.Add(time.Duration(unpaid)); paid.After(at) {
		at = paid
	}
	if at.After(p.due) {
		return p.due
	}
	return at
}

// rate returns how often ticks are due, in ticks a second.
func (p *pace) rate() float64 { return float64(time.Second) / float64(p.period) }

// sunk reports whether that is less often than configured.
func (p *pace) sunk() bool { return p.period > p.shortest }
