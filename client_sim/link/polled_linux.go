package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// polled makes links that a few goroutines read by epoll. That costs no less CPU than a reading goroutine for each, but
// less than half the memory, and above all it leaves the scheduler to whoever moves the bots: when a tick wakes 3,000
// goroutines at once, moves wait their turn, and the bots measure themselves. Over TLS, links are the portable ones.
type polled struct {
	portable
	pollers []*poller
	turn    atomic.Uint32
}

// pollPause is how long a poller lets frames gather. Latency is over-stated by half of it on average.
const pollPause = time.Millisecond

// New returns a dialer with a poller for every other core: the server may want the rest. The error wraps ErrSource, or says
// what is wrong with CAFile or what the system refuses.
func New(cfg Config) (Dialer, error) {
	readers, err := newPortable(cfg)
	if err != nil {
		return nil, err
	}
	d := &polled{portable: readers}
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		p, err := newPoller()
		if err != nil {
			d.Close()
			return nil, err
		}
		d.pollers = append(d.pollers, p)
	}
	return d, nil
}

// Dial implements Dialer.
func (d *polled) Dial(ctx context.Context, r Receiver) (Link, error) {
	server, dialer := d.route.next()
	switch {
	case strings.HasPrefix(server, "ws://"):
		return d.dialWebSocket(ctx, server, dialer, r)
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
	return l, d.add(l)
}

// dialWebSocket connects to a WebSocket server. The handshake is gorilla's; the frames after it are taken apart here.
func (d *polled) dialWebSocket(ctx context.Context, url string, dialer *net.Dialer, r Receiver) (Link, error) {
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
	return in.answers, d.add(l)
}

// add gives a link to one of the pollers.
func (d *polled) add(l *polledLink) error { return d.pollers[int(d.turn.Add(1))%len(d.pollers)].add(l) }

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
	n, err := transfer(unix.SYS_WRITE, l.fd, b)
	if err == unix.EAGAIN || err == unix.EINTR {
		return b, nil
	}
	return b[n:], err
}

// transfer reads or writes. It does not block, so the scheduler need not know of the call; on a busy machine whoever is told
// waits for its turn afterwards.
func transfer(call uintptr, fd int, b []byte) (n int, err error) {
	done, _, failed := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
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
	epoll int
	stop  chan struct{}
	done  chan struct{}

	mu    sync.Mutex
	links map[int32]*polledLink
}

func newPoller() (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{
		epoll: epoll,
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
		links: make(map[int32]*polledLink),
	}
	go p.run()
	return p, nil
}

// add begins to read a link.
func (p *poller) add(l *polledLink) error {
	fd := int32(l.fd)
	p.mu.Lock()
	p.links[fd] = l
	p.mu.Unlock()
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: fd}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, int(fd), &event); err != nil {
		p.release(l)
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// release forgets a link and closes its descriptor.
func (p *poller) release(l *polledLink) {
	p.mu.Lock()
	delete(p.links, int32(l.fd))
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
		p.release(l)
	}
	unix.Close(p.epoll)
}

// run reads until the poller is closed.
func (p *poller) run() {
	defer close(p.done)
	const patience = 50 // milliseconds until stop is looked at
	events := make([]unix.EpollEvent, 1024)
	buf := make([]byte, 64<<10)
	for {
		select {
		case <-p.stop:
			return
		default:
		}
		n, err := unix.EpollWait(p.epoll, events, patience)
		if err != nil && err != unix.EINTR {
			panic(fmt.Sprintf("epoll: %v", err)) // the descriptor is ours and so are the arguments
		}
		for _, e := range events[:max(n, 0)] {
			p.read(e.Fd, buf)
		}
		if n > 0 && n < len(events) {
			time.Sleep(pollPause)
		}
	}
}

// read takes what has arrived on one socket.
func (p *poller) read(fd int32, buf []byte) {
	p.mu.Lock()
	l := p.links[fd]
	p.mu.Unlock()
	n, err := transfer(unix.SYS_READ, int(fd), buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return
	case err == nil && n == 0:
		err = io.EOF
	case err == nil:
		err = l.receiver.Receive(buf[:n], n)
	}
	if err != nil {
		p.release(l)
		l.receiver.Ended(err)
	}
}
