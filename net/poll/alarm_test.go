package poll_test

import (
	"testing"
	"time"

	"aoiworld/net/poll"
)

// newAlarm returns an alarm for the length of a test.
func newAlarm(t *testing.T) *poll.Alarm {
	t.Helper()
	a, err := poll.NewAlarm()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// TestAlarmGoesOff: not before its time, and at once where that has passed.
func TestAlarmGoesOff(t *testing.T) {
	a := newAlarm(t)
	for _, in := range []time.Duration{5 * time.Millisecond, 0, 3 * time.Millisecond, -time.Hour} {
		at := time.Now().Add(in)
		a.Set(at)
		a.Wait()
		if early := time.Until(at); early > 0 {
			t.Errorf("set to %v, it went off %v early", in, early)
		}
	}
}

// TestAlarmIsSetAgain: it goes off when it was set last to, and who waits already is told.
func TestAlarmIsSetAgain(t *testing.T) {
	a := newAlarm(t)
	a.Set(time.Time{})
	later := time.Now().Add(5 * time.Millisecond)
	a.Set(later)
	a.Wait()
	if early := time.Until(later); early > 0 {
		t.Errorf("it went off %v early, as it was set before", early)
	}
	a.Set(time.Now().Add(time.Hour))
	go a.Set(time.Time{})
	a.Wait()
}
