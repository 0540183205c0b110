package client

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// errDesynced ends a connection whose ticks do not fit: the next one begins anew.
var errDesynced = errors.New("lost the thread")

// errOutlived ends a connection that came too late to resume: the next one begins as a new player.
var errOutlived = errors.New("too late to resume")

// apply takes in one message. The client is locked.
func (c *Client) apply(f wire.Frame) error {
	switch f.ID {
	case native.IDTick:
		if err := c.replica.Apply(f.Payload); err != nil {
			c.forgetView()
			return errors.Join(errDesynced, err)
		}
		c.world.hear(c.replica.Time(), time.Now())
		return nil
	case native.IDWelcome:
		return c.welcomed(f.Payload)
	case native.IDWorld:
		return c.redescribed(f.Payload)
	case native.IDAck:
		return c.acked(f.Payload)
	case native.IDPong:
		var m nativepb.Pong
		err := native.Parse(f.Payload, &m)
		c.clock.pong(time.Now(), &m)
		return err
	case native.IDPing:
		var m nativepb.Ping
		if err := native.Parse(f.Payload, &m); err != nil {
			return err
		}
		return c.conn.Write(native.AppendMessage(nil, native.IDPong, &nativepb.Pong{Time: m.Time}))
	}
	return c.heard(f)
}

// forgetView tells that everybody has left the view, and begins another one. The client is locked.
func (c *Client) forgetView() {
	for e := range c.replica.All() {
		if c.paths[e.ID] != nil { // that it is there was told
			observer{c}.Left(e)
		}
	}
	c.beginView()
}

// beginView begins a view in which nobody is. The client is locked.
func (c *Client) beginView() {
	c.replica = NewReplica(observer{c})
	c.world = worldClock{extent: c.lattice.Extent()}
	c.replica.Bound(c.world.extent)
}

// heard takes in what is only to be told. The client is locked.
func (c *Client) heard(f wire.Frame) error {
	switch f.ID {
	case native.IDChat:
		var m nativepb.Chat
		err := native.Parse(f.Payload, &m)
		nearby := m.Channel == nativepb.Channel_CHANNEL_NEARBY
		c.note(Event{Kind: Chatted, Player: m.Player, Name: native.ShownName(m.Name, m.Player), Text: m.Text, Nearby: nearby})
		return err
	case native.IDGesture:
		var m nativepb.Gesture
		err := native.Parse(f.Payload, &m)
		c.note(Event{Kind: Gestured, Player: m.Player, Number: m.Number})
		return err
	case native.IDNotice:
		var m nativepb.Notice
		err := native.Parse(f.Payload, &m)
		c.note(Event{Kind: Noticed, Text: m.Text})
		return err
	case native.IDError:
		var m nativepb.Error
		if err := native.Parse(f.Payload, &m); err != nil {
			return err
		}
		if m.Code == nativepb.ErrorCode_ERROR_RESUME_FAILED {
			c.outlived, c.token = true, nil
		}
		if m.Fatal && m.Code == nativepb.ErrorCode_ERROR_TOKEN_EXPIRED {
			c.token = nil // what was resumed is as old
		}
		switch {
		case m.Fatal && c.outlived:
			return errOutlived
		case m.Fatal:
			return final(codes.Close(m.Close), m.Message)
		}
		c.note(Event{Kind: Refused, Text: m.Message})
	case native.IDGoodbye:
		var m nativepb.Goodbye
		return errors.Join(native.Parse(f.Payload, &m), final(codes.Close(m.Code), m.Text))
	default:
		if f.ID >= native.FirstGameID {
			c.note(Event{Kind: Message, ID: f.ID, Bytes: bytes.Clone(f.Payload)})
		}
	}
	return nil
}

// note keeps an event until the message is taken in. The client is locked.
func (c *Client) note(e Event) { c.events = append(c.events, e) }

// welcomed begins a session, or goes on with it. The client is locked.
func (c *Client) welcomed(payload []byte) error {
	m := &nativepb.Welcome{}
	if err := native.Parse(payload, m); err != nil {
		return err
	}
	w := m.World
	c.welcome, c.token = m, m.ResumeToken
	c.lattice = native.Lattice{
		MinX: w.GetMinX(), MaxX: w.GetMaxX(), MinZ: w.GetMinZ(), MaxZ: w.GetMaxZ(), Quantum: w.GetQuantum(),
	}
	if len(m.ResumeToken) == 0 {
		c.token = nil
	}
	c.me = prediction{at: placeOf(m.At)}
	kind := Resumed
	if !m.Resumed {
		kind = Connected
		c.beginView()
		clear(c.paths)
	}
	c.note(Event{Kind: kind})
	if !c.isJoined() {
		close(c.joined)
	}
	return nil
}

// redescribed takes in that the world's cells or its tick are others. The client is locked.
func (c *Client) redescribed(payload []byte) error {
	w := &nativepb.World{}
	if err := native.Parse(payload, w); err != nil {
		return err
	}
	if c.welcome == nil {
		return fmt.Errorf("%w: a world before the welcome", errDesynced)
	}
	welcome := proto.CloneOf(c.welcome) // whoever has asked for the world before keeps what it was
	welcome.World = w
	c.welcome = welcome
	c.note(Event{Kind: Reshaped})
	return nil
}

// placeOf is a place as a message has it.
func placeOf(p *nativepb.Place) native.Place {
	return native.Place{X: int32(p.GetX()), Y: p.GetY(), Z: int32(p.GetZ()), V: int32(p.GetHeading())}
}

// acked takes in what became of one's own moves. The client is locked.
func (c *Client) acked(payload []byte) error {
	var m nativepb.Ack
	if err := native.Parse(payload, &m); err != nil {
		return err
	}
	if m.Refused == 0 {
		c.me.confirm(m.Sequence)
		return nil
	}
	c.me.correct(placeOf(m.At))
	c.note(Event{Kind: Corrected, Text: codes.Error(m.Refused).Row().Text})
	return nil
}

// observer tells a client what becomes of the entities in its replica. The client is locked.
type observer struct{ *Client }

// Appeared implements Observer.
func (o observer) Appeared(e *Entity) {
	o.paths[e.ID] = &path{to: e.At, from: e.At, reached: time.Now()}
	o.note(Event{Kind: Appeared, Entity: e.copy()})
	o.seeMyself(e)
}

// Moved implements Observer.
func (o observer) Moved(e *Entity) {
	if p := o.paths[e.ID]; p != nil && o.replica.track(e) == nil { // who is on a track is found on it when it is shown
		p.step(e.At, time.Now(), &o.world)
	}
	o.note(Event{Kind: Moved, Entity: e.copy()})
	o.seeMyself(e)
}

// Changed implements Observer.
func (o observer) Changed(e *Entity) { o.note(Event{Kind: Changed, Entity: e.copy()}) }

// Left implements Observer.
func (o observer) Left(e *Entity) {
	delete(o.paths, e.ID)
	o.note(Event{Kind: Left, Entity: e.copy()})
}

// seeMyself takes in where the server shows the player itself: the confirmation of a move.
func (o observer) seeMyself(e *Entity) {
	if e.ID == o.welcome.GetPlayer() {
		o.me.see(e.At)
	}
}

// copy is an entity for whoever keeps it.
func (e *Entity) copy() Entity {
	return Entity{ID: e.ID, Kind: e.Kind, Name: e.Name, Attributes: e.Attributes, At: e.At}
}
