package poll_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"aoiworld/net/poll"
	"aoiworld/net/tcp"
	"aoiworld/net/wire"
)

const maxPayload = 4096

// swallowed is the id of frames that are not sent back.
const swallowed = 99

// fixture is a TCP frontend whose connections a poller has taken over. Its sessions send every frame back.
type fixture struct {
	address string
	poller  *poll.Poller
	server  *tcp.Server
	served  chan error
	ended   chan error // what ended each session
	conns   chan wire.Conn
	turns   atomic.Int64
	heard   func(payload []byte) // unless nil, takes frames that are not sent back
}

// serve runs a frontend for the length of a test.
func serve(t *testing.T, cfg tcp.Config) *fixture {
	t.Helper()
	poller, err := poll.New(2)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{
		address: l.Addr().String(), poller: poller, served: make(chan error, 1),
		ended: make(chan error, 1000), conns: make(chan wire.Conn, 1000),
	}
	cfg.MaxPayload, cfg.Adopt, cfg.Sockets = maxPayload, poller.Adopt, wire.DefaultSocketOptions()
	f.server = tcp.NewServer(l, cfg, f.accept, slog.New(slog.DiscardHandler))
	go func() { f.served <- f.server.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(f.server.Close(), <-f.served); err != nil {
			t.Error(err)
		}
		f.await(t, f.server.Wait)
		if err := poller.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// await polls until what returns has returned.
func (f *fixture) await(t *testing.T, what func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		what()
		close(done)
	}()
	for {
		select {
		case <-done:
			return
		default:
			f.poller.Poll()
		}
	}
}

// accept takes a connection in.
func (f *fixture) accept(c wire.Conn) func() bool {
	f.conns <- c
	var reading atomic.Bool
	shut := false
	return func() bool {
		f.turns.Add(1)
		if reading.Swap(true) {
			f.ended <- errors.New("two turns at once")
		}
		defer reading.Store(false)
		for {
			frame, err := c.Next()
			switch {
			case err == wire.ErrNothing:
				return true
			case err != nil && shut:
				f.ended <- err
				return c.Close() != nil
			case err != nil:
				shut = true
				f.ended <- err
				_ = c.Shutdown()
			case frame.ID == swallowed:
				if f.heard != nil {
					f.heard(frame.Payload)
				}
			default:
				packet := wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), frame.ID, frame.Payload))
				if n, err := c.Writer().TryWrite(packet.Bytes(c.Framed())); n != len(packet.Stream()) || err != nil {
					f.ended <- fmt.Errorf("%d bytes written: %w", n, err)
				}
			}
		}
	}
}

// dial connects.
func (f *fixture) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// begun connects, and waits until the session has begun.
func (f *fixture) begun(t *testing.T) *net.TCPConn {
	t.Helper()
	c := f.dial(t)
	f.await(t, func() { <-f.conns })
	return c
}

// TestEcho: many clients at once, whose frames come in pieces of any size, get back what they sent.
func TestEcho(t *testing.T) {
	f := serve(t, tcp.Config{})
	var clients sync.WaitGroup
	for i := range 40 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			var stream []byte
			for id := range uint32(30) {
				size := []int{0, 20, 400, maxPayload}[random.IntN(4)]
				stream = wire.AppendFrame(stream, id, bytes.Repeat([]byte{byte(i)}, size))
			}
			c := f.dial(t)
			defer c.Close()
			go func() {
				for rest := stream; len(rest) > 0; {
					n := min(1+random.IntN(1500), len(rest))
					_, _ = c.Write(rest[:n]) // what is lost does not come back
					rest = rest[n:]
				}
				_ = c.CloseWrite()
			}()
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, stream) {
				t.Errorf("client %d: %d bytes of %d came back, %v", i, len(got), len(stream), err)
			}
		})
	}
	f.await(t, clients.Wait)
	f.await(t, func() {
		for range 2 * 40 {
			if err := <-f.ended; err != io.EOF && err != wire.ErrClosed {
				t.Errorf("a session ended with %v", err)
			}
		}
	})
}

// TestEnds: what a client does last decides what Next returns, data before the end is not lost, and after Shutdown the session
// lingers until the client has closed too.
func TestEnds(t *testing.T) {
	whole := wire.AppendFrame(nil, 3, []byte("whole"))
	for name, test := range map[string]struct {
		does func(*net.TCPConn)
		want error
	}{
		"leaves":        {func(c *net.TCPConn) { _, _ = c.Write(whole); _ = c.CloseWrite() }, io.EOF},
		"leaves inside": {func(c *net.TCPConn) { _, _ = c.Write(whole[:9]); _ = c.CloseWrite() }, wire.ErrTruncated},
		"is cut":        {func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, syscall.ECONNRESET},
		"declares much": {func(c *net.TCPConn) { _, _ = c.Write([]byte{255, 255, 255, 255, 3, 0, 0, 0}) }, wire.ErrTooLarge},
		"floods":        {func(c *net.TCPConn) { _, _ = c.Write(bytes.Repeat(whole, 200)) }, wire.ErrFlood},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, tcp.Config{Budget: wire.Budget{BytesPerSecond: 1000, Burst: 2000}})
			c := f.dial(t)
			test.does(c)
			f.await(t, func() {
				if err := <-f.ended; !errors.Is(err, test.want) {
					t.Errorf("it ended with %v, want %v", err, test.want)
				}
				_, _ = io.Copy(io.Discard, c) // until the server has closed its half
				_ = c.Close()
				if err := <-f.ended; err != wire.ErrClosed {
					t.Errorf("lingering ended with %v", err)
				}
			})
		})
	}
}

