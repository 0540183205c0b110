package entry

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
)

// connected returns both ends of a connection on a network whose buffers hold so many bytes.
func connected(t *testing.T, capacity int) (dialled, accepted net.Conn) {
	t.Helper()
	l := memnet.Listen(memnet.Config{Capacity: capacity})
	dialled, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	accepted, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return dialled, accepted
}

// pipe runs a test with both sides of a TLS connection on a network whose buffers hold so many bytes.
func pipe(t *testing.T, capacity int, test func(server *secured, client *tls.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		dialled, accepted := connected(t, capacity)
		forServer, forClient := configs(t)
		server, client := secure(accepted, forServer, func() {}), tls.Client(dialled, forClient)
		shaken := make(chan error, 1)
		go func() { shaken <- client.Handshake() }()
		if err := errors.Join(server.Handshake(), <-shaken); err != nil {
			t.Fatal(err)
		}
		test(server, client)
		_, _ = server.Close(), client.NetConn().Close()
	})
}

// TestWritesDoNotWait: what the network does not take at once, it gets later, whole and in order; meanwhile nothing more is
// taken.
func TestWritesDoNotWait(t *testing.T) {
	pipe(t, 4096, func(server *secured, client *tls.Conn) {
		large := bytes.Repeat([]byte("0123456789abcdef"), 8<<10) // 128 KiB
		began := time.Now()
		if n, err := server.TryWrite(large); n != len(large) || err != nil {
			t.Errorf("took %d, %v", n, err)
		}
		for range 3 {
			if n, err := server.TryWrite([]byte("more")); n != 0 || err != nil {
				t.Errorf("took %d, %v behind what it has", n, err)
			}
			synctest.Wait()
		}
		if time.Since(began) != 0 {
			t.Errorf("that took %v", time.Since(began))
		}
		says(t, client, string(large))
		synctest.Wait()
		if n, err := server.TryWrite([]byte("more")); n != 4 || err != nil {
			t.Errorf("took %d, %v when there was room", n, err)
		}
		says(t, client, "more")
	})
}

// blocking is a connection that can only block.
type blocking struct{ net.Conn }

// TestWritesInOrder: where the network can only block, all writes go through the goroutine, in order.
func TestWritesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dialled, accepted := connected(t, 64)
		below := &spill{Conn: blocking{accepted}, out: wire.NonBlocking(blocking{accepted})}
		below.asked.Store(true)
		want := ""
		for i := range 100 {
			piece := strings.Repeat(string(rune('a'+i%26)), 50)
			if n, err := below.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Errorf("took %d, %v", n, err)
			}
			want += piece
		}
		says(t, dialled, want)
		_, _ = below.Close(), dialled.Close()
	})
}

// TestOrderlyEnd: the end of the outgoing side comes behind everything that was taken, even what has found no room yet.
func TestOrderlyEnd(t *testing.T) {
	pipe(t, 4096, func(server *secured, client *tls.Conn) {
		large := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
		_, _ = server.TryWrite(large)
		began := time.Now()
		if err := server.CloseWrite(); err != nil || time.Since(began) != 0 {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
		got, err := io.ReadAll(client)
		if !bytes.Equal(got, large) || err != nil {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
		if _, err := io.WriteString(client, "last words"); err != nil {
			t.Error(err)
		}
		says(t, server, "last words")
	})
}

// TestBrokenBelow: who has gone is noticed by the next write, or by the rest of the last; nothing is taken after that.
func TestBrokenBelow(t *testing.T) {
	for name, first := range map[string]int{"between writes": 4, "with a rest": 64 << 10} {
		t.Run(name, func(t *testing.T) {
			pipe(t, 4096, func(server *secured, client *tls.Conn) {
				_, _ = server.TryWrite(make([]byte, first))
				synctest.Wait()
				client.NetConn().(*memnet.Conn).Cut()
				synctest.Wait()
				_, _ = server.TryWrite([]byte("x")) // it may be the one that notices
				if n, err := server.TryWrite([]byte("x")); n != 0 || err == nil {
					t.Errorf("took %d, %v", n, err)
				}
			})
		})
	}
}

// TestCloseDoesNotWait: a connection is closed at once, whatever it still has.
func TestCloseDoesNotWait(t *testing.T) {
	pipe(t, 4096, func(server *secured, client *tls.Conn) {
		_, _ = server.TryWrite(make([]byte, 64<<10))
		began := time.Now()
		if err := server.Close(); err != nil || time.Since(began) != 0 {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
		if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read: %v", err)
		}
	})
}

// TestDeadlineOfReads: a session wakes its reader by a deadline, after which it still reads what comes.
func TestDeadlineOfReads(t *testing.T) {
	pipe(t, 4096, func(server *secured, client *tls.Conn) {
		began := time.Now()
		_ = server.SetReadDeadline(began.Add(time.Second))
		var timeout net.Error
		if _, err := server.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != time.Second {
			t.Errorf("read: %v after %v", err, time.Since(began))
		}
		if n, err := server.TryWrite([]byte("still")); n != 5 || err != nil {
			t.Errorf("took %d, %v", n, err)
		}
		says(t, client, "still")
	})
}
