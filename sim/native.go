package sim

import (
	"fmt"
	"math"
	"slices"
	"time"

	replica "aoiworld/client"
	"aoiworld/net/codes"
	dialect "aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// speaker is what only a client of the native dialect has.
type speaker struct {
	replica  *replica.Replica
	name     string // of who sees the hidden
	lattice  dialect.Lattice
	token    []byte
	form     []nativepb.Form
	sequence uint32
	told     []byte    // since the tick before, but for welcomes, whose tokens are no two times alike
	cell     uint32    // from which it looks
	shifted  time.Time // since when
	recut    bool      // the world was cut into other cells, and it looks anew
	cut      bool      // at least once: messages that were under way then are lost
	away     int       // ticks until it connects anew; 0 for who is connected
	account  string    // empty for a guest
}

// lattice is to what positions are rounded.
func (p plan) lattice() dialect.Lattice {
	return dialect.Lattice{MaxX: p.size, MaxZ: p.size, Quantum: quantum}
}

// round is a place on the lattice.
func (p plan) round(at place) place {
	l := p.lattice()
	x, y, z, v := l.Position(l.Place(at.x, at.y, at.z, at.v))
	return place{x, y, z, v}
}

// greet makes a client one of the native dialect, connects it and says Hello.
func (s *Sim) greet(c *client) {
	c.native = &speaker{replica: replica.NewReplica(nil), lattice: s.oracle.plan.lattice()}
	c.native.replica.Bound(c.native.lattice.Extent())
	if c.native.account = s.account(); c.native.account == "" {
		c.native.name = s.alias()
	}
	c.hides = c.native.name == lurker || c.native.name == ghost
	if s.random.IntN(2) == 0 {
		c.native.form = []nativepb.Form{nativepb.Form_FORM_BITS}
	}
	c.link.serve(s.registry.AcceptNative)
	s.login(c)
}

// hello says Hello.
func (s *Sim) hello(c *client, m *nativepb.Hello) {
	m.Version, m.Forms = dialect.Version, c.native.form
	s.send(c, dialect.AppendMessage(nil, dialect.IDHello, m))
}

// interrupt cuts a connection, and lets the client resume, or log in anew.
func (s *Sim) interrupt(c *client) {
	if c.phase != joined || c.native.token == nil {
		return // it has nothing to resume with
	}
	if c.native.account != "" && s.random.IntN(2) == 0 {
		s.usurp(c)
		return
	}
	c.link.cut(errCut)
	if s.note("%d is cut", c.id); s.random.IntN(2) == 0 {
		c.phase, c.native.away = welcomed, 1+s.random.IntN(mostAway)
		return
	}
	s.resume(c)
}

// mostAway is for how many ticks a connection is lost at most: not so long that there is nothing to resume any more.
const mostAway = 40

// isAway reports whether a client has lost its connection, and waits before it connects anew. Others are to see it all the while.
func (c *client) isAway() bool { return c.native != nil && c.native.away > 0 }

// awaitsWelcome reports whether a client has yet to be told who it is, or with what to resume the next time: for that it reads,
// even if it stalls.
func (c *client) awaitsWelcome() bool {
	return c.phase == fresh || c.native != nil && c.phase == welcomed
}

// comeBack brings a client nearer to connecting anew: with its token or, if it has an account, with that.
func (s *Sim) comeBack(c *client) {
	if c.native.away--; c.native.away > 0 {
		return
	}
	if s.note("%d comes back", c.id); c.native.account != "" && s.random.IntN(2) == 0 {
		s.reconnect(c)
		return
	}
	s.resume(c)
}

// resume connects a client anew, as the same player.
func (s *Sim) resume(c *client) {
	token := c.native.token
	s.renew(c)
	s.hello(c, &nativepb.Hello{Login: &nativepb.Hello_ResumeToken{ResumeToken: token}})
}

// renew gives a client a new connection. What it was about to receive is lost with the one before.
func (s *Sim) renew(c *client) {
	c.link, c.unread = newLink(c.link.room), nil
	c.link.serve(s.registry.AcceptNative)
	c.native.cut = true
	c.native.token, c.phase = nil, welcomed // until the next welcome nothing is certain
	c.stalled = 0
}

// moveNative sends a move and returns where it leads: moves of the dialect cannot leave the lattice, but the world.
func (s *Sim) moveNative(c *client, to place) place {
	to = s.oracle.plan.round(to)
	at := c.native.lattice.Place(to.x, to.y, to.z, to.v)
	if s.random.IntN(50) == 0 {
		at.X = dialect.MaxSteps
		to.x = float32(math.Inf(1))
	}
	c.native.sequence++
	s.send(c, dialect.AppendMove(nil, dialect.Move{Sequence: c.native.sequence, To: at}))
	return to
}

// misbehaveNative sends what a client must not.
func (s *Sim) misbehaveNative(c *client) {
	s.send(c, [][]byte{
		wire.AppendFrame(nil, dialect.IDMove, []byte{0xff}),
		wire.AppendFrame(nil, dialect.IDTick, nil),
		wire.AppendFrame(nil, 4711, []byte("who knows")),
		dialect.AppendMessage(nil, dialect.IDSay, &nativepb.Say{Text: "\x1b[2J"}),
		dialect.AppendMessage(nil, dialect.IDHello, &nativepb.Hello{Version: 1}),
	}[s.random.IntN(5)])
	s.note("%d misbehaves", c.id)
}

// applyNative applies a frame of the native dialect.
func (c *client) applyNative(f wire.Frame) error {
	if f.ID != dialect.IDWelcome {
		c.native.told = wire.AppendFrame(c.native.told, f.ID, f.Payload)
	}
	switch f.ID {
	case dialect.IDWelcome:
		var m nativepb.Welcome
		if err := dialect.Parse(f.Payload, &m); err != nil {
			return err
		}
		if m.Resumed != (c.id != 0) || c.id != 0 && m.Player != c.id {
			return fmt.Errorf("welcomed as %d, resumed: %v", m.Player, m.Resumed)
		}
		at := dialect.Place{X: int32(m.At.GetX()), Y: m.At.GetY(), Z: int32(m.At.GetZ()), V: int32(m.At.GetHeading())}
		x, y, z, v := c.native.lattice.Position(at)
		if c.id == 0 {
			c.shown, c.looks = map[int32]place{m.Player: {x, y, z, v}}, map[int32]string{}
		}
		c.id, c.phase, c.native.token = m.Player, appeared, m.ResumeToken
		c.looksFrom(true)
	case dialect.IDWorld:
		return c.redescribed(f.Payload)
	case dialect.IDTick:
		if c.phase < appeared {
			return fmt.Errorf("a tick in phase %d", c.phase)
		}
		c.phase = joined
		err := c.native.replica.Apply(f.Payload)
		c.looksFrom(c.native.recut)
		c.native.recut = false
		return err
	case dialect.IDChat:
		var m nativepb.Chat
		err := dialect.Parse(f.Payload, &m)
		c.chats = append(c.chats, m.Text)
		return err
	case dialect.IDError:
		var m nativepb.Error
		if err := dialect.Parse(f.Payload, &m); err != nil || m.Fatal {
			return fmt.Errorf("%w: error %v", errCut, &m)
		}
	case dialect.IDGoodbye:
		var m nativepb.Goodbye
		if err := dialect.Parse(f.Payload, &m); err != nil || codes.Close(m.Code) != codes.CloseSlowConsumer {
			return fmt.Errorf("%w: goodbye %v", errCut, &m)
		}
	case idWorn:
		c.mail = append(c.mail, string(f.Payload))
	case idHeard, dialect.IDAck:
	default:
		return fmt.Errorf("message %d", f.ID)
	}
	return nil
}

// got reports whether a client was told all that it should have been, in that order; but for what was under way when a
// connection was cut.
func (c *client) got(told, want []string) bool {
	if c.native == nil || !c.native.cut {
		return slices.Equal(told, want)
	}
	for _, text := range told {
		i := slices.Index(want, text)
		if i < 0 {
			return false
		}
		want = want[i+1:]
	}
	return true
}

// believeReplica makes what the replica shows what the client believes.
func (c *client) believeReplica() {
	clear(c.shown)
	clear(c.looks)
	for e := range c.native.replica.All() {
		x, y, z, v := c.native.lattice.Position(c.native.replica.Place(e))
		if c.shown[e.ID] = (place{x, y, z, v}); len(e.Attributes) > 0 {
			c.looks[e.ID] = string(e.Attributes)
		}
	}
}

// nativeView returns whom a client of the native dialect must be shown, which follows from the cell from which it looks, or
// what is wrong with that cell: it must see the client itself.
func (o *oracle) nativeView(c *client) (seen map[int32]place, wrong string) {
	from := c.native.replica.Cell()
	if cells := o.plan.columns * o.plan.rows; c.cells != cells {
		return nil, fmt.Sprintf("knows of %d cells, there are %d", c.cells, cells)
	}
	if !o.plan.nearCell(from, o.at[c.id]) {
		return nil, fmt.Sprintf("looks from cell %d, but is at %v", from, o.at[c.id])
	}
	if wrong := o.strays(c); wrong != "" {
		return nil, wrong
	}
	seen = map[int32]place{}
	for other, at := range o.at {
		if o.plan.nearCell(from, at) && o.shown(c, other) {
			seen[other] = o.plan.round(at)
		}
	}
	return seen, ""
}
