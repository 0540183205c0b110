package bot

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"aoiworld/client"
	"aoiworld/net/classic"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// errFarewell is wrapped by the end of a connection that the server ended with a word.
var errFarewell = errors.New("ended by the server")

// nativeView is how a bot of the native dialect comes to know what it is shown: by a replica of its own, whose changes it tells
// the view, or as an onlooker.
type nativeView struct {
	view      *view
	lattice   *native.Lattice
	atlas     *atlas
	replica   *client.Replica
	cell      uint32     // from which it looks by the replica
	onlooker  *onlooker  // or nil
	scratches *sync.Pool // of *scratch, the fleet's
	pong      func(*nativepb.Pong)
	bits      bool // the form of moves

	now     time.Duration // of the frame that is applied
	told    World         // as of the last word about it
	token   []byte        // to resume with
	resumed bool
	limited bool // the server bounds speed
	crowds  crowds
}

// scratch is the memory that taking in a tick, or what became of a move, needs.
type scratch struct {
	replica client.Scratch
	glance  glance
	ack     nativepb.Ack
}

// newScratches returns memory for whoever takes something in.
func newScratches() *sync.Pool { return &sync.Pool{New: func() any { return &scratch{} }} }

// connect makes ready for another connection, over which everything is shown anew.
func (n *nativeView) connect() {
	if n.view.stage = awaitWelcome; n.onlooker != nil {
		n.onlooker.forget()
		return
	}
	n.replica, n.crowds = client.NewReplica(n), crowds{}
	n.replica.Bound(n.lattice.Extent())
}

// tick takes in a Tick and reports whether it is the first of a connection that shows the bot itself.
func (n *nativeView) tick(payload []byte) (joined bool, err error) {
	s := n.scratches.Get().(*scratch)
	defer n.scratches.Put(s)
	var self bool
	if n.onlooker != nil {
		self, err = n.onlooker.apply(&s.glance, payload, n.now)
	} else if err = n.replica.ApplyWith(&s.replica, payload); err == nil {
		n.shifts()
		n.watchCrowds()
		self = n.view.stage == awaitSnapshot && n.replica.Entity(n.view.self) != nil
	}
	if joined = self && n.view.stage == awaitSnapshot; joined {
		n.view.stage = playing
	}
	return joined, err
}

// apply applies one frame and reports whether the bot has just been let into the world, or back into it. An error that wraps
// errFarewell ends the connection and is no violation.
func (n *nativeView) apply(f wire.Frame, now time.Duration) (joined bool, err error) {
	n.now = now
	if n.view.stage == awaitWelcome && f.ID != native.IDWelcome && f.ID != native.IDError {
		n.view.wrong(OutOfOrder, n.view.self, "message %d before the welcome", f.ID)
	}
	switch f.ID {
	case native.IDWelcome:
		err = n.welcome(f.Payload)
	case native.IDWorld:
		err = n.redescribe(f.Payload)
	case native.IDTick:
		joined, err = n.tick(f.Payload)
	case native.IDChat:
		var m nativepb.Chat
		err = native.Parse(f.Payload, &m)
		n.view.chat(m.Player, m.Text)
	case native.IDAck:
		err = n.ack(f.Payload)
	case native.IDPing:
		var m nativepb.Ping
		err = native.Parse(f.Payload, &m)
		n.pong(&nativepb.Pong{Time: m.Time})
	case native.IDError, native.IDGoodbye:
		err = farewell(f)
	case native.IDPong, native.IDNotice, native.IDGesture:
	default:
		if f.ID < native.FirstGameID {
			return false, fmt.Errorf("%w: id %d is none of the server's", native.ErrMalformed, f.ID)
		}
		n.view.hear(classic.Event{Kind: classic.Message, Number: int64(f.ID), Bytes: f.Payload})
	}
	return joined, err
}

// farewell returns why the server ends the connection, or nil when an Error is not fatal.
func farewell(f wire.Frame) error {
	if f.ID == native.IDGoodbye {
		var m nativepb.Goodbye
		if err := native.Parse(f.Payload, &m); err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", errFarewell, codes.Close(m.Code).Row().Name)
	}
	var m nativepb.Error
	if err := native.Parse(f.Payload, &m); err != nil || !m.Fatal {
		return err
	}
	message, _, _ := strings.Cut(m.Message, ";") // when to come back is another for everybody
	return fmt.Errorf("%w: %s: %s", errFarewell, codes.Close(m.Close).Row().Name, message)
}

