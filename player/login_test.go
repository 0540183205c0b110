package player

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/auth"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// tokens are those of a server whose clients log in with an account and a name, as in "ann Ann Lee"; "old" is out of its time,
// "guest" is nobody's.
type tokens struct {
	ttl   time.Duration                   // 0 is for ever
	roles func(account string) auth.Roles // nil is a moderator's
	asked atomic.Int64
}

// Verify implements Verifier.
func (v *tokens) Verify(login string, now time.Time) (auth.Identity, error) {
	v.asked.Add(1)
	account, name, _ := strings.Cut(login, " ")
	switch account {
	case "":
		return auth.Identity{}, auth.ErrUnauthenticated
	case "old":
		return auth.Identity{}, auth.ErrExpired
	case "guest":
		return auth.Identity{}, nil
	}
	who := auth.Identity{Account: account, Name: name, Roles: auth.Roles(0).With(auth.Moderator)}
	if v.roles != nil {
		who.Roles = v.roles(account)
	}
	if v.ttl > 0 {
		who.Expires = now.Add(v.ttl)
	}
	return who, nil
}

// login sends a Hello with an access token.
func (c *nativeClient) login(token string) {
	c.say(native.IDHello, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: token}})
}

// joinAccount connects, logs in, and ticks until the player is in the world.
func (v *server) joinAccount(t *testing.T, token string) *nativeClient {
	c := v.connectNative(t)
	c.login(token)
	v.tick()
	c.look()
	return c
}

// sessionOf returns the session of a client that is connected.
func (v *server) sessionOf(c *nativeClient) *Session {
	v.registry.mu.Lock()
	defer v.registry.mu.Unlock()
	for s := range v.registry.sessions {
		if s.conn == wire.Conn(c.fakeConn) {
			return s
		}
	}
	return nil
}

// nobody checks that nothing is remembered of who played.
func (v *server) nobody(t *testing.T) {
	t.Helper()
	p := v.registry.config().people
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.accounts) > 0 || len(p.names) > 0 {
		t.Errorf("%d accounts and %d names are remembered", len(p.accounts), len(p.names))
	}
}

// TestLogins: what each kind of login is answered, and counted as.
func TestLogins(t *testing.T) {
	guest := &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: "Gus"}}
	access := func(token string) *nativepb.Hello {
		return &nativepb.Hello{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: token}}
	}
	accounts := &tokens{}
	for name, test := range map[string]struct {
		auth  AuthConfig
		hello *nativepb.Hello
		end   codes.Close
		tell  codes.Error
		login Login
	}{
		"guest":                  {AuthConfig{}, guest, 0, 0, LoginGuest},
		"guest among accounts":   {AuthConfig{Tokens: accounts}, guest, 0, 0, LoginGuest},
		"no guests":              {AuthConfig{AccountsOnly: true, Tokens: accounts}, guest, codes.CloseUnauthenticated, codes.Unauthenticated, LoginRefused},
		"nobody":                 {AuthConfig{AccountsOnly: true, Tokens: accounts}, &nativepb.Hello{Version: 1}, codes.CloseUnauthenticated, codes.Unauthenticated, LoginRefused},
		"account":                {AuthConfig{AccountsOnly: true, Tokens: accounts}, access("ann Ann"), 0, 0, LoginAccount},
		"account without a name": {AuthConfig{Tokens: accounts}, access("ann"), 0, 0, LoginAccount},
		"account among guests":   {AuthConfig{}, access("ann"), codes.CloseUnauthenticated, codes.Unauthenticated, LoginRefused},
		"bad token":              {AuthConfig{Tokens: accounts}, access(""), codes.CloseUnauthenticated, codes.Unauthenticated, LoginRefused},
		"nobody's token":         {AuthConfig{Tokens: accounts}, access("guest"), codes.CloseUnauthenticated, codes.Unauthenticated, LoginRefused},
		"expired":                {AuthConfig{Tokens: accounts}, access("old"), codes.CloseTokenExpired, codes.TokenExpired, LoginExpired},
		"hiding name":            {AuthConfig{Tokens: accounts}, access("ann A\u202e"), codes.CloseUnauthenticated, codes.NameInvalid, LoginName},
		"long name":              {AuthConfig{Tokens: accounts}, access("ann " + strings.Repeat("x", 65)), codes.CloseUnauthenticated, codes.NameInvalid, LoginName},
		"guest's line break":     {AuthConfig{}, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: "a\nb"}}, codes.CloseUnauthenticated, codes.NameInvalid, LoginName},
		"guest's escape":         {AuthConfig{}, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: "\x1b[2J"}}, codes.CloseUnauthenticated, codes.NameInvalid, LoginName},
		"guest's space":          {AuthConfig{}, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: "  "}}, codes.CloseUnauthenticated, codes.NameInvalid, LoginName},
		"nothing to resume":      {AuthConfig{}, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_ResumeToken{ResumeToken: []byte("x")}}, codes.CloseUnauthenticated, codes.ResumeFailed, LoginResume},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: test.auth})
			c := v.connectNative(t)
			c.say(native.IDHello, test.hello)
			v.tick()
			c.look()
			if c.end != test.end || test.tell != 0 && !slices.Contains(c.errors, test.tell) {
				t.Errorf("%s: ended with %d, told %v", name, c.end, c.errors)
			}
			want := [Logins]uint64{}
			want[test.login]++
			if counts := v.registry.Snapshot().Logins; counts != want {
				t.Errorf("%s: counted %v", name, counts)
			}
			v.stop()
			v.nobody(t)
		})
	}
	if Logins.String() != "?" || LoginName.String() != "bad_name" {
		t.Error("labels are wrong")
	}
}

