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
			if !group.Read(nil, func() func() bool { return func() bool { <-finish; return false } }) {
				t.Fatal("a new group does not read")
			}
		}
		group.Stop()
		if group.Read(nil, func() func() bool { t.Error("it began after Stop"); return nil }) {
			t.Error("a stopped group says that it reads")
		}
		go func() {
			group.Wait()
			waited = true
		}()
		synctest.Wait()
		if waited {
			t.Error("Wait did not wait for the reading")
		}
		close(finish)
		synctest.Wait()
		if !waited {
			t.Error("Wait did not return after the reading")
		}
	})
}
