package memnet

import (
	"bytes"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipe is one direction of a connection: bytes under way, bounded, each readable from its arrival on.
type pipe struct {
	capacity int // bytes

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, whenever anything below changes
	segments []segment
	held     int // bytes of all segments
	delay    time.Duration
	stalled  bool  // the reader does not read
	ended    bool  // the writer has closed: what is held is the rest
	readErr  error // what the reader gets from now on
	writeErr error // what the writer gets from now on
	readBy   time.Time
	writeBy  time.Time
}

// segment is what one write put into a pipe. One that arrives early still waits for those in front of it.
type segment struct {
	arrives time.Time
	bytes   []byte
}

// newPipe returns an empty pipe.
func newPipe(capacity int) *pipe {
	return &pipe{capacity: capacity, changed: make(chan struct{})}
}

// set changes the pipe and wakes everybody who waits for that.
func (p *pipe) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.wake()
}

// reset loses what is under way; both ends learn of it unless they have closed.
func (p *pipe) reset() {
	p.set(func() {
		p.segments, p.held = nil, 0
		p.readErr, p.writeErr = first(p.readErr, syscall.ECONNRESET), first(p.writeErr, syscall.ECONNRESET)
	})
}

// read waits for bytes.
func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch arrives, some := p.next(); {
		case p.readErr != nil:
			return 0, p.readErr
		case passed(p.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case p.stalled:
			p.wait(p.readBy)
		case some && !time.Now().Before(arrives):
			return p.take(b), nil
		case some:
			p.wait(arrives, p.readBy)
		case p.ended:
			return 0, io.EOF
		default:
			p.wait(p.readBy)
		}
	}
}

// write waits until all of b has found room.
func (p *pipe) write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		taken, err := p.put(b[n:])
		n += taken
		if err != nil || n == len(b) {
			return n, err
		}
		p.wait(p.writeBy)
	}
}

// tryWrite writes what there is room for.
func (p *pipe) tryWrite(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put(b)
}

// put takes as much of b as there is room for. The pipe is locked.
func (p *pipe) put(b []byte) (int, error) {
	switch {
	case p.writeErr != nil:
		return 0, p.writeErr
	case passed(p.writeBy):
		return 0, os.ErrDeadlineExceeded
	}
	n := min(len(b), p.capacity-p.held)
	if n == 0 {
		return 0, nil
	}
	p.segments = append(p.segments, segment{arrives: time.Now().Add(p.delay), bytes: bytes.Clone(b[:n])})
	p.held += n
	p.wake()
	return n, nil
}

// take moves bytes that have arrived into b. The pipe is locked and has some.
func (p *pipe) take(b []byte) int {
	front := &p.segments[0]
	n := copy(b, front.bytes)
	if front.bytes = front.bytes[n:]; len(front.bytes) == 0 {
		p.segments = p.segments[1:]
	}
	p.held -= n
	p.wake()
	return n
}

// next returns when the bytes in front arrive, if there are some. The pipe is locked.
func (p *pipe) next() (arrives time.Time, some bool) {
	if len(p.segments) == 0 {
		return time.Time{}, false
	}
	return p.segments[0].arrives, true
}

// wake wakes everybody who waits. The pipe is locked.
func (p *pipe) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait unlocks the pipe until it changes or one of the times comes; a zero time never does.
func (p *pipe) wait(times ...time.Time) {
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	var alarm <-chan time.Time
	if soonest := earliest(times); !soonest.IsZero() {
		timer := time.NewTimer(time.Until(soonest))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-changed:
	case <-alarm:
	}
}

// earliest returns the earliest of times that is not zero, or zero.
func earliest(times []time.Time) (e time.Time) {
	for _, t := range times {
		if !t.IsZero() && (e.IsZero() || t.Before(e)) {
			e = t
		}
	}
	return e
}

// passed reports whether a deadline has; a zero one never does.
func passed(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }

// first returns the error that was there before, if there was one.
func first(before, now error) error {
	if before != nil {
		return before
	}
	return now
}
