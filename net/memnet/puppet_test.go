package memnet_test

import (
	"errors"
	"net/netip"
	"testing"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
)

// A Puppet is a Conn.
var _ wire.Conn = (*memnet.Puppet)(nil)

func TestPuppetReads(t *testing.T) {
	broken := errors.New("broken")
	p := &memnet.Puppet{}
	next := func(id uint32, want error) {
		t.Helper()
		if frame, err := p.Next(); frame.ID != id || !errors.Is(err, want) {
			t.Fatalf("frame %d, %v; want %d, %v", frame.ID, err, id, want)
		}
	}
	next(0, memnet.ErrNothing)
	p.Push(3, []byte("a"))
	p.Push(2, nil)
	next(3, nil)
	next(2, nil)
	next(0, memnet.ErrNothing)
	p.Push(4, nil)
	p.Fail(broken)
	next(4, nil)
	next(0, broken)
	if _, err := p.TryWrite([]byte("x")); !errors.Is(err, broken) {
		t.Errorf("a write: %v", err)
	}
}

func TestPuppetWrites(t *testing.T) {
	p := &memnet.Puppet{Room: 5}
	write := func(text string, want int) {
		t.Helper()
		if n, err := p.TryWrite([]byte(text)); n != want || err != nil {
			t.Fatalf("%d bytes of %q taken, %v; want %d", n, text, err, want)
		}
	}
	drain := func(n int, want string) {
		t.Helper()
		if got := p.Drain(n); string(got) != want {
			t.Fatalf("drained %q, want %q", got, want)
		}
	}
	write("abc", 3)
	write("def", 2)
	write("f", 0)
	kept := p.Drain(2)
	write("fgh", 2)
	drain(100, "cdefg")
	if string(kept) != "ab" {
		t.Errorf("what was drained has changed to %q", kept)
	}
	drain(1, "")
	write("hijkl", 5)
	if p.Buffered() != 5 {
		t.Errorf("%d bytes are buffered", p.Buffered())
	}
}

func TestPuppetEnds(t *testing.T) {
	remote := netip.MustParseAddrPort("203.0.113.1:5")
	p := &memnet.Puppet{Room: 10, Remote: remote}
	p.Push(3, nil)
	if p.Ended() || p.Closed() || p.RemoteAddr() != remote || p.Transport() != wire.Memory {
		t.Error("it does not begin as it should")
	}
	if err := p.Shutdown(); err != nil || !p.Ended() || p.Closed() {
		t.Error("Shutdown is not to be seen", err)
	}
	if _, err := p.Next(); !errors.Is(err, wire.ErrClosed) {
		t.Errorf("after Shutdown Next returns %v", err)
	}
	if _, err := p.TryWrite([]byte("x")); !errors.Is(err, wire.ErrClosed) {
		t.Errorf("after Shutdown TryWrite returns %v", err)
	}
	if err := p.Close(); err != nil || !p.Closed() {
		t.Error("Close is not to be seen", err)
	}
}
