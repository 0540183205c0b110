package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"aoiworld/client_sim/thread"
)

// polled makes links that a few goroutines read by epoll. That costs no less CPU than a reading goroutine for each, but
// less than half the memory, and above all it leaves the scheduler to whoever moves the bots: when a tick wakes 3,000
// goroutines at once, moves wait their turn, and the bots measure themselves. Over TLS, links are the portable ones.
type polled struct {
	portable
	pollers []*poller
}

// pollPause is how long a poller lets frames gather. Latency is over-stated by half of it on average.
const pollPause = time.Millisecond

// New returns a dialer with a poller for every other core, for the server may want the rest, and with two where there are two:
// whatever the server leaves of them is used. The error wraps ErrSource, or says what is wrong with CAFile or what the system
// refuses.
func New(cfg Config) (Dialer, error) {
	readers, err := newPortable(cfg)
	if err != nil {
		return nil, err
	}
	d := &polled{portable: readers}
	cores := max(1, cfg.Cores)
	for range min(cores, max(2, cores/2)) {
		p, err := newPoller(cfg.Alone)
		if err != nil {
			d.Close()
			return nil, err
		}
		d.pollers = append(d.pollers, p)
	}
	return d, nil
}

// Dial implements Dialer.
func (d *polled) Dial(ctx context.Context, r Receiver, where float64) (Link, error) {
	server, dialer := d.route.next()
	by := d.pollers[min(int(where*float64(len(d.pollers))), len(d.pollers)-1)]
	switch {
	case strings.HasPrefix(server, "ws://"):
		return d.dialWebSocket(ctx, server, dialer, r, by)
	case isURL(server):
		return d.dial(ctx, server, dialer, r)
	}
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer conn.Close() // the link has a descriptor of its own, which Go's own poller does not watch
	l, err := newPolledLink(conn, r)
	if err != nil {
		return nil, err
	}
	return l, by.add(l)
}

// dialWebSocket connects to a WebSocket server. The handshake is gorilla's; the frames after it are taken apart here.
func (d *polled) dialWebSocket(ctx context.Context, url string, dialer *net.Dialer, r Receiver, by *poller) (Link, error) {
	shaken := &frugalConn{}
	conn, err := upgrade(ctx, url, d.handshake, func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		shaken.Conn, err = dialer.DialContext(ctx, network, address)
		return shaken, err
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close() // as above
	in := &unframed{to: r}
	l, err := newPolledLink(shaken.Conn, in)
	if err != nil {
		return nil, err
	}
	in.answers = &framed{to: l}
	if err := in.Receive(shaken.held, len(shaken.held)); err != nil {
		unix.Close(l.fd)
		return nil, err
	}
	return in.answers, by.add(l)
}

// Close implements Dialer.
func (d *polled) Close() {
	for _, p := range d.pollers {
		p.close()
	}
}

// frugalConn is read byte by byte, so that whoever reads a handshake takes nothing of what follows it.
type frugalConn struct {
	net.Conn
	held []byte // read, and not handed out
}

// Read implements net.Conn.
func (c *frugalConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.held) == 0 {
		buf := make([]byte, readBuffer)
		n, err := c.Conn.Read(buf)
		if n == 0 {
			return 0, err
		}
		c.held = buf[:n]
	}
	p[0], c.held = c.held[0], c.held[1:]
	return 1, nil
}

// newPolledLink returns a link over the socket of a connection, which no poller reads yet.
func newPolledLink(conn net.Conn, r Receiver) (*polledLink, error) {
	fd, err := duplicate(conn.(*net.TCPConn))
	if err != nil {
		return nil, err
	}
	return &polledLink{fd: fd, receiver: r}, nil
}

// duplicate returns another descriptor of the same socket. It does not block.
func duplicate(conn *net.TCPConn) (fd int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(original uintptr) {
		fd, err = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	})
	if failed != nil {
		return 0, failed
	}
	return fd, err
}

// polledLink is a socket that a poller reads.
type polledLink struct {
	receiver Receiver

	mu     sync.Mutex // guards what follows; the poller alone closes the descriptor
	fd     int
	closed bool
	rest   []byte // what the socket did not take of the last frame
}

// Send implements Link. It never waits.
func (l *polledLink) Send(frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	if len(l.rest) > 0 {
		rest, err := l.write(l.rest)
		l.rest = rest
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return ErrBusy
		}
	}
	rest, err := l.write(frame)
	if len(rest) == len(frame) && err == nil {
		return ErrBusy
	}
	l.rest = append(l.rest[:0], rest...)
	return err
}

// write returns what the socket did not take.
func (l *polledLink) write(b []byte) (rest []byte, err error) {
	n, err := transfer(unix.SYS_SENDTO, l.fd, b)
	if err == unix.EAGAIN || err == unix.EINTR {
		return b, nil
	}
	return b[n:], err
}

