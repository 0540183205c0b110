package memnet_test

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"

	"aoiworld/net/memnet"
)

// TestListenerAddresses: every client has an address of its own, the one that it asked for if it did.
func TestListenerAddresses(t *testing.T) {
	l := memnet.Listen(memnet.Config{})
	wanted := netip.MustParseAddrPort("203.0.113.9:1234")
	for range 3 {
		if _, err := l.Dial(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.DialFrom(wanted); err != nil {
		t.Fatal(err)
	}
	seen := map[netip.AddrPort]bool{}
	for range 4 {
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddrPort(accepted.RemoteAddr().String())
		if !address.Addr().IsLoopback() && address != wanted {
			t.Errorf("a client is at %v", address)
		}
		seen[address] = true
	}
	if len(seen) != 4 || !seen[wanted] {
		t.Errorf("addresses %v", seen)
	}
}

// TestListenerClose: who waits to accept or to be accepted learns of it.
func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen(memnet.Config{})
		waiting, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("who was not accepted reads %v", err)
		}
		if _, err := l.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Dial after Close: %v", err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept after Close: %v", err)
		}

		other := memnet.Listen(memnet.Config{})
		ended := make(chan error, 1)
		go func() {
			_, err := other.Accept()
			ended <- err
		}()
		synctest.Wait()
		_ = other.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a waiting Accept ended with %v", err)
		}
	})
}
