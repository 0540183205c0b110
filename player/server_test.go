package player

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view"
	"aoiworld/view/stream"
	"aoiworld/world"
)

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
	auth    AuthConfig
	bans    Sanctions
	busy    func() bool
	window  time.Duration // for resuming; 0 is 30 s, below 0 none
	budget  int           // of a frame; 0 is none
	// audience, unless nil, is what the loop is given in place of the audience.
	audience func(*Audience) world.Audience
}

// newServer returns a server of the classic dialect whose every session enters the world when it starts.
func newServer(t testing.TB, with setup) *server {
	t.Helper()
	v := &server{t: t, stats: &Stats{}, log: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(v.log, nil))
	grid, err := aoi.NewGrid(smallWorld().Grid)
	must(t, err)
	v.audience = NewAudience(view.New(view.Config{
		Grid: grid, Headroom: wire.Headroom, MaxFrame: 64 << 10, Budget: with.budget, Period: 50 * time.Millisecond,
	}, classic.Encoder{}), stream.New(stream.Config{
		Grid: grid, Lattice: smallLattice, Headroom: wire.Headroom, MaxFrame: 64 << 10, Budget: with.budget,
		Period: 50 * time.Millisecond,
	}), v.stats, with.workers)
	cfg := smallWorld()
	if with.world != nil {
		with.world(&cfg)
	}
	var audience world.Audience = v.audience
	if with.audience != nil {
		audience = with.audience(v.audience)
	}
	v.loop, err = world.NewLoop(world.LoopConfig{
		Name: "main", World: cfg, Pace: world.PaceConfig{TickRate: 20}, MaxChats: 100,
		CheckEvery: world.CheckAlways,
	}, audience, log)
	must(t, err)
	b := NewBuilder()
	AddClassic(b)
	AddNative(b)
	var mu sync.Mutex
	b.OnEnter(func(s *Session) {
		mu.Lock()
		v.nextID++
		id := v.nextID
		mu.Unlock()
		layer, sees := s.Layers()
		v.audience.Enter(s, v.loop, world.Join{Player: id, Epoch: 1, Name: s.Name(), Layer: layer, Sees: sees})
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
	window := max(0, cmp.Or(with.window, 30*time.Second))
	v.registry, err = NewRegistry(Config{
		Limits: limits, Handlers: handlers, Stats: v.stats, Log: log,
		Native: NativeConfig{World: &nativepb.World{Name: "small"}, Lattice: smallLattice, ResumeWindow: window}, Auth: with.auth,
		Sanctions: with.bans, Busy: with.busy,
	})
	must(t, err)
	return v
}

// smallLattice is the lattice of smallWorld.
var smallLattice = native.Lattice{MaxX: 100, MaxZ: 100, Quantum: 0.01}

// smallWorld is 4 by 4 cells of 25 by 25; everybody appears in the middle of one.
func smallWorld() world.Config {
	return world.Config{
		Grid:  aoi.Config{Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}, Columns: 4, Rows: 4, Radius: 1},
		Spawn: aoi.Bounds{MinX: 30, MaxX: 31, MinZ: 30, MaxZ: 31},
	}
}

// live reads a connection until nothing comes any more.
func live(read func() (more bool)) {
	for read() {
	}
}

// connect runs the session of a new connection.
func (v *server) connect(transport wire.Transport) *fakeConn {
	c := newFakeConn(transport)
	v.running.Go(func() { live(v.registry.Accept(c)) })
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
	must(v.t, v.loop.Tick(time.Now()))
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
	for d, p := range append(s.Speaking[:], s.Population) { // and of all
		opened, closed := uint64(0), uint64(0)
		for t := range wire.Transports {
			opened += p.Opened[t]
			for _, by := range p.Closed {
				closed += by[t]
			}
		}
		if p.Live() != 0 || opened != closed {
			v.t.Errorf("dialect %d: %d sessions live, %d opened, %d closed", d, p.Live(), opened, closed)
		}
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
