package sim

import (
	"fmt"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/player"
	"aoiworld/world"
)

// Messages of the game that is played: a client says what it wears, is told so alone, and everybody near hears it.
const (
	idWear  = classic.FirstGameID
	idWorn  = classic.FirstGameID + 1
	idHeard = classic.FirstGameID + 2
)

// wear is the game's command.
type wear struct{ Text string }

// Apply implements world.Command.
func (w wear) Apply(tx *world.Tx, by world.Entity) {
	text := []byte(w.Text)
	for _, err := range []error{
		tx.SetAttributes(by.ID, text),
		tx.Tell(by.ID, world.Message{ID: idWorn, Payload: text}),
		tx.Announce(by.ID, world.Message{ID: idHeard, Payload: text}),
	} {
		if err != nil {
			panic(err)
		}
	}
}

// addGame adds the game's handler.
func addGame(b *player.Builder) {
	b.Handle(idWear, func(s *player.Session, f wire.Frame) error { return s.Act(wear{string(f.Payload)}) })
}

// dress lets a client change what it wears, now and then into nothing.
func (s *Sim) dress(c *client) {
	if c.phase != joined {
		return // nobody knows yet whether it is in the world
	}
	text := []string{"", "red", "green", "blue"}[s.random.IntN(4)]
	if text != "" && c.native != nil && c.native.name == ghost {
		text = ghost
	}
	s.send(c, wire.AppendFrame(nil, idWear, []byte(text)))
	s.worn[c] = append(s.worn[c], text)
	s.note("%d wears %q", c.id, text)
}

// dressed puts what was worn since the tick before into the truth.
func (s *Sim) dressed() {
	for c, texts := range s.worn {
		if s.oracle.looks[c.id] = texts[len(texts)-1]; s.oracle.looks[c.id] == "" {
			delete(s.oracle.looks, c.id)
		}
		s.oracle.mail[c.id] = append(s.oracle.mail[c.id], texts...)
	}
	clear(s.worn)
}

// sees reports whether a client must be shown who is at a place.
func (o *oracle) sees(c *client, at place) bool {
	if c.native != nil {
		return o.plan.nearCell(c.native.replica.Cell(), at)
	}
	return o.plan.near(o.at[c.id], at)
}

// looksNear returns what a player must be shown of those who are near, itself included.
func (o *oracle) looksNear(c *client) map[int32]string {
	seen := map[int32]string{}
	for other, text := range o.looks {
		if o.sees(c, o.at[other]) && o.shown(c, other) {
			seen[other] = text
		}
	}
	return seen
}

// look takes in what the game shows of somebody.
func (c *client) look(e classic.Event) error {
	if _, known := c.shown[e.PID]; !known || e.Number != 0 {
		return fmt.Errorf("%+v, but known is %v", e, known)
	}
	if c.looks[e.PID] = string(e.Bytes); len(e.Bytes) == 0 {
		delete(c.looks, e.PID)
	}
	return nil
}

// hear takes in what the game says. What everybody near hears is of the moment: who is behind misses it.
func (c *client) hear(e classic.Event) error {
	switch e.Number {
	case idWorn:
		c.mail = append(c.mail, string(e.Bytes))
	case idHeard:
	default:
		return fmt.Errorf("%+v, which nobody said", e)
	}
	return nil
}
