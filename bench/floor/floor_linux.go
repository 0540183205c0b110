package floor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"aoiworld/bench/side"
	"aoiworld/net/wire"
)

// Sizes, in bytes.
const (
	readBuffer   = 64 << 10
	socketBuffer = 64 << 10 // as the server's by default
)

// frameID is the id of the frames: one of a game's own, which clients that do not play it pass over.
const frameID = 10_000

// Floor is a server that listens. It belongs to the goroutine that runs it.
type Floor struct {
	cfg      Config
	counters *side.Counters
	listener int
	clients  []*client
	joined   int32
	frame    []byte
	buf      []byte
}

// client is a connection.
type client struct {
	fd      int
	request []byte // what has come of a WebSocket handshake
	playing bool
	gone    bool
}

// Listen returns a floor that listens and counts.
func Listen(cfg Config, counters *side.Counters) (*Floor, error) {
	address, err := netip.ParseAddrPort(cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("floor: socket: %w", err)
	}
	const backlog = 4096
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("floor: bind: %w", err)
	}
	if err := unix.Listen(fd, backlog); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("floor: listen: %w", err)
	}
	f := &Floor{cfg: cfg, counters: counters, listener: fd, buf: make([]byte, readBuffer)}
	whole := make([]byte, max(wire.HeaderSize, cfg.FrameBytes))
	payload := whole[:max(0, 2*len(whole)-len(f.message(whole))-wire.HeaderSize)]
	f.frame = f.message(wire.AppendFrame(nil, frameID, payload))
	return f, nil
}

// Addr returns where it listens.
func (f *Floor) Addr() net.Addr {
	name, err := unix.Getsockname(f.listener)
	at, ok := name.(*unix.SockaddrInet4)
	if err != nil || !ok {
		return nil
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port)))
}

// Run ticks until the context ends, and closes everything.
func (f *Floor) Run(ctx context.Context) error {
	runtime.LockOSThread() // for its CPU time, and so that no call is followed by a change of threads
	defer runtime.UnlockOSThread()
	defer f.close()
	period := time.Duration(float64(time.Second) / f.cfg.TickRate)
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := f.tick(); err != nil {
			return err
		}
	}
}

// tick reads everything, then writes to everybody.
func (f *Floor) tick() error {
	if err := f.accept(); err != nil {
		return err
	}
	began := threadTime()
	for _, c := range f.clients {
		f.read(c)
	}
	between := threadTime()
	sent := uint64(0)
	for _, c := range f.clients {
		if c.playing && !c.gone && f.send(c, f.frame) {
			sent++
		}
	}
	ended := threadTime()
	f.counters.ReadNanos.Add(int64(between - began))
	f.counters.SendNanos.Add(int64(ended - between))
	f.counters.Frames.Add(sent)
	f.counters.Bytes.Add(sent * uint64(len(f.frame)))
	f.sweep()
	return nil
}

// accept takes in whoever waits.
func (f *Floor) accept() error {
	for {
		fd, _, err := unix.Accept4(f.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
		case unix.EAGAIN:
			return nil
		case unix.EINTR, unix.ECONNABORTED:
			continue
		default:
			return fmt.Errorf("floor: accept: %w", err)
		}
		for _, option := range []struct{ level, name, value int }{
			{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{unix.SOL_SOCKET, unix.SO_SNDBUF, socketBuffer},
			{unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer},
		} {
			if err := unix.SetsockoptInt(fd, option.level, option.name, option.value); err != nil {
				unix.Close(fd)
				return fmt.Errorf("floor: socket option: %w", err)
			}
		}
		c := &client{fd: fd}
		f.clients = append(f.clients, c)
		if !f.cfg.WebSocket {
			f.welcome(c)
		}
	}
}

// read takes what has arrived. Only the handshake is looked at.
func (f *Floor) read(c *client) {
	for {
		n, _, failed := unix.RawSyscall(unix.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&f.buf[0])), readBuffer)
		switch {
		case failed == unix.EAGAIN:
			return
		case failed == unix.EINTR:
			continue
		case failed != 0 || n == 0:
			c.gone = true
			return
		}
		if !c.playing {
			f.shake(c, f.buf[:n])
		}
		if n < readBuffer {
			return
		}
	}
}

// send reports whether the socket took a frame. One that took a part of it is given up: its stream is broken.
func (f *Floor) send(c *client, frame []byte) bool {
	n, _, failed := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if failed == unix.EAGAIN {
		return false
	}
	c.gone = failed != 0 || int(n) < len(frame)
	return !c.gone
}

// sweep closes whoever is gone.
func (f *Floor) sweep() {
	kept := f.clients[:0]
	for _, c := range f.clients {
		if c.gone {
			unix.Close(c.fd)
			continue
		}
		kept = append(kept, c)
	}
	clear(f.clients[len(kept):])
	f.clients = kept
}

// close closes every socket.
func (f *Floor) close() {
	for _, c := range f.clients {
		unix.Close(c.fd)
	}
	unix.Close(f.listener)
}

// threadTime is the CPU time of this thread so far.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(fmt.Sprintf("clock: %v", err)) // the clock is every Linux's
	}
	return time.Duration(t.Nano())
}
