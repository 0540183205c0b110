package player

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// sweepEvery is the time from one sweep to the next: how much later than its limit a dead client is found.
const sweepEvery = time.Second

// Registry holds all sessions of a server. Its methods may be called by anybody; Sweep by one goroutine at a time.
type Registry struct {
	cfg atomic.Pointer[Config] // of the sessions that begin; those before it keep theirs

	mu       sync.Mutex
	sessions map[*Session]struct{}
	closing  CloseReason   // why no more are let in, or Open
	gone     chan struct{} // closed when closing and the last session has gone

	swept []*Session // the sweep's; its memory is used again
}

// NewRegistry returns a registry without sessions. The error wraps ErrLimits.
func NewRegistry(cfg Config) (*Registry, error) {
	if err := cfg.Limits.Check(); err != nil {
		return nil, err
	}
	cfg.people = newPeople()
	cfg.tickets = newTickets(cfg.Native.ResumeWindow, cfg.Limits.MaxSessions)
	r := &Registry{sessions: make(map[*Session]struct{}), gone: make(chan struct{})}
	r.cfg.Store(&cfg)
	return r, nil
}

// Configure holds the sessions that begin from now on to other limits, and tells those of the native dialect something else. One
// goroutine at a time may call it. The error wraps ErrLimits.
func (r *Registry) Configure(limits Limits, told NativeConfig) error {
	if err := limits.Check(); err != nil {
		return err
	}
	cfg := *r.config()
	cfg.Limits, cfg.Native = limits, told
	r.cfg.Store(&cfg)
	return nil
}

// config is what sessions share that begin now.
func (r *Registry) config() *Config { return r.cfg.Load() }

// Accept begins the session of a connection of the classic dialect; it is a wire.Accept. Where there is no room, or the server
// is shutting down, the client is told so.
func (r *Registry) Accept(conn wire.Conn) (read func() (more bool)) { return r.begin(conn, Classic) }

// AcceptNative is Accept for the native dialect.
func (r *Registry) AcceptNative(conn wire.Conn) (read func() (more bool)) {
	return r.begin(conn, Native)
}

// begin begins the session of a connection.
func (r *Registry) begin(conn wire.Conn, dialect Dialect) (read func() (more bool)) {
	s := newSession(r.config(), conn, dialect)
	s.endIf(r.add(s))
	_ = s.judge(s.Person(), time.Now()) // who is banned is told by the close
	s.start()
	return func() (more bool) {
		if s.read() {
			return true
		}
		s.finish()
		r.remove(s)
		return false
	}
}

// add takes a session in, or says why not.
func (r *Registry) add(s *Session) CloseReason {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing != Open {
		return r.closing
	}
	if s.dialect == Classic && r.config().Auth.AccountsOnly {
		return Unauthenticated // it can only be a guest
	}
	if len(r.sessions) >= r.config().Limits.MaxSessions {
		return TooManyConnections
	}
	r.sessions[s] = struct{}{}
	return Open
}

// remove lets a session go.
func (r *Registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, here := r.sessions[s]; !here {
		return
	}
	delete(r.sessions, s)
	r.announce()
}

// announce tells Wait if all have gone. The registry is locked.
func (r *Registry) announce() {
	if r.closing != Open && len(r.sessions) == 0 {
		close(r.gone)
	}
}

// CloseAll ends all sessions for a reason and lets nobody in from now on. Only the first call counts. It does not wait
// for the sessions to go.
func (r *Registry) CloseAll(reason CloseReason) {
	r.mu.Lock()
	if r.closing != Open {
		r.mu.Unlock()
		return
	}
	r.closing = reason
	r.announce()
	all := r.all(nil)
	r.mu.Unlock()
	for _, s := range all {
		s.Close(reason)
	}
	r.config().tickets.close()
}

// Wait waits, after CloseAll, until all sessions have gone. When ctx ends before, it cuts the connections of the rest
// and returns an error that wraps ctx's.
func (r *Registry) Wait(ctx context.Context) error {
	select {
	case <-r.gone:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	rest := r.all(nil)
	r.mu.Unlock()
	for _, s := range rest {
		_ = s.conn.Close() // whoever reads sees the end of it
	}
	return fmt.Errorf("%d sessions were cut: %w", len(rest), ctx.Err())
}

// all appends all sessions. The registry is locked.
func (r *Registry) all(dst []*Session) []*Session {
	for s := range r.sessions {
		dst = append(dst, s)
	}
	return dst
}

// Snapshot returns the statistics of all sessions.
func (r *Registry) Snapshot() *Snapshot {
	s := r.config().Stats.Snapshot()
	s.Detached = r.config().tickets.detached()
	return s
}

// Run sweeps once a second until ctx ends.
func (r *Registry) Run(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			r.Sweep(now)
		}
	}
}

// Sweep looks at each session once: it ends those that are dead, dawdle or do not read, and pings those that are
// silent. Players who have not resumed in time leave.
func (r *Registry) Sweep(now time.Time) {
	r.config().tickets.expire(now)
	r.mu.Lock()
	r.swept = r.all(r.swept[:0])
	r.mu.Unlock()
	for _, s := range r.swept {
		s.guard(func() { s.sweep(now) })
	}
	clear(r.swept) // let go of the sessions
}

// ping asks the client for a sign of life, by the transport's own ping where it has one.
func (s *Session) ping(now time.Time, transport bool) {
	if transport {
		s.endIf(s.outbox.sendPing(now))
		return
	}
	s.reply(native.IDPing, &nativepb.Ping{})
}

// sweep ends a session that is dead, dawdles or does not read, and pings one that is silent.
func (s *Session) sweep(now time.Time) {
	if s.CloseReason() != Open {
		return
	}
	limits := &s.cfg.Limits
	activity := s.conn.Activity()
	silent := now.Sub(activity.LastHeard)
	pings := activity.Pings || s.dialect == Native
	switch {
	case s.outbox.deadFor(now) >= sweepEvery:
		s.Close(PeerLeft)
	case s.outdated(now):
		s.Close(TokenExpired)
	case s.waiting.Load() && now.Sub(s.began) >= limits.HelloTimeout:
		s.Close(HelloTimeout)
	case !activity.FrameSince.IsZero() && now.Sub(activity.FrameSince) >= limits.FrameTimeout:
		s.Close(FrameTimeout)
	case pings && silent >= limits.DeadAfter:
		s.Close(Heartbeat)
	case pings && silent >= limits.PingInterval && now.Sub(s.pinged) >= limits.PingInterval:
		s.pinged = now
		s.ping(now, activity.Pings)
	case !pings && limits.IdleTimeout > 0 && silent >= limits.IdleTimeout:
		s.Close(Heartbeat)
	}
	// A session that is in no world is sampled by nobody else; to the others it makes no difference.
	_, end := s.outbox.sample(now)
	s.endIf(end)
}
