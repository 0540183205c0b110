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

// allow charges one to a limiter, and reports whether there was one left. A rate of 0 is no limit.
func allow(limiter **rate.Limiter, perSecond float64, burst int, now time.Time) bool {
	if perSecond == 0 {
		return true
	}
	if *limiter == nil {
		*limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
	}
	return (*limiter).AllowN(now, 1)
}

// charge counts a message and returns ErrRate if it is one too many, of all or of its kind. Moves never are: the last one of a
// tick counts, so that more of them cost the world nothing. Whoever floods is closed.
func (s *Session) charge(id uint32, now time.Time) error {
	l, p := &s.cfg.Limits, s.pacing
	if p == nil {
		p = &pacing{}
		s.pacing = p
	}
	if !allow(&p.all, floodFactor*l.MessageRate, floodFactor*l.MessageBurst, now) {
		s.Close(Flood)
		return ErrRate
	}
	switch {
	case id == moveID[s.dialect]:
		return nil
	case !allow(&p.others, l.MessageRate, l.MessageBurst, now),
		s.dialect == Native && id == native.IDGesture && !allow(&p.gestures, l.GestureRate, l.GestureBurst, now),
		s.dialect == Native && id == native.IDPing && !allow(&p.pings, l.PingRate, l.PingBurst, now):
		return ErrRate
	}
	return nil
}

// moveID is the id of a move in each dialect.
var moveID = [Dialects]uint32{Classic: classic.IDPosition, Native: native.IDMove}
