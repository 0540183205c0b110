package tcp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/tcp"
	"aoiworld/net/wire"
)

const maxPayload = 4096

// serve runs a server on a network in memory for the length of a test, in a bubble. Whatever it accepts is handled by
// handle; the test fails if a goroutine is left.
func serve(t *testing.T, cfg tcp.Config, handle func(wire.Conn), test func(*memnet.Listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg.MaxPayload = maxPayload
		l := memnet.Listen(memnet.Config{})
		server := tcp.NewServer(l, cfg, whole(handle), slog.New(slog.DiscardHandler))
		served := make(chan error, 1)
		go func() { served <- server.Serve() }()
		test(l)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		server.Wait()
	})
}

// whole is what takes a connection in that waits: handle does all there is to do about it.
func whole(handle func(wire.Conn)) wire.Accept {
	return func(c wire.Conn) func() bool {
		return func() bool {
			handle(c)
			_ = c.Close()
			return false
		}
	}
}

// dial connects.
func dial(t *testing.T, l *memnet.Listener) *memnet.Conn {
	t.Helper()
	client, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// echo sends every frame back until the connection ends, and reports why it did.
func echo(ended chan<- error) func(wire.Conn) {
	return func(c wire.Conn) {
		for {
			frame, err := c.Next()
			if err != nil {
				ended <- err
				return
			}
			packet := wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), frame.ID, frame.Payload))
			if n, err := c.Writer().TryWrite(packet.Bytes(c.Framed())); n != len(packet.Stream()) || err != nil {
				ended <- fmt.Errorf("%d bytes written: %w", n, err)
				return
			}
		}
	}
}

// pause lets virtual time pass.
func pause(d time.Duration) { <-time.After(d) }

func TestEcho(t *testing.T) {
	ended := make(chan error, 1)
	serve(t, tcp.Config{}, echo(ended), func(l *memnet.Listener) {
		client := dial(t, l)
		var stream []byte
		for i, size := range []int{0, 20, 600, maxPayload, 1} {
			stream = wire.AppendFrame(stream, uint32(i), bytes.Repeat([]byte("x"), size))
		}
		go func() { // byte by byte, as slow networks do
			for _, b := range stream {
				if _, err := client.Write([]byte{b}); err != nil {
					t.Error(err)
				}
			}
			_ = client.CloseWrite()
		}()
		if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, stream) {
			t.Errorf("%d bytes of %d came back, %v", len(got), len(stream), err)
		}
	})
	if err := <-ended; err != io.EOF {
		t.Errorf("the connection ended with %v", err)
	}
}

// TestEnds: what a client does last decides what Next returns.
func TestEnds(t *testing.T) {
	whole := wire.AppendFrame(nil, 3, []byte("whole"))
	for name, test := range map[string]struct {
		does func(*memnet.Conn)
		want error
	}{
		"leaves":              {func(c *memnet.Conn) { _, _ = c.Write(whole); _ = c.CloseWrite() }, io.EOF},
		"leaves inside":       {func(c *memnet.Conn) { _, _ = c.Write(whole[:9]); _ = c.CloseWrite() }, wire.ErrTruncated},
		"is cut inside":       {func(c *memnet.Conn) { _, _ = c.Write(whole[:9]); synctest.Wait(); c.Cut() }, syscall.ECONNRESET},
		"declares 4 GiB":      {func(c *memnet.Conn) { _, _ = c.Write([]byte{255, 255, 255, 255, 3, 0, 0, 0}) }, wire.ErrTooLarge},
		"declares a bit more": {func(c *memnet.Conn) { _, _ = c.Write(wire.AppendHeader(nil, 3, maxPayload+1)) }, wire.ErrTooLarge},
		"floods":              {func(c *memnet.Conn) { _, _ = c.Write(bytes.Repeat(whole, 200)) }, wire.ErrFlood},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			budget := wire.Budget{BytesPerSecond: 1000, Burst: 2000}
			serve(t, tcp.Config{Budget: budget}, echo(ended), func(l *memnet.Listener) {
				test.does(dial(t, l))
				if err := <-ended; !errors.Is(err, test.want) {
					t.Errorf("it ended with %v, want %v", err, test.want)
				}
			})
		})
	}
}

