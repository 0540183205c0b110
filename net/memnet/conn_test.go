package memnet_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
)

// dial returns both ends of a connection whose buffers hold so many bytes.
func dial(t *testing.T, capacity int) (client, server *memnet.Conn) {
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

// send writes text, which must be taken at once.
func send(t *testing.T, c *memnet.Conn, text string) {
	t.Helper()
	if n, err := c.TryWrite([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("%d bytes of %d written, %v", n, len(text), err)
	}
}

// expect reads as many bytes as the text has, and compares.
func expect(t *testing.T, c *memnet.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("read %q, %v; want %q", got, err, text)
	}
}

func TestConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 0)
		send(t, client, "to the server")
		send(t, server, "to the client")
		expect(t, server, "to the server")
		expect(t, client, "to the client")
		if client.RemoteAddr().String() != server.LocalAddr().String() ||
			client.LocalAddr().String() != server.RemoteAddr().String() {
			t.Errorf("%v-%v and %v-%v", client.LocalAddr(), client.RemoteAddr(), server.LocalAddr(), server.RemoteAddr())
		}
	})
}

// TestCapacity: TryWrite takes what there is room for, Write waits for room, and not a byte is lost.
func TestCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 10)
		if n, err := server.TryWrite([]byte("0123456789abc")); n != 10 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := server.TryWrite([]byte("x")); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		expect(t, client, "012")
		if n, err := server.TryWrite([]byte("abcdef")); n != 3 || err != nil {
			t.Fatal(n, err)
		}
		text := bytes.Repeat([]byte("long "), 20)
		written := make(chan error, 1)
		go func() {
			n, err := server.Write(text)
			if n != len(text) {
				err = errors.Join(err, io.ErrShortWrite)
			}
			written <- err
		}()
		synctest.Wait()
		if len(written) > 0 {
			t.Error("Write did not wait for room")
		}
		expect(t, client, "3456789abc"+string(text))
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}

// TestWriterKeepsItsBytes: what was written may be changed afterwards.
func TestWriterKeepsItsBytes(t *testing.T) {
	client, server := dial(t, 0)
	b := []byte("before")
	if _, err := server.Write(b); err != nil {
		t.Fatal(err)
	}
	copy(b, "after!")
	expect(t, client, "before")
}

func TestHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 0)
		send(t, server, "last words")
		if err := server.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("a write after CloseWrite: %v", err)
		}
		if got, err := io.ReadAll(client); string(got) != "last words" || err != nil {
			t.Errorf("the peer read %q, %v", got, err)
		}
		send(t, client, "the other direction lives")
		expect(t, server, "the other direction lives")
	})
}

// TestClose: an orderly close lets the peer read everything; one with unread bytes is a reset, and so is the answer to
// what the peer writes afterwards.
func TestClose(t *testing.T) {
	for name, test := range map[string]struct {
		unread string
		writes bool // the peer does, before it reads
		heard  string
		err    error
	}{
		"orderly":           {"", false, "bye", nil},
		"with unread bytes": {"unread", false, "", syscall.ECONNRESET},
		"and a late write":  {"", true, "", syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := dial(t, 0)
				send(t, client, test.unread)
				send(t, server, "bye")
				if err := errors.Join(server.Close(), server.Close()); err != nil {
					t.Fatal(err)
				}
				if test.writes {
					if _, err := client.Write([]byte("late")); !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("a write to a closed peer: %v", err)
					}
				}
				got, err := io.ReadAll(client)
				if string(got) != test.heard || !errors.Is(err, test.err) {
					t.Errorf("the peer read %q, %v", got, err)
				}
				if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a read after Close: %v", err)
				}
				if _, err := server.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a write after Close: %v", err)
				}
			})
		})
	}
}

// TestCut: both sides learn of it, those who wait too, and what was under way is lost.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 10)
		send(t, server, "never read")
		failed := make(chan error, 2)
		go func() {
			_, err := server.Read(make([]byte, 1))
			failed <- err
		}()
		go func() {
			_, err := server.Write([]byte("waits for room"))
			failed <- err
		}()
		synctest.Wait()
		client.Cut()
		for range 2 {
			if err := <-failed; !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("who waited got %v", err)
			}
		}
		if n, err := client.Read(make([]byte, 20)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the client read %d bytes, %v", n, err)
		}
	})
}

// TestStall: a peer that does not read fills the buffer, and has missed nothing when it goes on.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := dial(t, 10)
		client.Stall(true)
		read := make(chan string, 1)
		go func() {
			b := make([]byte, 10)
			_, err := io.ReadFull(client, b)
			if err != nil {
				t.Error(err)
			}
			read <- string(b)
		}()
		send(t, server, "0123456789")
		synctest.Wait()
		if n, err := server.TryWrite([]byte("x")); n != 0 || err != nil || len(read) != 0 {
			t.Errorf("a stalled peer took %d bytes, %v", n, err)
		}
		client.Stall(false)
		if got := <-read; got != "0123456789" {
			t.Errorf("it read %q", got)
		}
	})
}

// TestDelay: bytes take their time, and keep their order when it changes.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, server := dial(t, 0)
		client.Delay(80 * time.Millisecond)
		send(t, client, "slow")
		send(t, server, "slow")
		client.Delay(0)
		send(t, server, " fast")
		expect(t, server, "slow")
		expect(t, client, "slow fast")
		if took := time.Since(began); took != 80*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		send(t, client, "fast")
		expect(t, server, "fast")
		if took := time.Since(began); took != 80*time.Millisecond {
			t.Errorf("it took %v without a delay", took)
		}
	})
}

// TestDeadlines: they end waits, also when they are set during one, and can be taken back.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, server := dial(t, 4)
		wait := func(what string, want time.Duration, f func() error) {
			t.Helper()
			began := time.Now()
			err := f()
			timeout, ok := err.(net.Error)
			if !errors.Is(err, os.ErrDeadlineExceeded) || !ok || !timeout.Timeout() || time.Since(began) != want {
				t.Errorf("%s: %v after %v, want %v", what, err, time.Since(began), want)
			}
		}
		read := func() error { _, err := server.Read(make([]byte, 1)); return err }
		write := func() error { _, err := server.Write([]byte("five!")); return err }
		_ = server.SetReadDeadline(time.Now().Add(time.Second))
		wait("read", time.Second, read)
		wait("read again", 0, read)
		_ = server.SetReadDeadline(time.Time{})
		time.AfterFunc(2*time.Second, func() { _ = server.SetReadDeadline(time.Now().Add(3 * time.Second)) })
		wait("read, set meanwhile", 5*time.Second, read)
		_ = server.SetWriteDeadline(time.Now().Add(time.Second))
		wait("write", time.Second, write)
		_ = server.SetDeadline(time.Now().Add(-time.Second))
		wait("write, too late", 0, write)
		wait("read, too late", 0, read)
		_ = server.SetDeadline(time.Time{})
		if n, err := server.TryWrite(nil); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
}
