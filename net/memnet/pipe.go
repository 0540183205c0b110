package memnet

import (
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipe is one direction of a connection: bytes in flight, bounded, each of them readable from a time on.
type pipe struct {
	capacity int
	delay    time.Duration

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when anything below changes
	chunks  []chunk
	size    int // bytes of all chunks
	ended   bool
	broken  error // what both sides get from now on
	readBy  time.Time
	writeBy time.Time
}

// chunk is what one write put into a pipe.
type chunk struct {
	from  time.Time
	bytes []byte
}

// newPipe returns an empty pipe.
func newPipe(capacity int, delay time.Duration) *pipe {
	return &pipe{capacity: capacity, delay: delay, changed: make(chan struct{})}
}

// change wakes everybody who waits. The pipe is locked.
func (p *pipe) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// set changes the pipe.
func (p *pipe) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.change()
}

// wait unlocks the pipe until it changes or one of the times comes; a zero time never does.
func (p *pipe) wait(until ...time.Time) {
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	var first time.Time
	for _, t := range until {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if first.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(first))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// passed reports whether a deadline has.
func passed(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }

// read waits for bytes.
func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.broken != nil:
			return 0, p.broken
		case passed(p.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case len(p.chunks) > 0 && !time.Now().Before(p.chunks[0].from):
			return p.take(b), nil
		case len(p.chunks) > 0:
			p.wait(p.chunks[0].from, p.readBy)
		case p.ended:
			return 0, io.EOF
		default:
			p.wait(p.readBy)
		}
	}
}

// take moves bytes that have arrived into b. The pipe is locked.
func (p *pipe) take(b []byte) int {
	first := &p.chunks[0]
	n := copy(b, first.bytes)
	first.bytes = first.bytes[n:]
	if len(first.bytes) == 0 {
		p.chunks = p.chunks[1:]
	}
	p.size -= n
	p.change()
	return n
}

// put takes as much of b as there is room for. The pipe is locked.
func (p *pipe) put(b []byte) int {
	n := min(len(b), p.capacity-p.size)
	if n > 0 {
		p.chunks = append(p.chunks, chunk{from: time.Now().Add(p.delay), bytes: append([]byte(nil), b[:n]...)})
		p.size += n
		p.change()
	}
	return n
}

// writable returns why nothing can be written, or nil. The pipe is locked.
func (p *pipe) writable() error {
	switch {
	case p.broken != nil:
		return p.broken
	case p.ended:
		return syscall.EPIPE
	case passed(p.writeBy):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// tryWrite puts what there is room for.
func (p *pipe) tryWrite(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.writable(); err != nil {
		return 0, err
	}
	return p.put(b), nil
}

// write waits until all of b has found room.
func (p *pipe) write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if err := p.writable(); err != nil {
			return n, err
		}
		n += p.put(b[n:])
		if n == len(b) {
			return n, nil
		}
		p.wait(p.writeBy)
	}
}
