package bot

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// polledDialer makes TCP links that a few goroutines read by epoll. That costs no less CPU than a reading goroutine for
// each, but less than half the memory, and above all it leaves the scheduler to the pacer: when a tick wakes 3,000
// goroutines at once, moves wait their turn, and the bots measure themselves.
type polledDialer struct {
	route   *route
	pollers []*poller
	turn    atomic.Uint32
}

// pollPause is how long a poller lets frames gather. Latency is over-stated by half of it on average.
const pollPause = time.Millisecond

// newTCPDialer returns a dialer with a poller for every other core: the server may want the rest.
func newTCPDialer(r *route) (dialer, error) {
	d := &polledDialer{route: r}
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		p, err := newPoller()
		if err != nil {
			d.close()
			return nil, err
		}
		d.pollers = append(d.pollers, p)
	}
	return d, nil
}

func (d *polledDialer) dial(ctx context.Context, r receiver) (link, error) {
	server, dialer := d.route.next()
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer conn.Close() // the link has a descriptor of its own, which Go's own poller does not watch
	fd, err := duplicate(conn.(*net.TCPConn))
	if err != nil {
		return nil, err
	}
	l := &polledLink{fd: fd, receiver: r}
	return l, d.pollers[int(d.turn.Add(1))%len(d.pollers)].add(l)
}

func (d *polledDialer) close() {
	for _, p := range d.pollers {
		p.close()
	}
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
	receiver receiver

	mu     sync.Mutex // guards what follows; the poller alone closes the descriptor
	fd     int
	closed bool
	rest   []byte // what the socket did not take of the last frame
}

// Send implements link. It never waits.
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
			return errBusy
		}
	}
	rest, err := l.write(frame)
	if len(rest) == len(frame) && err == nil {
		return errBusy
	}
	l.rest = append(l.rest[:0], rest...)
	return err
}

// write returns what the socket did not take. It does not block, so the scheduler need not know of the call; on a busy
// machine whoever is told waits for its turn afterwards.
func (l *polledLink) write(b []byte) (rest []byte, err error) {
	n, _, failed := unix.RawSyscall(unix.SYS_WRITE, uintptr(l.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	switch failed {
	case 0:
		return b[n:], nil
	case unix.EAGAIN, unix.EINTR:
		return b, nil
	}
	return b, failed
}

// Close ends both directions; the poller reads the end and closes the descriptor.
func (l *polledLink) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		_ = unix.Shutdown(l.fd, unix.SHUT_RDWR) // fails when the peer has already reset it
	}
}

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

// close ends the poller and whatever links are left, without a word to their receivers.
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
	n, err := unix.Read(int(fd), buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return
	case err == nil && n == 0:
		err = io.EOF
	case err == nil:
		err = l.receiver.receive(buf[:n], n)
	}
	if err != nil {
		p.release(l)
		l.receiver.ended(err)
	}
}
