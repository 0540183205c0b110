package player

import (
	"errors"
	"time"

	"aoiworld/auth"
	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// AuthConfig says who may play. The zero value lets guests in, and nobody else.
type AuthConfig struct {
	// AccountsOnly keeps guests out, and with them clients of the classic dialect, who cannot log in.
	AccountsOnly bool
	// Tokens checks access tokens. Nil accepts none.
	Tokens Verifier
}

// Verifier checks a login. It is called while the session that logs in is read, as handlers are: it must not wait.
type Verifier interface {
	// Verify returns who a login says somebody is. The error is auth.ErrExpired, or anything else for a login that is not
	// accepted.
	Verify(login string, now time.Time) (auth.Identity, error)
}

// Login is what became of a login. The set is fixed: it labels metrics.
type Login uint8

// What becomes of logins.
const (
	LoginGuest    Login = iota // a guest was let in
	LoginAccount               // an account was let in as a new player
	LoginReplaced              // an account was let in as its player that was there already
	LoginResumed               // a resume token let somebody go on
	LoginRefused               // not accepted, for whatever reason
	LoginExpired               // out of its time
	LoginName                  // a name that is not to be had
	LoginResume                // a resume token with nothing to resume
	LoginBanned                // of somebody who is banned
	LoginBusy                  // of somebody new, while the server has too much to do
	Logins                     // how many there are
)

// String returns the login's metric label.
func (l Login) String() string {
	return [...]string{
		"guest", "account", "replaced", "resumed", "refused", "expired", "bad_name", "bad_resume", "banned", "busy", "?",
	}[min(l, Logins)]
}

// LoginReport is when a login was what.
type LoginReport struct {
	// Began is when the connection was taken in, Asked when its Hello was read, and Decided when it was known what becomes of it.
	Began, Asked, Decided time.Time
	Result                Login
	Transport             Transport
}

// warnBefore is how long before its end a client is told that its login expires.
const warnBefore = time.Minute

// login lets a session go on as a player, or enter as a new one. Who is not let in is told why, and closed.
func (s *Session) login(m *nativepb.Hello) error {
	asked := time.Now()
	outcome, err := s.judgeLogin(m, asked)
	s.cfg.Stats.logins[outcome].Add(1)
	if told := s.cfg.LoggedIn; told != nil {
		told(LoginReport{Began: s.began, Asked: asked, Decided: time.Now(), Result: outcome, Transport: s.Transport()})
	}
	if err != nil {
		s.complain(refusalOf(err).code(), native.IDHello, time.Now())
		reason := Unauthenticated
		if outcome == LoginExpired {
			reason = TokenExpired
		}
		s.Close(reason)
	}
	return err
}

// judgeLogin is login without the consequences of a refusal.
func (s *Session) judgeLogin(m *nativepb.Hello, now time.Time) (Login, error) {
	switch login := m.Login.(type) {
	case *nativepb.Hello_ResumeToken:
		return s.loginAgain(login.ResumeToken, now)
	case *nativepb.Hello_AccessToken:
		return s.loginAccount(login.AccessToken, now)
	}
	return s.loginGuest(m.GetGuest())
}

// loginGuest lets somebody in whom nobody knows.
func (s *Session) loginGuest(wish string) (Login, error) {
	name, ok := presentable(wish)
	switch {
	case s.cfg.Auth.AccountsOnly:
		return LoginRefused, ErrLogin
	case !ok:
		return LoginName, ErrName
	case s.speaker.hidden:
		return LoginRefused, ErrForbidden
	}
	if err := s.judge(Person{Name: name, Address: s.RemoteAddr().Addr()}, time.Now()); err != nil {
		return LoginBanned, err // the name that it would get may be another one
	}
	return outcome(LoginGuest, s.begin(auth.Identity{}, s.cfg.people.guest(name), true))
}

// outcome returns what became of a login that is of a kind when there is no error.
func outcome(good Login, err error) (Login, error) {
	switch {
	case errors.Is(err, ErrBanned):
		return LoginBanned, err
	case errors.Is(err, ErrBusy):
		return LoginBusy, err
	}
	return good, err
}

// loginAccount lets an account in: as its player, if that is there, whose session before is told that it is replaced, or as a
// new one.
func (s *Session) loginAccount(token string, now time.Time) (Login, error) {
	if s.cfg.Auth.Tokens == nil {
		return LoginRefused, ErrLogin
	}
	who, err := s.cfg.Auth.Tokens.Verify(token, now)
	switch {
	case errors.Is(err, auth.ErrExpired):
		return LoginExpired, ErrExpired
	case err != nil || who.Guest():
		return LoginRefused, ErrLogin
	}
	name, ok := presentable(who.Name)
	switch {
	case !ok:
		return LoginName, ErrName
	case s.speaker.hidden && sightOf(who.Roles) == world.Public:
		return LoginRefused, ErrForbidden
	}
	s.cfg.people.enter(who.Account)
	defer s.cfg.people.leave(who.Account)
	s.speaker.identity.Store(&who) // first: a ban that is not found now finds the session
	if err := s.judge(Person{Account: who.Account, Name: name, Address: s.RemoteAddr().Addr()}, now); err != nil {
		return LoginBanned, err
	}
	before := s.cfg.people.holder(who.Account)
	if before != nil && s.replace(before) {
		return LoginReplaced, nil
	}
	return outcome(LoginAccount, s.begin(who, s.cfg.people.begin(who.Account, name, s), before == nil))
}

// replace lets a session of an account go on as the player of another one, and reports whether it did. If not, that player
// leaves before the account's next one comes.
func (s *Session) replace(before *Session) bool {
	sees := sightOf(s.Identity().Roles)
	if sightOf(before.Identity().Roles) == sees && s.cfg.tickets.takeOver(before, s) {
		if s.speaker.hidden {
			_ = s.Act(intoLayer{world.Hidden}) // it has asked for nothing yet
		}
		return true
	}
	before.expel(Replaced) // it has not entered yet, is about to leave, or may not see what the other may
	if a := before.attachment.Load(); a != nil {
		a.Leave()
	}
	return false
}

// loginAgain lets somebody go on as the player of a resume token.
func (s *Session) loginAgain(token []byte, now time.Time) (Login, error) {
	if who := s.cfg.tickets.owner(token); who != nil {
		s.cfg.people.enter(who.account)
		defer s.cfg.people.leave(who.account)
		if err := s.judge(Person{Account: who.account, Name: who.name, Address: s.RemoteAddr().Addr()}, now); err != nil {
			return LoginBanned, err
		}
	}
	switch err := s.cfg.tickets.redeem(token, s, now); {
	case errors.Is(err, ErrExpired):
		return LoginExpired, err
	case err != nil:
		return LoginResume, err
	}
	return LoginResumed, nil
}

// begin makes a session a new player's, and lets it enter. isNew says that whoever it is did not play already. The error is
// ErrBanned or ErrBusy.
func (s *Session) begin(who auth.Identity, as *persona, isNew bool) error {
	s.speaker.identity.Store(&who)
	s.speaker.persona.Store(as)
	err := s.judge(s.Person(), time.Now())
	if err == nil && isNew {
		err = s.admit()
	}
	if s.CloseReason() != Open {
		s.giveUp() // it ended before it had a name to give up
		return err
	}
	s.greet()
	s.enter()
	return nil
}

// succeed makes a session the next one of another's player, whose ticket is its own now. The one before is told, unless its
// connection is lost already. At no time is neither of the two to be found by the player's id.
func (s *Session) succeed(before *Session, k *ticket) {
	s.speaker.succeeds.Store(int32(k.player))
	before.Close(Replaced)
	s.speaker.persona.Store(k.who)
	s.cfg.people.hold(k.who, s)
	s.greet()
	k.resume(s)
}

// greet notes that the session's Hello was accepted.
func (s *Session) greet() {
	s.speaker.greeted = true
	s.waiting.Store(false)
}

// depart takes the session's player out of its world, for good. It reports whether that was there until then.
func (s *Session) depart(a *world.Attachment) bool {
	left := a.Leave()
	if s.speaker != nil {
		if who := s.speaker.persona.Load(); who != nil {
			s.cfg.people.part(who)
		}
	}
	return left
}

// giveUp lets go of who a session was to play as that ends before it is in a world.
func (s *Session) giveUp() {
	if s.speaker == nil {
		return
	}
	if who := s.speaker.persona.Load(); who != nil && s.cfg.tickets.revoke(s) {
		s.cfg.people.part(who)
	}
}

// expired reports whether the session's login is out of its time.
func (s *Session) expired(now time.Time) bool {
	who := s.Identity()
	return !who.Expires.IsZero() && !now.Before(who.Expires)
}

// outdated reports whether the session's login is out of its time, and tells the client once when that is near.
func (s *Session) outdated(now time.Time) bool {
	who := s.Identity()
	if who.Expires.IsZero() {
		return false
	}
	left := who.Expires.Sub(now)
	if left <= 0 {
		return true
	}
	if left <= warnBefore && !s.speaker.warned {
		s.speaker.warned = true
		s.reply(native.IDError, &nativepb.Error{
			Code: nativepb.ErrorCode_ERROR_TOKEN_EXPIRED, RetryAfterMs: uint32(left.Milliseconds()),
			Message: "the access token expires; log in with a fresh one on another connection",
		})
	}
	return false
}

// Identity returns who the session's client has proved to be; the zero value for a guest, and before the login. Anybody may
// call it.
func (s *Session) Identity() auth.Identity {
	if s.speaker == nil {
		return auth.Identity{}
	}
	if who := s.speaker.identity.Load(); who != nil {
		return *who
	}
	return auth.Identity{}
}

// Name returns the name under which the session's player is shown; it may be empty. Anybody may call it.
func (s *Session) Name() string {
	if s.speaker == nil {
		return ""
	}
	if who := s.speaker.persona.Load(); who != nil {
		return who.name
	}
	return ""
}

// welcome returns the Welcome of a session that enters, or goes on, as a player: all but where that is.
func (s *Session) welcome(player world.ID, token []byte, resumed bool) []byte {
	cfg := &s.cfg.Native
	m := &nativepb.Welcome{
		Version: native.Version, Player: int32(player), Name: native.ShownName(s.Name(), int32(player)), World: cfg.World,
		ResumeToken: token, Limits: cfg.Limits, Form: nativepb.Form(s.speaker.form), Resumed: resumed,
	}
	if token != nil {
		m.ResumeWindowMs = uint32(cfg.ResumeWindow.Milliseconds())
	}
	return native.AppendMessage(nil, native.IDWelcome, m)
}
