package poll

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"aoiworld/net/wire"
)

const (
	// maxEvents is how many sockets one call of the kernel's tells of.
	maxEvents = 4096
	// longest is how long sockets go unread at most: Run polls when nobody else has for as long as that, less slack.
	longest, slack = 150 * time.Millisecond, 10 * time.Millisecond
	// atOnce is for how many sockets the processor's cache has room while they are read.
	atOnce = 32
	// regular is after how many polls of others in a row Run trusts that more follow, and looks whether they do every patience:
	// to look more often is to wake a thread between all ticks of a world.
	regular, patience = 16, time.Second
)

// Poller reads the connections that it has taken over. Its methods may be called by anybody.
type Poller struct {
	epoll   int
	began   time.Time
	workers wire.Workers
	polled  atomic.Int64 // when it was polled last (ns since began)

	// Poll's.
	polling sync.Mutex
	events  []unix.EpollEvent
	batch   []*Socket
	last    []*Socket // of the batch

	// Watch's.
	bell  int                    // an eventfd that ends all waiting
	asked chan struct{}          // holds one at most
	wake  atomic.Pointer[func()] // whom to wake

	lists    sync.Mutex
	byFD     []*Socket // those that are watched
	spurred  []*Socket // that are to have a turn without an event
	awaiting []*Socket // that have a deadline
	steady   []*Socket // that have a turn in each poll
	polls    uint32    // of everybody, so far; they may wrap
	watched  uint32    // the poll after which somebody has watched last
}

// New returns a poller without connections, or says what the system refuses. It reads on as many goroutines as workers says, 0
// for as many as are worth it.
func New(workers int) (*Poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epoll) // it was never used
		return nil, os.NewSyscallError("eventfd", err)
	}
	return &Poller{
		epoll: epoll, bell: bell, began: time.Now(), workers: wire.NewWorkers(workers),
		events: make([]unix.EpollEvent, maxEvents), asked: make(chan struct{}, 1),
	}, nil
}

// Adopt takes a TCP connection over, which must not be used any more, and returns what takes its place: a *Socket. Any other
// connection, and one for which the system has no descriptor left, it returns as it is.
func (p *Poller) Adopt(conn net.Conn) net.Conn {
	socket, ok := conn.(syscall.Conn)
	if _, tcp := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp {
		return conn
	}
	fd, err := duplicate(socket)
	if err != nil {
		return conn
	}
	s := &Socket{poller: p, fd: fd, local: conn.LocalAddr(), remote: conn.RemoteAddr()}
	_ = conn.Close() // the descriptor that package net watches; the connection goes on
	return s
}

// duplicate returns another descriptor of a socket, which package net does not know.
func duplicate(socket syscall.Conn) (fd int, err error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(original uintptr) { fd, failed = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil {
		return -1, err
	}
	return fd, failed
}

// Poll has everything read that has arrived, and returns when it was.
func (p *Poller) Poll() { p.poll(true) }

// poll polls everybody, or all but the steady sockets.
func (p *Poller) poll(everybody bool) {
	p.polling.Lock()
	defer p.polling.Unlock()
	p.polled.Store(p.now())
	p.gather(everybody)
	before := p.order()
	p.read(p.batch[:before])
	if before < len(p.batch) {
		p.read(p.batch[before:])
	}
	p.regard(everybody)
	clear(p.batch) // let go of who has ended
}

// read has some sockets read once.
func (p *Poller) read(sockets []*Socket) {
	p.workers.Spread(len(sockets), func(first, end int) {
		for group := range slices.Chunk(sockets[first:end], atOnce) {
			takeTurns(group)
		}
	})
}

// takeTurns has some sockets read once. They are looked at first, one right after the other: their memory comes while the next
// is looked at, and not while each is read.
func takeTurns(group []*Socket) {
	for _, s := range group {
		s.left = turnBytes
	}
	for _, s := range group {
		s.turn()
	}
}

// Run polls when nobody else has for long, so that deadlines and pings hold however slow the world's tick is, and wakes who has
// asked to Watch. It returns when ctx ends; it is called once.
func (p *Poller) Run(ctx context.Context) {
	var watching sync.WaitGroup
	watching.Go(func() { p.keepWatch(ctx.Done()) })
	defer watching.Wait()
	defer p.ring()
	timer := time.NewTimer(longest - slack)
	defer timer.Stop()
	own := uint32(0) // the last poll that was not by others
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		next := longest - slack - time.Duration(p.now()-p.polled.Load())
		switch polls := p.count(); {
		case next <= 0:
			p.Poll()
			own, next = p.count(), longest-slack
		case polls-own >= regular:
			next = patience
		}
		timer.Reset(next)
	}
}

