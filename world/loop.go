package world

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// Audience is everybody who is shown a world, as its loop knows them. The loop calls the methods in this order, once a
// tick, from its own goroutine; none of them may wait for a client.
type Audience interface {
	// Sample notes, before anything changes, which viewers can take a frame in this tick.
	Sample(now time.Time)
	// Encode writes what happened, once for each cell. The output is valid until the tick ends.
	Encode(out *Output)
	// Compose makes one frame for each class of viewers.
	Compose()
	// Deliver hands each viewer its frame.
	Deliver()
	// CheckSeat returns, as an error that wraps ErrBroken, what about a slot's viewer contradicts the world in which id, under an
	// epoch, is there, or nobody when it is 0. It is called after a tick for some slots.
	CheckSeat(slot Slot, id ID, epoch Epoch) error
}

// Source is where a world's commands come from when they have to be fetched: connections that somebody polls. The loop
// calls the methods from its own goroutine; neither may wait for a client.
type Source interface {
	// Gather posts what has come in. A tick begins with it.
	Gather(now time.Time)
	// Watch reports whether there is anything to gather. If not, the source calls wake once something has come in, from
	// any goroutine; more often is harmless. It is asked when the loop would rather tick early than when it is due, and
	// the answer is good until the next Gather. Without it a source wakes nobody.
	Watch(wake func()) bool
}

// LoopConfig says how a world is run.
type LoopConfig struct {
	Name  string // of the world, for logs and metrics
	World Config
	Pace  PaceConfig
	// Source, unless nil, brings commands beside those that sessions post by themselves.
	Source Source
	// Alarm, unless nil, is what the loop sleeps by instead of the runtime's timers.
	Alarm Alarm
	// MaxChats is how many chats the mailbox holds for one tick.
	MaxChats int
	// NextIDs gives the world its share of the server's ids, from which its Games spawn; see Manager.NextIDs. Nil where
	// they do not.
	NextIDs func(n int32) (IDRange, error)
	// CheckEvery is in what time the whole world is checked, and held against its audience: a part of it after each tick.
	// CheckAlways is all of it after each tick, 0 not at all; then nothing is kept of a world that breaks, either.
	CheckEvery time.Duration
	// Record, unless nil, is shown each tick's input before it is applied, on the loop's goroutine. The inputs from the
	// first on, played to a new world of the same Config, give the same world. The input is valid during the call.
	Record func(*Input)
	// Observe, unless nil, is told of each tick, on the loop's goroutine.
	Observe func(TickReport)
}

// Loop is the shell round one world: it owns the world, the mailbox and the ticker. Run's goroutine is the only one that
// touches the world; everybody else has Join and Snapshot.
type Loop struct {
	cfg      LoopConfig
	log      *slog.Logger
	mailbox  *Mailbox
	audience Audience
	snapshot atomic.Pointer[Snapshot]
	censuses
	questions questions
	nap       nap
	wake      func() // Wake, for those who keep it
	retuned   atomic.Pointer[PaceConfig]

	// Owned by Run's goroutine.
	world *World
	began time.Time // of the first tick; Input.Now counts from it
	tick  uint64    // the last one
	pace  *pace
	late  lateness
	idle  bool // the last tick found no command
	slow  bool // the log was told that the tick rate has sunk
	// failing says that the game's own tick failed the last time.
	failing bool
	auditor auditor
	broken  error // why it does not tick any more, or nil
}

// Snapshot is what a world publishes after each tick for whoever looks in from outside. It is never changed.
type Snapshot struct {
	World   string
	Tick    uint64
	Players int
	// Entities is everybody and everything, players included.
	Entities int
	// Rate is how often ticks are due, in ticks a second: as configured, or less often when they take too long.
	Rate float64
}

