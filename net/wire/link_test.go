package wire_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/wire"
)

func TestBudget(t *testing.T) {
	// A step sends bytes after a pause; all of it is read at once.
	type step struct {
		pause time.Duration
		bytes int
		want  error
	}
	for name, test := range map[string]struct {
		budget wire.Budget
		steps  []step
	}{
		"none":                 {wire.Budget{}, []step{{0, 5000, nil}, {0, 5000, nil}}},
		"burst":                {wire.Budget{BytesPerSecond: 100, Burst: 1000}, []step{{0, 1000, nil}, {0, 1, wire.ErrFlood}}},
		"above the burst":      {wire.Budget{BytesPerSecond: 100, Burst: 1000}, []step{{0, 1001, wire.ErrFlood}}},
		"a second's worth":     {wire.Budget{BytesPerSecond: 100}, []step{{0, 100, nil}, {0, 1, wire.ErrFlood}}},
		"recovers":             {wire.Budget{BytesPerSecond: 100, Burst: 1000}, []step{{0, 1000, nil}, {time.Second, 100, nil}}},
		"recovers so much":     {wire.Budget{BytesPerSecond: 100, Burst: 1000}, []step{{0, 1000, nil}, {time.Second, 101, wire.ErrFlood}}},
		"in lots":              {wire.Budget{BytesPerSecond: 100, Burst: 1024}, append(repeat(step{0, 8, nil}, 128), step{0, 8, wire.ErrFlood})},
		"saves no more":        {wire.Budget{BytesPerSecond: 100, Burst: 1000}, []step{{time.Hour, 1001, wire.ErrFlood}}},
		"at the rate for ever": {wire.Budget{BytesPerSecond: 100, Burst: 200}, repeat(step{time.Second, 100, nil}, 50)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := dial(t, 0)
				link := wire.NewLink(server, test.budget, nil)
				for i, step := range test.steps {
					pause(step.pause)
					if _, err := client.Write(make([]byte, step.bytes)); err != nil {
						t.Fatal(err)
					}
					_, err := io.ReadFull(link, make([]byte, step.bytes))
					if !errors.Is(err, step.want) {
						t.Fatalf("step %d: %v, want %v", i, err, step.want)
					}
				}
			})
		})
	}
}

// repeat returns a slice of n times the same.
func repeat[T any](value T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = value
	}
	return all
}

// pause lets virtual time pass.
func pause(d time.Duration) { <-time.After(d) }

// TestActivity: the times are those of arrival; nothing but bytes counts as being heard.
func TestActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, server := dial(t, 0)
		link := wire.NewLink(server, wire.Budget{}, nil)
		check := func(heard, since time.Duration) {
			t.Helper()
			a := link.Activity()
			if got := a.LastHeard.Sub(began); got.Round(time.Millisecond) != heard {
				t.Errorf("last heard after %v, want %v", got, heard)
			}
			if a.FrameSince.IsZero() != (since < 0) {
				t.Errorf("in a frame since %v", a.FrameSince)
			} else if got := a.FrameSince.Sub(began); since >= 0 && got.Round(time.Millisecond) != since {
				t.Errorf("in a frame since %v, want %v", got, since)
			}
			if a.Pings {
				t.Error("it answers pings")
			}
		}
		hear := func() {
			t.Helper()
			if _, err := client.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := link.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
		}
		check(0, -1)
		hear() // at the very first moment, which must not look like never
		link.Mark(true)
		check(0, 0)
		pause(3 * time.Second)
		check(0, 0)
		hear()
		link.Mark(true) // still the same frame
		check(3*time.Second, 0)
		link.Mark(false)
		check(3*time.Second, -1)
		pause(time.Second)
		hear()
		pause(time.Second)
		link.Mark(true) // the frame began when its bytes came
		check(4*time.Second, 4*time.Second)
	})
}

