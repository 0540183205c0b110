package memnet

import (
	"bytes"
	"errors"
	"net/netip"

	"aoiworld/net/wire"
)

// ErrNothing is what a Puppet's Next returns when nothing was pushed: there is nobody to wait for.
var ErrNothing = errors.New("nothing to read")

// Puppet is a wire.Conn whose other end is in the hands of a test. Nothing in it waits and nothing is locked: the whole
// of a simulation can run on one goroutine, and a seed replays exactly. It speaks as TCP does: no ping, no close message.
type Puppet struct {
	// Room is how many more bytes TryWrite takes until the next Drain, which makes that room again.
	Room int
	// Remote is the peer's address.
	Remote netip.AddrPort
	// Seen is what Activity returns.
	Seen wire.Activity

	frames []wire.Frame
	end    error // what Next returns once frames is empty
	sent   []byte
	ended  bool // by Shutdown or Close
	closed bool
}

// Push gives the server a frame to read. The payload is kept as it is.
func (p *Puppet) Push(id uint32, payload []byte) {
	p.frames = append(p.frames, wire.Frame{ID: id, Payload: payload})
}

// Fail makes Next return err when it has returned what was pushed, and TryWrite from now on.
func (p *Puppet) Fail(err error) { p.end = err }

// Drain returns up to n bytes that the server has sent, as a copy, and makes room for as many.
func (p *Puppet) Drain(n int) []byte {
	n = min(n, len(p.sent))
	b := bytes.Clone(p.sent[:n])
	p.sent = p.sent[:copy(p.sent, p.sent[n:])]
	p.Room += n
	return b
}

// Buffered returns how many bytes the server has sent that were not drained.
func (p *Puppet) Buffered() int { return len(p.sent) }

// Ended reports whether the server has called Shutdown or Close.
func (p *Puppet) Ended() bool { return p.ended }

// Closed reports whether the server has called Close.
func (p *Puppet) Closed() bool { return p.closed }

// Next returns the next frame that was pushed, the error that was given to Fail, or ErrNothing. After Shutdown or Close it
// discards the frames and returns wire.ErrClosed.
func (p *Puppet) Next() (wire.Frame, error) {
	switch {
	case p.ended:
		p.frames = nil
		return wire.Frame{}, wire.ErrClosed
	case len(p.frames) > 0:
		frame := p.frames[0]
		p.frames = p.frames[1:]
		return frame, nil
	case p.end != nil:
		return wire.Frame{}, p.end
	default:
		return wire.Frame{}, ErrNothing
	}
}

// Writer returns the puppet itself.
func (p *Puppet) Writer() wire.TryWriter { return p }

// TryWrite takes as much as there is room for.
func (p *Puppet) TryWrite(b []byte) (int, error) {
	switch {
	case p.ended:
		return 0, wire.ErrClosed
	case p.end != nil:
		return 0, p.end
	}
	n := min(len(b), p.Room)
	p.sent = append(p.sent, b[:n]...)
	p.Room -= n
	return n, nil
}

// Framed reports false: packets follow one another as they are.
func (p *Puppet) Framed() bool { return false }

// AppendPing appends nothing.
func (p *Puppet) AppendPing(dst []byte) []byte { return dst }

// AppendClose appends nothing.
func (p *Puppet) AppendClose(dst []byte, _ uint16, _ string) []byte { return dst }

// OnControl is never called back.
func (p *Puppet) OnControl(func([]byte)) {}

// Activity returns Seen.
func (p *Puppet) Activity() wire.Activity { return p.Seen }

// Shutdown ends the outgoing side.
func (p *Puppet) Shutdown() error {
	p.ended = true
	return nil
}

// Close ends both sides.
func (p *Puppet) Close() error {
	p.ended, p.closed = true, true
	return nil
}

// RemoteAddr returns Remote.
func (p *Puppet) RemoteAddr() netip.AddrPort { return p.Remote }

// Transport returns wire.Memory.
func (p *Puppet) Transport() wire.Transport { return wire.Memory }
