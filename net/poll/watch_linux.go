package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// Gather polls. With Watch it makes a Poller the source of a world's commands.
func (p *Poller) Gather(time.Time) { p.Poll() }

// Watch reports whether there is anything to read. If not, wake is called once there is, if Run runs; it must not wait. Of
// several who ask only the last is woken. Waiting costs a thread that is woken by the first message: nobody should ask who
// polls soon anyway.
func (p *Poller) Watch(wake func()) (readable bool) {
	p.wake.Store(&wake)
	if p.owes() || p.wait(0) {
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
		p.wait(forever)
		if wake := p.wake.Load(); wake != nil {
			(*wake)()
		}
	}
}

// forever is a time in milliseconds, as poll(2) has it.
const forever = -1

// wait waits until there is something to read or the bell has rung, for so many milliseconds at most, and reports whether.
func (p *Poller) wait(millis int) bool {
	fds := [...]unix.PollFd{{Fd: int32(p.epoll), Events: unix.POLLIN}, {Fd: int32(p.bell), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds[:], millis)
		if err != unix.EINTR {
			return n > 0
		}
	}
}

// ring rings the bell: nobody waits from now on.
func (p *Poller) ring() {
	_, _ = unix.Write(p.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // it fails when it has rung
}
