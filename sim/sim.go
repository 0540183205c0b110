package sim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/player"
	"aoiworld/view"
	"aoiworld/view/stream"
	"aoiworld/world"
)

// Config describes a simulation. Everything else follows from the seed.
type Config struct {
	Seed uint64
	// Ticks is how many are played before everybody falls silent, Players how many there are at most.
	Ticks, Players int
	// Side is the number of cells along each side of the map.
	Side int
	// MaxFrame bounds the frames (bytes). Where it is too small for a view, clients are compared only at the end.
	MaxFrame int
	// Irregular says that ticks come early and late, Recut that the world is cut into other cells now and then.
	Irregular, Recut bool
	// Budget is of a frame (bytes); 0 is none. Where there is one, crowds gather and leave; and where Rebudget says so, it is
	// another one or none now and then.
	Budget   int
	Rebudget bool
}

// tickTime is the time from one tick to the next where nothing else is said: 20 Hz.
const tickTime = 50 * time.Millisecond

// pauses are the times from one tick to the next of which the seed chooses: of ticks that come early, in time and late.
var pauses = []time.Duration{
	2 * time.Millisecond, 3 * time.Millisecond, 17 * time.Millisecond, tickTime, tickTime, tickTime, 2 * tickTime, 4 * tickTime,
}

// quantum is of the native dialect, in world units.
const quantum = 0.01

// quietTicks is how long everybody is silent and reads at the end.
const quietTicks = 30

// patience is how long a server must bear with a client that does not read, and may.
const patience = 5 * time.Second

// Sim is a running simulation.
type Sim struct {
	cfg      Config
	budget   int // of a frame, as it is now
	random   *rand.Rand
	loop     *world.Loop
	registry *player.Registry
	stats    *player.Stats
	oracle   oracle
	clients  []*client            // in the order of joining
	sent     map[*client]place    // the last valid move since the tick before
	said     []saying             // since the tick before
	hid      map[*client]bool     // since the tick before: who has hidden, or shown itself
	worn     map[*client][]string // since the tick before
	classic  *view.View
	native   *stream.View
	audience *player.Audience
	square   *place             // where a crowd gathers, or nil
	behind   map[int32]struct{} // who has not been told everything yet
	closed   int                // sessions that the server ended
	replaced []*link            // of sessions that others were to replace
	digest   uint64             // of all that clients were told
	history  []string           // what was done lately, for a failure

	lastAccount int
}

// Run plays a simulation. Time comes from the time package: it is meant to run in a testing/synctest bubble, where it
// costs nothing. The digest is equal for equal configs; the error says what went wrong, and when.
func Run(cfg Config) (digest uint64, err error) {
	s, err := newSim(cfg)
	if err != nil {
		return 0, err
	}
	defer s.hangUp()
	for tick := range cfg.Ticks + cfg.quiet() {
		if tick < cfg.Ticks {
			s.gather(tick)
			s.disturb()
		} else {
			s.calm()
		}
		if err := s.tick(); err != nil {
			return 0, fmt.Errorf("tick %d: %w; before that: %v", tick+1, err, s.history)
		}
	}
	return s.digest, s.finish()
}

// newSim returns a simulation in which nothing has happened.
func newSim(cfg Config) (*Sim, error) {
	size := float64(cfg.Side) * 10
	bounds := aoi.Bounds{MaxX: size, MaxZ: size}
	worldConfig := world.Config{
		Grid:  aoi.Config{Bounds: bounds, Columns: cfg.Side, Rows: cfg.Side, Radius: 1},
		Spawn: bounds, Seed: cfg.Seed,
	}
	grid, err := aoi.NewGrid(worldConfig.Grid)
	if err != nil {
		return nil, err
	}
	s := &Sim{
		cfg: cfg, budget: cfg.Budget, random: rand.New(rand.NewPCG(cfg.Seed, 1)), stats: &player.Stats{},
		sent: map[*client]place{}, worn: map[*client][]string{}, hid: map[*client]bool{}, behind: map[int32]struct{}{},
		oracle: oracle{
			plan: plan{size: size, columns: cfg.Side, rows: cfg.Side}, at: map[int32]place{}, since: map[int32]int{},
			looks: map[int32]string{}, mail: map[int32][]string{}, hidden: map[int32]bool{},
		},
	}
	s.classic = view.New(view.Config{
		Grid: grid, Headroom: wire.Headroom, MaxFrame: cfg.MaxFrame, Budget: cfg.Budget, Period: tickTime,
	}, classic.Encoder{})
	s.native = stream.New(stream.Config{
		Grid: grid, Lattice: native.Lattice{MaxX: size, MaxZ: size, Quantum: quantum}, Headroom: wire.Headroom,
		MaxFrame: cfg.MaxFrame, Budget: cfg.Budget, Period: tickTime,
	})
	s.audience = player.NewAudience(s.classic, s.native, s.stats, 2)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.loop, err = world.NewLoop(world.LoopConfig{
		Name: "sim", World: worldConfig, Pace: world.PaceConfig{TickRate: 20}, MaxChats: 100,
		CheckEvery: world.CheckAlways,
	}, s.audience, quiet)
	if err != nil {
		return nil, err
	}
	s.registry, err = s.newRegistry(quiet)
	return s, err
}