// TestFrameSince: a frame that dawdles is seen from its first byte on, however its bytes trickle in, and only it.
func TestFrameSince(t *testing.T) {
	conns := make(chan wire.Conn, 1)
	ended := make(chan error, 1)
	handle := func(c wire.Conn) {
		conns <- c
		echo(ended)(c)
	}
	serve(t, tcp.Config{}, handle, func(l *memnet.Listener) {
		client := dial(t, l)
		conn := <-conns
		began := time.Now()
		send := func(b []byte) {
			t.Helper()
			if _, err := client.Write(b); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		check := func(want time.Duration) {
			t.Helper()
			since := conn.Activity().FrameSince
			if since.IsZero() != (want < 0) || want >= 0 && since.Sub(began).Round(time.Millisecond) != want {
				t.Errorf("after %v: in a frame since %v", time.Since(began), since)
			}
		}
		frame := wire.AppendFrame(nil, 3, []byte("slowly"))
		check(-1)
		for i, b := range frame[:len(frame)-1] {
			pause(time.Second)
			send([]byte{b})
			check(time.Second)
			if heard := conn.Activity().LastHeard.Sub(began).Round(time.Millisecond); heard != time.Duration(i+1)*time.Second {
				t.Errorf("last heard after %v", heard)
			}
		}
		pause(time.Second)
		at := time.Since(began)
		send(append(frame[len(frame)-1:], frame[0])) // its end, and the beginning of the next
		check(at)
		send(frame[1:])
		check(-1)
		_ = client.Close()
	})
}

// TestShutdown: what was written arrives, then the stream ends; Next discards what still comes, and then tells that the
// connection was closed.
func TestShutdown(t *testing.T) {
	ended := make(chan error, 1)
	handle := func(c wire.Conn) {
		if frame, err := c.Next(); frame.ID != 3 || err != nil {
			t.Error(frame.ID, err)
		}
		if n, err := c.Writer().TryWrite([]byte("goodbye")); n != 7 || err != nil {
			t.Error(n, err)
		}
		if err := c.Shutdown(); err != nil {
			t.Error(err)
		}
		frame, err := c.Next()
		if frame.ID != 0 {
			t.Errorf("frame %d was read after Shutdown", frame.ID)
		}
		ended <- err
	}
	serve(t, tcp.Config{}, handle, func(l *memnet.Listener) {
		client := dial(t, l)
		if _, err := client.Write(bytes.Repeat(wire.AppendFrame(nil, 3, []byte("twice")), 2)); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(client); string(got) != "goodbye" || err != nil {
			t.Errorf("the client read %q, %v", got, err)
		}
		_ = client.Close()
		if err := <-ended; !errors.Is(err, wire.ErrClosed) {
			t.Error(err)
		}
	})
}

// TestClosedAfterHandler: when the handler returns the connection is closed, and its place at the gate free.
func TestClosedAfterHandler(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxConnections: 1})
	serve(t, tcp.Config{Gate: gate}, func(wire.Conn) {}, func(l *memnet.Listener) {
		for range 3 {
			client := dial(t, l)
			if _, err := client.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the client reads %v", err)
			}
			synctest.Wait()
		}
	})
	if gate.Live() != 0 || gate.Refused(wire.ServerFull) != 0 {
		t.Errorf("%d live, %d refused", gate.Live(), gate.Refused(wire.ServerFull))
	}
}

// TestRefusal: who is not admitted is closed at once; those who are in notice nothing.
func TestRefusal(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxPerAddress: 1})
	ended := make(chan error, 2)
	serve(t, tcp.Config{Gate: gate}, echo(ended), func(l *memnet.Listener) {
		peer := netip.MustParseAddrPort("203.0.113.1:1000")
		first, err := l.DialFrom(peer)
		if err != nil {
			t.Fatal(err)
		}
		second, err := l.DialFrom(peer)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := second.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the one too many reads %d bytes, %v", n, err)
		}
		frame := wire.AppendFrame(nil, 1, []byte("still here"))
		if _, err := first.Write(frame); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(first, make([]byte, len(frame))); err != nil {
			t.Errorf("the first one: %v", err)
		}
		_ = first.Close()
	})
	if gate.Refused(wire.AddressFull) != 1 {
		t.Errorf("%d refused", gate.Refused(wire.AddressFull))
	}
}

// TestCloseWaits: Close lets connections go on, and Wait waits for their handlers.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		l := memnet.Listen(memnet.Config{})
		server := tcp.NewServer(l, tcp.Config{MaxPayload: maxPayload}, whole(echo(ended)), slog.New(slog.DiscardHandler))
		served := make(chan error, 1)
		go func() { served <- server.Serve() }()
		client := dial(t, l)
		synctest.Wait()
		if err := errors.Join(server.Close(), <-served); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a new client: %v", err)
		}
		time.AfterFunc(5*time.Second, func() { _ = client.Close() })
		began := time.Now()
		server.Wait()
		if time.Since(began) != 5*time.Second || len(ended) != 1 {
			t.Errorf("Wait returned after %v", time.Since(began))
		}
	})
}

// TestConn: what a TCP connection is without.
func TestConn(t *testing.T) {
	conns := make(chan wire.Conn, 1)
	serve(t, tcp.Config{}, func(c wire.Conn) { conns <- c }, func(l *memnet.Listener) {
		client := dial(t, l)
		c := <-conns
		if c.Transport() != wire.TCP || c.RemoteAddr().String() != client.LocalAddr().String() || c.Activity().Pings {
			t.Errorf("%v connection of %v, pings %v", c.Transport(), c.RemoteAddr(), c.Activity().Pings)
		}
		if b := c.AppendPing(c.AppendClose([]byte("x"), 1000, "reason")); string(b) != "x" {
			t.Errorf("messages of the transport: %q", b)
		}
		c.OnControl(nil)
	})
}

// TestOverSockets is the echo with a real socket on each side.
func TestOverSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	cfg := tcp.Config{MaxPayload: maxPayload, Sockets: wire.DefaultSocketOptions()}
	server := tcp.NewServer(l, cfg, whole(echo(ended)), slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	stream := bytes.Repeat(wire.AppendFrame(nil, 3, bytes.Repeat([]byte("y"), 300)), 100)
	if _, err := client.Write(stream); err != nil {
		t.Fatal(err)
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, stream) {
		t.Errorf("%d bytes of %d came back, %v", len(got), len(stream), err)
	}
	_ = client.Close()
	if err := errors.Join(server.Close(), <-served); err != nil {
		t.Error(err)
	}
	server.Wait()
	if err := <-ended; err != io.EOF {
		t.Error(err)
	}
}
