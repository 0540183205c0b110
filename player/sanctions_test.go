package player

import (
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// sanctions are those that a test imposes.
type sanctions struct {
	mu           sync.Mutex
	banned, mute func(Person) bool
	until        time.Time
}

// forbid bans from now on whom somebody picks.
func (s *sanctions) forbid(picks func(Person) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.banned = picks
}

// silence mutes from now on whom somebody picks.
func (s *sanctions) silence(picks func(Person) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = picks
}

// Banned implements Sanctions.
func (s *sanctions) Banned(who Person, now time.Time) (Sanction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	over := !s.until.IsZero() && !now.Before(s.until)
	return Sanction{Until: s.until, Reason: "spam"}, s.banned != nil && s.banned(who) && !over
}

// Muted implements Sanctions.
func (s *sanctions) Muted(who Person, _ time.Time) (Sanction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Sanction{}, s.mute != nil && s.mute(who)
}

// What tests pick people by.
func everybody(Person) bool      { return true }
func ann(who Person) bool        { return who.Account == "ann" }
func called(who Person) bool     { return who.Name == "Gus" }
func theAddress(who Person) bool { return who.Address == netip.MustParseAddr("192.0.2.1") }

// TestKicksTakeEffectWithinATick: whoever is kicked is told why at once and is gone at the end of the next tick, with a connection
// or without; others are told, and stay.
func TestKicksTakeEffectWithinATick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		watcher := v.joinNative(t, "Watcher")
		victim, web, plain := v.joinAccount(t, "ann Ann"), v.join(wire.WebSocket), v.join(wire.TCP)
		lost := v.joinNative(t, "Gus")
		lost.incoming <- errReset
		v.tick()
		if watcher.look(); watcher.replica.Len() != 5 {
			t.Fatalf("%d are seen", watcher.replica.Len())
		}
		for id, want := range map[int]int{2: 1, 3: 1, 4: 1, 5: 1, 6: 0} {
			if n := v.registry.Kick(func(who Person) bool { return int(who.Player) == id }, "spam"); n != want {
				t.Errorf("%d sessions of player %d were kicked", n, id)
			}
		}
		v.loop.Tick(time.Now()) // one
		if n := v.loop.Snapshot().Players; n != 1 {
			t.Errorf("%d players are left at the end of the tick", n)
		}
		synctest.Wait()
		if watcher.look(); watcher.replica.Len() != 1 || watcher.end != 0 {
			t.Errorf("%d are seen, and the watcher ended with %d", watcher.replica.Len(), watcher.end)
		}
		if victim.look(); victim.end != codes.CloseKicked || !slices.Contains(victim.texts, "removed by a moderator: spam") {
			t.Errorf("the victim ended with %d, told %q", victim.end, victim.texts)
		}
		if code, text := web.closeSent(t); code != 4503 || text != "removed by a moderator: spam" {
			t.Errorf("over WebSocket %d %q", code, text)
		}
		if plain.shutdown == 0 {
			t.Error("the plain one goes on")
		}
		again := v.connectNative(t)
		again.resume(lost.welcome.ResumeToken)
		v.tick()
		if again.look(); again.end != codes.CloseUnauthenticated {
			t.Errorf("who was kicked without a connection resumed: %d", again.end)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestBansAreForAllWaysIn: of whoever is banned neither a connection, nor a login, nor a resume gets anywhere, and all are told
// until when; others may, and so may he when it is over.
func TestBansAreForAllWaysIn(t *testing.T) {
	until := func() time.Time { return time.Now().Add(time.Hour) }
	ways := map[string]func(v *server, c *nativeClient, token []byte){
		"account": func(_ *server, c *nativeClient, _ []byte) { c.login("ann Ann") },
		"guest":   func(_ *server, c *nativeClient, _ []byte) { c.hello(" Gus ") },
		"resume":  func(_ *server, c *nativeClient, token []byte) { c.resume(token) },
	}
	for name, test := range map[string]struct {
		picks  func(Person) bool
		banned []string
	}{
		"by account": {ann, []string{"account", "resume"}},
		"by name":    {called, []string{"guest"}},
		"by address": {theAddress, []string{"account", "guest", "resume"}},
	} {
		for way, come := range ways {
			synctest.Test(t, func(t *testing.T) {
				bans := &sanctions{until: until()}
				v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}, bans: bans, window: 2 * time.Hour})
				first := v.joinAccount(t, "ann Ann")
				first.incoming <- errReset
				v.tick()
				bans.forbid(test.picks) // and nobody looks who is there
				c := v.connectNative(t)
				come(v, c, first.welcome.ResumeToken)
				v.tick()
				c.look()
				if banned := slices.Contains(test.banned, way); banned != (c.end == codes.CloseBanned) {
					t.Errorf("%s, %s: ended with %d", name, way, c.end)
				} else if banned && (!strings.HasPrefix(c.texts[0], "banned until 2000-01-01T01:00:0") ||
					!strings.HasSuffix(c.texts[0], "Z: spam") || c.comeBack < 3_599_000 || c.comeBack > 3_600_000) {
					t.Errorf("%s, %s: told %q, come back in %d ms", name, way, c.texts, c.comeBack)
				}
				<-time.After(time.Hour)
				c = v.connectNative(t)
				come(v, c, first.welcome.ResumeToken)
				v.tick()
				if c.look(); c.end == codes.CloseBanned {
					t.Errorf("%s, %s: banned for longer than told", name, way)
				}
				v.stop()
				v.nobody(t)
			})
		}
	}
}

