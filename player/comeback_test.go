package player

import (
	"testing"
	"testing/synctest"
)

// TestWhenToComeBack: a client of the native dialect is told by the server's last error, within ten seconds.
func TestWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MaxSessions = 2 }})
		one, other := v.joinNative(t, ""), v.joinNative(t, "")
		late := v.joinNative(t, "")
		v.registry.CloseAll(Shutdown)
		v.tick()
		for i, c := range []*nativeClient{one, other, late} {
			c.look()
			if after := c.comeBack; after < 1000 || after >= 11_000 {
				t.Errorf("client %d is to come back after %d ms", i, after)
			}
		}
		v.running.Wait()
	})
}