// welcome takes in who and where the bot is, and that the world is the one that the run supposes.
func (n *nativeView) welcome(payload []byte) error {
	var m nativepb.Welcome
	if err := native.Parse(payload, &m); err != nil {
		return err
	}
	n.told = worldOf(m.World)
	if err := n.atlas.welcomes(n.told); err != nil {
		return err
	}
	n.token, n.resumed, n.limited = m.ResumeToken, m.Resumed, m.Limits.GetMaxSpeed() > 0
	at := onLattice(n.lattice, native.Place{
		X: int32(m.At.GetX()), Y: m.At.GetY(), Z: int32(m.At.GetZ()), V: int32(m.At.GetHeading()),
	})
	if !m.Resumed {
		n.view.welcome(m.Player)
		n.view.origin(at)
		return nil
	}
	if m.Player != n.view.self {
		n.view.wrong(OutOfOrder, m.Player, "resumes as somebody else")
	}
	n.view.forgetAll()
	n.view.own, n.view.stage, n.view.answer = at, awaitSnapshot, n.now // moves that were under way may be lost
	return nil
}

// redescribe takes in that the world is cut into other cells.
func (n *nativeView) redescribe(payload []byte) error {
	var m nativepb.World
	if err := native.Parse(payload, &m); err != nil {
		return err
	}
	n.told = worldOf(&m)
	return n.atlas.hears(n.told)
}

// ack takes in what became of the bot's moves.
func (n *nativeView) ack(payload []byte) error {
	s := n.scratches.Get().(*scratch)
	defer n.scratches.Put(s)
	m := &s.ack
	if err := native.Parse(payload, m); err != nil {
		return err
	}
	if m.Refused == 0 {
		n.confirmed(m.Sequence)
		return nil
	}
	n.view.own, n.view.answer = onLattice(n.lattice, native.Place{
		X: int32(m.At.GetX()), Y: m.At.GetY(), Z: int32(m.At.GetZ()), V: int32(m.At.GetHeading()),
	}), n.now
	n.view.tally.corrections++
	n.view.denied = true
	return nil
}

// Left implements client.Observer.
func (n *nativeView) Left(e *client.Entity) {
	n.shifts()
	n.view.left(e.ID, n.now)
}

// shifts notes that a tick has everything forgotten, or has the bot look from another cell.
func (n *nativeView) shifts() {
	if cell := n.replica.Cell(); n.replica.Forgot() || cell != n.cell {
		n.view.anew, n.cell = n.now, cell
	}
}

// Appeared implements client.Observer.
func (n *nativeView) Appeared(e *client.Entity) {
	at := onLattice(n.lattice, e.At)
	if e.ID != n.view.self {
		n.view.tally.updates++
	}
	n.view.appear(e.ID, at)
	if e.ID == n.view.self {
		n.echoFirst(e, at)
	}
	if e.Kind != 0 || len(e.Attributes) > 0 {
		n.Changed(e)
	}
}

// Moved implements client.Observer.
func (n *nativeView) Moved(e *client.Entity) {
	if t, crowded := n.replica.Track(e); crowded {
		n.movedInCrowd(e, t)
		return
	}
	n.movedOutOfCrowd(e)
}

// Changed implements client.Observer.
func (n *nativeView) Changed(e *client.Entity) {
	n.view.looked(classic.Event{PID: e.ID, Number: int64(e.Kind), Bytes: e.Attributes})
}

// echoFirst takes in where the bot itself is as it appears. In a crowd that may be as of before.
func (n *nativeView) echoFirst(e *client.Entity, at place) {
	if _, crowded := n.replica.Track(e); crowded {
		n.view.movedInCrowd(e.ID, at, false, n.now)
		return
	}
	n.view.echoFirst(at, n.view.shown.find(e.ID).sequence, n.now)
}

// echoFirst takes in where the bot itself is as it appears, which may be by a move of the tick in which it came, or before it
// was cut off.
func (v *view) echoFirst(at place, sequence uint32, now time.Duration) {
	if v.own = at; sequence > v.acked {
		v.acked, v.answer = sequence, now
		v.tally.echoes++
	}
}

// forgetAll forgets whom the bot is shown: its connection was lost, and it is to be shown everything anew.
func (v *view) forgetAll() { v.shown, v.looks = sightings{}, nil }
