package bot

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"

	"aoiworld/client_sim/link"
	"aoiworld/net/native"
)

// fleet is all the bots of a run and what is known of them together.
type fleet struct {
	cfg     Config
	dialers dialers
	machine Machine
	lattice native.Lattice
	atlas   *atlas
	start   time.Time
	beats   func(ctx context.Context, each func()) // the pacer's
	random  *rand.Rand                             // of the goroutine that runs the rounds
	known   registry
	gallery *gallery // of bots of the native dialect that only look on
	wrong   violations
	// latency has a recorder for every few bots, so that readers do not wait for each other.
	latency   [8]*recorder
	talk      atomic.Int64 // the number of the latest small talk
	sends     *sends       // how the bots themselves do
	looker    *looker      // how stale what they are shown is
	scratches *sync.Pool   // of *scratch, for whichever bots apply a tick
	wallet    *wallet
	phase     atomic.Pointer[string]
	began     atomic.Int64 // when the load did, nanoseconds of clock
	moved     atomic.Int64 // nanoseconds of moving, as far as statuses have told
	series    []Sample     // the watcher's, until it is stopped
	roster    atomic.Pointer[[]*bot]

	stage atomic.Pointer[Phase] // what newcomers perform

	mu           sync.Mutex              // guards what follows
	phaseLatency *hdrhistogram.Histogram // of this phase, as far as it was drained
	bots         []*bot                  // who joined and has not left by itself
	created      int
	retired      tally // of those who left
	resting      int64 // moves sent by those who left
	closes       map[string]int
	failed       int // joins
}

// newFleet returns a fleet without bots. It closes the dialers in the end.
func newFleet(cfg Config, d dialers) *fleet {
	f := &fleet{
		cfg:     cfg,
		dialers: d,
		lattice: cfg.World.lattice(),
		atlas:   newAtlas(cfg.World, cfg.Verify),
		start:   time.Now(),
		beats:   steady,
		random:  rand.New(rand.NewPCG(cfg.Seed, 0)),
		known:   registry{tracks: make(map[int32]*track)},
		sends:   newSends(),
		looker:  newLooker(),
		closes:  make(map[string]int),

		wallet:       newWallet(cfg.Tokens),
		scratches:    newScratches(),
		phaseLatency: newRecent(),
	}
	if cfg.Alone {
		f.beats = punctual
	}
	f.gallery = newGallery(&f.known, &f.lattice)
	f.stage.Store(&cfg.phases()[0])
	for i := range f.latency {
		f.latency[i] = newRecorder()
	}
	f.roster.Store(new([]*bot))
	return f
}

// clock is the time since the fleet was made.
func (f *fleet) clock() time.Duration { return time.Since(f.start) }

// registry is the directory of a fleet.
type registry struct {
	mu     sync.RWMutex
	tracks map[int32]*track
}

func (r *registry) enter(id int32, t *track) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.tracks[id]
	r.tracks[id] = t
	return before == nil
}

func (r *registry) find(id int32) *track {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tracks[id]
}

// newBot returns the next bot, not connected yet.
func (f *fleet) newBot() *bot {
	f.mu.Lock()
	f.created++
	number := f.created
	f.mu.Unlock()
	random := rand.New(rand.NewPCG(f.cfg.Seed, uint64(number)))
	dialects := f.cfg.dialects()
	speaks := dialects[number%len(dialects)]
	var lattice, spoken *native.Lattice // of the bot; of anybody
	if f.cfg.Dialect != Classic {
		spoken = &f.lattice
	}
	if speaks == Native {
		lattice = spoken
	}
	b := &bot{
		dialer: f.dialers[speaks],
		number: number,
		access: f.wallet.take(),
		clock:  f.clock,
		onEnd:  f.ended,
		world:  f.atlas.now,
		track:  newTrack(f.cfg.fastest(), speaks, spoken),
		random: random,
		here:   f.cfg.area().home(random),
		joined: make(chan struct{}),
	}
	if f.cfg.Verify && spoken != nil {
		b.track.marks = new(marks)
	}
	area := f.cfg.area()
	b.where = (float64(b.here.x) - area.MinX) / (area.MaxX - area.MinX)
	b.perform(&f.cfg, f.stage.Load())
	b.view = view{
		directory: &f.known,
		violate:   func(v Violation) { f.wrong.add(v) },
		latency:   f.latency[number%len(f.latency)],
		inTime:    f.cfg.inTime(),
		mine:      b.track,
		lattice:   lattice,
		heard:     make(map[string]*utterance),
	}
	if speaks == Native {
		b.native = &nativeView{
			view: &b.view, lattice: lattice, atlas: f.atlas, pong: b.sendPong, bits: f.cfg.Form == BitsForm,
			scratches: f.scratches,
		}
		if f.cfg.looksOn() {
			b.native.onlooker = &onlooker{view: &b.view, gallery: f.gallery, looks: f.cfg.looks(number)}
		}
	}
	if f.cfg.Player != nil {
		b.plays, b.view.player = true, f.cfg.Player(number)
	}
	return b
}

