package server

import (
	"runtime"
	"testing"

	"aoiworld/net/poll"
)

// TestHalfAServerIsLetGoOf: where the system gives a poller and refuses an alarm, the poller is closed, and nothing else is.
func TestHalfAServerIsLetGoOf(t *testing.T) {
	poller, err := poll.New(1)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{poller: poller}
	s.closePoller()
	if err := poller.Close(); err == nil && runtime.GOOS == "linux" {
		t.Error("the poller was not closed")
	}
}
