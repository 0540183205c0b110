package player

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/codes"
	"aoiworld/net/wire"
)

// TestLoginsExpireDuringPlay: a minute before, the client is told; then it is closed, and its player waits for a fresh login,
// which the resume token is not.
func TestLoginsExpireDuringPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{ttl: 100 * time.Second}}, limits: func(l *Limits) {
			l.PingInterval, l.DeadAfter = time.Hour, 2*time.Hour
		}})
		a := v.joinAccount(t, "ann Ann")
		v.registry.Sweep(time.Now().Add(39 * time.Second))
		a.look()
		if len(a.errors) > 0 {
			t.Errorf("too early: told %v", a.errors)
		}
		v.registry.Sweep(time.Now().Add(41 * time.Second))
		v.registry.Sweep(time.Now().Add(99 * time.Second))
		a.look()
		if !slices.Equal(a.errors, []codes.Error{codes.TokenExpired}) || a.retry[0] != 59_000 || a.end != 0 {
			t.Errorf("a minute before: told %v, %v ms, ended with %d", a.errors, a.retry, a.end)
		}
		<-time.After(100 * time.Second)
		v.registry.Sweep(time.Now())
		v.tick()
		a.look()
		if a.end != codes.CloseTokenExpired || v.registry.Snapshot().Detached != 1 {
			t.Errorf("ended with %d, %d without a connection", a.end, v.registry.Snapshot().Detached)
		}
		stale := v.connectNative(t)
		stale.resume(a.welcome.ResumeToken)
		v.tick()
		stale.look()
		if stale.end != codes.CloseTokenExpired || !slices.Contains(stale.errors, codes.TokenExpired) {
			t.Errorf("the resume token: told %v, %d", stale.errors, stale.end)
		}
		b := v.joinAccount(t, "ann Ann")
		if b.welcome.Player != 1 || !b.welcome.Resumed || v.registry.Snapshot().Detached != 0 {
			t.Errorf("a fresh login: %v", &b.welcome)
		}
		v.stop()
		v.nobody(t)
	})
}

// TestClassicClientsAreGuests: where only accounts may play they are refused, and over WebSocket told so.
func TestClassicClientsAreGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{AccountsOnly: true, Tokens: &tokens{}}})
		socket, stream := v.join(wire.WebSocket), v.join(wire.TCP)
		if code, text := socket.closeSent(t); code != 4501 || text == "" {
			t.Errorf("closed with %d %q", code, text)
		}
		if len(stream.got(t)) > 0 || v.loop.Snapshot().Players != 0 || v.closed(Unauthenticated) != 2 {
			t.Errorf("told %v, %d players, %d closed", stream.ids(t), v.loop.Snapshot().Players, v.closed(Unauthenticated))
		}
		v.stop()
	})
}
