package world

import "aoiworld/aoi"

// ID names a player for as long as the server runs: from 1 upwards, never used twice.
type ID int32

// Slot is the small dense number under which a world keeps an entity. It is freed when the entity leaves, and used again
// for another no earlier than in the next tick.
type Slot = aoi.Slot

// Epoch tells the sessions of one player apart: a command of an older epoch is dropped.
type Epoch uint32

// Position is a place on the X/Z plane at height Y, in world units, and the heading V in degrees. Height and heading are
// relayed bit for bit: all that is asked of them is that they are finite.
type Position struct {
	X, Y, Z, V float32
}

// Reason says why a command was refused. The set is fixed: it labels metrics.
type Reason uint8

// The reasons of refusals.
const (
	Accepted    Reason = iota
	BadPosition        // not finite, or outside the bounds
	TooFast            // beyond the speed budget
	ChatBusy           // the world's chat, or its mailbox, has no room in this tick
	Teleported         // somebody else has taken the player elsewhere: it is told, and so is what it had asked for before it knew
	Reasons            // how many there are
)

// String returns the reason's metric label.
func (r Reason) String() string {
	return [...]string{"accepted", "bad_position", "too_fast", "chat_busy", "teleported", "?"}[min(r, Reasons)]
}
