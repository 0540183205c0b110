package bot

import (
	"fmt"
	"sync/atomic"
)

// sends is how the bots themselves do. The pacer counts; whoever looks in from outside may read at any time.
type sends struct {
	lateness *recorder    // how late, of every move that was due
	late     atomic.Int64 // moves sent more than lateAfter after they were due
	skipped  atomic.Int64 // moves given up because the pacer was too far behind
	blocked  atomic.Int64 // moves that the connection did not take
}

// newSends returns what has counted nothing.
func newSends() *sends { return &sends{lateness: newRecorder()} }

// reset forgets everything.
func (s *sends) reset() {
	s.lateness.reset()
	s.late.Store(0)
	s.skipped.Store(0)
	s.blocked.Store(0)
}

// What the bots themselves may get wrong before the figures of a run are not to be trusted.
const (
	maxLatePart    = 0.001 // of the moves, sent more than lateAfter after they were due
	maxLatenessP99 = 10    // milliseconds
)

// doubts says why the figures of a run may be those of the bots and not of the server. It is empty, never nil, where
// there is no doubt.
func (s *sends) doubts() []string {
	doubts := []string{}
	doubt := func(is bool, format string, values ...any) {
		if is {
			doubts = append(doubts, fmt.Sprintf(format, values...))
		}
	}
	late, skipped, blocked := s.late.Load(), s.skipped.Load(), s.blocked.Load()
	p99, count := s.lateness.p99()
	doubt(float64(late) > maxLatePart*float64(count), "%d of %d moves were sent late by the bots themselves", late, count)
	doubt(skipped > 0, "%d moves were skipped, for the bots were a second behind", skipped)
	doubt(blocked > 0, "%d moves did not fit into their connections", blocked)
	doubt(p99 > maxLatenessP99, "the bots sent up to %.1f ms late (p99)", p99)
	return doubts
}
