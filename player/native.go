package player

import (
	"fmt"
	"slices"
	"time"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view/stream"
	"aoiworld/world"
)

// maxName is the longest name of a guest (bytes).
const maxName = world.MaxName

// AddNative adds the handlers of the native dialect.
func AddNative(b *Builder) {
	b.handle(Native, native.IDHello, hello)
	b.handle(Native, native.IDMove, nativeMove)
	b.handle(Native, native.IDSay, say)
	b.handle(Native, native.IDGesture, gesture)
	b.handle(Native, native.IDPing, ping)
	b.handle(Native, native.IDPong, func(*Session, wire.Frame) error { return nil }) // it was heard: that is all
	b.handle(Native, native.IDGoodbye, goodbye)
}

// malformed wraps what a decoder objects to.
func malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }

// nativeMove handles a Move.
func nativeMove(s *Session, f wire.Frame) error {
	m, err := native.ParseMove(f.Payload)
	if err != nil {
		return malformed(err)
	}
	x, y, z, v := s.cfg.Native.Lattice.Position(m.To)
	s.move(world.Position{X: x, Y: y, Z: z, V: v}, m.Sequence)
	return nil
}

// say handles a Say.
func say(s *Session, f wire.Frame) error {
	var m nativepb.Say
	if err := native.Parse(f.Payload, &m); err != nil {
		return malformed(err)
	}
	switch m.Channel {
	case nativepb.Channel_CHANNEL_WORLD:
		return s.Chat(world.ToAll, m.Text)
	case nativepb.Channel_CHANNEL_NEARBY:
		return s.Chat(world.ToNear, m.Text)
	}
	return ErrMalformed
}

// gesture handles a Gesture.
func gesture(s *Session, f wire.Frame) error {
	var m nativepb.Gesture
	if err := native.Parse(f.Payload, &m); err != nil {
		return malformed(err)
	}
	if a := s.attachment.Load(); a != nil {
		return a.Gesture(m.Number)
	}
	return nil
}

// ping handles a Ping: it is answered at once, and not with the tick, so that the client can tell the way's length and the
// server's clock.
func ping(s *Session, f wire.Frame) error {
	var m nativepb.Ping
	if err := native.Parse(f.Payload, &m); err != nil {
		return malformed(err)
	}
	s.reply(native.IDPong, &nativepb.Pong{Time: m.Time, ServerMicros: uint64(time.Now().UnixMicro())})
	return nil
}

// goodbye handles a Goodbye.
func goodbye(s *Session, _ wire.Frame) error {
	s.Close(Goodbye)
	return nil
}

// hello handles a Hello: it agrees on a version and a form, and lets the session go on as a player, or enter as a new one.
func hello(s *Session, f wire.Frame) error {
	if s.speaker.greeted {
		return ErrState
	}
	var m nativepb.Hello
	if err := native.Parse(f.Payload, &m); err != nil {
		return malformed(err)
	}
	oldest := m.MinVersion
	if oldest == 0 {
		oldest = m.Version
	}
	if m.Version < native.OldestVersion || oldest > native.Version {
		s.Close(WrongVersion)
		return ErrVersion
	}
	s.cfg.Log.Debug("hello", "remote", s.RemoteAddr(), "client", m.Client[:min(len(m.Client), native.MaxClientName)])
	if slices.Contains(m.Forms, nativepb.Form_FORM_BITS) {
		s.speaker.form = stream.Bits
	}
	return s.login(&m)
}

// login lets a session go on as a player, or enter as a new one.
func (s *Session) login(m *nativepb.Hello) error {
	switch login := m.Login.(type) {
	case *nativepb.Hello_ResumeToken:
		if err := s.cfg.tickets.redeem(login.ResumeToken, s, time.Now()); err != nil {
			s.refuseLogin(err)
			return err
		}
		s.greet()
		return nil
	case *nativepb.Hello_AccessToken:
		s.refuseLogin(ErrLogin)
		return ErrLogin
	}
	if name := m.GetGuest(); name != "" && !speakable(name, maxName) {
		s.refuseLogin(ErrName)
		return ErrName
	}
	s.speaker.name = m.GetGuest()
	s.greet()
	s.enter()
	return nil
}

// greet notes that the session's Hello was accepted.
func (s *Session) greet() {
	s.speaker.greeted = true
	s.waiting.Store(false)
}

// refuseLogin tells the client why it is not let in, and ends the session.
func (s *Session) refuseLogin(why error) {
	s.complain(refusalOf(why).code(), native.IDHello, time.Now())
	s.Close(Unauthenticated)
}

// welcome returns the Welcome of a session that enters, or goes on, as a player: all but where that is.
func (s *Session) welcome(player world.ID, token []byte, resumed bool) []byte {
	cfg := &s.cfg.Native
	m := &nativepb.Welcome{
		Version: native.Version, Player: int32(player), Name: s.speaker.name, World: cfg.World, ResumeToken: token,
		Limits: cfg.Limits, Form: nativepb.Form(s.speaker.form), Resumed: resumed,
	}
	if token != nil {
		m.ResumeWindowMs = uint32(cfg.ResumeWindow.Milliseconds())
	}
	return native.AppendMessage(nil, native.IDWelcome, m)
}

// Name returns the name under which the session's player is shown; it may be empty. It is for the OnEnter hooks.
func (s *Session) Name() string {
	if s.speaker == nil {
		return ""
	}
	return s.speaker.name
}
