package player

import (
	"fmt"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// AddClassic adds the handlers of the classic dialect: a position moves the player, a talk is said to the world.
func AddClassic(b *Builder) {
	b.handle(Classic, classic.IDPosition, position)
	b.handle(Classic, classic.IDTalk, talk)
}

// position handles a Position.
func position(s *Session, f wire.Frame) error {
	x, y, z, v, err := classic.ParsePosition(f.Payload)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	s.move(world.Position{X: x, Y: y, Z: z, V: v}, 0)
	return nil
}

// talk handles a Talk.
func talk(s *Session, f wire.Frame) error {
	text, err := classic.ParseTalk(f.Payload)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return s.Chat(world.ToAll, text)
}
