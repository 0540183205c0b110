package player

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
	"aoiworld/view"
	"aoiworld/view/press"
	"aoiworld/world"
)

// shard is how many deliveries a worker takes at a time. So few are not worth a goroutine.
const shard = 64

// seat is where a viewer of a world is bound: the session, and the attachment under which it entered.
type seat struct {
	session    *Session
	attachment *world.Attachment
}

// Audience shows one world to its sessions. It implements world.Audience: those methods belong to the loop's goroutine.
// Enter may be called by anybody.
type Audience struct {
	view    *view.View
	stats   *Stats
	workers int

	mu      sync.Mutex
	waiting map[world.ID]seat // who asked to join, until a tick's output tells of it

	// The loop's.
	now     time.Time     // of the tick
	seats   []seat        // by slot
	states  []press.State // by slot
	out     *world.Output
	frames  []press.Frame
	deliver []press.Delivery
	packets []wire.Packet // by frame
}

// NewAudience returns the audience of a world that nobody has entered. It delivers on as many goroutines as workers
// says, 0 for one a processor; what is delivered does not depend on it.
func NewAudience(v *view.View, stats *Stats, workers int) *Audience {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Audience{view: v, stats: stats, workers: workers, waiting: make(map[world.ID]seat)}
}

// Enter takes a session into the audience's world, which loop must be, as player. The session is shown the world from
// the next tick on. epoch tells the sessions of one player apart.
func (a *Audience) Enter(s *Session, loop *world.Loop, player world.ID, epoch world.Epoch) {
	a.mu.Lock() // a tick that takes the join waits for its seat
	defer a.mu.Unlock()
	attachment := loop.Join(world.Join{Player: player, Epoch: epoch})
	s.attach(attachment)
	a.waiting[player] = seat{session: s, attachment: attachment}
}

// Sample finds out which viewers can take a frame, and ends the sessions of those that could not for too long.
func (a *Audience) Sample(now time.Time) {
	a.now = now
	for slot, seat := range a.seats {
		a.states[slot] = press.Nobody
		if seat.session != nil {
			a.states[slot] = seat.session.sample(now)
		}
	}
}

// Encode seats who joined, lets go of who left, and has the view write down what happened.
func (a *Audience) Encode(out *world.Output) {
	a.out = out
	for i := range out.Changes {
		switch c := &out.Changes[i]; {
		case c.Joined():
			a.bind(c.Slot, c.Player)
		case c.Left():
			a.seats[c.Slot], a.states[c.Slot] = seat{}, press.Nobody
		}
	}
	a.forget(out.Departed)
	a.view.Encode(out, a.states)
}

// bind gives a newcomer the seat of its slot.
func (a *Audience) bind(slot world.Slot, player world.ID) {
	for int(slot) >= len(a.seats) {
		a.seats, a.states = append(a.seats, seat{}), append(a.states, press.Nobody)
	}
	a.mu.Lock()
	newcomer, here := a.waiting[player]
	delete(a.waiting, player)
	a.mu.Unlock()
	if here && newcomer.session.advance(Active) {
		a.seats[slot], a.states[slot] = newcomer, press.Ready
	}
}

// forget lets go of those who left in the tick in which they joined, of whom no change tells.
func (a *Audience) forget(departed []world.Leave) {
	if len(departed) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range departed {
		delete(a.waiting, l.Player)
	}
}

// Compose has the view put the frames together.
func (a *Audience) Compose() { a.frames, a.deliver = a.view.Compose() }

// Deliver hands each viewer its frame, without waiting for any of them, counts the moves that were refused, and ends the
// sessions on whose behalf a game failed.
func (a *Audience) Deliver() {
	a.packets = a.packets[:0]
	for _, f := range a.frames {
		a.packets = append(a.packets, wire.Seal(f.Bytes))
	}
	a.handOut()
	for _, r := range a.out.Refusals {
		if session := a.seats[r.Slot].session; session != nil {
			session.refusedMove(r.Reason, a.now)
		}
	}
	for _, f := range a.out.Failures { // which the loop logs
		if session := a.seated(f); session != nil {
			session.fail(f.Error())
		}
	}
	a.count()
	a.out, a.frames, a.deliver = nil, nil, nil
}

// seated returns the session on whose behalf a game failed, or nil.
func (a *Audience) seated(f world.Failure) *Session {
	if f.Player == 0 || int(f.Slot) >= len(a.seats) {
		return nil
	}
	if s := a.seats[f.Slot]; s.session != nil && s.attachment.Player() == f.Player {
		return s.session
	}
	return nil
}

// handOut shares the deliveries among the workers and returns when all are done.
func (a *Audience) handOut() {
	var next atomic.Int64
	work := func() {
		for {
			end := int(next.Add(shard))
			start := end - shard
			if start >= len(a.deliver) {
				return
			}
			a.handOver(a.deliver[start:min(end, len(a.deliver))])
		}
	}
	var others sync.WaitGroup
	for range min(a.workers-1, (len(a.deliver)-1)/shard) {
		others.Go(work)
	}
	work()
	others.Wait()
}

// handOver hands frames to their viewers.
func (a *Audience) handOver(deliveries []press.Delivery) {
	for _, d := range deliveries {
		seat := a.seats[d.Slot]
		if d.Frame == press.Overflow {
			seat.session.Close(SlowConsumer)
			continue
		}
		seat.session.deliver(seat.attachment, a.packets[d.Frame], a.now)
	}
}

// count adds the tick to the statistics.
func (a *Audience) count() {
	updates := 0
	frames := 0
	for _, d := range a.deliver {
		if d.Frame != press.Overflow {
			updates += a.frames[d.Frame].Updates
			frames++
		}
	}
	a.stats.updates.Add(uint64(updates))
	a.stats.frames.Add(uint64(frames))
	a.stats.composed.Add(uint64(len(a.frames)))
}
