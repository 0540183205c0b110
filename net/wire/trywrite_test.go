package wire_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
)

// pattern returns n bytes that differ from their neighbours, so that a lost or doubled byte shows.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// TestTryWriteNeverBlocks fills the buffers of a socket whose peer does not read. That the test ends shows that nothing
// blocks; what the peer then reads is to the byte what was taken.
func TestTryWriteNeverBlocks(t *testing.T) {
	client, server := sockets(t, wire.DefaultSocketOptions())
	if err := client.SetReadBuffer(16 << 10); err != nil {
		t.Fatal(err)
	}
	w := wire.NewTryWriter(server)
	stream := pattern(32 << 20)
	taken, partial := 0, false
	for full := 0; full < 3; {
		piece := stream[taken : taken+100_000]
		n, err := w.TryWrite(piece)
		if err != nil {
			t.Fatal(err)
		}
		partial = partial || n > 0 && n < len(piece)
		if taken += n; n == 0 {
			full++
		}
	}
	if !partial {
		t.Error("no write was taken in part")
	}
	if err := server.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(client)
	if err != nil || !bytes.Equal(got, stream[:taken]) {
		t.Errorf("the peer read %d bytes of %d taken, equal: %v, %v", len(got), taken, bytes.Equal(got, stream[:taken]), err)
	}
}

func TestTryWriteAllocatesNothing(t *testing.T) {
	client, server := sockets(t, wire.DefaultSocketOptions())
	go func() { _, _ = io.Copy(io.Discard, client) }()
	w := wire.NewTryWriter(server)
	b := pattern(200)
	if n := testing.AllocsPerRun(1000, func() { _, _ = w.TryWrite(b) }); n != 0 {
		t.Errorf("%v allocations a write", n)
	}
}

// TestTryWriteFails: a connection that is gone says so, whichever way it went.
func TestTryWriteFails(t *testing.T) {
	_, server := sockets(t, wire.DefaultSocketOptions())
	w := wire.NewTryWriter(server)
	if n, err := w.TryWrite(nil); n != 0 || err != nil {
		t.Errorf("nothing to write: %d, %v", n, err)
	}
	if err := server.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.TryWrite([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("after CloseWrite: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.TryWrite([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// blocking is a connection that can only block: the methods by which memnet's would be used directly are hidden.
type blocking struct{ net.Conn }

// dial returns both ends of a connection in memory whose buffers hold so many bytes.
func dial(t testing.TB, capacity int) (client, server *memnet.Conn) {
	t.Helper()
	l := memnet.Listen(memnet.Config{Capacity: capacity})
	client, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return client, accepted.(*memnet.Conn)
}

func TestTryWriteUsesTheTwin(t *testing.T) {
	_, server := dial(t, 10)
	if w := wire.NewTryWriter(server); w != wire.TryWriter(server) {
		t.Errorf("a connection with TryWrite is wrapped in %T", w)
	}
}

// TestTryWriteByCopy: where there is no non-blocking write, one copy is under way at a time.
func TestTryWriteByCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 10)
		w := wire.NewTryWriter(blocking{server})
		message := []byte("more than ten bytes")
		try := func(want int) {
			t.Helper()
			if n, err := w.TryWrite(message); n != want || err != nil {
				t.Fatalf("%d bytes taken, %v; want %d", n, err, want)
			}
		}
		try(len(message))
		copied := string(message)
		message[0] = 'M' // the writer must have a copy
		synctest.Wait()
		try(0) // ten bytes are in the pipe, and the copy is stuck
		got := make([]byte, len(copied))
		if _, err := io.ReadFull(client, got); err != nil || string(got) != copied {
			t.Errorf("the peer read %q, %v", got, err)
		}
		synctest.Wait()
		try(len(message))
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n, err := w.TryWrite(message); n != 0 || err == nil {
			t.Errorf("after the connection has failed: %d, %v", n, err)
		}
	})
}

// TestShutdownAfterCopy: the outgoing side ends behind the copy that is under way, not in the middle of it.
func TestShutdownAfterCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 10)
		link := wire.NewLink(halfBlocking{blocking{server}, server}, wire.Budget{}, nil)
		message := "more than ten bytes"
		if n, err := link.Writer().TryWrite([]byte(message)); n != len(message) || err != nil {
			t.Fatal(n, err)
		}
		synctest.Wait()
		if err := link.Shutdown(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { client.Stall(false) })
		client.Stall(true)
		if got, err := io.ReadAll(client); err != nil || string(got) != message {
			t.Errorf("the peer read %q, %v", got, err)
		}
	})
}

// halfBlocking can also end one side, as a TLS connection can.
type halfBlocking struct {
	blocking
	half interface{ CloseWrite() error }
}

func (h halfBlocking) CloseWrite() error { return h.half.CloseWrite() }

func BenchmarkTryWrite(b *testing.B) {
	client, server := sockets(b, wire.DefaultSocketOptions())
	go func() { _, _ = io.Copy(io.Discard, client) }()
	w := wire.NewTryWriter(server)
	message := pattern(1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.TryWrite(message); err != nil {
			b.Fatal(err)
		}
	}
}