// TestRefusalsAreAlike: what a client is told of a bad login does not depend on what is wrong with it.
func TestRefusalsAreAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{AccountsOnly: true, Tokens: &tokens{}}})
		var answers [][]byte
		for _, send := range []func(*nativeClient){
			func(c *nativeClient) { c.login("") },
			func(c *nativeClient) { c.login("guest") },
			func(c *nativeClient) { c.hello("Gus") },
		} {
			c := v.connectNative(t)
			send(c)
			v.tick()
			answers = append(answers, c.written)
		}
		for _, answer := range answers {
			if len(answer) == 0 || !bytes.Equal(answer, answers[0]) {
				t.Errorf("answered %x and %x", answers[0], answer)
			}
		}
		v.stop()
	})
}

// TestIdentity: who a session's client has proved to be is known to handlers, and stays with the player.
func TestIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		a, g, classic := v.joinAccount(t, "ann Ann"), v.joinNative(t, "Gus"), v.join(wire.TCP)
		who := v.sessionOf(a).Identity()
		if who.Account != "ann" || !who.Roles.Has(auth.Moderator) || who.Roles.Has(auth.Admin) || a.welcome.Name != "Ann" {
			t.Errorf("%+v, welcomed as %q", who, a.welcome.Name)
		}
		if s := v.sessionOf(g); s.Identity() != (auth.Identity{}) || s.Name() != "Gus" {
			t.Errorf("a guest is %+v", s.Identity())
		}
		a.incoming <- errors.New("cable cut")
		v.tick()
		again := v.connectNative(t)
		again.resume(a.welcome.ResumeToken)
		v.tick()
		if again.look(); v.sessionOf(again).Identity() != who || again.welcome.Name != "Ann" {
			t.Errorf("after resuming %+v, %q", v.sessionOf(again).Identity(), again.welcome.Name)
		}
		classic.leave()
		v.stop()
		v.nobody(t)
	})
}

// TestSecondLogin: it goes on as the player of the first, who is told; nobody sees anybody leave or come.
func TestSecondLogin(t *testing.T) {
	for name, test := range map[string]struct {
		window time.Duration
		before func(*server, *nativeClient) // the second login
		told   codes.Close                  // the first
	}{
		"while it plays":            {0, func(*server, *nativeClient) {}, codes.CloseReplaced},
		"while it plays, no resume": {-1, func(*server, *nativeClient) {}, codes.CloseReplaced},
		"without a connection": {0, func(v *server, c *nativeClient) {
			c.incoming <- errors.New("cable cut")
			v.tick()
		}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}, window: test.window})
			a, other := v.joinAccount(t, "ann Ann"), v.joinNative(t, "Gus")
			a.sendBytes(native.AppendMove(nil, native.Move{Sequence: 70, To: native.Place{X: 2600, Z: 2600}}))
			v.tick()
			test.before(v, a)
			before := len(other.got(t))
			b := v.joinAccount(t, "ann Anna")
			a.look()
			if a.end != test.told || b.welcome.Player != 1 || b.welcome.Name != "Ann" || !b.welcome.Resumed || v.loop.Snapshot().Players != 2 {
				t.Errorf("%s: the first was told %d, the second %v, %d players", name, a.end, &b.welcome, v.loop.Snapshot().Players)
			}
			if me := b.replica.Entity(1); me == nil || me.At.X != 2600 || b.replica.Len() != 2 || len(other.got(t)) != before {
				t.Errorf("%s: it sees itself as %+v; the other was told %d things", name, me, len(other.got(t))-before)
			}
			v.sessionOf(b).move(world.Position{X: 28, Z: 27}, 1)
			v.tick()
			if b.look(); b.replica.Entity(1).At.X != 2800 {
				t.Errorf("%s: it is at %v", name, b.replica.Entity(1).At)
			}
			if counts := v.registry.Snapshot().Logins; counts[LoginReplaced] != 1 || counts[LoginAccount] != 1 {
				t.Errorf("%s: counted %v", name, counts)
			}
			v.stop()
			v.nobody(t)
		})
	}
}

