package player

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Config is what all sessions of a server share. It is not changed once a session runs.
type Config struct {
	Limits   Limits
	Handlers *Handlers
	Stats    *Stats
	Log      *slog.Logger
	// Native is for sessions of the native dialect.
	Native NativeConfig
	// Auth says who may play.
	Auth AuthConfig
	// Sanctions, unless nil, says who may not, and who may not speak.
	Sanctions Sanctions
	// Busy, unless nil, reports whether the server has too much to do to let anybody new in. Anybody may call it; it must not
	// wait.
	Busy func() bool
	// LoggedIn, unless nil, is told of each login, whatever became of it. It is called while a session is read, which may be in a
	// tick: it must not wait.
	LoggedIn func(LoginReport)

	tickets *tickets
	people  *people
}

// Session is one client for as long as it is connected. Whoever reads its connection - a goroutine of its own, or the one that
// reads all connections - does everything that the client asks for; the world's goroutine and the registry's sweep look in.
// Every session comes to Close, and then reading ends.
type Session struct {
	// What each message and each frame touch is one line of the processor's cache, and the beginning of the outbox another one.
	cfg        *Config
	conn       wire.Conn
	attachment atomic.Pointer[world.Attachment]
	speaker    *speaker      // nil in the classic dialect; the reader's
	state      atomic.Uint32 // a State
	reason     atomic.Uint32 // a CloseReason; set once
	detached   atomic.Bool   // the connection is lost, and the player stays
	waiting    atomic.Bool   // for a Hello
	free       int32         // messages that may come before they are charged, a lot at once; the reader's
	dialect    Dialect
	begun      bool // it was let in; the reader's

	// Anybody's, at any time.
	outbox     outbox
	began      time.Time
	mu         sync.Mutex
	properties map[any]any // guarded by mu; nil until the first Set

	// The reader's.
	unknown, malformed tally
	pacing             *pacing // nil until the first message that is charged
	chatter            *chatter

	// The goroutine's of the session's world.
	badPositions, tooFast tally

	// The sweep's.
	pinged time.Time
}

// newSession returns the session of a connection. It counts as opened; start must follow, read until that reports false, and
// finish.
func newSession(cfg *Config, conn wire.Conn, dialect Dialect) *Session {
	s := &Session{cfg: cfg, conn: conn, dialect: dialect, began: time.Now()}
	if dialect == Native {
		s.speaker = &speaker{}
		s.waiting.Store(true)
	}
	s.outbox = newOutbox(conn, &cfg.Limits, cfg.Stats)
	cfg.Stats.open(dialect, conn.Transport())
	return s
}

// start begins the session. One that was closed before only lingers, so that the client can read why.
func (s *Session) start() {
	s.conn.OnControl(func(b []byte) { s.endIf(s.outbox.control(b, time.Now())) })
	if s.begun = s.CloseReason() == Open; !s.begun {
		return
	}
	for _, hook := range s.cfg.Handlers.start {
		s.guard(func() { hook(s) })
	}
	if s.dialect == Classic && s.admit() == nil {
		s.enter()
	}
}

// finish lets go of the connection once nothing comes any more.
func (s *Session) finish() {
	reason := s.CloseReason()
	if s.begun {
		for _, hook := range s.cfg.Handlers.stop {
			s.guard(func() { hook(s, reason) })
		}
	}
	_ = s.conn.Close() // there is nothing left to do about a failure
	s.cfg.Stats.close(reason, s.dialect, s.conn.Transport())
	s.cfg.Log.Debug("session closed", "remote", s.RemoteAddr(), "player", s.Player(), "reason", reason.String())
}

// admit ends the session of somebody new while the server has too much to do; the error is ErrBusy then.
func (s *Session) admit() error {
	if s.cfg.Busy == nil || !s.cfg.Busy() {
		return nil
	}
	s.cfg.Stats.busy.Add(1)
	s.Close(TooManyConnections)
	return ErrBusy
}

// enter lets the session into a world.
func (s *Session) enter() {
	for _, hook := range s.cfg.Handlers.enter {
		s.guard(func() { hook(s) })
	}
}

// read takes in the messages that have arrived and reports whether more may come. After the session's end what still comes is
// discarded, until the connection says that the peer has had time to read why.
func (s *Session) read() (more bool) {
	s.guard(func() { more = s.takeIn() })
	return more
}

// takeIn is read without its guard.
func (s *Session) takeIn() (more bool) {
	for {
		frame, err := s.conn.Next()
		switch ended := s.CloseReason() != Open; {
		case err == wire.ErrNothing:
			return true
		case err != nil && ended:
			return false
		case err != nil:
			s.Close(reasonOf(err, s.Transport()))
		case !ended:
			s.cfg.Stats.receive(frame)
			s.guard(func() { s.handle(frame) })
		}
	}
}

// handle acts on one message.
func (s *Session) handle(frame wire.Frame) {
	err := s.charge(frame.ID)
	if err == nil {
		err = s.cfg.Handlers.dispatch(s, frame)
	}
	if err != nil {
		s.refuse(err, frame.ID, time.Now())
	}
}

// guard does a session's work and lets a panic in it end this session alone.
func (s *Session) guard(work func()) {
	defer func() {
		if fault := recover(); fault != nil {
			s.fail(fmt.Sprint(fault), "stack", string(debug.Stack()))
		}
	}()
	work()
}

// fail ends the session as Internal, under a random incident id that the client and the log are both told; more is what
// else the log is told.
func (s *Session) fail(fault string, more ...any) { s.failAs(rand.Text()[:12], fault, more...) }

