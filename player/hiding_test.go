package player

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"aoiworld/auth"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// roled are tokens by which an account has the roles that it is called by: mod is a moderator, adm an admin, and all others play.
func roled() *tokens {
	return &tokens{roles: func(account string) auth.Roles {
		switch account {
		case "mod":
			return auth.Roles(0).With(auth.Moderator)
		case "adm":
			return auth.Roles(0).With(auth.Admin)
		}
		return 0
	}}
}

// loginHidden sends a Hello with an access token that wishes to be hidden.
func (c *nativeClient) loginHidden(token string) {
	c.say(native.IDHello, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: token}, Hidden: true})
}

// TestWhoMayHide: moderators and admins, and nobody else, at their login and in play.
func TestWhoMayHide(t *testing.T) {
	for _, c := range []struct {
		login       string
		hides, sees bool
	}{
		{"mod Mod", true, true}, {"adm Adm", true, true}, {"ann Ann", false, false}, {"", false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: AuthConfig{Tokens: roled()}})
			come := func(hidden bool) *nativeClient {
				n := v.connectNative(t)
				switch {
				case c.login == "":
					n.say(native.IDHello, &nativepb.Hello{Version: 1, Hidden: hidden})
				case hidden:
					n.loginHidden(c.login)
				default:
					n.login(c.login)
				}
				v.tick()
				n.look()
				return n
			}
			if n := come(true); (n.end == 0) != c.hides || n.end != 0 && (n.end != codes.CloseUnauthenticated || n.errors[0] != codes.Forbidden) {
				t.Errorf("%q, hidden from the beginning: ended with %d, %v", c.login, n.end, n.errors)
			} else if n.end == 0 {
				n.say(native.IDGoodbye, &nativepb.Goodbye{})
				v.tick()
			}
			n := come(false)
			n.say(native.IDHide, &nativepb.Hide{Hidden: true})
			v.tick()
			n.look()
			places := count(t, v)
			if hidden := places[world.ID(n.welcome.Player)] == world.Hidden; hidden != c.hides || slices.Contains(n.errors, codes.Forbidden) == c.hides {
				t.Errorf("%q, in play: hidden %v, told %v", c.login, hidden, n.errors)
			}
			v.stop()
		})
	}
}

// count returns the layers of all who are in the world.
func count(t *testing.T, v *server) map[world.ID]world.Layer {
	t.Helper()
	layers := map[world.ID]world.Layer{}
	done := make(chan error)
	go func() {
		census, err := v.loop.Census(t.Context())
		if err == nil {
			for _, p := range census.Places {
				layers[p.ID] = p.Layer
			}
		}
		done <- err
	}()
	v.run(censusTime)
	must(t, <-done)
	return layers
}

// censusTime is as long as a census may take.
const censusTime = 200_000_000

// haunt plays some ticks in which a moderator, if it is there, is hidden: comes, walks, speaks, waves, loses its connection and is
// resumed. It returns the moderator and what a guest and a client of the classic dialect, who were there before, were sent.
func (v *server) haunt(t *testing.T, there bool) (mod *nativeClient, public, plain []byte) {
	guest, tutorial := v.joinNative(t, "Gus"), v.join(wire.TCP)
	v.joinAccount(t, "adm Adm")
	v.tick()
	guest.look()
	before, plainBefore := len(guest.written), len(tutorial.written)
	mod = v.connectNative(t)
	act := func(do func()) {
		if there {
			do()
		}
		guest.sendBytes(native.AppendMove(nil, native.Move{Sequence: 9, To: native.Place{X: 3050, Z: 3000 + int32(before%7)}}))
		v.tick()
	}
	act(func() { mod.loginHidden("mod Ghost") })
	mod.look()
	act(func() {
		mod.sendBytes(native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: 3100, Z: 3100}}))
		mod.say(native.IDSay, &nativepb.Say{Text: "Ghost speaks"})
		mod.say(native.IDSay, &nativepb.Say{Text: "Ghost is near", Channel: nativepb.Channel_CHANNEL_NEARBY})
		mod.say(native.IDGesture, &nativepb.Gesture{Number: 77})
	})
	act(func() { mod.incoming <- errors.New("cable cut") })
	again := v.connectNative(t)
	act(func() { again.resume(mod.welcome.ResumeToken) })
	return again, guest.written[before:], tutorial.written[plainBefore:]
}

// TestHiddenModerators: of a moderator who is hidden those with the role are told, and the public not a byte; if he shows himself, it
// is, until he hides again.
func TestHiddenModerators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alone := newServer(t, setup{auth: AuthConfig{Tokens: roled()}})
		_, publicAlone, plainAlone := alone.haunt(t, false)
		alone.stop()
		v := newServer(t, setup{auth: AuthConfig{Tokens: roled()}})
		mod, public, plain := v.haunt(t, true)
		if len(public) == 0 || !bytes.Equal(public, publicAlone) || len(plain) == 0 || !bytes.Equal(plain, plainAlone) {
			t.Errorf("the public was sent\n%q\n%q\nand without the moderator\n%q\n%q", public, plain, publicAlone, plainAlone)
		}
		guest, admin := v.joinNative(t, "Eve"), v.joinAccount(t, "adm Adm")
		mod.look()
		id := mod.welcome.Player
		if e := admin.replica.Entity(id); e == nil || e.Name != "Ghost" || admin.replica.Len() != 5 || mod.replica.Len() != 5 {
			t.Errorf("the admin sees %+v", e)
		}
		for _, hidden := range []bool{false, true} {
			mod.say(native.IDHide, &nativepb.Hide{Hidden: hidden})
			v.tick()
			guest.look()
			if seen := guest.replica.Entity(id) != nil; seen == hidden {
				t.Errorf("hidden %v: seen %v", hidden, seen)
			}
		}
		v.stop()
		v.nobody(t)
	})
}

