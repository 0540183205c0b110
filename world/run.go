package world

import (
	"context"
	"time"
)

// Run ticks until ctx ends: when a tick is due, and before, when a command has come in and the pace allows it. The error is
// Tick's: the world is broken.
func (l *Loop) Run(ctx context.Context) error {
	l.pace = newPace(l.cfg.Pace, time.Now())
	timer := time.NewTimer(0)
	defer timer.Stop()
	for l.await(ctx, timer) {
		l.retune()
		now := time.Now()
		l.late = l.pace.begin(now)
		if err := l.Tick(now); err != nil {
			return err
		}
		l.pace.done(time.Now())
		l.warn()
	}
	return nil
}

// Wake asks for a tick before it is due, if that may be. It may be called by anybody, never waits, and costs no more when
// it is called again.
func (l *Loop) Wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// forget drops a wake for what the tick has taken. What has come in since is asked for before the loop waits again.
func (l *Loop) forget() {
	select {
	case <-l.woken:
	default:
	}
}

// await returns when the next tick is to begin, or false when ctx has ended. Nobody is asked to wake the loop while no tick
// may come early; and when there is so much to do that a command will be there by the time when one may, the loop sleeps
// until then. So a command costs a wake-up only if it is the first after a silence.
func (l *Loop) await(ctx context.Context, timer *time.Timer) bool {
	earliest := l.pace.earliest()
	if !earliest.Before(l.pace.due) {
		return sleep(ctx, timer, l.pace.due, nil)
	}
	if !l.idle && !sleep(ctx, timer, earliest, nil) {
		return false
	}
	if !l.watch() && !sleep(ctx, timer, l.pace.due, l.woken) {
		return false
	}
	return sleep(ctx, timer, earliest, nil)
}

// watch reports whether there is anything to do. If not, the loop is woken once there is.
func (l *Loop) watch() bool {
	if l.mailbox.watch(l.wake) {
		return true
	}
	return l.cfg.Source != nil && l.cfg.Source.Watch(l.wake)
}

// sleep waits until a time or, unless woken is nil, until something is received from it. It returns false when ctx has ended.
func sleep(ctx context.Context, timer *time.Timer, until time.Time, woken <-chan struct{}) bool {
	pause := time.Until(until)
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer.Reset(pause)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-woken:
	}
	return ctx.Err() == nil
}

// warn logs what the pace has done to the world: that ticks were skipped, and that they come less often, or as often as
// configured again.
func (l *Loop) warn() {
	if l.late.skipped > 0 {
		l.log.Warn("ticks skipped", "ticks", l.late.skipped, "late", l.late.by)
	}
	switch rate := l.pace.rate(); {
	case !l.slow && rate < sinking*l.cfg.Pace.TickRate:
		l.slow = true
		l.log.Warn("ticks take too long, and come less often", "ticks_per_second", rate)
	case l.slow && !l.pace.sunk():
		l.slow = false
		l.log.Info("ticks come as often as configured again")
	}
}

// sinking is the share of its tick rate below which a world is reported to have sunk.
const sinking = 0.9
