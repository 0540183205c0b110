package tcp

import (
	"testing"
	"unsafe"
)

// TestConnectionsBeginWithALine: what each message touches is two lines of the processor's cache, with which a connection begins.
func TestConnectionsBeginWithALine(t *testing.T) {
	const line = 64
	if at, size := unsafe.Offsetof(conn{}.Link), unsafe.Sizeof(conn{}); at != line || size != 3*line {
		t.Errorf("the link is behind %d bytes of %d, want %d of %d", at, size, line, 3*line)
	}
}
