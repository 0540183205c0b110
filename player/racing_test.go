package player

import (
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/codes"
)

// TestRacingLogins: of eight at once one lives, as one player, and the others are told; at the end of no tick there is another.
func TestRacingLogins(t *testing.T) {
	const racing, rounds = 8, 50
	for range rounds {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
			var all []*nativeClient
			for range racing {
				c := v.connectNative(t)
				c.login("ann Ann")
				all = append(all, c)
			}
			v.tickAlong(t, 1)
			live := 0
			for _, c := range all {
				switch c.look(); c.end {
				case 0:
					live++
					if c.welcome.Player != 1 || c.replica.Len() != 1 {
						t.Errorf("the winner is %v", &c.welcome)
					}
				case codes.CloseReplaced:
				default:
					t.Errorf("one ended with %d", c.end)
				}
			}
			counts := v.registry.Snapshot()
			if live != 1 || counts.Live() != 1 || v.loop.Snapshot().Players != 1 || v.nextID != 1 {
				t.Errorf("%d live, %d players, of %d that ever were", live, v.loop.Snapshot().Players, v.nextID)
			}
			if counts.Logins[LoginAccount] != 1 || counts.Logins[LoginReplaced] != racing-1 {
				t.Errorf("counted %v", counts.Logins)
			}
			v.stop()
			v.nobody(t)
		})
	}
}

// TestRacingLoginsResumesAndCuts: whatever an account's connections do at once, it has one player at most, and nothing is left
// of it in the end.
func TestRacingLoginsResumesAndCuts(t *testing.T) {
	const rounds = 50
	for range rounds {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
			first := v.joinAccount(t, "ann Ann")
			var racing sync.WaitGroup
			for i := range 12 {
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
						first.incoming <- io.EOF
						c.hello("Ann")
					}
				})
			}
			v.tickAlong(t, 1+3) // three guests
			racing.Wait()
			v.stop()
			v.nobody(t)
		})
	}
}

// tickAlong ticks while everybody else does what they do, until all have done it. At the end of no tick there are more players
// than so many.
func (v *server) tickAlong(t *testing.T, most int) {
	t.Helper()
	for range 20 {
		must(t, v.loop.Tick(time.Now()))
		if n := v.loop.Snapshot().Players; n > most {
			t.Errorf("%d players at the end of a tick", n)
		}
		runtime.Gosched()
	}
	v.tick()
	v.tick()
	if n := v.loop.Snapshot().Players; n > most {
		t.Errorf("%d players in the end", n)
	}
}

// TestRacingGuests: of guests who wish for one name at once each has another.
func TestRacingGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		var all []*nativeClient
		for range 8 {
			c := v.connectNative(t)
			c.hello("Ann")
			all = append(all, c)
		}
		v.tickAlong(t, 8)
		names := map[string]bool{}
		for _, c := range all {
			c.look()
			names[c.welcome.Name] = true
		}
		if len(names) != 8 || !names["Ann"] || !names["Ann-8"] {
			t.Errorf("they are called %v", names)
		}
		v.stop()
		v.nobody(t)
	})
}
