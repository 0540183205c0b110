package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

// TestFloods: whatever a client sends too much of, the bytes below the messages are what counts; and it is told.
func TestFloods(t *testing.T) {
	beginning := message(0x02, string(wire.AppendHeader(nil, 3, maxPayload))) // of a message that does not end
	for name, test := range map[string]struct{ before, piece []byte }{
		"empty fragments":    {beginning, message(0x00, "")},
		"one-byte fragments": {beginning, message(0x00, "x")},
		"pings":              {nil, message(wstest.Ping, "")},
		"pongs":              {nil, message(wstest.Pong, strings.Repeat("p", 100))},
		"empty messages":     {nil, message(wstest.Binary, "")},
		"moves":              {nil, message(wstest.Binary, hello)},
		"raw bytes":          {append([]byte(wstest.Declare(wstest.Binary, 16_000)), 0, 0, 0, 0), make([]byte, 100)},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := ws.Config{Budget: wire.Budget{BytesPerSecond: 1000, Burst: 4000}}
			serve(t, cfg, func(f *fixture) {
				c := connect(t, f)
				began := time.Now()
				c.write(test.before)
				c.write(bytes.Repeat(test.piece, 20_000/len(test.piece)))
				_ = c.CloseWrite()
				if said := c.rest(); !strings.HasSuffix(said, "close 4009") {
					t.Errorf("the server says %.200s", said)
				}
				if err := <-f.ended; !errors.Is(err, wire.ErrFlood) || time.Since(began) != 0 {
					t.Errorf("it ended with %v, after %v", err, time.Since(began))
				}
				_ = c.Close()
			})
		})
	}
}

// TestBudgetIsKept: who stays within the budget is not disturbed, the handshake included.
func TestBudgetIsKept(t *testing.T) {
	cfg := ws.Config{Budget: wire.Budget{BytesPerSecond: 100, Burst: 300}}
	serve(t, cfg, func(f *fixture) {
		c := connect(t, f)
		for range 100 {
			pause(time.Second)
			c.write(message(wstest.Binary, hello))
			c.write(message(wstest.Ping, "still here"))
			for _, want := range []string{echoed, `pong "still here"`} {
				if first, payload, err := c.next(); err != nil || wstest.Words(first, payload) != want {
					t.Fatalf("%s, %v; want %s", wstest.Words(first, payload), err, want)
				}
			}
		}
		_ = c.CloseWrite()
		if err := <-f.ended; err != io.ErrUnexpectedEOF {
			t.Error(err)
		}
		_ = c.Close()
	})
}

// TestLeaving: what Next says when the connection below ends, between messages and inside one.
func TestLeaving(t *testing.T) {
	part := message(wstest.Binary, hello)[:5]
	for name, test := range map[string]struct {
		does func(*client)
		want error
	}{
		"ends":                   {func(c *client) { _ = c.CloseWrite() }, io.ErrUnexpectedEOF},
		"ends inside a message":  {func(c *client) { c.write(part); _ = c.CloseWrite() }, io.ErrUnexpectedEOF},
		"ends between fragments": {func(c *client) { c.write(message(0x02, hello)); _ = c.CloseWrite() }, io.ErrUnexpectedEOF},
		"is cut":                 {func(c *client) { c.Cut() }, syscall.ECONNRESET},
		"is cut inside":          {func(c *client) { c.write(part); synctest.Wait(); c.Cut() }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.Config{}, func(f *fixture) {
				c := connect(t, f)
				test.does(c)
				if err := <-f.ended; !errors.Is(err, test.want) || errors.Is(err, wire.ErrProtocol) {
					t.Errorf("it ended with %v, want %v", err, test.want)
				}
				_ = c.Close()
			})
		})
	}
}

// TestOneClose: only one close message goes out, whoever makes it first.
func TestOneClose(t *testing.T) {
	serve(t, ws.Config{}, func(f *fixture) {
		c := connect(t, f)
		conn := <-f.conns
		b := conn.AppendClose(nil, 4001, "server is shutting down")
		if n, err := conn.Writer().TryWrite(b); n != len(b) || err != nil {
			t.Fatal(n, err)
		}
		if again := conn.AppendClose([]byte("x"), 1000, ""); string(again) != "x" {
			t.Errorf("a second close: % x", again)
		}
		c.write(message(wstest.Close, "\x0f\xa1")) // its answer must not be answered
		if said := c.rest(); said != "close 4001" {
			t.Errorf("the server says %s", said)
		}
		_ = c.Close()
	})
}

// TestLastWordsAreRead: the close message arrives although the client is still sending.
func TestLastWordsAreRead(t *testing.T) {
	serve(t, ws.Config{}, func(f *fixture) {
		c := connect(t, f)
		conn := <-f.conns
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			for err := error(nil); err == nil; { // it goes on until the server has closed
				pause(10 * time.Millisecond)
				_, err = c.Write(message(wstest.Ping, ""))
			}
		}()
		began := time.Now()
		_, _ = conn.Writer().TryWrite(conn.AppendClose(nil, 4001, ""))
		if err := conn.Shutdown(); err != nil {
			t.Error(err)
		}
		if said := c.rest(); said != "close 4001" {
			t.Errorf("the server says %s", said)
		}
		if err := <-f.ended; !errors.Is(err, wire.ErrClosed) || time.Since(began) != time.Second {
			t.Errorf("Next ended with %v after %v", err, time.Since(began))
		}
		<-gone
		_ = c.Close()
	})
}

