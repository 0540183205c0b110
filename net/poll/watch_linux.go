package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// long is what a poll takes at least for what has arrived meanwhile to be read as well.
const long = time.Millisecond

// Gather polls, and if that takes long, once more: what those have sent since who were read first would be told a tick later.
// With Watch it makes a Poller the source of a world's commands.
func (p *Poller) Gather(time.Time) {
	began := p.now()
	p.poll(true)
	if p.now()-began >= int64(long) {
		p.poll(false)
	}
}

// Watch reports whether there is anything to read. If not, wake is called once there is, if Run runs; it must not wait. Of
// several who ask only the last is woken. Waiting costs a thread that is woken by the first message: nobody should ask who
// polls soon anyway.
func (p *Poller) Watch(wake func()) (readable bool) {
	p.wake.Store(&wake)
	if p.owes() || p.hasNews() {
		return true
	}
	select {
	case p.asked <- struct{}{}:
	default: // somebody has asked already, and nothing has arrived since
	}
	return false
}

// keepWatch wakes who asks to be woken, until the bell rings.
func (p *Poller) keepWatch(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-p.asked:
		}
		p.awaitNews()
		if wake := p.wake.Load(); wake != nil {
			(*wake)()
		}
	}
}

// hasNews reports whether there is something to read, or the bell has rung.
func (p *Poller) hasNews() bool {
	from := p.newsFrom()
	n, err := look(from[:])
	return err == nil && n > 0
}

// awaitNews waits until hasNews.
func (p *Poller) awaitNews() {
	const forever = -1
	from := p.newsFrom()
	for {
		if _, err := unix.Poll(from[:], forever); err != unix.EINTR {
			return
		}
	}
}

// newsFrom is what is waited for.
func (p *Poller) newsFrom() [2]unix.PollFd {
	return [...]unix.PollFd{{Fd: int32(p.epoll), Events: unix.POLLIN}, {Fd: int32(p.bell), Events: unix.POLLIN}}
}

// ring rings the bell: nobody waits from now on.
func (p *Poller) ring() {
	_, _ = unix.Write(p.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // it fails when it has rung
}
