package player

import (
	"testing"
	"unsafe"
)

// TestMessagesAndFramesTouchFewLines: what each message touches of a session is one line of the processor's cache, and what each
// frame does is the next.
func TestMessagesAndFramesTouchFewLines(t *testing.T) {
	const line = 64
	first, second := unsafe.Offsetof(Session{}.outbox), unsafe.Offsetof(outbox{}.conn)
	if first != line || second != line {
		t.Errorf("what is touched is %d and %d bytes, want %d each", first, second, line)
	}
}
