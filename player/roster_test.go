package player

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/world"
)

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
		for _, want := range all {
			if got, here := v.registry.Player(want.Player); !here || got != want {
				t.Errorf("player %d is %+v, want %+v", want.Player, got, want)
			}
		}
		for _, nobody := range []world.ID{0, 4711} {
			if _, here := v.registry.Player(nobody); here {
				t.Errorf("there is a player %d", nobody)
			}
		}
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
