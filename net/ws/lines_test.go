package ws

import (
	"testing"
	"unsafe"
)

// TestConnectionsBeginWithALine: what each message touches is three lines of the processor's cache, with which a connection begins:
// of the decoder what a message that arrives whole needs, what is left of it, and the link.
func TestConnectionsBeginWithALine(t *testing.T) {
	const line = 64
	if at := unsafe.Offsetof(conn{}.decoder) + unsafe.Offsetof(decoder{}.open); at >= line {
		t.Errorf("the decoder's first line is %d bytes long", at)
	}
	if at, size := unsafe.Offsetof(conn{}.Link), unsafe.Sizeof(conn{}); at != 2*line || size != 5*line {
		t.Errorf("the link is behind %d bytes of %d, want %d of %d", at, size, 2*line, 5*line)
	}
}
