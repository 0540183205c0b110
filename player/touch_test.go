package player

import (
	"testing"

	"aoiworld/net/wire"
)

// touched is a writer that counts how often it is touched.
type touched struct {
	wire.TryWriter
	times int
}

// Touch implements wire.Toucher.
func (w *touched) Touch() { w.times++ }

// TestTouch: touching an outbox touches the connection's writer, if that is for something, and waits for nobody who writes.
func TestTouch(t *testing.T) {
	o, _, _ := newTestOutbox(4096)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.touch()
	w := &touched{TryWriter: o.out}
	o.out = w
	if o.touch(); w.times != 1 {
		t.Errorf("it was touched %d times", w.times)
	}
}
