package player

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Who is sent away for the server's own reasons is told when to come back: not at once, and not all at one time.
const (
	comeBackAfter  = time.Second
	comeBackSpread = 10 * time.Second
)

// comeBack returns after how long the client of a session that ends for a reason should come back; 0 is as it likes.
func (r CloseReason) comeBack() time.Duration {
	if r != Shutdown && r != TooManyConnections {
		return 0
	}
	return comeBackAfter + rand.N(comeBackSpread)
}

// withComeBack adds to what a client is told when it should come back, for those who know no message for that.
func withComeBack(text string, after time.Duration) string {
	if after == 0 {
		return text
	}
	return fmt.Sprintf("%s; come back in %d s", text, (after+time.Second-1)/time.Second)
}