// count returns how many polls there have been. It may wrap.
func (p *Poller) count() uint32 {
	p.lists.Lock()
	defer p.lists.Unlock()
	return p.polls
}

// Close lets go of the poller, after Run. Connections that it has taken over are not read any more.
func (p *Poller) Close() error {
	return os.NewSyscallError("close", errors.Join(unix.Close(p.epoll), unix.Close(p.bell)))
}

// gather collects the sockets that are to have a turn.
func (p *Poller) gather(everybody bool) {
	p.batch = p.batch[:0]
	p.lists.Lock()
	defer p.lists.Unlock()
	for range 1 + len(p.byFD)/maxEvents {
		n, err := told(p.epoll, p.events)
		for _, e := range p.events[:n] {
			if s := p.byFD[e.Fd]; s != nil {
				p.note(s, e.Events)
			}
		}
		if n < maxEvents || err != nil {
			break
		}
	}
	for _, s := range p.spurred {
		p.queue(s)
	}
	clear(p.spurred)
	p.spurred = p.spurred[:0]
	if everybody {
		p.polls++
		p.queueSteady()
	}
	p.expire()
	for _, s := range p.batch {
		s.queued = false
	}
}

// note takes in an event of a socket.
func (p *Poller) note(s *Socket, events uint32) {
	s.ready = true
	if events&^unix.EPOLLIN != 0 {
		s.hung.Store(true)
	}
	p.queue(s)
}

// queue gives a socket a turn, once. The lists are locked.
func (p *Poller) queue(s *Socket) {
	if s.begin != nil && !s.queued {
		s.queued = true
		p.batch = append(p.batch, s)
	}
}

// expire gives a turn to the sockets whose deadline has passed, until they have ended. The lists are locked.
func (p *Poller) expire() {
	now := p.now()
	p.awaiting = slices.DeleteFunc(p.awaiting, func(s *Socket) bool {
		at := s.deadline.Load()
		if at != 0 && now >= at {
			p.queue(s)
		}
		return s.ended || at == 0
	})
}

// now returns the time since the poller's beginning (ns), above 0.
func (p *Poller) now() int64 { return 1 + int64(time.Since(p.began)) }

// begin says what reads a socket, and gives it its first turn.
func (p *Poller) begin(s *Socket, begin func() (read func() (more bool)), done func()) {
	p.lists.Lock()
	s.begin, s.done = begin, done
	p.lists.Unlock()
	p.spur(s)
}

// add has the kernel tell when a socket can be read. What has arrived already is told, too.
func (p *Poller) add(s *Socket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	p.lists.Lock()
	defer p.lists.Unlock()
	if missing := s.fd + 1 - len(p.byFD); missing > 0 {
		p.byFD = append(p.byFD, make([]*Socket, missing)...)
	}
	p.byFD[s.fd] = s
	event := unix.EpollEvent{Events: tellings, Fd: int32(s.fd)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, s.fd, &event); err != nil {
		return fmt.Errorf("watch: %w", os.NewSyscallError("epoll_ctl", err))
	}
	return nil
}

// drop forgets a socket that is being closed.
func (p *Poller) drop(s *Socket, fd int) {
	p.lists.Lock()
	defer p.lists.Unlock()
	if fd < len(p.byFD) && p.byFD[fd] == s {
		p.byFD[fd] = nil
	}
}

// spur gives a socket a turn in the next Poll, and wakes who waits for one.
func (p *Poller) spur(s *Socket) {
	p.lists.Lock()
	p.spurred = append(p.spurred, s)
	p.lists.Unlock()
	if wake := p.wake.Load(); wake != nil {
		(*wake)()
	}
}

// owes reports whether a socket is to have a turn, event or not. Whoever asks watches.
func (p *Poller) owes() bool {
	p.lists.Lock()
	defer p.lists.Unlock()
	p.watched = p.polls
	return len(p.spurred)+len(p.steady) > 0
}

// await gives a socket a turn when its deadline has passed.
func (p *Poller) await(s *Socket) {
	p.lists.Lock()
	defer p.lists.Unlock()
	p.awaiting = append(p.awaiting, s)
}
