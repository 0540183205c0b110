package player

import (
	"time"

	"golang.org/x/time/rate"

	"aoiworld/net/classic"
	"aoiworld/net/native"
)

// floodFactor is how many times as many messages as are allowed end a session, moves among them: nobody sends so many by mistake.
const floodFactor = 10

// pacing is how many messages a session may send still. It belongs to the session's reader.
type pacing struct {
	all    *rate.Limiter // messages of any kind
	others *rate.Limiter // those that are no moves
}

// newPacing returns the pacing of a session that has sent nothing yet.
func newPacing(l *Limits) *pacing {
	return &pacing{
		all:    rate.NewLimiter(floodFactor*rate.Limit(l.MessageRate), floodFactor*l.MessageBurst),
		others: rate.NewLimiter(rate.Limit(l.MessageRate), l.MessageBurst),
	}
}

// charge counts a message and returns ErrRate if it is one too many. Moves never are: the last one of a tick counts, so that more
// of them cost the world nothing. Whoever floods is closed.
func (s *Session) charge(id uint32, now time.Time) error {
	if s.cfg.Limits.MessageRate == 0 {
		return nil
	}
	if s.pacing == nil {
		s.pacing = newPacing(&s.cfg.Limits)
	}
	if !s.pacing.all.AllowN(now, 1) {
		s.Close(Flood)
		return ErrRate
	}
	if id != moveID[s.dialect] && !s.pacing.others.AllowN(now, 1) {
		return ErrRate
	}
	return nil
}

// moveID is the id of a move in each dialect.
var moveID = [Dialects]uint32{Classic: classic.IDPosition, Native: native.IDMove}
