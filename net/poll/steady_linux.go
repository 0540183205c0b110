package poll

import (
	"slices"

	"golang.org/x/sys/unix"
)

// A socket that has something to read for every poll of everybody, or right after it, need not be told of: it is steady, the
// kernel keeps silent about its bytes, and it has a turn in each such poll. The telling is a fifth of what it costs to read a
// message. It lasts while nobody watches: who waits for the first message after a silence must be told.
const (
	steadyAfter = 8  // polls in a row in which it had something to read
	steadyUntil = 2  // polls in a row in which it had nothing
	unwatched   = 16 // polls since somebody watched
)

// tellings is what the kernel tells of a socket that is not steady. Of one that is, it tells when the connection is broken.
const tellings = unix.EPOLLIN | unix.EPOLLPRI | unix.EPOLLRDHUP | unix.EPOLLET

// regard looks at which of the sockets had something to read in this poll, and who is steady from now on. In the first of a row
// of polls a socket's streak is 1. To have something in a poll that was not of everybody is to have had it in the one before; to
// have nothing then says nothing.
func (p *Poller) regard(everybody bool) {
	loose := false // some are steady no more
	for _, s := range p.batch {
		had := s.left < turnBytes
		if s.ended {
			loose, s.steady = loose || s.steady, false
			continue
		}
		if !everybody && (s.steady || !had || s.polled == p.polls) {
			continue
		}
		if had == s.steady {
			s.streak = 0
			continue
		}
		if s.streak++; !s.steady && s.polled != p.polls-1 {
			s.streak = 1
		}
		s.polled = p.polls
		if had && s.streak >= steadyAfter || !had && s.streak >= steadyUntil {
			p.settle(s, had)
			loose = loose || !s.steady
		}
	}
	if loose {
		p.lists.Lock()
		defer p.lists.Unlock()
		p.steady = slices.DeleteFunc(p.steady, func(s *Socket) bool { return !s.steady })
	}
}

// settle makes a socket steady, or has it told of again.
func (p *Poller) settle(s *Socket, steady bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.lists.Lock()
	defer p.lists.Unlock()
	if s.fd < 0 || steady && p.polls-p.watched < unwatched {
		return
	}
	event := unix.EpollEvent{Events: tellings, Fd: int32(s.fd)}
	if steady {
		event.Events = unix.EPOLLET
	}
	if unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, s.fd, &event) != nil {
		return // it stays as it is
	}
	if s.steady, s.streak = steady, 0; steady {
		p.steady = append(p.steady, s)
	}
}

// queueSteady gives the steady sockets a turn. The lists are locked.
func (p *Poller) queueSteady() {
	for _, s := range p.steady {
		s.ready = true
		p.queue(s)
	}
}
