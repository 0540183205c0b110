package player

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/wire"
	"aoiworld/world"
)

// TestLink: how much the kernel took, how much waits for it, of how many ticks a client could not take a frame and for how long.
func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.TCP)
		link := func() Link { return v.registry.Players()[0].Link }
		at := func(x float32) {
			must(t, v.loop.Order(world.Teleport{Player: 1, To: world.Position{X: x, Z: 30}}))
			v.tick()
		}
		c.mu.Lock()
		sent := uint64(len(c.written))
		c.mu.Unlock()
		if got := link(); got != (Link{Sent: sent}) || sent == 0 {
			t.Errorf("%+v, %d bytes were written", got, sent)
		}
		c.take(1)
		at(31)
		<-time.After(70 * time.Millisecond)
		if got := link(); got.Sent != sent+1 || got.Queued < 10 || got.Missed != 0 || got.Behind != 70*time.Millisecond {
			t.Errorf("%+v after a frame was cut", got)
		}
		at(32)
		v.registry.Sweep(time.Now())
		at(33)
		if got := link(); got.Missed != 2 {
			t.Errorf("%+v after two more ticks", got)
		}
		c.take(unlimited)
		at(34)
		if got := link(); got.Queued != 0 || got.Missed != 0 || got.Behind != 0 || got.Sent < sent+20 {
			t.Errorf("%+v once it reads again", got)
		}
		v.stop()
	})
}

// TestLinkCountsBeyond4GiB: what was sent is not counted anew.
func TestLinkCountsBeyond4GiB(t *testing.T) {
	o, _, a := newTestOutbox(4096)
	o.sent = 1<<32 - 50
	for range 2 {
		o.deliver(a, packet(7, bytes.Repeat([]byte("x"), 100)), start)
	}
	if got := o.link(start).Sent; got != 1<<32-50+2*108 {
		t.Errorf("sent %d", got)
	}
}
