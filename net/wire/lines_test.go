package wire

import (
	"testing"
	"unsafe"
)

// TestReadsTouchFewLines: what each read touches of a link is one line of the processor's cache, and so is a reader.
func TestReadsTouchFewLines(t *testing.T) {
	const line = 64
	if at, size := unsafe.Offsetof(Link{}.budget), unsafe.Sizeof(Reader{}); at != line || size != line {
		t.Errorf("what each read touches is %d bytes of a link, a reader is %d, want %d", at, size, line)
	}
}
