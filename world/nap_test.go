package world

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// counted counts how often it is set.
type counted struct {
	timer
	set int
}

// Set implements Alarm.
func (c *counted) Set(at time.Time) {
	c.set++
	c.timer.Set(at)
}

// TestSleepsByAlarm: a loop sleeps by the alarm that it is given, once a tick where none comes early.
func TestSleepsByAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alarm := &counted{timer: newTimer()}
		cfg := LoopConfig{World: small(), Pace: PaceConfig{TickRate: 20}, MaxChats: 1, Alarm: alarm}
		l, err := NewLoop(cfg, &recorder{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Run(ctx); err != nil {
			t.Error(err)
		}
		if ticks := int(l.Snapshot().Tick); alarm.set < ticks || alarm.set > ticks+1 { // once more to end the last sleep
			t.Errorf("it was set %d times for %d ticks", alarm.set, ticks)
		}
	})
}

// TestNap: a light sleep ends with a wake, also with one that came before, unless that was forgotten; no other does, but for the
// end. While nobody sleeps a wake leaves the alarm alone.
func TestNap(t *testing.T) {
	const long, short = time.Hour, time.Minute
	for name, test := range map[string]struct {
		before, meanwhile func(*nap)
		light             bool
		want              time.Duration
		set               int
	}{
		"undisturbed":       {nil, nil, true, long, 1},
		"woken":             {nil, (*nap).wake, true, short, 2},
		"woken, but deep":   {nil, (*nap).wake, false, long, 1},
		"woken before":      {(*nap).wake, nil, true, 0, 0},
		"deep after a wake": {(*nap).wake, nil, false, long, 1},
		"wake forgotten":    {func(n *nap) { n.wake(); n.forget() }, nil, true, long, 1},
		"woken after one":   {func(n *nap) { n.until(time.Now(), true); n.wake() }, nil, true, 0, 1},
		"wake that ended another": {func(n *nap) {
			time.AfterFunc(short, n.wake)
			n.until(time.Now().Add(long), true)
		}, nil, true, long, 3},
		"over":            {nil, (*nap).end, false, short, 2},
		"over before":     {(*nap).end, nil, false, 0, 1},
		"over twice":      {(*nap).end, (*nap).end, false, 0, 1},
		"woken when over": {(*nap).end, (*nap).wake, true, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alarm := &counted{timer: newTimer()}
				n := &nap{alarm: alarm}
				if test.before != nil {
					test.before(n)
				}
				if test.meanwhile != nil {
					time.AfterFunc(short, func() { test.meanwhile(n) })
				}
				began := time.Now()
				n.until(began.Add(long), test.light)
				if slept := time.Since(began); slept != test.want || alarm.set != test.set {
					t.Errorf("it slept %v, and set the alarm %d times; want %v, %d", slept, alarm.set, test.want, test.set)
				}
			})
		})
	}
}
