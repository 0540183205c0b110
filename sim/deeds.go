package sim

import (
	"fmt"
	"io"
	"math"
	"slices"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// disturb does what clients do between two ticks.
func (s *Sim) disturb() {
	if len(s.clients) < s.cfg.Players && (s.random.IntN(3) == 0 || s.cfg.Budget > 0) {
		for range 1 + s.random.IntN(4) {
			s.join()
		}
	}
	if s.cfg.Recut && s.random.IntN(12) == 0 {
		s.recut()
	}
	if s.cfg.Rebudget && s.random.IntN(12) == 0 {
		s.rebudget()
	}
	for _, c := range slices.Clone(s.clients) {
		switch die := s.random.IntN(100); {
		case c.isAway():
		case die < 40, s.square != nil && die < 95:
			s.move(c)
		case die < 42:
			s.misbehave(c)
		case die < 43:
			c.stalled = s.random.IntN(130) // up to 6.5 s, of which the server bears 5
		case die < 44:
			s.vanish(c)
		case die < 45 && c.native != nil:
			s.interrupt(c)
		case die < 45:
			c.pace = 50 << s.random.IntN(8)
		case die < 46:
			s.chat(c)
		case die < 50:
			s.dress(c)
		case die < 53:
			s.hide(c)
		}
	}
}

// note remembers what was done, for a failure.
func (s *Sim) note(format string, args ...any) {
	s.history = append(s.history, fmt.Sprintf(format, args...))
	s.history = s.history[max(0, len(s.history)-40):]
}

// join connects a client.
func (s *Sim) join() {
	c := &client{link: newLink(200 << s.random.IntN(8)), pace: math.MaxInt32, cells: s.oracle.plan.columns * s.oracle.plan.rows}
	if s.random.IntN(2) == 0 {
		s.greet(c)
	} else {
		c.link.serve(s.registry.Accept)
	}
	s.clients = append(s.clients, c)
	s.note("join, native: %v", c.native != nil)
	if s.random.IntN(2) == 0 {
		s.move(c) // in the join tick
	}
}

// move sends moves, mostly short ones, of which the last counts.
func (s *Sim) move(c *client) {
	for range 1 + s.random.IntN(2) {
		here, moved := s.sent[c]
		if !moved {
			here = s.oracle.at[c.id]
		}
		to := s.towards(place{s.stride(here.x), s.random.Float32(), s.stride(here.z), s.random.Float32() * 360})
		if s.random.IntN(20) == 0 {
			to.x, to.z = s.random.Float32()*float32(s.oracle.plan.size), s.random.Float32()*float32(s.oracle.plan.size)
		}
		s.moveTo(c, to)
	}
}

// moveTo sends a move.
func (s *Sim) moveTo(c *client, to place) {
	if c.native != nil {
		to = s.moveNative(c, to)
	} else {
		s.send(c, classic.AppendMove(nil, to.x, to.y, to.z, to.v))
	}
	if s.oracle.plan.contains(to) {
		s.sent[c] = to
	}
	s.note("%d moves to %v", c.id, to)
}

// stride goes a few units along an axis, now and then out of the map or onto its border.
func (s *Sim) stride(v float32) float32 {
	if s.random.IntN(50) == 0 {
		return float32(s.oracle.plan.size) * float32(s.random.IntN(2))
	}
	return v + (s.random.Float32()-0.5)*8
}

// misbehave sends what a client must not.
func (s *Sim) misbehave(c *client) {
	if c.native != nil {
		s.misbehaveNative(c)
		return
	}
	nan := float32(math.NaN())
	s.send(c, [][]byte{
		classic.AppendMove(nil, nan, 0, nan, 0),
		classic.AppendMove(nil, 5, float32(math.Inf(1)), 5, 0),
		classic.AppendMove(nil, -1e30, 0, 5, 0),
		wire.AppendFrame(nil, classic.IDPosition, []byte{0xff, 0xff, 0xff}),
		wire.AppendFrame(nil, classic.IDBroadcast, nil),
		wire.AppendFrame(nil, 4711, []byte("who knows")),
		classic.AppendTalk(nil, ""),
		classic.AppendTalk(nil, "\x1b[2J"),
	}[s.random.IntN(8)])
	s.note("%d misbehaves", c.id)
}

// chat says something to the world, as often as everybody's limits allow.
func (s *Sim) chat(c *client) {
	if c.phase != joined {
		return // nobody knows yet whether it is in the world
	}
	text := fmt.Sprintf("chat %d", s.random.IntN(1000))
	if c.native != nil {
		text += c.native.name
		s.send(c, native.AppendMessage(nil, native.IDSay, &nativepb.Say{Text: text}))
	} else {
		s.send(c, classic.AppendTalk(nil, text))
	}
	s.said = append(s.said, saying{text, s.oracle.hidden[c.id]})
	s.note("%d says %q", c.id, text)
}

// vanish ends a connection, with or without a word.
func (s *Sim) vanish(c *client) {
	if c.native != nil {
		s.send(c, native.AppendMessage(nil, native.IDGoodbye, &nativepb.Goodbye{}))
	}
	c.link.cut([]error{io.EOF, errCut}[s.random.IntN(2)])
	s.forget(c)
	s.note("%d vanishes", c.id)
}

// forget takes a client out of the truth.
func (s *Sim) forget(c *client) {
	delete(s.oracle.at, c.id)
	delete(s.oracle.looks, c.id)
	delete(s.sent, c)
	delete(s.worn, c)
	delete(s.hid, c)
	delete(s.oracle.hidden, c.id)
	s.clients = slices.DeleteFunc(s.clients, func(other *client) bool { return other == c })
}

// send hands a client's bytes, which are one frame, to its session.
func (s *Sim) send(c *client, b []byte) {
	f, _, err := wire.Cut(b, maxFrame)
	if err != nil {
		panic(err)
	}
	c.link.send(f)
}
