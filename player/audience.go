package player

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view"
	"aoiworld/view/press"
	"aoiworld/view/stream"
	"aoiworld/world"
)

// seat is where a viewer of a world is bound: the session, and the attachment under which it entered.
type seat struct {
	session    *Session
	attachment *world.Attachment
	welcome    []byte // of the native dialect, until it was sent
}

// Audience shows one world to its sessions. It implements world.Audience: those methods belong to the loop's goroutine.
// Enter may be called by anybody.
type Audience struct {
	classic *view.View
	streams *stream.View
	stats   *Stats
	workers wire.Workers

	settings atomic.Pointer[Settings] // to take over in the tick in which the world is cut into cells anew

	mu      sync.Mutex
	waiting map[world.ID]seat // who asked to join, until a tick's output tells of it

	// The loop's.
	now     time.Time       // of the tick
	seats   []seat          // by slot
	states  []press.State   // by slot: of the classic viewers
	viewers []stream.Viewer // by slot: of the native viewers
	out     *world.Output
	frames  []press.Frame    // of both views
	deliver []press.Delivery // of both views
	later   []press.Delivery // a part of them
	packets []wire.Packet    // by frame
}

// NewAudience returns the audience of a world that nobody has entered: each dialect's viewers are shown it by a view of their
// own. It delivers on as many goroutines as workers says, 0 for as many as are worth it; what is delivered does not depend on it.
func NewAudience(classic *view.View, streams *stream.View, stats *Stats, workers int) *Audience {
	return &Audience{
		classic: classic, streams: streams, stats: stats, workers: wire.NewWorkers(workers), waiting: make(map[world.ID]seat),
	}
}

// Enter takes a session into the audience's world, which loop must be, as a new player. The session is shown the world from
// the next tick on. The join says which layers it sees: in the classic dialect there is none but the public one.
func (a *Audience) Enter(s *Session, loop *world.Loop, join world.Join) {
	if s.dialect != Native {
		join.Layer, join.Sees = world.Public, world.Public
	}
	a.mu.Lock() // a tick that takes the join waits for its seat
	defer a.mu.Unlock()
	a.take(s, loop, loop.Join(join), false)
}

// resume lets a session go on as a player of the audience's world, of which before was the attachment.
func (a *Audience) resume(s *Session, loop *world.Loop, before *world.Attachment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.resumed.Add(1)
	again := world.Resume{Player: before.Player(), Epoch: before.Epoch() + 1}
	a.take(s, loop, loop.Resume(again), true)
}

// take gives a session its way into the world, and has it wait for its seat. The audience is locked.
func (a *Audience) take(s *Session, loop *world.Loop, attachment *world.Attachment, resumed bool) {
	taken := seat{session: s, attachment: attachment}
	if s.dialect == Native {
		token := s.cfg.tickets.issue(s, attachment.Player(), func(next *Session) { a.resume(next, loop, attachment) })
		taken.welcome = s.welcome(attachment.Player(), token, resumed)
	}
	s.attach(attachment)
	a.waiting[attachment.Player()] = taken
}

// Sample finds out which viewers can take a frame, and ends the sessions of those that could not for too long.
func (a *Audience) Sample(now time.Time) {
	a.now = now
	missed := uint64(0)
	for slot, seat := range a.seats {
		state := press.Nobody
		if seat.session != nil {
			state = seat.session.sample(now)
		}
		if state == press.Busy {
			missed++
		}
		a.note(world.Slot(slot), state)
	}
	a.stats.missed.Add(missed)
}

// note tells the view of a viewer's dialect how the viewer stands, and the other one that nobody is there.
func (a *Audience) note(slot world.Slot, state press.State) {
	seat := &a.seats[slot]
	a.states[slot], a.viewers[slot] = press.Nobody, stream.Viewer{}
	switch {
	case seat.session == nil:
	case seat.session.dialect == Native:
		a.viewers[slot] = stream.Viewer{State: state, Form: seat.session.speaker.form, Welcome: seat.welcome}
	default:
		a.states[slot] = state
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
			a.seats[c.Slot] = seat{}
			a.note(c.Slot, press.Nobody)
		}
	}
	for _, r := range out.Resumed {
		a.bind(r.Slot, r.Player)
	}
	a.forget(out.Departed)
	if out.Grid != nil {
		a.reconfigure()
	}
	a.classic.Encode(out, a.states)
	a.streams.Encode(out, a.viewers)
}

// Settings are what can change of how a world is shown.
type Settings struct {
	// World is what clients of the native dialect are told of it.
	World *nativepb.World
	// FrameBudget is what a frame should hold at most (bytes), 0 is no bound; Period is from one tick to when the next is due.
	FrameBudget int
	Period      time.Duration
}

// Configure changes how the world is shown, from the tick on in which it is next cut into cells anew: see world.Loop.Regrid.
// Anybody may call it, before that.
func (a *Audience) Configure(s Settings) { a.settings.Store(&s) }

// reconfigure takes over what Configure was told last.
func (a *Audience) reconfigure() {
	if s := a.settings.Load(); s != nil {
		a.classic.Configure(s.FrameBudget, s.Period)
		a.streams.Configure(s.FrameBudget, s.Period, native.AppendMessage(nil, native.IDWorld, s.World))
	}
}

