package player

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view/press"
	"aoiworld/world"
)

// deeds are things that the operator does.
type deeds []func(tx *world.Tx) error

// Apply implements world.Order.
func (d deeds) Apply(tx *world.Tx) error {
	var all []error
	for _, do := range d {
		all = append(all, do(tx))
	}
	return errors.Join(all...)
}

// stage is a world that is inspected tick by tick.
type stage struct {
	*server
	t       *testing.T
	random  *rand.Rand
	grid    *aoi.Grid
	readers []*reader
	before  map[world.ID]world.Entity // the truth, as of the tick before
	truth   map[world.ID]world.Entity
	whys    map[press.Why]int
}

// newStage returns a world of viewers of both dialects; one of them sees who is hidden.
func newStage(t *testing.T, seed uint64, budget, viewers int) *stage {
	s := &stage{t: t, random: rand.New(rand.NewPCG(seed, 9)), whys: map[press.Why]int{}}
	s.server = newServer(t, setup{
		budget: budget, auth: AuthConfig{Tokens: &tokens{}},
		limits: func(l *Limits) { l.SlowConsumer, l.MessageRate, l.MessageBurst = time.Hour, 1e6, 1e6 },
		world: func(c *world.Config) {
			c.Games = []world.Game{{Tick: func(tx *world.Tx) {
				s.before, s.truth = s.truth, map[world.ID]world.Entity{}
				for _, e := range tx.Entities() {
					s.truth[e.ID] = e
				}
			}}}
		},
	})
	s.grid, _ = aoi.NewGrid(smallWorld().Grid)
	for n := range viewers {
		r := &reader{id: world.ID(n + 1)}
		switch {
		case n == 0:
			r.native = s.joinAccount(t, "adm Adm")
			r.conn = r.native.fakeConn
		case n%2 == 0:
			r.native = s.joinNative(t, fmt.Sprint("N", n))
			r.conn = r.native.fakeConn
		default:
			r.conn = s.join(wire.TCP)
		}
		s.readers = append(s.readers, r)
	}
	return s
}

// disturb lets some viewers move, most of them near a corner where cells meet, stop reading and read again, one hide, others have
// new traits, and some be taken elsewhere.
func (s *stage) disturb() {
	var deeds deeds
	for _, r := range s.readers {
		e, here := s.truth[r.id]
		if !here || s.random.IntN(3) == 0 {
			continue
		}
		to := e.At
		switch s.random.IntN(12) {
		case 0:
			to.X, to.Z = s.random.Float32()*100, s.random.Float32()*100
		case 1:
			to.X += 0.001 // which rounds to where it was
		case 2: // stays
		default:
			to.X, to.Z = 45+s.random.Float32()*12, 45+s.random.Float32()*12
		}
		move := (*world.Tx).Move
		if s.random.IntN(10) == 0 {
			move = (*world.Tx).Teleport
		}
		deeds = append(deeds, func(tx *world.Tx) error { return move(tx, r.id, to) })
		if look := []byte{byte(s.random.IntN(9))}; s.random.IntN(20) == 0 {
			deeds = append(deeds, func(tx *world.Tx) error { return tx.SetAttributes(r.id, look) })
		}
		if s.random.IntN(8) == 0 {
			r.stalled = !r.stalled && s.random.IntN(3) == 0
			r.conn.take(map[bool]int{true: 0, false: unlimited}[r.stalled])
		}
	}
	if layer := world.Layer(s.random.IntN(2)); s.random.IntN(5) == 0 {
		deeds = append(deeds, func(tx *world.Tx) error { return tx.SetLayer(1, layer) })
	}
	must(s.t, s.loop.Order(deeds))
	s.registry.Sweep(time.Now()) // what waited is written now, and not with the tick
}

// play plays a tick, and inspects somebody in it.
func (s *stage) play() {
	s.disturb()
	r := s.readers[s.random.IntN(len(s.readers))]
	for _, other := range s.readers {
		_, _, err := other.next()
		must(s.t, err)
	}
	type answer struct {
		*Inspection
		error
	}
	all := s.registry.Players()
	behind := all[slices.IndexFunc(all, func(p Presence) bool { return p.Player == r.id })].Link.Queued > 0
	inspected := make(chan answer, 1)
	go func() {
		i, err := s.audience.Inspect(s.t.Context(), s.loop, r.id)
		inspected <- answer{i, err}
	}()
	s.tick()
	got := <-inspected
	must(s.t, got.error)
	if behind != (got.Standing == press.Behind) {
		s.t.Fatalf("tick %d: %d is %v, with something queued: %v", got.Tick, r.id, got.Standing, behind)
	}
	for _, other := range s.readers {
		of, bytes, err := other.next()
		must(s.t, err)
		if other == r && (!r.stalled || got.FrameBytes == 0) { // what the kernel did not take is not written yet
			s.compare(r, got.Inspection, of, bytes)
		}
	}
	<-time.After(questionTime)
}

// questionTime is from one question to the next.
const questionTime = 100 * time.Millisecond