// newRegistry returns the registry, whose sessions enter the world as they start.
func (s *Sim) newRegistry(log *slog.Logger) (*player.Registry, error) {
	ids := world.NewManager()
	b := player.NewBuilder()
	player.AddClassic(b)
	addGame(b)
	addLayers(b)
	player.AddNative(b)
	b.OnEnter(func(session *player.Session) {
		id, err := ids.NextID()
		if err != nil {
			panic(err)
		}
		s.audience.Enter(session, s.loop, joinOf(id, session.Name()))
	})
	handlers, err := b.Build()
	if err != nil {
		return nil, err
	}
	limits := player.DefaultLimits()
	limits.BadPositionsPerMinute, limits.UnknownPerMinute, limits.MalformedPerMinute = 0, 0, 0
	limits.ChatRate = 0
	return player.NewRegistry(player.Config{
		Limits: limits, Handlers: handlers, Stats: s.stats, Log: log,
		Native: player.NativeConfig{
			World: &nativepb.World{}, Lattice: s.oracle.plan.lattice(), ResumeWindow: 30 * time.Second,
		},
		Auth: player.AuthConfig{Tokens: accounts{}},
	})
}

// tick plays one tick of the server and lets the clients read.
func (s *Sim) tick() error {
	<-time.After(s.pause())
	if err := s.loop.Tick(time.Now()); err != nil {
		return err
	}
	s.layered()
	s.lookBehind()
	for c, at := range s.sent {
		if c.id != 0 {
			s.oracle.at[c.id] = at
		}
	}
	s.dressed()
	for _, c := range slices.Clone(s.clients) {
		if err := s.read(c); err != nil {
			return fmt.Errorf("client %d: %w", c.id, err)
		}
	}
	clear(s.sent)
	s.said = nil
	return errors.Join(s.endReplaced(), s.check())
}

// pause returns the time until the next tick.
func (s *Sim) pause() time.Duration {
	if !s.cfg.Irregular {
		return tickTime
	}
	return pauses[s.random.IntN(len(pauses))]
}

// read lets a client read what it can, and learns from the newcomers where they are.
func (s *Sim) read(c *client) error {
	if c.isAway() {
		s.comeBack(c)
		return nil
	}
	if behind := c.link.behind(time.Now()); c.link.shut != (behind > patience) {
		return fmt.Errorf("held up for %v, and the server has ended the session: %v", behind, c.link.shut)
	}
	if c.link.shut {
		c.link.cut(io.EOF)
		s.closed++
		if c.native != nil { // its player stays
			s.resume(c)
			return nil
		}
		s.forget(c)
		return nil
	}
	if c.stalled > 0 {
		if c.stalled--; !c.awaitsWelcome() {
			return nil
		}
	}
	n := c.pace
	if c.phase == fresh {
		n = math.MaxInt32 // the oracle needs to know the newcomer
	}
	b := c.link.read(n)
	wasFresh := c.phase == fresh
	if err := c.take(b); err != nil {
		return err
	}
	if c.native != nil {
		b, c.native.told = c.native.told, nil
	}
	s.hash(b)
	if wasFresh && c.phase >= appeared {
		s.meet(c)
	}
	return nil
}