// failAs is fail under an incident that the log knows already.
func (s *Session) failAs(incident, fault string, more ...any) {
	facts := []any{"incident", incident, "fault", fault, "remote", s.RemoteAddr(), "player", s.Player()}
	s.cfg.Log.Error("session failed", append(facts, more...)...)
	s.end(Internal, Internal.Text()+", incident "+incident, 0)
}

// Close ends the session: it leaves its world, the client is told why where the transport can, and nothing is sent
// after that. Only the first call counts. Anybody may call it; it does not wait for the client.
func (s *Session) Close(reason CloseReason) {
	after := reason.comeBack()
	s.end(reason, withComeBack(reason.Text(), after), after)
}

// end is Close in words of one's own, that say after how long the client should come back; 0 is as it likes.
// It reports whether it was the first.
func (s *Session) end(reason CloseReason, text string, after time.Duration) bool {
	if !s.reason.CompareAndSwap(uint32(Open), uint32(reason)) {
		return false
	}
	s.advance(Leaving)
	if a := s.attachment.Load(); a != nil {
		s.release(a, reason)
	} else {
		s.giveUp()
	}
	s.outbox.close(reason, text, time.Now(), s.farewell(reason, text, after)...)
	return true
}

// release lets go of the session's player: it leaves its world, unless its client may resume, or another session goes on as
// it.
func (s *Session) release(a *world.Attachment, reason CloseReason) {
	if s.dialect == Native {
		if reason.resumable() && s.cfg.tickets.detach(s, a, time.Now()) {
			s.detached.Store(true)
			return
		}
		if !s.cfg.tickets.revoke(s) {
			return
		}
	}
	s.depart(a)
}

// expel ends the session for good: a player without a connection leaves, too.
func (s *Session) expel(reason CloseReason) { s.oust(reason, reason.Text(), 0) }

// oust is expel in words of one's own. It reports whether that has ended anything. A session that somebody else is ending now
// may be about to leave its player in the world: that comes to nothing once its ticket, or the one that it is to get, is
// worthless. Who ends it for good has the player leave in any case, and has reported so.
func (s *Session) oust(reason CloseReason, text string, after time.Duration) bool {
	if s.end(reason, text, after) {
		return true
	}
	if s.speaker == nil || !s.cfg.tickets.revoke(s) {
		return false
	}
	a := s.attachment.Load()
	return a != nil && s.depart(a) && s.CloseReason().resumable()
}

// endIf ends the session unless reason is Open. That nothing can be written any more does not end it yet: what the client said
// last, such as a goodbye, may be unread still. The reader comes to the end by itself; if it does not, the sweep sees to it.
func (s *Session) endIf(reason CloseReason) {
	if reason != Open && reason != PeerLeft {
		s.Close(reason)
	}
}

// sample returns whether the session can take a packet, ends it if it could not for too long, and keeps its state in
// step.
func (s *Session) sample(now time.Time) (state press.State) {
	s.guard(func() {
		ready, end := s.outbox.sample(now)
		s.endIf(end)
		state = ready
	})
	if s.detached.Load() {
		return press.Busy
	}
	switch state {
	case press.Ready:
		s.advance(Active)
	case press.Busy:
		s.advance(Lagging)
		s.outbox.miss()
	}
	return state
}

// deliver sends a packet of the world that the session entered as from.
func (s *Session) deliver(from *world.Attachment, p wire.Packet, now time.Time) {
	s.guard(func() { s.endIf(s.outbox.deliver(from, p, now)) })
}

// attach makes a way into a world the session's own. A session that has ended meanwhile leaves at once.
func (s *Session) attach(a *world.Attachment) {
	s.outbox.attach(a)
	s.attachment.Store(a)
	if reason := s.CloseReason(); reason != Open {
		s.release(a, reason)
	}
}

// move asks the session's world for a new position, under a number of the client's, or 0. Before the session is in a world it
// does nothing. The world answers an impossible position by the true one.
func (s *Session) move(to world.Position, sequence uint32) {
	if a := s.attachment.Load(); a != nil {
		a.Move(to, sequence)
	}
}

// Act asks the session's world for a command of a game: how a game's handler reaches the world. Before the session is in a
// world it does nothing. The error is world.ErrActBusy; a handler returns it so that it is counted.
func (s *Session) Act(c world.Command) error {
	if a := s.attachment.Load(); a != nil {
		return a.Act(c)
	}
	return nil
}

// Player returns the id of the session's player, or 0 before it entered a world.
func (s *Session) Player() world.ID {
	if a := s.attachment.Load(); a != nil {
		return a.Player()
	}
	return 0
}

// State returns where the session stands in its life.
func (s *Session) State() State { return State(s.state.Load()) }

// CloseReason returns why the session has ended, or Open.
func (s *Session) CloseReason() CloseReason { return CloseReason(s.reason.Load()) }

// RemoteAddr returns the client's address.
func (s *Session) RemoteAddr() netip.AddrPort { return s.conn.RemoteAddr() }

// Transport returns how the client is connected.
func (s *Session) Transport() wire.Transport { return s.conn.Transport() }

// Set keeps a value with the session under a key; to keep packages apart, the key should be of an unexported type.
func (s *Session) Set(key, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.properties == nil {
		s.properties = make(map[any]any)
	}
	s.properties[key] = value
}

// Get returns the value that was set under a key, and whether there is one.
func (s *Session) Get(key any) (value any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok = s.properties[key]
	return value, ok
}

// Delete forgets the value that was set under a key.
func (s *Session) Delete(key any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.properties, key)
}
