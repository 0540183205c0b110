package player

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrLimits is wrapped by every error that says which limit is impossible.
var ErrLimits = errors.New("impossible limit")

// Limits bounds what a session may cost. DefaultLimits returns the values that the comments name.
type Limits struct {
	// MaxSessions is how many sessions live at once, 10,000. More are refused as TooManyConnections. At least 1.
	MaxSessions int
	// MaxPending is how much a session keeps of what its connection did not take (bytes), 128 KiB. It must hold the
	// largest frame with its transport's header. At least 4 KiB.
	MaxPending int
	// SlowConsumer is how long a frame may stay unfinished in the outbox, 5 s, before the session ends. Above 0.
	SlowConsumer time.Duration
	// FrameTimeout is how long a frame may stay unfinished on its way in, 10 s from its first byte. Above 0.
	FrameTimeout time.Duration
	// HelloTimeout is how long a client of the native dialect may take to say Hello, 5 s. Above 0.
	HelloTimeout time.Duration
	// PingInterval is after how much silence a client is pinged, over WebSocket or in the native dialect, 15 s. Above 0.
	PingInterval time.Duration
	// DeadAfter is after how much silence such a client is given up, 40 s. Above PingInterval.
	DeadAfter time.Duration
	// IdleTimeout is after how much silence a client is given up whose transport has no pings; 0, the default, is
	// never: the kernel's keep-alive finds the dead ones.
	IdleTimeout time.Duration

	// UnknownPerMinute is how many messages of unknown or server-only ids are forgiven in a minute, 20. 0 is any
	// number.
	UnknownPerMinute int
	// MalformedPerMinute is how many messages that cannot be parsed are forgiven in a minute, 5. 0 is any number.
	MalformedPerMinute int
	// BadPositionsPerMinute is in how many ticks of a minute moves to impossible places are forgiven, 10. 0 is any
	// number.
	BadPositionsPerMinute int
	// TooFastPerMinute is in how many ticks of a minute too fast moves are forgiven, 30. 0 is any number.
	TooFastPerMinute int

	// MessageRate is how many messages a second a session may send, 30, and MessageBurst how many at once, 60. Moves do not
	// count, but ten times as many messages, moves among them, end the session as Flood. Rate 0 is any number.
	MessageRate  float64
	MessageBurst int

	// GestureRate is how many gestures a second a session may make, which everybody near is shown, 5, and GestureBurst how
	// many at once, 10. Rate 0 is no limit but MessageRate.
	GestureRate  float64
	GestureBurst int
	// PingRate is how many pings a second of a session are answered, 5, and PingBurst how many at once, 10. Rate 0 is no limit
	// but MessageRate.
	PingRate  float64
	PingBurst int

	// ChatBytes is the longest chat text, 256 bytes. At least 1.
	ChatBytes int
	// ChatRate is how many chats a second a session may send, 1, and ChatBurst how many at once, 5. Rate 0 is any
	// number.
	ChatRate  float64
	ChatBurst int
	// ChatStrikes is which excess over the rate within a minute mutes the session, the 3rd. 0 is none.
	ChatStrikes int
	// MuteFor is how long a muted session stays so, 30 s.
	MuteFor time.Duration
}

// DefaultLimits returns the limits that the comments of Limits name.
func DefaultLimits() Limits {
	return Limits{
		MaxSessions:           10_000,
		MaxPending:            128 << 10,
		SlowConsumer:          5 * time.Second,
		FrameTimeout:          10 * time.Second,
		HelloTimeout:          5 * time.Second,
		PingInterval:          15 * time.Second,
		DeadAfter:             40 * time.Second,
		UnknownPerMinute:      20,
		MalformedPerMinute:    5,
		BadPositionsPerMinute: 10,
		TooFastPerMinute:      30,
		MessageRate:           30,
		MessageBurst:          60,
		GestureRate:           5,
		GestureBurst:          10,
		PingRate:              5,
		PingBurst:             10,
		ChatBytes:             256,
		ChatRate:              1,
		ChatBurst:             5,
		ChatStrikes:           3,
		MuteFor:               30 * time.Second,
	}
}

// minPending is the least MaxPending (bytes): the least frame that a view can be told to keep to, and a margin.
const minPending = 4 << 10

// Check returns every limit that is impossible, joined; each error wraps ErrLimits.
func (l Limits) Check() error {
	return errors.Join(
		require(l.MaxSessions >= 1, "max sessions", l.MaxSessions),
		require(l.MaxPending >= minPending, "max pending", l.MaxPending),
		require(l.SlowConsumer > 0, "slow consumer", l.SlowConsumer),
		require(l.FrameTimeout > 0, "frame timeout", l.FrameTimeout),
		require(l.HelloTimeout > 0, "hello timeout", l.HelloTimeout),
		require(l.PingInterval > 0, "ping interval", l.PingInterval),
		require(l.DeadAfter > l.PingInterval, "dead after", l.DeadAfter),
		require(l.IdleTimeout >= 0, "idle timeout", l.IdleTimeout),
		require(l.UnknownPerMinute >= 0, "unknown per minute", l.UnknownPerMinute),
		require(l.MalformedPerMinute >= 0, "malformed per minute", l.MalformedPerMinute),
		require(l.BadPositionsPerMinute >= 0, "bad positions per minute", l.BadPositionsPerMinute),
		require(l.TooFastPerMinute >= 0, "too fast per minute", l.TooFastPerMinute),
		require(l.MessageRate >= 0 && l.MessageRate < math.Inf(1), "message rate", l.MessageRate),
		require(l.MessageBurst >= 1 || l.MessageRate == 0, "message burst", l.MessageBurst),
		require(l.GestureRate >= 0 && l.GestureRate < math.Inf(1), "gesture rate", l.GestureRate),
		require(l.GestureBurst >= 1 || l.GestureRate == 0, "gesture burst", l.GestureBurst),
		require(l.PingRate >= 0 && l.PingRate < math.Inf(1), "ping rate", l.PingRate),
		require(l.PingBurst >= 1 || l.PingRate == 0, "ping burst", l.PingBurst),
		require(l.ChatBytes >= 1, "chat bytes", l.ChatBytes),
		require(l.ChatRate >= 0 && l.ChatRate < math.Inf(1), "chat rate", l.ChatRate),
		require(l.ChatBurst >= 1 || l.ChatRate == 0, "chat burst", l.ChatBurst),
		require(l.ChatStrikes >= 0, "chat strikes", l.ChatStrikes),
		require(l.MuteFor >= 0, "mute for", l.MuteFor),
	)
}

// require returns an error about a limit unless it is possible.
func require(possible bool, name string, value any) error {
	if possible {
		return nil
	}
	return fmt.Errorf("%w: %s %v", ErrLimits, name, value)
}

// tally counts within a minute that begins with the first count. It belongs to whoever owns the struct that it is in.
type tally struct {
	since time.Time
	count int
}

// add counts one more and returns how many there were in this minute.
func (t *tally) add(now time.Time) int {
	if now.Sub(t.since) >= time.Minute {
		t.since, t.count = now, 0
	}
	t.count++
	return t.count
}

// exceeds counts one more and reports whether that is beyond limit in this minute; a limit of 0 is none.
func (t *tally) exceeds(limit int, now time.Time) bool { return t.add(now) > limit && limit > 0 }
