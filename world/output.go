package world

import (
	"time"

	"aoiworld/aoi"
)

// Output is what happened in a tick, as plain data. Its slices are the world's own and are valid until the next Step.
type Output struct {
	Tick uint64
	Now  time.Duration
	// Grid, unless nil, is what the world was cut into anew before anything else: all cells in the output are of it.
	Grid *aoi.Grid
	Load float64 // of the input
	// Changes has one entry for each entity that joined, moved or left, by ascending player id. Who joined and left in
	// one tick is not in it.
	Changes []Change
	// Resumed are the players whose session is a new one, in that order.
	Resumed []Resumed
	// Chats are the accepted ones in the order in which they were said.
	Chats []Said
	// Gestures are in the order in which they were made.
	Gestures []Gestured
	// Marks has one entry for each entity that is still there and whose kind, name or attributes are new: of those who
	// joined, the ones that have any. By ascending id.
	Marks []Mark
	// Told is what games said, in that order.
	Told []Told
	// Refusals are to be answered to the mover alone.
	Refusals []Refusal
	// Ordered says of each order of the input why it was not carried out, or nil.
	Ordered []error
	// Departed confirms each leave, also of those who joined in this very tick.
	Departed []Leave
	// Failures are the commands and the pieces of games that panicked.
	Failures []Failure
	// Moved counts the moves that were applied, TooFast those beyond the speed budget, applied (in mode log) or not, Acted
	// the commands of games, and Dropped the commands of unknown players and stale epochs.
	Moved, TooFast, Acted, Dropped int
}

// Change is what a tick did to one entity: Before None is a join, After None a leave, both equal, in one layer, a move inside a
// cell, and anything else a crossing, from cell to cell, layer to layer, or both.
type Change struct {
	Player ID
	Slot   Slot
	// Before and After are the entity's cells when the tick began and when it ended.
	Before, After aoi.Cell
	// LayerBefore and Layer are the entity's when the tick began and when it ended; of a join, both are the one after it.
	LayerBefore, Layer Layer
	// Sees is the highest layer that the entity sees.
	Sees Layer
	// At is the entity's position when the tick ended; when it left, its last one.
	At Position
	// Sequence is the client's number of the move that took it there, 0 where it has none or somebody else did.
	Sequence uint32
}

// Stayed reports whether the entity was and is in one cell of one layer.
func (c Change) Stayed() bool { return c.Before == c.After && c.LayerBefore == c.Layer }

// Joined reports whether the entity was nowhere when the tick began.
func (c Change) Joined() bool { return c.Before == aoi.None }

// Left reports whether the entity is nowhere now.
func (c Change) Left() bool { return c.After == aoi.None }

// Resumed is a player whose session is a new one.
type Resumed struct {
	Player ID
	Slot   Slot
}

// Said is a chat, and who it is that says it where.
type Said struct {
	Chat
	Slot Slot
	Name string
	// Cell and Layer are where the player was as it spoke. Who does not see the layer does not hear it, however far it reaches.
	Cell  aoi.Cell
	Layer Layer
}

// Gestured is a gesture, and where the player was as it made it.
type Gestured struct {
	Gesture
	Slot  Slot
	Cell  aoi.Cell
	Layer Layer
}

// Refusal is a command that was not applied.
type Refusal struct {
	Player ID
	Slot   Slot
	Reason Reason
	// At is the player's true position when the tick ended.
	At Position
	// Sequence is the client's number of a refused move, or 0.
	Sequence uint32
}

// Mark is what everybody who sees an entity is to be shown of it beside its place.
type Mark struct {
	Player ID
	Slot   Slot
	Kind   Kind
	Name   string
	// Attributes are never changed, so they may be kept.
	Attributes []byte
}

// Message is something that a game says to clients, in the game's own terms.
type Message struct {
	// ID says what it is, as frames on the wire have it. 10000 and up are the games'.
	ID uint32
	// Payload is at most MaxMessage bytes, and must not be changed any more.
	Payload []byte
}

// Reach is how far a message goes.
type Reach uint8

// The reaches.
const (
	ToOne  Reach = iota // one player
	ToNear              // everybody who sees an entity
	ToAll               // everybody in the world
)

// Told is a message and whom it is for: the player of a slot, everybody who sees a cell, or all.
type Told struct {
	Reach  Reach
	Player ID       // of ToOne and ToNear
	Slot   Slot     // of ToOne and ToNear
	Cell   aoi.Cell // of ToNear: where the entity was as the message was said
	Layer  Layer    // of ToNear: the entity's, which who does not see it is not told
	Message
}
