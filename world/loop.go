package world

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// maxLateTicks is how many ticks the loop may fall behind and still make up for; beyond that it skips them.
const maxLateTicks = 3

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
}

// LoopConfig says how a world is run.
type LoopConfig struct {
	Name  string // of the world, for logs and metrics
	World Config
	// TickRate is in ticks a second, > 0.
	TickRate float64
	// MaxChats is how many chats the mailbox holds for one tick.
	MaxChats int
	// NextIDs gives the world its share of the server's ids, from which its Games spawn; see Manager.NextIDs. Nil where
	// they do not.
	NextIDs func(n int32) (IDRange, error)
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
	period   time.Duration
	log      *slog.Logger
	mailbox  *Mailbox
	audience Audience
	snapshot atomic.Pointer[Snapshot]

	// Owned by Run's goroutine.
	world *World
	began time.Time // of the first tick; Input.Now counts from it
	tick  uint64    // the last one
	late  lateness
	// failing says that the game's own tick failed the last time.
	failing bool
}

// Snapshot is what a world publishes after each tick for whoever looks in from outside. It is never changed.
type Snapshot struct {
	World   string
	Tick    uint64
	Players int
	// Entities is everybody and everything, players included.
	Entities int
}

// NewLoop returns the loop of an empty world, shown to audience.
func NewLoop(cfg LoopConfig, audience Audience, log *slog.Logger) (*Loop, error) {
	if !(cfg.TickRate > 0) {
		return nil, fmt.Errorf("%w: tick rate %v", ErrConfig, cfg.TickRate)
	}
	w, err := New(cfg.World)
	if err != nil {
		return nil, err
	}
	l := &Loop{
		cfg:      cfg,
		period:   time.Duration(float64(time.Second) / cfg.TickRate),
		log:      log.With("world", cfg.Name),
		mailbox:  newMailbox(w.rules, cfg.MaxChats),
		audience: audience,
		world:    w,
	}
	l.publish()
	return l, nil
}

// Tick is the whole of what the server does, once a tick: everything that has come in is applied at once, what happened is
// written down once for each cell and put together once for each class of viewers, and everybody gets one write. Run
// calls it; a test or a simulation may call it instead, with a time of its own that never goes backwards.
func (l *Loop) Tick(now time.Time) {
	watch := stopwatch{last: time.Now()}
	l.audience.Sample(now)
	watch.lap(PhaseSample)
	in, conflated := l.take(now)
	if l.cfg.Record != nil {
		l.cfg.Record(in)
	}
	watch.lap(PhaseTake)
	out := l.world.Step(in)
	watch.lap(PhaseStep)
	l.audience.Encode(out)
	watch.lap(PhaseEncode)
	l.audience.Compose()
	watch.lap(PhaseCompose)
	l.audience.Deliver()
	watch.lap(PhaseDeliver)
	l.publish()
	l.complain(out)
	l.report(out, conflated, &watch)
}

// complain logs what failed of the games; that their own tick fails only once, until it has worked again.
func (l *Loop) complain(out *Output) {
	failing := false
	for _, f := range out.Failures {
		failing = failing || f.Player == 0
		if f.Player != 0 || !l.failing {
			l.log.Error("a game failed", "tick", out.Tick, "player", f.Player, "fault", f.Fault, "stack", f.Stack)
		}
	}
	l.failing = failing
}

// Run ticks until ctx ends.
func (l *Loop) Run(ctx context.Context) {
	due := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		due = l.schedule(due, now)
		l.Tick(now)
		timer.Reset(time.Until(due))
	}
}

// schedule notes how late the tick that was due is, and returns when the next one is: a period after this one was due, so
// that a short delay is made up for, unless more than maxLateTicks would have to be; those are skipped.
func (l *Loop) schedule(due, now time.Time) (next time.Time) {
	l.late = lateness{by: now.Sub(due)}
	if behind := l.late.by / l.period; behind > maxLateTicks {
		l.late.skipped = int(behind)
		due = due.Add(behind * l.period)
		l.log.Warn("ticks skipped", "ticks", int(behind), "late", l.late.by)
	}
	return due.Add(l.period)
}

// take empties the mailbox into the next tick's input.
func (l *Loop) take(now time.Time) (in *Input, conflated int) {
	if l.tick == 0 {
		l.began = now
	}
	l.tick++
	in, conflated = l.mailbox.take()
	in.Tick, in.Now, in.IDs = l.tick, now.Sub(l.began), l.freshIDs()
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

// Period returns the time from one tick to the next.
func (l *Loop) Period() time.Duration { return l.period }

// publish shows the outside how the world stands.
func (l *Loop) publish() {
	l.snapshot.Store(&Snapshot{World: l.cfg.Name, Tick: l.tick, Players: l.world.Players(), Entities: l.world.Entities()})
}
