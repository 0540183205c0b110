package poll

import (
	"testing"
	"unsafe"

	"aoiworld/net/wire"
)

// TestTurnsTouchOneLine: what each turn and each write touch of a socket is one line of the processor's cache, with which the
// socket begins.
func TestTurnsTouchOneLine(t *testing.T) {
	const line = 64
	if at, size := unsafe.Offsetof(Socket{}.done), unsafe.Sizeof(Socket{}); at != line || size%line != 0 {
		t.Errorf("what each turn touches is %d bytes of %d, want %d of whole lines", at, size, line)
	}
}

// TestSocketsAreTouched: who writes to many has their memory come beforehand.
func TestSocketsAreTouched(t *testing.T) {
	var socket wire.TryWriter = &Socket{}
	if _, ok := socket.(wire.Toucher); !ok {
		t.Error("a socket cannot be touched")
	}
}