// TestLinger: after Shutdown the peer reads everything that was written, and the link discards what comes, within limits.
func TestLinger(t *testing.T) {
	for name, test := range map[string]struct {
		peer  func(client net.Conn)
		takes time.Duration
	}{
		"the peer closes too": {func(client net.Conn) { pause(300 * time.Millisecond); _ = client.Close() }, 300 * time.Millisecond},
		"the peer is silent":  {func(net.Conn) {}, time.Second},
		"the peer trickles": {func(client net.Conn) {
			for err := error(nil); err == nil; {
				pause(50 * time.Millisecond)
				_, err = client.Write([]byte("x"))
			}
		}, time.Second},
		"the peer floods": {func(client net.Conn) { _, _ = client.Write(make([]byte, 1<<20)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := dial(t, 0)
				link := wire.NewLink(server, wire.Budget{BytesPerSecond: 1}, nil)
				if n, err := link.Writer().TryWrite([]byte("why")); n != 3 || err != nil {
					t.Fatal(n, err)
				}
				began := time.Now()
				if err := errors.Join(link.Shutdown(), link.Shutdown()); err != nil {
					t.Fatal(err)
				}
				heard := make(chan string, 1)
				var peer sync.WaitGroup
				peer.Go(func() {
					b, err := io.ReadAll(client)
					heard <- string(b)
					if err != nil {
						t.Errorf("the peer read on to %v", err)
					}
					test.peer(client)
				})
				if n, err := link.Read(make([]byte, 100)); n != 0 || !errors.Is(err, wire.ErrClosed) {
					t.Errorf("read %d bytes, %v", n, err)
				}
				if took := time.Since(began); took != test.takes {
					t.Errorf("it lingered for %v, want %v", took, test.takes)
				}
				if got := <-heard; got != "why" {
					t.Errorf("the peer heard %q", got)
				}
				if err := link.Close(); err != nil {
					t.Error(err)
				}
				peer.Wait()
			})
		})
	}
}

// TestShutdownWakes: a reader that waits learns of Shutdown and of Close.
func TestShutdownWakes(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(*wire.Link) error
		takes time.Duration
	}{
		"shutdown": {(*wire.Link).Shutdown, 1500 * time.Millisecond},
		"close":    {(*wire.Link).Close, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, server := dial(t, 0)
				released := 0
				link := wire.NewLink(server, wire.Budget{}, func() { released++ })
				began := time.Now()
				time.AfterFunc(500*time.Millisecond, func() {
					if err := test.end(link); err != nil {
						t.Error(err)
					}
				})
				if _, err := link.Read(make([]byte, 10)); !errors.Is(err, wire.ErrClosed) || time.Since(began) != test.takes {
					t.Errorf("read ended with %v after %v", err, time.Since(began))
				}
				if err := errors.Join(link.Close(), link.Close()); err != nil || released != 1 {
					t.Errorf("closed: %v, released %d times", err, released)
				}
			})
		})
	}
}

// TestCloseWithoutLinger shows what Linger is for: the peer's bytes that nobody has read turn a close into a reset, and
// what was written last is lost.
func TestCloseWithoutLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 0)
		link := wire.NewLink(server, wire.Budget{}, nil)
		if _, err := client.Write([]byte("unread")); err != nil {
			t.Fatal(err)
		}
		if _, err := link.Writer().TryWrite([]byte("why")); err != nil {
			t.Fatal(err)
		}
		if err := link.Close(); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(client); len(b) != 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer read %q, %v", b, err)
		}
	})
}

// TestLingerOverSockets is the same with the kernel's own rules.
func TestLingerOverSockets(t *testing.T) {
	client, server := sockets(t, wire.DefaultSocketOptions())
	link := wire.NewLink(server, wire.Budget{}, nil)
	if _, err := client.Write(make([]byte, 30_000)); err != nil {
		t.Fatal(err)
	}
	if n, err := link.Writer().TryWrite([]byte("why")); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if err := link.Shutdown(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(client)
	if err != nil || string(got) != "why" {
		t.Errorf("the peer read %q, %v", got, err)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := link.Read(make([]byte, 10)); !errors.Is(err, wire.ErrClosed) {
		t.Error(err)
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
}

func TestAddrPortOf(t *testing.T) {
	for name, test := range map[string]struct {
		address net.Addr
		want    netip.AddrPort
	}{
		"IPv4":         {&net.TCPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 7}, netip.MustParseAddrPort("203.0.113.1:7")},
		"IPv6":         {&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 7}, netip.MustParseAddrPort("[2001:db8::1]:7")},
		"another type": {&net.UDPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 7}, netip.MustParseAddrPort("203.0.113.1:7")},
		"a path":       {&net.UnixAddr{Name: "socket"}, netip.AddrPort{}},
		"none":         {nil, netip.AddrPort{}},
	} {
		if got := wire.AddrPortOf(test.address); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
