package player

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aoiworld/net/wire"
)

// unlimited is the room of a kernel buffer that never fills up.
const unlimited = math.MaxInt

// fakeConn is a connection whose kernel buffer and peer are the test's. Its control messages are frames with ids of
// their own, so that all that it wrote can be taken apart again.
type fakeConn struct {
	transport wire.Transport
	incoming  chan any // a wire.Frame, or the error of Next
	down      chan struct{}
	control   func([]byte)

	mu       sync.Mutex
	room     int // bytes that the kernel takes
	each     int // bytes that it takes at a time at most; 0 is any number
	lingered int // how often Next ended after Shutdown
	broken   error
	written  []byte
	discard  bool // what is written is not kept
	activity wire.Activity
	shutdown int
	closed   int
	downOnce sync.Once
	writing  atomic.Bool // writes must not overlap
}

// Message ids of the fake transport's control messages.
const (
	idPing  = 9001
	idPong  = 9002
	idClose = 9003
)

func newFakeConn(t wire.Transport) *fakeConn {
	return &fakeConn{
		transport: t, room: unlimited, incoming: make(chan any, 64), down: make(chan struct{}),
		activity: wire.Activity{LastHeard: time.Now(), Pings: t == wire.WebSocket},
	}
}

func (c *fakeConn) Next() (wire.Frame, error) {
	select {
	case in := <-c.incoming:
		return open(in)
	default:
	}
	select {
	case in := <-c.incoming:
		return open(in)
	case <-c.down:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.lingered++
		return wire.Frame{}, wire.ErrClosed
	}
}

// open makes what Next returns of what the test sent.
func open(in any) (wire.Frame, error) {
	switch in := in.(type) {
	case wire.Frame:
		return in, nil
	case error:
		return wire.Frame{}, in
	}
	panic(in)
}

func (c *fakeConn) Framed() bool { return false }

func (c *fakeConn) Writer() wire.TryWriter { return c }

func (c *fakeConn) TryWrite(b []byte) (int, error) {
	if !c.writing.CompareAndSwap(false, true) {
		panic("writes overlap")
	}
	defer c.writing.Store(false)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shutdown > 0 {
		panic("write after shutdown")
	}
	if c.broken != nil {
		return 0, c.broken
	}
	n := min(c.room, len(b))
	if c.each > 0 {
		n = min(n, c.each)
	}
	if c.room != unlimited {
		c.room -= n
	}
	if !c.discard {
		c.written = append(c.written, b[:n]...)
	}
	return n, nil
}

func (c *fakeConn) AppendPing(dst []byte) []byte {
	if c.transport != wire.WebSocket {
		return dst
	}
	return wire.AppendFrame(dst, idPing, nil)
}

func (c *fakeConn) AppendClose(dst []byte, code uint16, reason string) []byte {
	if c.transport != wire.WebSocket {
		return dst
	}
	return wire.AppendFrame(dst, idClose, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}

func (c *fakeConn) OnControl(f func([]byte)) { c.control = f }

func (c *fakeConn) Activity() wire.Activity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.activity
}

func (c *fakeConn) Shutdown() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shutdown++
	c.downOnce.Do(func() { close(c.down) })
	return nil
}

func (c *fakeConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	c.downOnce.Do(func() { close(c.down) })
	return nil
}

func (c *fakeConn) RemoteAddr() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.1:4321") }

func (c *fakeConn) Transport() wire.Transport { return c.transport }

// take lets the kernel take n bytes from now on.
func (c *fakeConn) take(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = n
}

// heard sets what the connection tells of the peer.
func (c *fakeConn) heard(a wire.Activity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.Pings = c.transport == wire.WebSocket
	c.activity = a
}

// send makes the client send a message.
func (c *fakeConn) send(id uint32, payload []byte) {
	c.incoming <- wire.Frame{ID: id, Payload: payload}
}

// sendBytes makes the client send one whole frame.
func (c *fakeConn) sendBytes(b []byte) {
	f, rest, err := wire.Cut(b, len(b))
	if err != nil || len(rest) > 0 {
		panic(fmt.Sprint("not a frame: ", err))
	}
	c.incoming <- f
}

// leave makes the client go.
func (c *fakeConn) leave() { c.incoming <- io.EOF }

// got returns all that was written, cut into frames. A frame that was cut short fails the test.
func (c *fakeConn) got(t testing.TB) []wire.Frame {
	t.Helper()
	frames, rest := c.whole()
	if len(rest) > 0 {
		t.Errorf("%d bytes of an unfinished frame were written", len(rest))
	}
	return frames
}

// whole returns the whole frames that were written, and the beginning of the next.
func (c *fakeConn) whole() (frames []wire.Frame, rest []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest = bytes.Clone(c.written)
	for {
		f, after, err := wire.Cut(rest, 1<<20)
		if err != nil {
			return frames, rest
		}
		frames, rest = append(frames, f), after
	}
}

// ids returns the ids of the frames that were written.
func (c *fakeConn) ids(t testing.TB) (ids []uint32) {
	t.Helper()
	for _, f := range c.got(t) {
		ids = append(ids, f.ID)
	}
	return ids
}

// closeSent returns the code and text of the close message, which must be the last frame, or 0.
func (c *fakeConn) closeSent(t testing.TB) (code uint16, text string) {
	t.Helper()
	frames := c.got(t)
	for i, f := range frames {
		if f.ID == idClose {
			if i != len(frames)-1 {
				t.Error("something was written after the close message")
			}
			return binary.BigEndian.Uint16(f.Payload), string(f.Payload[2:])
		}
	}
	return 0, ""
}

// packet seals a frame.
func packet(id uint32, payload []byte) wire.Packet {
	return wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), id, payload))
}

// errReset is what a connection that broke says.
var errReset = errors.New("connection reset by peer")
