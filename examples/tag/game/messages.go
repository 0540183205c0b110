package game

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"aoiworld/examples/tag/tagpb"
	"aoiworld/net/wire"
	"aoiworld/player"
	"aoiworld/server"
	"aoiworld/world"
)

// Message ids. Those from 10000 on are the games'.
const (
	IDTouch  = 10000 // C→S Touch
	IDTagged = 10001 // S→C Tagged, to everybody near
	IDMissed = 10002 // S→C Missed, to the toucher
	IDScore  = 10003 // S→C Score, to the player
)

// Extension is tag as the server takes it.
func Extension() server.Extension {
	return server.Extension{Handlers: handlers, Games: []world.Game{Rules()}}
}

// handlers says what sessions can do.
func handlers(b *player.Builder) { b.Handle(IDTouch, touch) }

// touch turns a Touch into a command. It runs on the session's own goroutine, and must not look at the world: that is for
// the command's Apply, in the next tick.
func touch(s *player.Session, f wire.Frame) error {
	var m tagpb.Touch
	if err := proto.Unmarshal(f.Payload, &m); err != nil {
		return fmt.Errorf("%w: %w", player.ErrMalformed, err)
	}
	return s.Act(Touch{Target: world.ID(m.PID)})
}

// message returns a message of the game.
func message(id uint32, m proto.Message) world.Message {
	return world.Message{ID: id, Payload: encode(m)}
}
