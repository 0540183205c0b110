package player

import (
	"time"

	"golang.org/x/time/rate"

	"aoiworld/net/classic"
	"aoiworld/net/native"
)

// floodFactor is how many times as many messages as are allowed end a session, moves among them: nobody sends so many by
// mistake.
const floodFactor = 10

// pacing is how many messages a session may send still. It belongs to the session's reader. What is nil was never asked for.
type pacing struct {
	all      *rate.Limiter // messages of any kind
	others   *rate.Limiter // those that are no moves
	gestures *rate.Limiter
	pings    *rate.Limiter
}

// Messages of any kind are charged a lot at a time, so that the limiter need not be looked at for each. A burst is so many lots,
// and a lot so many messages at most.
const (
	lots = 8
	lot  = 16
)

// allow charges n to a limiter, and reports whether there were so many left. A rate of 0 is no limit.
func allow(limiter **rate.Limiter, n int, perSecond float64, burst int, now time.Time) bool {
	if perSecond == 0 {
		return true
	}
	if *limiter == nil {
		*limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
	}
	return (*limiter).AllowN(now, n)
}

// charge counts a message and returns ErrRate if it is one too many, of all or of its kind. Moves never are: the last one of a
// tick counts, so that more of them cost the world nothing. Whoever floods is closed.
func (s *Session) charge(id uint32) error {
	isMove := id == moveID[s.dialect]
	if s.free--; s.free >= 0 && isMove {
		return nil
	}
	if s.pacing == nil {
		s.pacing = &pacing{}
	}
	now := time.Now()
	if s.free < 0 && !s.paysAll(now) {
		s.Close(Flood)
		return ErrRate
	}
	if isMove {
		return nil
	}
	return s.pay(id, now)
}

// paysAll charges the next lot of messages of any kind, this one among them, and reports whether the session had so many left.
func (s *Session) paysAll(now time.Time) bool {
	l := &s.cfg.Limits
	due := max(1, min(lot, floodFactor*l.MessageBurst/lots))
	s.free = int32(due) - 1
	return allow(&s.pacing.all, due, floodFactor*l.MessageRate, floodFactor*l.MessageBurst, now)
}

// pay charges a message that is no move to what its kind may.
func (s *Session) pay(id uint32, now time.Time) error {
	l, p := &s.cfg.Limits, s.pacing
	if !allow(&p.others, 1, l.MessageRate, l.MessageBurst, now) ||
		s.dialect == Native && id == native.IDGesture && !allow(&p.gestures, 1, l.GestureRate, l.GestureBurst, now) ||
		s.dialect == Native && id == native.IDPing && !allow(&p.pings, 1, l.PingRate, l.PingBurst, now) {
		return ErrRate
	}
	return nil
}

// moveID is the id of a move in each dialect.
var moveID = [Dialects]uint32{Classic: classic.IDPosition, Native: native.IDMove}