// transfer sends or receives. It does not block, so the scheduler need not know of the call; on a busy machine whoever is told
// waits for its turn afterwards.
func transfer(call uintptr, fd int, b []byte) (n int, err error) {
	done, _, failed := unix.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT, 0, 0)
	if failed != 0 {
		return 0, failed
	}
	return int(done), nil
}

// Close ends both directions; the poller reads the end and closes the descriptor.
func (l *polledLink) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		_ = unix.Shutdown(l.fd, unix.SHUT_RDWR) // fails when the peer has already reset it
	}
}

// Cut implements Link.
func (l *polledLink) Cut() { l.Close() }

// poller reads many sockets from one goroutine.
type poller struct {
	epoll    int
	wait     func(epoll int, events []unix.EpollEvent, milliseconds int) (n int, err error)
	nap      func(time.Duration)
	giveBack func()    // the processor that it keeps while it waits, if it does
	passed   time.Time // when whoever waits for a processor could last have this one
	stop     chan struct{}
	done     chan struct{}

	mu    sync.Mutex
	links []*polledLink // by descriptor
}

func newPoller(alone bool) (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{
		epoll:    epoll,
		wait:     unix.EpollWait,
		nap:      time.Sleep,
		giveBack: func() {},
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	if alone {
		p.wait, p.nap, p.giveBack = waitKeeping, thread.Nap, thread.Processor()
	}
	go p.run()
	return p, nil
}

// add begins to read a link. The poller is told of what arrives, once.
func (p *poller) add(l *polledLink) error {
	p.mu.Lock()
	if missing := l.fd + 1 - len(p.links); missing > 0 {
		p.links = append(p.links, make([]*polledLink, missing)...)
	}
	p.links[l.fd] = l
	p.mu.Unlock()
	event := unix.EpollEvent{Events: unix.EPOLLIN | ended | unix.EPOLLET, Fd: int32(l.fd)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, l.fd, &event); err != nil {
		p.release(l)
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// ended is what the poller is told of a link with nothing more to come than what has arrived.
const ended = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

// release forgets a link and closes its descriptor.
func (p *poller) release(l *polledLink) {
	p.mu.Lock()
	p.links[l.fd] = nil
	p.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	unix.Close(l.fd)
}

// close ends the poller and whatever links are left, without a word to their Receivers.
func (p *poller) close() {
	close(p.stop)
	<-p.done
	for _, l := range p.links {
		if l != nil {
			p.release(l)
		}
	}
	unix.Close(p.epoll)
	p.giveBack()
}

// run reads until the poller is closed.
func (p *poller) run() {
	defer close(p.done)
	events := make([]unix.EpollEvent, 1024)
	buf := make([]byte, 64<<10)
	for {
		select {
		case <-p.stop:
			return
		default:
		}
		n := p.told(events)
		p.pass()
		for i := range events[:n] {
			p.read(&events[i], buf)
			p.pass()
		}
		if n > 0 && n < len(events) {
			p.nap(pollPause)
		}
	}
}

// pass lets whoever waits for a processor have this one, now and then: less than the 10 ms apart after which the runtime would
// have the goroutine stop, and all others that keep a processor with it. They came back by one another's threads then: the poller
// by the urgent one, and whoever moves the bots by one that waited for a core until the poller was done.
func (p *poller) pass() {
	const turn = 4 * time.Millisecond
	if now := time.Now(); now.Sub(p.passed) > turn {
		runtime.Gosched()
		p.passed = now
	}
}

// told waits, and returns how many links there is something to be read of.
func (p *poller) told(events []unix.EpollEvent) int {
	const patience = 5 // milliseconds until stop is looked at, and a processor passed on
	n, err := p.wait(p.epoll, events, patience)
	switch err {
	case nil:
		return n
	case unix.EINTR: // by the runtime, which wants the goroutine to stop for a moment
		return 0
	}
	panic(fmt.Sprintf("epoll: %v", err)) // the descriptor is ours and so are the arguments
}

// waitKeeping is unix.EpollWait, and keeps the processor: the runtime does not know of it.
func waitKeeping(epoll int, events []unix.EpollEvent, milliseconds int) (int, error) {
	n, _, failed := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))),
		uintptr(len(events)), uintptr(milliseconds), 0, 0)
	if failed != 0 {
		return 0, failed
	}
	return int(n), nil
}

// read takes what has arrived on one socket.
func (p *poller) read(e *unix.EpollEvent, buf []byte) {
	p.mu.Lock()
	l := p.links[e.Fd]
	p.mu.Unlock()
	if l == nil { // it has ended, and the connection that it was made of was not closed yet
		return
	}
	for {
		n, err := transfer(unix.SYS_RECVFROM, l.fd, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case err == nil && n == 0:
			err = io.EOF
		case err == nil:
			err = l.receiver.Receive(buf[:n], n)
		}
		if err != nil {
			p.release(l)
			l.receiver.Ended(err)
			return
		}
		if n < len(buf) && e.Events&ended == 0 { // of what comes from now on the poller is told
			return
		}
	}
}
