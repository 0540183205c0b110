package sim

import (
	"bytes"
	"fmt"
	"strings"

	"aoiworld/net/classic"
	dialect "aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/player"
	"aoiworld/world"
)

// Names under which clients of the native dialect join who see the hidden. A ghost is hidden for as long as it lives, and
// whatever it says or wears has the word in it.
const (
	moderator = "moderator"
	lurker    = "lurker" // a moderator who begins hidden
	ghost     = "ghost"
)

// idHide is the game's message by which a client hides, or shows itself: its payload is the layer.
const idHide = classic.FirstGameID + 3

// saying is what somebody said to everybody who sees it.
type saying struct {
	text   string
	hidden bool
}

// hide is the game's command.
type hide struct{ Layer world.Layer }

// Apply implements world.Command.
func (h hide) Apply(tx *world.Tx, by world.Entity) {
	if err := tx.SetLayer(by.ID, h.Layer); err != nil {
		panic(err)
	}
}

// addLayers adds the handler of those who hide.
func addLayers(b *player.Builder) {
	b.Handle(idHide, func(s *player.Session, f wire.Frame) error { return s.Act(hide{world.Layer(f.Payload[0])}) })
}

// joinOf returns how a session joins: its name says in which layer. Where several wish for one, there is a number behind it.
func joinOf(id world.ID, name string) world.Join {
	j := world.Join{Player: id, Epoch: 1, Name: name}
	switch {
	case strings.HasPrefix(name, moderator):
		j.Sees = world.Hidden
	case strings.HasPrefix(name, lurker), strings.HasPrefix(name, ghost):
		j.Layer = world.Hidden
	}
	return j
}

// alias gives one client in three a name under which it sees the hidden.
func (s *Sim) alias() string {
	return [...]string{"", "", "", "", moderator, lurker, ghost}[s.random.IntN(7)]
}

// sees reports whether a client sees the hidden.
func (c *client) sees() bool { return c.native != nil && c.native.name != "" }

// hide lets a client hide, or show itself.
func (s *Sim) hide(c *client) {
	if c.phase != joined || !c.sees() || c.native.name == ghost {
		return
	}
	layer := world.Layer(s.random.IntN(2))
	s.send(c, wire.AppendFrame(nil, idHide, []byte{byte(layer)}))
	s.hid[c] = layer == world.Hidden
	s.note("%d goes into layer %d", c.id, layer)
}

// layered puts who has hidden since the tick before, and what was said, into the truth: what was said was said before.
func (s *Sim) layered() {
	for _, hidden := range []bool{false, true} {
		for _, what := range s.said {
			if what.hidden == hidden {
				s.oracle.chats = append(s.oracle.chats, what)
			}
		}
	}
	for c, hidden := range s.hid {
		s.oracle.hidden[c.id] = hidden
	}
	clear(s.hid)
}

// audible returns what a client must have heard.
func (o *oracle) audible(c *client) []string {
	texts := []string{}
	for _, what := range o.chats[o.since[c.id]:] {
		if !what.hidden || c.sees() {
			texts = append(texts, what.text)
		}
	}
	return texts
}

// shown reports whether a client is to be shown somebody at all, wherever that is.
func (o *oracle) shown(c *client, other int32) bool { return !o.hidden[other] || c.sees() }

// leak says what is wrong with a message to a client that does not see the hidden: that it tells of a ghost, or of a stream that
// is not the public's. It looks at the bytes, and not at what becomes of them.
func (c *client) leak(f wire.Frame, cells int) error {
	if c.sees() {
		return nil
	}
	if bytes.Contains(f.Payload, []byte(ghost)) {
		return fmt.Errorf("the public is sent a ghost: message %d, %q", f.ID, f.Payload)
	}
	if c.native == nil || f.ID != dialect.IDTick {
		return nil
	}
	var t dialect.Tick
	if err := t.Parse(f.Payload); err != nil {
		return err
	}
	var streams []uint32
	for i := range t.Keys {
		streams = append(streams, t.Keys[i].Stream)
	}
	for i := range t.Deltas {
		streams = append(streams, t.Deltas[i].Stream)
	}
	for i := range t.Crowds {
		streams = append(streams, t.Crowds[i].Stream)
	}
	for i := range t.Near {
		streams = append(streams, t.Near[i].Stream)
	}
	for _, b := range t.Bits {
		stream, _, _, err := dialect.ReadBits(b)
		if err != nil {
			return err
		}
		streams = append(streams, stream)
	}
	for _, stream := range streams {
		if int(stream) >= cells {
			return fmt.Errorf("the public is sent stream %d of %d cells", stream, cells)
		}
	}
	return nil
}
