package wire_test

import (
	"testing"
	"testing/synctest"

	"aoiworld/net/wire"
)

func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group wire.Group
		finish := make(chan struct{})
		waited := false
		for range 3 {
			if !group.Go(func() { <-finish }) {
				t.Fatal("a new group does not run a handler")
			}
		}
		group.Stop()
		if group.Go(func() { t.Error("a handler ran after Stop") }) {
			t.Error("a stopped group says that it runs a handler")
		}
		go func() {
			group.Wait()
			waited = true
		}()
		synctest.Wait()
		if waited {
			t.Error("Wait did not wait for the handlers")
		}
		close(finish)
		synctest.Wait()
		if !waited {
			t.Error("Wait did not return after the handlers")
		}
	})
}
