package world

import (
	"sync"
	"time"
)

// Alarm goes off at the time to which it was set last, once. It is what a loop sleeps by.
type Alarm interface {
	// Set has it go off at a time, and not at one to which it was set before. Anybody may call it.
	Set(at time.Time)
	// Wait returns when it has gone off.
	Wait()
}

// timer is the runtime's alarm.
type timer struct{ *time.Timer }

// newTimer returns a timer that is not set.
func newTimer() timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return timer{t}
}

// Set implements Alarm.
func (t timer) Set(at time.Time) { t.Reset(time.Until(at)) }

// Wait implements Alarm.
func (t timer) Wait() { <-t.C }

// nap is how a loop sleeps until its next tick, unless it is woken. The loop sleeps; anybody may wake it.
type nap struct {
	alarm Alarm

	mu    sync.Mutex
	light bool // a wake ends it
	woken bool // since the loop has asked last
	over  bool // the loop sleeps no more
}

// until sleeps until a time. A light sleep ends with a wake, or does not begin if there was one that nobody has asked for.
func (n *nap) until(at time.Time, light bool) {
	if !n.begin(at, light) {
		return
	}
	n.alarm.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.light = false
	n.woken = n.woken && !light
}

// begin reports whether there is anything to wait for.
func (n *nap) begin(at time.Time, light bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if light && n.woken {
		n.woken = false
		return false
	}
	if n.over {
		return false
	}
	n.light = light
	n.alarm.Set(at)
	return true
}

// wake ends a light sleep, or the next one.
func (n *nap) wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.woken = true; n.light {
		n.alarm.Set(time.Time{})
	}
}

// forget drops a wake that nobody has asked for.
func (n *nap) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.woken = false
}

// end ends this sleep, and all to come. After it nothing touches the alarm.
func (n *nap) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.over {
		return
	}
	n.over = true
	n.alarm.Set(time.Time{})
}