// TestPing: a client that is there answers, which counts as being heard; one that is not is silent, and that shows.
func TestPing(t *testing.T) {
	serve(t, ws.Config{}, func(f *fixture) {
		c := connect(t, f)
		conn := <-f.conns
		silent := func() time.Duration { return time.Since(conn.Activity().LastHeard).Round(time.Millisecond) }
		if !conn.Activity().Pings || conn.Transport() != wire.WebSocket {
			t.Errorf("%v connection, pings: %v", conn.Transport(), conn.Activity().Pings)
		}
		pause(45 * time.Second)
		if silent() != 45*time.Second {
			t.Errorf("silent for %v", silent())
		}
		if n, err := conn.Writer().TryWrite(conn.AppendPing(nil)); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		if first, payload, err := c.next(); err != nil || wstest.Words(first, payload) != `ping ""` {
			t.Fatalf("%s, %v", wstest.Words(first, payload), err)
		}
		c.write(message(wstest.Pong, ""))
		synctest.Wait()
		if silent() != 0 {
			t.Errorf("silent for %v after a pong", silent())
		}
		_ = c.Close()
	})
}

// TestFrameSince: a message that dawdles shows from its first byte on, whatever else arrives meanwhile.
func TestFrameSince(t *testing.T) {
	slow := message(wstest.Binary, hello)
	for name, test := range map[string]struct {
		sends [][]byte // one a second
		want  []int    // the second in which the unfinished message began, -1 for none
	}{
		"a message":            {[][]byte{slow}, []int{-1}},
		"a byte of a header":   {[][]byte{slow[:1], slow[1:2], slow[2:]}, []int{1, 1, -1}},
		"inside the mask":      {[][]byte{slow[:4], slow[4:]}, []int{1, -1}},
		"inside the payload":   {[][]byte{slow[:9], slow[9:10], slow[10:]}, []int{1, 1, -1}},
		"its end and the next": {[][]byte{slow[:9], append(slow[9:len(slow):len(slow)], slow[0]), slow[1:]}, []int{1, 2, -1}},
		"whole, and the next": {[][]byte{
			slow[:1], append(slow[1:len(slow):len(slow)], slow[0]), append(slow[1:len(slow):len(slow)], slow[0]), slow[1:],
		}, []int{1, 2, 3, -1}},
		"fragments":         {[][]byte{message(0x02, hello), message(0x80, hello)}, []int{1, -1}},
		"pings in between":  {[][]byte{message(0x02, hello), message(wstest.Ping, ""), message(0x80, "")}, []int{1, 1, -1}},
		"part of a ping":    {[][]byte{message(wstest.Ping, "abc")[:7], message(wstest.Ping, "abc")[7:]}, []int{1, -1}},
		"endless fragments": {repeated(message(0x00, ""), 5), []int{1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.Config{}, func(f *fixture) {
				c := connect(t, f)
				conn := <-f.conns
				began := time.Now()
				for i, b := range test.sends {
					pause(time.Second)
					c.write(b)
					synctest.Wait()
					got := -1
					if since := conn.Activity().FrameSince; !since.IsZero() {
						got = int(since.Sub(began).Round(time.Second) / time.Second)
					}
					if got != test.want[i] {
						t.Errorf("after %d sends: inside since %d s, want %d", i+1, got, test.want[i])
					}
				}
				_ = c.Close()
			})
		})
	}
}

// repeated returns a message that begins and then goes on with so many equal fragments.
func repeated(fragment []byte, n int) [][]byte {
	all := [][]byte{message(0x02, "")}
	for range n - 1 {
		all = append(all, fragment)
	}
	return all
}

// TestCloseWaits: after Close upgraded connections go on, and Wait waits for them; handshakes are cut.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(ws.Config{}, (*fixture).session)
		c, half := connect(t, f), dial(t, f)
		half.write([]byte("GET /ws HT"))
		synctest.Wait()
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, _ = io.Copy(io.Discard, half)
		if time.Since(began) != 0 {
			t.Errorf("the handshake went on for %v", time.Since(began))
		}
		time.AfterFunc(5*time.Second, func() { _ = c.Close() })
		c.write(message(wstest.Binary, hello))
		if first, payload, err := c.next(); err != nil || wstest.Words(first, payload) != echoed {
			t.Errorf("%s, %v", wstest.Words(first, payload), err)
		}
		f.server.Wait()
		if time.Since(began) != 5*time.Second {
			t.Errorf("Wait returned after %v", time.Since(began))
		}
	})
}

// TestReadAllocates: a message costs no allocation, however many frames it holds.
func TestReadAllocates(t *testing.T) {
	for _, count := range []int{1, 10} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			handle := func(f *fixture, c wire.Conn) { f.conns <- c; <-f.release }
			serveBy(t, ws.Config{}, handle, func(f *fixture) {
				defer close(f.release)
				c := connect(t, f)
				conn := <-f.conns
				const messages = 50
				c.write(bytes.Repeat(message(wstest.Binary, strings.Repeat(hello, count)), messages+2))
				n := testing.AllocsPerRun(messages, func() {
					for range count {
						if _, err := conn.Next(); err != nil {
							t.Fatal(err)
						}
					}
				})
				// The network in memory allocates too, once for every 512 bytes that are read.
				if n > 1 {
					t.Errorf("%v allocations a message of %d frames", n, count)
				}
				_ = c.Close()
			})
		})
	}
}
