package player

import (
	"errors"
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

// TestNotices: everybody who is shown a world is told at once, in words of its dialect; nobody before its welcome; and what nobody
// could see is not said.
func TestNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		gus, plain := v.joinNative(t, "Gus"), v.join(wire.TCP)
		late, silent := v.connectNative(t), v.connectNative(t)
		late.hello("Late")
		synctest.Wait()
		if told, ok := v.registry.Notice(everybody, "Maintenance at noon."); told != 2 || !ok {
			t.Errorf("%d told, %v", told, ok)
		}
		gus.look() // without a tick
		frames := plain.got(t)
		last := frames[len(frames)-1]
		if !slices.Equal(gus.notices, []string{"Maintenance at noon."}) || last.ID != 200 ||
			string(last.Payload) != "\x10\x01\x1a\x14Maintenance at noon." { // Tp 1, no PID
			t.Errorf("told %q; %d %q", gus.notices, last.ID, last.Payload)
		}
		v.tick()
		late.look()
		if silent.look(); late.ids[0] != native.IDWelcome || len(late.notices)+len(silent.ids) != 0 {
			t.Errorf("who came in was told %v, who said nothing %v", late.ids, silent.ids)
		}
		for _, text := range []string{"", "a\nb", "\u202e", strings.Repeat("x", MaxNotice+1), "\xff"} {
			if told, ok := v.registry.Notice(everybody, text); told != 0 || ok {
				t.Errorf("%q was said to %d", text, told)
			}
		}
		v.stop()
	})
}

// TestNoticesForWhoDoesNotRead: they wait, up to a bound.
func TestNoticesForWhoDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		gus := v.joinNative(t, "Gus")
		gus.take(1)
		v.registry.Notice(everybody, "cut in two")
		text := strings.Repeat("x", MaxNotice)
		told := 0
		for range 20 {
			n, _ := v.registry.Notice(everybody, text)
			told += n
		}
		gus.take(unlimited)
		v.tick()
		if gus.look(); told != 7 || len(gus.notices) != 8 || gus.end != 0 {
			t.Errorf("%d are to be told, %d were, ended with %d", told, len(gus.notices), gus.end)
		}
		v.stop()
	})
}

// TestPlayers: everybody in the world is listed once, with a connection or without.
func TestPlayers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		began := time.Now()
		annes, web, lost := v.joinAccount(t, "ann Ann"), v.join(wire.WebSocket), v.joinNative(t, "Gus")
		silent := v.connectNative(t)
		lost.incoming <- errors.New("cable cut")
		v.tick()
		all := v.registry.Players()
		if len(all) != 3 {
			t.Fatalf("%+v", all)
		}
		a, b, c := all[0], all[1], all[2]
		if a.Player != 1 || a.Name != "Ann" || a.Account != "ann" || a.Dialect != Native || a.State != Active || !a.Since.Equal(began) {
			t.Errorf("%+v", a)
		}
		if b.Player != 2 || b.Name != "" || b.Dialect != Classic || b.Transport != wire.WebSocket || b.Remote.Port() != 4321 {
			t.Errorf("%+v", b)
		}
		if c.Player != 3 || !c.Detached || c.Name != "Gus" || a.Detached || b.Detached {
			t.Errorf("%+v", c)
		}
		again := v.connectNative(t)
		again.resume(lost.welcome.ResumeToken)
		v.tick()
		if all := v.registry.Players(); len(all) != 3 || all[2].Detached || all[2].Player != 3 {
			t.Errorf("after resuming: %+v", all)
		}
		for _, conn := range []*fakeConn{annes.fakeConn, web, again.fakeConn, silent.fakeConn} {
			conn.leave()
		}
		v.stop()
	})
}
