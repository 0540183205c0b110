package player

import (
	"fmt"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// AddClassic adds the handlers of the classic dialect: a position moves the player, a talk is said to the world.
func AddClassic(b *Builder) {
	b.Handle(classic.IDPosition, position)
	b.Handle(classic.IDTalk, talk)
}

// position handles a Position.
func position(s *Session, f wire.Frame) error {
	x, y, z, v, err := classic.ParsePosition(f.Payload)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	s.Move(world.Position{X: x, Y: y, Z: z, V: v})
	return nil
}

// talk handles a Talk.
func talk(s *Session, f wire.Frame) error {
	text, err := classic.ParseTalk(f.Payload)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return s.Chat(text)
}
