package player

import (
	"math"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
	"aoiworld/view/press"
)

// Transport is how a client is connected, for whoever reads a Snapshot and need not know the wire.
type Transport = wire.Transport

// Stats counts what all sessions and audiences of a server do. The zero value is ready. Everybody may count at any
// time.
type Stats struct {
	sessions [Dialects]population
	refused  [Refusals]atomic.Uint64

	messages, bytesReceived                           atomic.Uint64
	frames, missed, composed, updates, bytesSent, lag atomic.Uint64
	resumed, busy                                     atomic.Uint64
	logins                                            [Logins]atomic.Uint64

	crowds [Dialects]crowdStats
}

// population counts the sessions of one dialect.
type population struct {
	live   [States][wire.Transports]atomic.Int64
	opened [wire.Transports]atomic.Uint64
	closed [CloseReasons][wire.Transports]atomic.Uint64
}

// crowdStats counts what one dialect's viewers are told of crowds.
type crowdStats struct {
	crowded, bound atomic.Int64
	lack           atomic.Uint64 // the bits of what they are given less than all of their budget
	far, near      atomic.Uint64
}

// CrowdStats is what one dialect's viewers are told of crowds.
type CrowdStats struct {
	// Crowded is how many streams or cells are crowded now, Share which part of the budget they are given.
	Crowded int64
	Share   float64
	// Bound is within how much time everybody in a crowd is told of now who is not where its viewers think.
	Bound time.Duration
	// FarBytes and NearBytes count what frames had to tell of crowds: of some to all, and of all to who is near.
	FarBytes, NearBytes uint64
}

// Population is how many sessions there are and were.
type Population struct {
	// Sessions live now, by state and transport.
	Sessions [States][wire.Transports]int64
	// Opened counts the sessions that ever began. Opened less the sum of Closed is the sum of Sessions.
	Opened [wire.Transports]uint64
	Closed [CloseReasons][wire.Transports]uint64
}

// Snapshot is what Stats had counted when it was taken.
type Snapshot struct {
	// Population is of all sessions, Speaking of those of a dialect.
	Population
	Speaking [Dialects]Population
	// Refused counts what sessions sent and what was not passed on, by the reason.
	Refused [Refusals]uint64
	// Messages and BytesReceived count the whole frames that came in.
	Messages, BytesReceived uint64
	// Frames counts the frames handed to viewers, Composed the different ones among them, Updates the records about
	// players in all of the former, BytesSent what the kernel took, control messages and WebSocket headers included.
	Frames, Composed, Updates, BytesSent uint64
	// Missed counts the ticks that viewers were not shown, each by itself, because they lagged or had no connection.
	Missed uint64
	// Lagged counts how often a session began to lag, Resumed how often one went on as a player that was there already.
	Lagged, Resumed uint64
	// Busy counts the sessions that were refused because the server had too much to do.
	Busy uint64
	// Logins counts the logins by what became of them.
	Logins [Logins]uint64
	// Detached is how many players are in their world without a connection, for as long as they may resume. The Registry
	// knows it; a Stats alone does not.
	Detached int
	// Crowds are by dialect.
	Crowds [Dialects]CrowdStats
}

// Live returns the number of sessions.
func (p *Population) Live() (n int64) {
	for state := range p.Sessions {
		n += p.InState(State(state))
	}
	return n
}

// InState returns the number of sessions in a state.
func (p *Population) InState(state State) (n int64) {
	for _, count := range p.Sessions[state] {
		n += count
	}
	return n
}

// Snapshot returns the counts. They are read one after the other, so that sums over a busy server may be off by what
// happened in between.
func (s *Stats) Snapshot() *Snapshot {
	all := &Snapshot{
		Messages: s.messages.Load(), BytesReceived: s.bytesReceived.Load(),
		Frames: s.frames.Load(), Missed: s.missed.Load(), Composed: s.composed.Load(), Updates: s.updates.Load(),
		BytesSent: s.bytesSent.Load(), Lagged: s.lag.Load(),
		Resumed: s.resumed.Load(), Busy: s.busy.Load(),
	}
	for d := range Dialects {
		all.Speaking[d] = s.sessions[d].count()
		all.add(&all.Speaking[d])
	}
	for r := range Refusals {
		all.Refused[r] = s.refused[r].Load()
	}
	for l := range Logins {
		all.Logins[l] = s.logins[l].Load()
	}
	for d := range Dialects {
		c := &s.crowds[d]
		all.Crowds[d] = CrowdStats{
			Crowded: c.crowded.Load(), Share: 1 - math.Float64frombits(c.lack.Load()), Bound: time.Duration(c.bound.Load()),
			FarBytes: c.far.Load(), NearBytes: c.near.Load(),
		}
	}
	return all
}

// count returns the counts.
func (p *population) count() (all Population) {
	for t := range wire.Transports {
		all.Opened[t] = p.opened[t].Load()
		for state := range States {
			all.Sessions[state][t] = p.live[state][t].Load()
		}
		for reason := range CloseReasons {
			all.Closed[reason][t] = p.closed[reason][t].Load()
		}
	}
	return all
}

// add adds others.
func (p *Population) add(others *Population) {
	for t := range wire.Transports {
		p.Opened[t] += others.Opened[t]
		for state := range States {
			p.Sessions[state][t] += others.Sessions[state][t]
		}
		for reason := range CloseReasons {
			p.Closed[reason][t] += others.Closed[reason][t]
		}
	}
}

// told takes in what a dialect's viewers were told of crowds in a tick.
func (s *Stats) told(d Dialect, of press.Crowds) {
	c := &s.crowds[d]
	c.crowded.Store(int64(of.Crowded))
	c.bound.Store(int64(of.Bound))
	c.lack.Store(math.Float64bits(1 - of.Share))
	c.far.Add(uint64(of.Far))
	c.near.Add(uint64(of.Near))
}

// open counts a session that begins.
func (s *Stats) open(d Dialect, t wire.Transport) {
	s.sessions[d].live[Connecting][t].Add(1)
	s.sessions[d].opened[t].Add(1)
}

// moved counts a session that went from one state to another.
func (s *Stats) moved(from, to State, d Dialect, t wire.Transport) {
	s.sessions[d].live[from][t].Add(-1)
	s.sessions[d].live[to][t].Add(1)
	if to == Lagging {
		s.lag.Add(1)
	}
}

// close counts a session that is gone; it was Leaving.
func (s *Stats) close(reason CloseReason, d Dialect, t wire.Transport) {
	s.sessions[d].live[Leaving][t].Add(-1)
	s.sessions[d].closed[reason][t].Add(1)
}

// receive counts a frame that came in.
func (s *Stats) receive(f wire.Frame) {
	s.messages.Add(1)
	s.bytesReceived.Add(uint64(wire.HeaderSize + len(f.Payload)))
}