// ended counts the end of a connection that a bot did not end itself.
func (f *fleet) ended(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closes[link.Reason(f.cfg.Transport, err)]++
}

// joiners is how many bots connect at once, at most.
const joiners = 64

// join lets n newcomers in, evenly over a time, or as fast as ConnectRate allows. Those who could not join are counted; the
// error is the context's.
func (f *fleet) join(ctx context.Context, n int, over time.Duration) error {
	var group errgroup.Group
	group.SetLimit(joiners)
	start := time.Now()
	interval := max(time.Duration(float64(time.Second)/f.cfg.ConnectRate), over/time.Duration(max(n, 1)))
	for i := range n {
		if err := pause(ctx, time.Until(start.Add(time.Duration(i)*interval))); err != nil {
			break
		}
		b := f.newBot() // here, so that numbers follow the order of joining
		group.Go(func() error {
			f.admit(ctx, b)
			return nil
		})
	}
	_ = group.Wait() // admit counts its failures
	return ctx.Err()
}

// admit connects one bot, waits until it is in the world and sends it home.
func (f *fleet) admit(run context.Context, b *bot) {
	ctx, cancel := context.WithTimeout(run, f.cfg.JoinTimeout)
	defer cancel()
	joined, err := b.dial(ctx, nil)
	if err != nil {
		f.reject(fmt.Errorf("connecting: %w", err))
		return
	}
	select {
	case <-joined:
	case <-ctx.Done():
		b.leave()
		b.hangUp()
		if run.Err() == nil { // else the run is over, and not the bot's time
			f.wrong.add(Violation{Kind: Unwelcomed, Detail: "connected, but not let in within " + f.cfg.JoinTimeout.String()})
		}
		f.reject(fmt.Errorf("joining: %w", ctx.Err()))
		return
	}
	if b.gone.Load() {
		f.reject(nil) // its end is in the table already
		return
	}
	b.settle(f.cfg.Home == AtSpawn)
	_ = b.move() // home; if the connection has ended meanwhile, that is in the table
	f.enlist(b)
}

// reject counts a failed join.
func (f *fleet) reject(err error) {
	f.mu.Lock()
	f.failed++
	f.mu.Unlock()
	if err != nil {
		f.ended(err)
	}
}

// enlist makes a bot one of those who move. What it hears counts from the small talk on that is said to it too, and not from
// when the server let it in: more would be heard than was said.
func (f *fleet) enlist(b *bot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bots = append(f.bots, b)
	f.publish()
	b.mu.Lock()
	b.view.listens = f.talk.Load() + 1
	b.mu.Unlock()
}

// publish gives the pacer the roster as it is. What is added to it later lies beyond its end, and whoever takes bots out
// makes a new one. The caller holds mu.
func (f *fleet) publish() {
	roster := f.bots[:len(f.bots):len(f.bots)]
	f.roster.Store(&roster)
}

// live returns the bots that are connected and in the world.
func (f *fleet) live() []*bot {
	return slices.DeleteFunc(slices.Clone(*f.roster.Load()), func(b *bot) bool { return b.gone.Load() })
}

// alive is how many bots are connected and in the world.
func (f *fleet) alive() int {
	n := 0
	for _, b := range *f.roster.Load() {
		if !b.gone.Load() {
			n++
		}
	}
	return n
}

// dismiss lets bots leave.
func (f *fleet) dismiss(leavers []*bot) {
	leaving := make(map[*bot]bool, len(leavers))
	for _, b := range leavers {
		leaving[b] = true
	}
	f.mu.Lock()
	for _, b := range leavers { // as long as they hear, they are among those to whom something is said
		f.retired.add(b.leave(), 1)
		f.resting += int64(b.track.sent.Load())
	}
	f.bots = slices.DeleteFunc(slices.Clone(f.bots), func(b *bot) bool { return leaving[b] })
	f.publish()
	f.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(joiners)
	for _, b := range leavers {
		group.Go(func() error {
			b.sayGoodbye()
			b.hangUp()
			f.wallet.give(b.access)
			return nil
		})
	}
	_ = group.Wait() // closing does not fail
}

// totals is what was counted so far, and how many moves were sent.
func (f *fleet) totals() (sum tally, moves int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum, moves = f.retired, f.resting
	for _, b := range f.bots {
		b.mu.Lock()
		sum.add(b.view.tally, 1)
		b.mu.Unlock()
		moves += int64(b.track.sent.Load())
	}
	return sum, moves
}

// closeAccounts counts the moves that were due by now and never came.
func (f *fleet) closeAccounts() {
	for _, b := range *f.roster.Load() {
		b.mu.Lock()
		b.close()
		b.mu.Unlock()
	}
}

// ends returns how many connections ended for which reason, and how many joins failed.
func (f *fleet) ends() (closes map[string]int, failed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.closes), f.failed
}

// close lets everybody leave.
func (f *fleet) close() {
	f.dismiss(*f.roster.Load())
	f.dialers.close()
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
