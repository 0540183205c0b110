package server

import (
	"testing"

	"aoiworld/net/poll"
)

// TestHalfAServerIsLetGoOf: where the system gives a poller and refuses an alarm, there is only the poller to be closed.
func TestHalfAServerIsLetGoOf(t *testing.T) {
	poller, err := poll.New(1)
	if err != nil {
		t.Fatal(err)
	}
	(&Server{poller: poller}).closePoller()
}