// bind gives a newcomer, or who goes on, the seat of its slot. Who has lost its connection meanwhile, and may resume, is
// there and receives nothing.
func (a *Audience) bind(slot world.Slot, player world.ID) {
	for int(slot) >= len(a.seats) {
		a.seats = append(a.seats, seat{})
		a.states, a.viewers = append(a.states, press.Nobody), append(a.viewers, stream.Viewer{})
	}
	a.mu.Lock()
	newcomer, here := a.waiting[player]
	delete(a.waiting, player)
	a.mu.Unlock()
	switch {
	case !here:
	case newcomer.session.advance(Active):
		a.seats[slot] = newcomer
		a.note(slot, press.Ready)
	case newcomer.session.detached.Load():
		a.seats[slot] = newcomer
		a.note(slot, press.Busy)
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

// Compose has the views put the frames together.
func (a *Audience) Compose() {
	frames, deliveries := a.classic.Compose()
	a.frames, a.deliver = append(a.frames[:0], frames...), append(a.deliver[:0], deliveries...)
	first := int32(len(a.frames))
	frames, deliveries = a.streams.Compose()
	a.frames = append(a.frames, frames...)
	for _, d := range deliveries {
		if d.Frame != press.Overflow {
			d.Frame += first
			a.seats[d.Slot].welcome = nil
		}
		a.deliver = append(a.deliver, d)
	}
	a.letCrowdsWait()
}

// letCrowdsWait puts the deliveries to those who are shown a crowd behind all others: nobody is to wait until a crowd is served,
// and that the last of it waits for the first is so anyway.
func (a *Audience) letCrowdsWait() {
	a.later = a.later[:0]
	a.deliver = slices.DeleteFunc(a.deliver, func(d press.Delivery) bool {
		crowded := d.Frame != press.Overflow && a.frames[d.Frame].Crowded
		if crowded {
			a.later = append(a.later, d)
		}
		return crowded
	})
	a.deliver = append(a.deliver, a.later...)
}

// Deliver hands each viewer its frame, without waiting for any of them, counts the moves that were refused, and ends the
// sessions on whose behalf a game failed.
func (a *Audience) Deliver() {
	a.packets = a.packets[:0]
	for _, f := range a.frames {
		a.packets = append(a.packets, wire.Seal(f.Bytes))
	}
	a.workers.Spread(len(a.deliver), a.handOver)
	for _, r := range a.out.Refusals {
		if session := a.seats[r.Slot].session; session != nil {
			session.refusedMove(r.Reason, a.now)
		}
	}
	for _, f := range a.out.Failures { // whose stacks the loop has logged
		if session := a.sessionOf(f); session != nil {
			session.failAs(f.Incident, f.Error())
		}
	}
	a.count()
	a.out = nil
}

// sessionOf returns the session on whose behalf something failed, or nil. One that still waits to come in does not any more.
func (a *Audience) sessionOf(f world.Failure) *Session {
	if f.Player == 0 {
		return nil
	}
	if int(f.Slot) < len(a.seats) {
		if s := a.seats[f.Slot]; s.session != nil && s.attachment.Player() == f.Player {
			return s.session
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	waits := a.waiting[f.Player]
	delete(a.waiting, f.Player)
	return waits.session
}

// CheckSeat implements world.Audience. In a seat is nobody, or the session whose player is in the slot, and under the player's
// epoch. Only a session that has ended may have an older one: its player is another session's, or leaves. A newer one has who is
// to go on as the player with the next tick.
func (a *Audience) CheckSeat(slot world.Slot, id world.ID, epoch world.Epoch) error {
	if int(slot) >= len(a.seats) || a.seats[slot].session == nil {
		return nil
	}
	seat := &a.seats[slot]
	player, seated := seat.attachment.Player(), seat.attachment.Epoch()
	switch {
	case player != id:
		return fmt.Errorf("%w: slot %d has entity %d, and the session of player %d", world.ErrBroken, slot, id, player)
	case seated < epoch && seat.session.CloseReason() == Open:
		return fmt.Errorf("%w: player %d has epoch %d, and a session of epoch %d", world.ErrBroken, id, epoch, seated)
	}
	return nil
}

// atOnce is for how many outboxes the processor's cache has room while they are written to.
const atOnce = 32

// handOver hands frames to their viewers. Some outboxes are touched first, one right after the other: their memory comes while
// the next is touched, and not while each is written to.
func (a *Audience) handOver(first, end int) {
	for group := range slices.Chunk(a.deliver[first:end], atOnce) {
		for _, d := range group {
			a.seats[d.Slot].session.outbox.touch()
		}
		for _, d := range group {
			a.handTo(a.seats[d.Slot], d.Frame)
		}
	}
}

// handTo hands a frame to a viewer.
func (a *Audience) handTo(seat seat, frame int32) {
	if frame == press.Overflow {
		seat.session.expel(SlowConsumer)
		return
	}
	seat.session.deliver(seat.attachment, a.packets[frame], a.now)
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
	a.stats.told(Classic, a.classic.Crowds())
	a.stats.told(Native, a.streams.Crowds())
}
