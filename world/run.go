package world

import (
	"context"
	"time"
)

// Run ticks until ctx ends: when a tick is due, and before, when a command has come in and the pace allows it. The error is
// Tick's: the world is broken.
func (l *Loop) Run(ctx context.Context) error {
	l.pace = newPace(l.cfg.Pace, time.Now())
	defer l.nap.end() // whoever gave the alarm may let go of it then
	defer context.AfterFunc(ctx, l.nap.end)()
	for l.await(ctx) {
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
func (l *Loop) Wake() { l.nap.wake() }

// await returns when the next tick is to begin, or false when ctx has ended. Nobody is asked to wake the loop while no tick
// may come early; and when there is so much to do that a command will be there by the time when one may, the loop sleeps
// until then. So a command costs a wake-up only if it is the first after a silence.
func (l *Loop) await(ctx context.Context) bool {
	earliest := l.pace.earliest()
	if !earliest.Before(l.pace.due) {
		return l.sleep(ctx, l.pace.due, false)
	}
	if !l.idle && !l.sleep(ctx, earliest, false) {
		return false
	}
	if !l.watch() && !l.sleep(ctx, l.pace.due, true) {
		return false
	}
	return l.sleep(ctx, earliest, false)
}

// watch reports whether there is anything to do. If not, the loop is woken once there is.
func (l *Loop) watch() bool {
	if l.mailbox.watch(l.wake) {
		return true
	}
	return l.cfg.Source != nil && l.cfg.Source.Watch(l.wake)
}

// sleep waits until a time or, if it is a light sleep, until the loop is woken. It returns false when ctx has ended.
func (l *Loop) sleep(ctx context.Context, until time.Time, light bool) bool {
	if time.Until(until) > 0 {
		l.nap.until(until, light)
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