// TestTheReplacedAreLate: whatever the session before still does has no effect, and its resume token is worth nothing, but no
// theft either.
func TestTheReplacedAreLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		a := v.joinAccount(t, "ann")
		before := v.sessionOf(a)
		old := before.attachment.Load()
		b := v.joinAccount(t, "ann")
		at := b.replica.Entity(1).At
		old.Move(world.Position{X: 1, Z: 1}, 9)
		must(t, old.Chat(world.ToAll, "I am Ann"))
		old.Leave()
		before.expel(Internal)
		v.tick()
		late := v.connectNative(t)
		late.resume(a.welcome.ResumeToken)
		v.tick()
		b.look()
		late.look()
		if b.replica.Entity(1).At != at || len(b.chats) > 0 || b.end != 0 || v.loop.Snapshot().Players != 1 {
			t.Errorf("at %v, heard %q, ended with %d, %d players", b.replica.Entity(1).At, b.chats, b.end, v.loop.Snapshot().Players)
		}
		if !slices.Contains(late.errors, codes.ResumeFailed) {
			t.Errorf("the old token: %v", late.errors)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestLoginAfterTheEnd: who has left comes back as somebody new, with an id that nobody ever had.
func TestLoginAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(*server, *nativeClient){
		"goodbye": func(_ *server, c *nativeClient) { c.say(native.IDGoodbye, &nativepb.Goodbye{}) },
		"too late": func(v *server, c *nativeClient) {
			c.leave()
			v.tick()
			<-time.After(31 * time.Second)
			v.registry.Sweep(time.Now())
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
			a := v.joinAccount(t, "ann Ann")
			end(v, a)
			synctest.Wait()
			b := v.joinAccount(t, "ann Ann")
			if b.welcome.Player != 2 || b.welcome.Resumed || v.loop.Snapshot().Players != 1 || b.replica.Len() != 1 {
				t.Errorf("%s: welcome %v, %d players", name, &b.welcome, v.loop.Snapshot().Players)
			}
			v.stop()
			v.nobody(t)
		})
	}
}

// TestLoginAsTheOtherLeaves: a session that has begun to end, and not come to take its player out, has it taken out before the
// next one enters.
func TestLoginAsTheOtherLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		before := v.sessionOf(v.joinAccount(t, "ann Ann"))
		before.reason.Store(uint32(Goodbye)) // as far as end has got
		before.advance(Leaving)
		v.registry.config().tickets.revoke(before)
		b := v.joinAccount(t, "ann Ann")
		if b.welcome.Player != 2 || v.loop.Snapshot().Players != 1 || b.replica.Len() != 1 {
			t.Errorf("welcome %v, %d players", &b.welcome, v.loop.Snapshot().Players)
		}
		before.reason.Store(uint32(Open))
		before.Close(Goodbye)
		v.tick()
		if again := v.joinAccount(t, "ann Ann"); again.welcome.Player != 2 || !again.welcome.Resumed {
			t.Errorf("the end of the first took the second's place: %v", &again.welcome)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestLoginBeforeTheWorld: an account whose session has not entered yet is replaced as well.
func TestLoginBeforeTheWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		var held atomic.Bool
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}, build: func(b *Builder) {
			enter := b.handlers.enter
			b.handlers.enter = []func(*Session){func(s *Session) { // the first enters late, on a goroutine of its own
				if !held.CompareAndSwap(false, true) {
					enter[0](s)
					return
				}
				go func() {
					<-hold
					enter[0](s)
				}()
			}}
		}})
		a := v.joinAccount(t, "ann Ann")
		b := v.joinAccount(t, "ann Ann")
		close(hold)
		v.tick()
		a.look()
		b.look()
		if a.end != codes.CloseReplaced || b.end != 0 || b.replica.Len() != 1 || v.loop.Snapshot().Players != 1 {
			t.Errorf("ended with %d and %d, %d in view, %d players", a.end, b.end, b.replica.Len(), v.loop.Snapshot().Players)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestSessionsThatEndAsTheyLogIn leave nothing behind, wherever they are cut off.
func TestSessionsThatEndAsTheyLogIn(t *testing.T) {
	for _, token := range []string{"ann Ann", ""} {
		for _, reason := range []CloseReason{Internal, PeerLeft} {
			for where, build := range map[string]func(*Builder){
				"before the login": func(b *Builder) {
					b.Before(func(s *Session, _ wire.Frame) error {
						s.Close(reason)
						return nil
					})
				},
				"before the world": func(b *Builder) {
					b.handlers.enter = slices.Insert(b.handlers.enter, 0, func(s *Session) { s.Close(reason) })
				},
			} {
				synctest.Test(t, func(t *testing.T) {
					v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}, build: build})
					c := v.connectNative(t)
					if token == "" {
						c.hello("Gus")
					} else {
						c.login(token)
					}
					v.tick()
					v.nobody(t)
					if n := v.loop.Snapshot().Players; n != 0 {
						t.Errorf("%q, %v %s: %d players", token, reason, where, n)
					}
					v.stop()
				})
			}
		}
	}
}