// TestRolesAreThoseOfTheLastLogin: who was a moderator and logs in without the role sees no hidden ones any more, whether or not his
// player is still there; who has become one sees them.
func TestRolesAreThoseOfTheLastLogin(t *testing.T) {
	for _, cut := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var roles auth.Roles
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{roles: func(string) auth.Roles { return roles }}}})
			roles = roles.With(auth.Moderator)
			hidden := v.connectNative(t)
			hidden.loginHidden("mod Mod")
			v.tick()
			sees := func(is auth.Roles) int {
				roles = is
				c := v.joinAccount(t, "ann Ann")
				v.tick()
				c.look()
				n := c.replica.Len()
				if cut {
					c.incoming <- errReset
					v.tick()
				}
				return n
			}
			for _, want := range []int{2, 1, 1, 2, 2} {
				if n := sees(map[int]auth.Roles{1: 0, 2: auth.Roles(0).With(auth.Moderator)}[want]); n != want {
					t.Errorf("cut %v: %d are seen, want %d", cut, n, want)
				}
				if n := v.loop.Snapshot().Players; n != 2 {
					t.Errorf("cut %v: %d players", cut, n)
				}
			}
			v.stop()
			v.nobody(t)
		})
	}
}

// TestSecondLoginMayHide: a moderator who logs in anew, hidden, hides the player that is there; without the wish it stays so.
func TestSecondLoginMayHide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: roled()}})
		v.joinAccount(t, "mod Mod")
		if layers := count(t, v); layers[1] != world.Public {
			t.Errorf("%v", layers)
		}
		second := v.connectNative(t)
		second.loginHidden("mod Mod")
		v.tick()
		if layers := count(t, v); len(layers) != 1 || layers[1] != world.Hidden {
			t.Errorf("%v", layers)
		}
		v.joinAccount(t, "mod Mod")
		if layers := count(t, v); len(layers) != 1 || layers[1] != world.Hidden {
			t.Errorf("%v", layers)
		}
		v.stop()
	})
}

// TestNobodyNewWhileBusy: while the server has too much to do, who is new is told when to come back; who plays goes on, is resumed,
// and may log in anew.
func TestNobodyNewWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy, roles := false, auth.Roles(0)
		v := newServer(t, setup{
			auth: AuthConfig{Tokens: &tokens{roles: func(string) auth.Roles { return roles }}}, busy: func() bool { return busy },
		})
		gus, plays := v.joinNative(t, "Gus"), v.join(wire.TCP)
		v.joinAccount(t, "ann Ann")
		v.tick()
		busy = true
		guest, account, plain, web := v.connectNative(t), v.connectNative(t), v.connect(wire.TCP), v.connect(wire.WebSocket)
		guest.hello("New")
		account.login("bob Bob")
		v.tick()
		for _, c := range []*nativeClient{guest, account} {
			if c.look(); c.end != codes.CloseTooManyConnections || c.errors[0] != codes.ServerBusy || c.comeBack < 1000 || c.comeBack > 11_000 {
				t.Errorf("ended with %d, %v, come back in %d ms", c.end, c.errors, c.comeBack)
			}
		}
		if code, _ := web.closeSent(t); code != 4008 || plain.shutdown == 0 || len(plain.got(t)) > 0 {
			t.Errorf("classic: %d; %v", code, plain.got(t))
		}
		if plays.shutdown > 0 {
			t.Error("who plays was closed")
		}
		gus.incoming <- errReset
		v.tick()
		again := v.connectNative(t)
		again.resume(gus.welcome.ResumeToken)
		ann := v.joinAccount(t, "ann Ann")
		if again.look(); !again.welcome.Resumed || !ann.welcome.Resumed {
			t.Errorf("resumed: %v, logged in anew: %v", again.welcome.Resumed, ann.welcome.Resumed)
		}
		roles = roles.With(auth.Moderator)
		if ann = v.joinAccount(t, "ann Ann"); ann.end != 0 || ann.welcome.Resumed {
			t.Errorf("with another role: ended with %d", ann.end)
		}
		counts := v.registry.Snapshot()
		if counts.Busy != 4 || counts.Logins[LoginBusy] != 2 || v.loop.Snapshot().Players != 3 {
			t.Errorf("%d refused, logins %v, %d players", counts.Busy, counts.Logins, v.loop.Snapshot().Players)
		}
		busy = false
		if c := v.joinNative(t, "New"); c.end != 0 || c.welcome.Name != "New" {
			t.Errorf("afterwards: ended with %d, called %q", c.end, c.welcome.Name)
		}
		v.stop()
		v.nobody(t)
	})
}
