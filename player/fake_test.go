package player

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/view"
	"aoiworld/world"
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
	broken   error
	written  []byte
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
	case <-c.down:
		return wire.Frame{}, wire.ErrClosed
	default:
	}
	select {
	case <-c.down:
		return wire.Frame{}, wire.ErrClosed
	case in := <-c.incoming:
		switch in := in.(type) {
		case wire.Frame:
			return in, nil
		case error:
			return wire.Frame{}, in
		}
		panic(in)
	}
}

func (c *fakeConn) Bytes(p wire.Packet) []byte { return p.Stream() }

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
	if c.room != unlimited {
		c.room -= n
	}
	c.written = append(c.written, b[:n]...)
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

// server is a world, its audience and a registry, ticked by hand.
type server struct {
	t        testing.TB
	registry *Registry
	stats    *Stats
	loop     *world.Loop
	audience *Audience
	log      *syncBuffer
	nextID   world.ID
	running  sync.WaitGroup
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// setup changes what newServer makes.
type setup struct {
	limits  func(*Limits)
	build   func(*Builder)
	workers int
	world   func(*world.Config)
}

// newServer returns a server of the classic dialect whose every session enters the world when it starts.
func newServer(t testing.TB, with setup) *server {
	t.Helper()
	v := &server{t: t, stats: &Stats{}, log: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(v.log, nil))
	grid, err := aoi.NewGrid(smallWorld().Grid)
	must(t, err)
	v.audience = NewAudience(view.New(view.Config{
		Grid: grid, Headroom: wire.Headroom, MaxFrame: 64 << 10,
	}, classic.Encoder{}), v.stats, with.workers)
	cfg := smallWorld()
	if with.world != nil {
		with.world(&cfg)
	}
	v.loop, err = world.NewLoop(world.LoopConfig{
		Name: "main", World: cfg, TickRate: 20, MaxChats: 100,
	}, v.audience, log)
	must(t, err)
	b := NewBuilder()
	AddClassic(b)
	var mu sync.Mutex
	b.OnStart(func(s *Session) {
		mu.Lock()
		v.nextID++
		id := v.nextID
		mu.Unlock()
		v.audience.Enter(s, v.loop, id, 1)
	})
	if with.build != nil {
		with.build(b)
	}
	handlers, err := b.Build()
	must(t, err)
	limits := DefaultLimits()
	if with.limits != nil {
		with.limits(&limits)
	}
	v.registry, err = NewRegistry(Config{Limits: limits, Handlers: handlers, Stats: v.stats, Log: log})
	must(t, err)
	return v
}

// smallWorld is 4 by 4 cells of 25 by 25; everybody appears in the middle of one.
func smallWorld() world.Config {
	return world.Config{
		Grid:  aoi.Config{Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}, Columns: 4, Rows: 4, Radius: 1},
		Spawn: aoi.Bounds{MinX: 30, MaxX: 31, MinZ: 30, MaxZ: 31},
	}
}

// connect runs the session of a new connection.
func (v *server) connect(transport wire.Transport) *fakeConn {
	c := newFakeConn(transport)
	v.running.Go(func() { v.registry.Accept(c) })
	return c
}

// join connects, and ticks until the newcomer is in the world.
func (v *server) join(transport wire.Transport) *fakeConn {
	c := v.connect(transport)
	v.tick()
	return c
}

// tick lets everybody finish what they do, ticks, and lets them finish again.
func (v *server) tick() {
	synctest.Wait()
	v.loop.Tick(time.Now())
	synctest.Wait()
}

// run ticks 20 times a second for a time.
func (v *server) run(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		v.tick()
		<-time.After(50 * time.Millisecond)
	}
	v.tick()
}

// stop ends all sessions and checks that the books balance.
func (v *server) stop() {
	v.t.Helper()
	v.registry.CloseAll(Shutdown)
	must(v.t, v.registry.Wait(context.Background()))
	v.running.Wait()
	v.tick()
	s := v.registry.Snapshot()
	opened, closed := uint64(0), uint64(0)
	for t := range wire.Transports {
		opened += s.Opened[t]
		for _, by := range s.Closed {
			closed += by[t]
		}
	}
	if s.Live() != 0 || opened != closed {
		v.t.Errorf("%d sessions live, %d opened, %d closed", s.Live(), opened, closed)
	}
	if n := v.loop.Snapshot().Players; n != 0 {
		v.t.Errorf("%d players are left in the world", n)
	}
}

// closed returns how many sessions ended for a reason.
func (v *server) closed(reason CloseReason) (n uint64) {
	for _, count := range v.registry.Snapshot().Closed[reason] {
		n += count
	}
	return n
}

// refused returns how many messages had no effect for a reason.
func (v *server) refused(r Refusal) uint64 { return v.registry.Snapshot().Refused[r] }

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// packet seals a frame.
func packet(id uint32, payload []byte) wire.Packet {
	return wire.Seal(wire.AppendFrame(make([]byte, wire.Headroom), id, payload))
}

// errReset is what a connection that broke says.
var errReset = errors.New("connection reset by peer")
