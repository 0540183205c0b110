package player

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDefaultLimits(t *testing.T) {
	l := DefaultLimits()
	if err := l.Check(); err != nil {
		t.Error(err)
	}
	want := Limits{
		MaxSessions: 10000, MaxPending: 131072, SlowConsumer: 5 * time.Second, FrameTimeout: 10 * time.Second, HelloTimeout: 5 * time.Second,
		PingInterval: 15 * time.Second, DeadAfter: 40 * time.Second, UnknownPerMinute: 20, MalformedPerMinute: 5,
		BadPositionsPerMinute: 10, TooFastPerMinute: 30, ChatBytes: 256, ChatRate: 1, ChatBurst: 5, ChatStrikes: 3,
		MuteFor: 30 * time.Second, MessageRate: 30, MessageBurst: 60,
		GestureRate: 5, GestureBurst: 10, PingRate: 5, PingBurst: 10,
	}
	if l != want {
		t.Errorf("defaults are %+v", l)
	}
}

func TestImpossibleLimits(t *testing.T) {
	for name, spoil := range map[string]func(*Limits){
		"max sessions":             func(l *Limits) { l.MaxSessions = 0 },
		"max pending":              func(l *Limits) { l.MaxPending = 4095 },
		"slow consumer":            func(l *Limits) { l.SlowConsumer = 0 },
		"frame timeout":            func(l *Limits) { l.FrameTimeout = 0 },
		"hello timeout":            func(l *Limits) { l.HelloTimeout = 0 },
		"ping interval":            func(l *Limits) { l.PingInterval = 0 },
		"dead after":               func(l *Limits) { l.DeadAfter = l.PingInterval },
		"idle timeout":             func(l *Limits) { l.IdleTimeout = -1 },
		"unknown per minute":       func(l *Limits) { l.UnknownPerMinute = -1 },
		"malformed per minute":     func(l *Limits) { l.MalformedPerMinute = -1 },
		"bad positions per minute": func(l *Limits) { l.BadPositionsPerMinute = -1 },
		"too fast per minute":      func(l *Limits) { l.TooFastPerMinute = -1 },
		"message rate":             func(l *Limits) { l.MessageRate = math.Inf(1) },
		"message burst":            func(l *Limits) { l.MessageBurst = 0 },
		"gesture rate":             func(l *Limits) { l.GestureRate = -1 },
		"gesture burst":            func(l *Limits) { l.GestureBurst = 0 },
		"ping rate":                func(l *Limits) { l.PingRate = math.NaN() },
		"ping burst":               func(l *Limits) { l.PingBurst = 0 },
		"chat bytes":               func(l *Limits) { l.ChatBytes = 0 },
		"chat rate":                func(l *Limits) { l.ChatRate = math.NaN() },
		"chat burst":               func(l *Limits) { l.ChatBurst = 0 },
		"chat strikes":             func(l *Limits) { l.ChatStrikes = -1 },
		"mute for":                 func(l *Limits) { l.MuteFor = -1 },
	} {
		l := DefaultLimits()
		spoil(&l)
		err := l.Check()
		if !errors.Is(err, ErrLimits) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewRegistry(Config{Limits: l}); !errors.Is(err, ErrLimits) {
			t.Errorf("%s: the registry says %v", name, err)
		}
	}
	if n := reflect.TypeFor[Limits]().NumField(); n != 23 {
		t.Errorf("there are %d limits; is each of them tested?", n)
	}
}

func TestEveryImpossibleLimitIsNamed(t *testing.T) {
	err := Limits{}.Check()
	for _, name := range []string{"max sessions", "max pending", "slow consumer", "dead after", "chat bytes"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q is missing in %q", name, err)
		}
	}
}

func TestTally(t *testing.T) {
	start := time.Unix(1000, 0)
	var count tally
	for i := range 3 {
		if count.exceeds(3, start.Add(time.Duration(i)*time.Second)) {
			t.Errorf("count %d is too many", i+1)
		}
	}
	if !count.exceeds(3, start.Add(59*time.Second)) {
		t.Error("the fourth within a minute is forgiven")
	}
	if count.exceeds(3, start.Add(60*time.Second)) {
		t.Error("the first of the next minute is one too many")
	}
	for range 1000 {
		if count.exceeds(0, start) {
			t.Fatal("limit 0 is not without limit")
		}
	}
}
