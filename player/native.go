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

// AddNative adds the handlers of the native dialect.
func AddNative(b *Builder) {
	b.handle(Native, native.IDHello, hello)
	b.handle(Native, native.IDMove, nativeMove)
	b.handle(Native, native.IDSay, say)
	b.handle(Native, native.IDGesture, gesture)
	b.handle(Native, native.IDPing, ping)
	b.handle(Native, native.IDPong, func(*Session, wire.Frame) error { return nil }) // it was heard: that is all
	b.handle(Native, native.IDGoodbye, goodbye)
	b.handle(Native, native.IDHide, hide)
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
	s.speaker.hidden = m.Hidden
	return s.login(&m)
}