// TestBannedAddressesAreToldWhereTheyCanBe: at once, before they say anything.
func TestBannedAddressesAreToldWhereTheyCanBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bans := &sanctions{}
		v := newServer(t, setup{bans: bans})
		bans.forbid(theAddress)
		plain, web, c := v.connect(wire.TCP), v.connect(wire.WebSocket), v.connectNative(t)
		v.tick()
		if code, text := web.closeSent(t); code != 4505 || text != "banned for good: spam" {
			t.Errorf("over WebSocket %d %q", code, text)
		}
		c.look()
		if c.end != codes.CloseBanned || !slices.Equal(c.errors, []codes.Error{codes.Banned}) || len(plain.got(t)) > 0 || plain.shutdown == 0 {
			t.Errorf("ended with %d, told %v; the plain one %v", c.end, c.errors, plain.got(t))
		}
		if n := v.closed(Banned); n != 3 || v.loop.Snapshot().Players != 0 {
			t.Errorf("%d were banned, %d players", n, v.loop.Snapshot().Players)
		}
		v.stop()
	})
}

// TestRacingBans: whatever somebody who is being banned does at the same time - log in, lose the connection, resume, log in anew - he
// does not play when that is over.
func TestRacingBans(t *testing.T) {
	const rounds = 100
	for round := range rounds {
		picks := []func(Person) bool{ann, theAddress}[round%2]
		synctest.Test(t, func(t *testing.T) {
			bans := &sanctions{}
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}, bans: bans})
			first := v.joinAccount(t, "ann Ann")
			var racing sync.WaitGroup
			for i := range 8 {
				racing.Go(func() {
					c := v.connectNative(t)
					switch i % 4 {
					case 0:
						c.login("ann Ann")
					case 1:
						c.login("ann Ann")
						c.incoming <- errReset
					case 2:
						c.resume(first.welcome.ResumeToken)
					case 3:
						first.incoming <- errReset
						c.login("ann Ann")
					}
				})
			}
			racing.Go(func() {
				for range round % 7 {
					runtime.Gosched()
				}
				bans.forbid(picks)
				v.registry.Ban(picks, Sanction{})
			})
			v.tickAlong(t, 1)
			racing.Wait()
			v.tick()
			if n := v.loop.Snapshot().Players; n != 0 || len(v.registry.Players()) != 0 {
				t.Errorf("round %d: %d players, of whom one is banned: %+v", round, n, v.registry.Players())
			}
			v.stop()
			v.nobody(t)
		})
	}
}

// TestKickedWhileAnotherGoesOn: a player who is kicked just as another session goes on as it, and is not in the world yet, leaves all
// the same, by whatever he is known, and whether or not the session before is gone.
func TestKickedWhileAnotherGoesOn(t *testing.T) {
	for name, picks := range map[string]func(Person) bool{
		"account": ann, "player": func(who Person) bool { return who.Player == 1 }, "address": theAddress,
	} {
		for _, login := range []bool{true, false} {
			for _, gone := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) { kickedWhileAnotherGoesOn(t, name, picks, login, gone) })
			}
		}
	}
}