// NewLoop returns the loop of an empty world, shown to audience.
func NewLoop(cfg LoopConfig, audience Audience, log *slog.Logger) (*Loop, error) {
	if err := cfg.Pace.check(); err != nil {
		return nil, err
	}
	w, err := New(cfg.World)
	if err != nil {
		return nil, err
	}
	l := &Loop{
		cfg:      cfg,
		log:      log.With("world", cfg.Name),
		mailbox:  newMailbox(w.rules, cfg.MaxChats),
		audience: audience,
		world:    w,
		nap:      nap{alarm: cfg.Alarm},
		pace:     newPace(cfg.Pace, time.Time{}),
	}
	if cfg.Alarm == nil {
		l.nap.alarm = newTimer()
	}
	l.wake = l.Wake
	l.publish()
	return l, nil
}

// Tick is the whole of what the server does, once a tick: everything that has come in is applied at once, what happened is
// written down once for each cell and put together once for each class of viewers, and everybody gets one write. Run
// calls it; a test or a simulation may call it instead, with a time of its own that never goes backwards.
//
// What one command, or one session, does wrong has no effect on the others, and the world goes on. If the world itself is broken,
// or the tick is, it does not: the error is a *BrokenError, and the same for each tick to come.
func (l *Loop) Tick(now time.Time) (err error) {
	if l.broken != nil {
		return l.broken
	}
	defer l.stop(&err)
	watch := stopwatch{last: time.Now()}
	l.gather(now)
	watch.lap(PhaseGather)
	l.audience.Sample(now)
	watch.lap(PhaseSample)
	in, conflated := l.take(now)
	if l.cfg.Record != nil {
		l.cfg.Record(in)
	}
	watch.lap(PhaseTake)
	out := l.world.Step(in)
	l.examine(out)
	watch.lap(PhaseStep)
	l.audience.Encode(out)
	watch.lap(PhaseEncode)
	l.audience.Compose()
	watch.lap(PhaseCompose)
	l.audience.Deliver()
	watch.lap(PhaseDeliver)
	l.audit()
	watch.lap(PhaseCheck)
	l.publish()
	l.confirm(out)
	l.takeCensus(now)
	l.reply(now, out)
	l.report(out, conflated, &watch)
	return nil
}

// gather has the source post what has come in.
func (l *Loop) gather(now time.Time) {
	if l.cfg.Source != nil {
		l.cfg.Source.Gather(now)
	}
}

// take empties the mailbox into the next tick's input.
func (l *Loop) take(now time.Time) (in *Input, conflated int) {
	if l.tick == 0 {
		l.began = now
	}
	l.tick++
	in, conflated = l.mailbox.take()
	l.nap.forget() // what has come in since is asked for before the loop waits again
	l.idle = in.empty()
	in.Tick, in.Now, in.Load, in.IDs = l.tick, now.Sub(l.began), l.pace.load, l.freshIDs()
	return in, conflated
}

// How many ids a world is given at once, and how few it may have left before it is given more: so many entities can be
// spawned in a tick.
const (
	idShare = 4096
	idsLeft = 1024
)

// freshIDs returns a share of ids when the world has few left. When the server has none any more, nor has the world, and
// games are told as they spawn.
func (l *Loop) freshIDs() IDRange {
	if l.cfg.NextIDs == nil || len(l.cfg.World.Games) == 0 || l.world.ids.Count >= idsLeft {
		return IDRange{}
	}
	share, err := l.cfg.NextIDs(idShare)
	if err != nil {
		return IDRange{}
	}
	return share
}

// Join brings a player into the world in the next tick and returns the session's way in.
func (l *Loop) Join(j Join) *Attachment { return l.mailbox.join(j) }

// Resume hands a player of the world over to another session in the next tick and returns that one's way in.
func (l *Loop) Resume(r Resume) *Attachment { return l.mailbox.resume(r) }

// Snapshot returns what the last tick published.
func (l *Loop) Snapshot() *Snapshot { return l.snapshot.Load() }

// publish shows the outside how the world stands.
func (l *Loop) publish() {
	l.snapshot.Store(&Snapshot{
		World: l.cfg.Name, Tick: l.tick, Players: l.world.Players(), Entities: l.world.Entities(), Rate: l.pace.rate(),
	})
}