// compare holds what the inspector says against what the client was sent, and against the truth.
func (s *stage) compare(r *reader, i *Inspection, of heard, bytes int) {
	s.t.Helper()
	fail := func(format string, facts ...any) {
		s.t.Helper()
		s.t.Fatalf("tick %d, player %d, who %v: %s", i.Tick, r.id, i.Standing, fmt.Sprintf(format, facts...))
	}
	sum, unknown := i.OtherBytes, 0
	for n := range i.Entities {
		e := &i.Entities[n]
		sum += e.Bytes
		s.whys[e.Why]++
		records, sent := of[e.ID]
		delete(of, e.ID)
		if !sent && e.Why.Sent() && unknown < r.unknown {
			unknown++
			continue
		}
		if sent != e.Why.Sent() || sent != (e.Bytes > 0) || e.Why == press.Missing {
			fail("%+v, of whom it was sent %b", e, records)
		}
		s.judge(i, e, fail)
	}
	if len(of) > 0 || i.Total != len(i.Entities) {
		fail("of %v the inspector knows nothing", of)
	}
	if i.FrameBytes != bytes || math.Abs(sum-float64(bytes)) > 1e-6 {
		fail("%d bytes, by entity %v, and %d were sent", i.FrameBytes, sum, bytes)
	}
}

// judge holds why somebody was sent, or not, against the truth.
func (s *stage) judge(i *Inspection, e *Inspected, fail func(string, ...any)) {
	truth, here := s.truth[e.ID]
	cell := aoi.None
	if here {
		cell = s.grid.CellAt(truth.At.X, truth.At.Z)
	}
	before, was := s.before[e.ID]
	moved := !was || before.At != truth.At
	near := here && i.From != aoi.None && s.grid.Near(i.From, cell)
	sees := i.SeesHidden && i.Dialect == Native
	switch wrong := false; {
	case e.Cell != cell, e.InView != (near && (truth.Layer == world.Public || sees)), e.Hidden != (truth.Layer != world.Public):
		fail("%+v is truly in %d: %+v", e, cell, truth)
	default:
		switch e.Why {
		case press.Outside:
			wrong = near
		case press.Veiled:
			wrong = sees || truth.Layer == world.Public
		case press.Unchanged:
			wrong = moved && before.Layer == truth.Layer && i.Standing == press.UpToDate || !near
		case press.Rounded:
			const quantum = 0.01
			apart := math.Hypot(float64(truth.At.X-before.At.X), float64(truth.At.Z-before.At.Z))
			wrong = !near || !was || apart > quantum || i.Dialect != Native
		case press.Waiting, press.Tracked, press.Far, press.Near:
			wrong = !near
		case press.Left: // or it is in a stream now whose key is to come
			wrong = e.InView && i.Standing != press.InParts
		case press.Moved, press.Entered, press.Crossed:
			wrong = !e.InView
		case press.Lagging:
			wrong = i.Standing != press.Behind
		case press.CatchingUp:
			wrong = i.Standing != press.InParts || !near
		}
		if wrong {
			fail("%+v, truly %+v, before %+v", e, truth, before)
		}
	}
}

// TestInspectorTellsTheTruth: whom the inspector says a player was sent in a tick, and by how many bytes, is what that player's bytes
// of the tick are about, and why fits the truth: in both dialects, for who reads and who does not, with crowds and hidden ones.
func TestInspectorTellsTheTruth(t *testing.T) {
	seen := map[press.Why]int{}
	for seed := range uint64(8) {
		for _, budget := range []int{0, 40, 100} {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, seed, budget, 12+min(budget, 50))
				for range 120 {
					s.play()
				}
				for why, n := range s.whys {
					seen[why] += n
				}
				for _, r := range s.readers {
					r.conn.take(unlimited)
				}
				s.stop()
			})
		}
	}
	for why := range press.Whys {
		if seen[why] == 0 && why != press.Missing && why != press.Absent {
			t.Errorf("nobody was told why: %v", why)
		}
	}
	t.Log(seen)
}

// BenchmarkInspect is what an inspection takes of a tick of 2,000 players, of whom all move and about 1,100 are in or near the view: as
// ns/inspection. The rest of the time is the tick's.
func BenchmarkInspect(b *testing.B) {
	const players = 2000
	v := newServer(b, setup{limits: func(l *Limits) { l.SlowConsumer = time.Hour }})
	now := time.Now()
	next := func() {
		now = now.Add(questionTime)
		must(b, v.loop.Tick(now))
	}
	for n := range players {
		c := newFakeConn(wire.TCP)
		c.discard = true
		accept := v.registry.Accept
		if n%2 == 0 {
			accept = v.registry.AcceptNative
			c.sendBytes(native.AppendMessage(nil, native.IDHello, &nativepb.Hello{Version: 1}))
		}
		go live(accept(c))
	}
	for v.loop.Snapshot().Players < players {
		next()
	}
	random, spent := rand.New(rand.NewPCG(1, 1)), time.Duration(0)
	for b.Loop() {
		must(b, v.loop.Order(deeds{func(tx *world.Tx) error {
			for id := range world.ID(players) {
				must(b, tx.Move(id+1, world.Position{X: random.Float32() * 100, Z: random.Float32() * 100}))
			}
			return nil
		}}))
		answered := make(chan error, 1)
		go func() {
			answered <- v.loop.Inquire(b.Context(), func(look world.Look) {
				began := time.Now()
				i, err := v.audience.inspect(look, world.ID(1+random.IntN(players)))
				if spent += time.Since(began); err != nil || len(i.Entities) < 100 {
					b.Errorf("%+v, %v", i, err)
				}
			})
		}()
		for done := false; !done; {
			next()
			select {
			case err := <-answered:
				must(b, err)
				done = true
			default:
			}
		}
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/inspection")
}