// TestLingerEnds: a client that does not close has a second, and is then let go of.
func TestLingerEnds(t *testing.T) {
	f := serve(t, tcp.Config{})
	c := f.dial(t)
	defer c.Close()
	f.await(t, func() {
		if err := (<-f.conns).Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-f.ended; err != wire.ErrClosed {
			t.Errorf("it ended with %v", err)
		}
	})
}

// TestClosedByOthers: closing from elsewhere ends the reading, also before it has begun, and the descriptor is free.
func TestClosedByOthers(t *testing.T) {
	f := serve(t, tcp.Config{})
	before := descriptors(t)
	for range 20 {
		c := f.dial(t)
		f.await(t, func() {
			if err := (<-f.conns).Close(); err != nil {
				t.Error(err)
			}
			if err := <-f.ended; err != wire.ErrClosed {
				t.Errorf("it ended with %v", err)
			}
		})
		_ = c.Close()
	}
	f.await(t, func() {})
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors became %d", before, after)
	}
}

// descriptors returns how many the process has.
func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(names)
}

// TestIdleCostsNothing: who has sent nothing gets no turn, however often is polled.
func TestIdleCostsNothing(t *testing.T) {
	f := serve(t, tcp.Config{})
	var idle []net.Conn
	for range 10 {
		idle = append(idle, f.begun(t))
	}
	busy := f.begun(t)
	const rounds = 50
	before := f.turns.Load()
	f.await(t, func() {
		for range rounds {
			f.poller.Watch(func() {}) // so that nobody becomes steady
			_, _ = busy.Write(wire.AppendFrame(nil, 1, nil))
			_, _ = io.ReadFull(busy, make([]byte, wire.HeaderSize))
		}
	})
	if turns := f.turns.Load() - before; turns != rounds {
		t.Errorf("%d turns for %d messages", turns, rounds)
	}
	for _, c := range append(idle, busy) {
		_ = c.Close()
	}
}

// TestGreedyTakeTurns: who has sent more than a turn's worth is read again in the next one, and the others meanwhile.
func TestGreedyTakeTurns(t *testing.T) {
	f := serve(t, tcp.Config{})
	c := f.begun(t)
	defer c.Close()
	sent := bytes.Repeat(wire.AppendFrame(nil, swallowed, make([]byte, maxPayload)), 100)
	last := wire.AppendFrame(nil, 1, nil)
	f.await(t, func() {
		_, _ = c.Write(append(sent, last...))
		if n, err := io.ReadFull(c, make([]byte, len(last))); err != nil {
			t.Errorf("%d bytes came back, %v", n, err)
		}
	})
	if least := int64(len(sent) >> 16); f.turns.Load() < least {
		t.Errorf("%d turns for %d bytes, want at least %d", f.turns.Load(), len(sent), least)
	}
}

// TestUrgentDataHidesNothing: a read ends at the mark of urgent data, and what is behind it is read all the same.
func TestUrgentDataHidesNothing(t *testing.T) {
	f := serve(t, tcp.Config{})
	c := f.begun(t)
	defer c.Close()
	frame := wire.AppendFrame(nil, 1, []byte("x"))
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write(frame)
	if err := raw.Write(func(fd uintptr) bool { return unix.Send(int(fd), []byte("!"), unix.MSG_OOB) == nil }); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write(frame)
	f.await(t, func() {
		if _, err := io.ReadFull(c, make([]byte, 2*len(frame))); err != nil {
			t.Error(err)
		}
	})
}

// TestAdoptLeavesOthersAlone: what is no TCP socket is returned as it is.
func TestAdoptLeavesOthersAlone(t *testing.T) {
	poller, err := poll.New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer poller.Close()
	a, b := net.Pipe()
	defer b.Close()
	if got := poller.Adopt(a); got != a {
		t.Errorf("a pipe became %T", got)
	}
}

// TestTurnsAllocateNothing: reading messages is free of allocations, but for those of a Poll itself.
func TestTurnsAllocateNothing(t *testing.T) {
	f := serve(t, tcp.Config{})
	var clients []*net.TCPConn
	silent := wire.AppendFrame(nil, swallowed, make([]byte, 20))
	for range 30 {
		clients = append(clients, f.begun(t))
	}
	f.await(t, func() {})
	allocated := testing.AllocsPerRun(5, func() {
		for _, c := range clients {
			_, _ = c.Write(silent)
		}
		f.poller.Poll()
	})
	if allocated >= float64(len(clients)) { // the race detector has pools lose some
		t.Errorf("%v allocations for a Poll of %d sockets", allocated, len(clients))
	}
	for _, c := range clients {
		_ = c.Close()
	}
}