// meet takes a newcomer into the truth: its id and its spawn point are the server's choice, unless it moved at once.
func (s *Sim) meet(c *client) {
	s.oracle.at[c.id] = c.shown[c.id]
	if to, moved := s.sent[c]; moved {
		s.oracle.at[c.id] = to
	}
	s.oracle.hidden[c.id] = c.hides
	s.oracle.since[c.id] = len(s.oracle.chats) - len(s.said)
}

// hash adds bytes to the digest.
func (s *Sim) hash(b []byte) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%x %x", s.digest, b) // a hash takes everything
	s.digest = h.Sum64()
}

// calm makes everybody read, and who is away come back.
func (s *Sim) calm() {
	for _, c := range s.clients {
		if c.stalled, c.pace = 0, math.MaxInt32; c.isAway() {
			c.native.away = 1
		}
	}
}

// check compares what every client that is up to date believes with the truth; of a crowd one in three.
func (s *Sim) check() error {
	for _, c := range s.clients {
		if s.cfg.Budget > 0 && c.id%3 != 0 {
			continue
		}
		if _, behind := s.behind[c.id]; behind || !c.upToDate() || s.cfg.MaxFrame < 1<<16 {
			c.doubts = nil
			continue
		}
		if err := s.compare(c); err != nil {
			return err
		}
	}
	return nil
}

// compare holds one client against the truth.
func (s *Sim) compare(c *client) error {
	want := s.oracle.view(c)
	if c.native != nil {
		var text string
		if want, text = s.oracle.nativeView(c); text != "" {
			return fmt.Errorf("client %d %s", c.id, text)
		}
		c.believeReplica()
	}
	if text := s.differs(c, want); text != "" {
		return fmt.Errorf("client %d:%s", c.id, text)
	}
	if want := s.oracle.looksNear(c); !maps.Equal(c.looks, want) {
		return fmt.Errorf("client %d sees %v worn, want %v", c.id, c.looks, want)
	}
	if want := s.oracle.mail[c.id]; !c.got(c.mail, want) {
		return fmt.Errorf("client %d was told %q alone, want %q", c.id, c.mail, want)
	}
	if want := s.oracle.audible(c); !c.got(c.chats, want) {
		return fmt.Errorf("client %d heard %q, want %q", c.id, c.chats, want)
	}
	return nil
}

// finish holds everybody against the truth, sends them home, and checks that nothing is left of them.
func (s *Sim) finish() error {
	for _, c := range s.clients {
		if !c.upToDate() {
			return fmt.Errorf("client %d is not up to date after %d quiet ticks: phase %d, %d bytes to read, %d of a frame",
				c.id, s.cfg.quiet(), c.phase, len(c.link.pipe), len(c.unread))
		}
		c.doubts = nil
		if err := s.compare(c); err != nil {
			return err
		}
		if len(c.doubts) > 0 {
			return fmt.Errorf("client %d is shown %d players where they are not, and all is quiet", c.id, len(c.doubts))
		}
	}
	if players := s.loop.Snapshot().Players; players != len(s.clients) {
		return fmt.Errorf("%d players in the world, %d clients", players, len(s.clients))
	}
	for _, c := range slices.Clone(s.clients) {
		s.vanish(c)
	}
	s.registry.CloseAll(player.Shutdown)
	if err := s.tick(); err != nil {
		return err
	}
	return s.audit()
}

// hangUp ends the connections that a failure has left.
func (s *Sim) hangUp() {
	for _, c := range s.clients {
		if !c.isAway() {
			c.link.cut(errCut)
		}
	}
}

// audit checks the books: all sessions that were opened are closed, for the reasons known, and no player is left.
func (s *Sim) audit() error {
	counts, closed := s.stats.Snapshot(), uint64(0)
	for reason := range counts.Closed {
		closed += counts.Closed[reason][wire.Memory]
	}
	slow := counts.Closed[player.SlowConsumer][wire.Memory]
	switch {
	case counts.Live() != 0 || closed != counts.Opened[wire.Memory]:
		return fmt.Errorf("%d sessions are live, %d were opened and %d closed", counts.Live(), counts.Opened[wire.Memory], closed)
	case slow != uint64(s.closed):
		return fmt.Errorf("%d sessions are counted as slow, %d were", slow, s.closed)
	case s.loop.Snapshot().Players != 0:
		return fmt.Errorf("%d players are left", s.loop.Snapshot().Players)
	}
	return nil
}