func kickedWhileAnotherGoesOn(t *testing.T, name string, picks func(Person) bool, login, gone bool) {
	v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
	first, next := v.joinAccount(t, "ann Ann"), v.connectNative(t)
	k := v.sessionOf(first).speaker.ticket
	resume, kicked := k.resume, 0
	k.resume = func(s *Session) {
		for gone && v.sessionOf(first) != nil {
			runtime.Gosched()
		}
		kicked = v.registry.Kick(picks, "")
		resume(s)
	}
	if login {
		next.login("ann Ann")
	} else {
		next.resume(first.welcome.ResumeToken)
	}
	v.tick()
	if next.look(); kicked != 1 || next.end != codes.CloseKicked || v.loop.Snapshot().Players != 0 {
		t.Errorf("by %s, login %v, gone %v: %d were kicked, ended with %d, %d players", name, login, gone, kicked, next.end,
			v.loop.Snapshot().Players)
	}
	v.stop()
	v.nobody(t)
}

// TestKickedWhileTheConnectionIsLost: a player who is kicked just as its session ends by itself does not stay for a resume.
func TestKickedWhileTheConnectionIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		c := v.joinAccount(t, "ann Ann")
		s := v.sessionOf(c)
		s.reason.Store(uint32(PeerLeft)) // it has begun to end
		s.advance(Leaving)
		if n := v.registry.Kick(ann, ""); n != 1 {
			t.Errorf("%d were kicked", n)
		}
		s.release(s.attachment.Load(), PeerLeft) // and goes on with that
		v.tick()
		if n := v.loop.Snapshot().Players; n != 0 || s.detached.Load() || v.registry.Kick(ann, "") != 0 {
			t.Errorf("%d players, detached %v", n, s.detached.Load())
		}
		c.leave()
		v.stop()
		v.nobody(t)
	})
}

// TestBannedNamesAreNotGivenAway: a guest who would get another name than he wishes for does not get one that is banned.
func TestBannedNamesAreNotGivenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bans := &sanctions{}
		v := newServer(t, setup{bans: bans})
		v.joinNative(t, "Gus")
		bans.forbid(func(who Person) bool { return who.Name == "Gus-2" })
		if c := v.joinNative(t, "Gus"); c.end != codes.CloseBanned {
			t.Errorf("ended with %d, called %q", c.end, c.welcome.Name)
		}
		if c := v.joinNative(t, "Eve"); c.end != 0 {
			t.Errorf("ended with %d", c.end)
		}
		if n := v.registry.Snapshot().Logins[LoginBanned]; n != 1 {
			t.Errorf("%d logins were banned", n)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestRacingKicks: of eight kicks at once one counts.
func TestRacingKicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		v.joinNative(t, "Gus")
		var racing sync.WaitGroup
		counts := make(chan int, 8)
		for range cap(counts) {
			racing.Go(func() { counts <- v.registry.Kick(called, "") })
		}
		racing.Wait()
		close(counts)
		sum := 0
		for n := range counts {
			sum += n
		}
		if v.tick(); sum != 1 || v.closed(Kicked) != 1 || v.loop.Snapshot().Players != 0 {
			t.Errorf("%d were kicked, %d closed", sum, v.closed(Kicked))
		}
		v.stop()
	})
}

// TestMutes: whoever is muted is not heard and told that it may not, in both dialects; others are heard; it moves all the same.
func TestMutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bans := &sanctions{}
		v := newServer(t, setup{bans: bans})
		gus, other, plain := v.joinNative(t, "Gus"), v.joinNative(t, "Eve"), v.join(wire.TCP)
		say := func(c *nativeClient, text string) { c.say(native.IDSay, &nativepb.Say{Text: text}) }
		bans.silence(func(who Person) bool { return called(who) || who.Player == 3 })
		say(gus, "one")
		say(other, "two")
		plain.send(2, []byte("\x0a\x05three"))
		gus.sendBytes(native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: 1, Z: 1}}))
		v.tick()
		gus.look()
		if other.look(); !slices.Equal(other.chats, []string{"two"}) || !slices.Equal(gus.errors, []codes.Error{codes.Forbidden}) {
			t.Errorf("heard %q, told %v", other.chats, gus.errors)
		}
		if me := gus.replica.Entity(1); me.At != (native.Place{X: 1, Z: 1}) || v.refused(RefusedSilenced) != 2 {
			t.Errorf("it is at %v, %d refused", me.At, v.refused(RefusedSilenced))
		}
		for _, p := range v.registry.Players() {
			if p.Muted != (p.Player != 2) {
				t.Errorf("player %d: muted %v", p.Player, p.Muted)
			}
		}
		bans.silence(nil)
		say(gus, "four")
		v.tick()
		if other.look(); !slices.Equal(other.chats, []string{"two", "four"}) {
			t.Errorf("heard %q", other.chats)
		}
		v.stop()
	})
}
