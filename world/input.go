package world

import (
	"time"

	"aoiworld/aoi"
)

// Input is everything that a tick depends on. It is plain data: recorded, it replays.
//
// The commands are applied kind by kind in the order of the fields, so that within a tick a newcomer can move, chat and
// act, and somebody who leaves has been heard.
type Input struct {
	Tick uint64
	// Now is the tick's time since the world began. It never goes backwards.
	Now time.Duration
	// Load is how much of the period, as configured, the tick before took: what views go by where they may show less.
	Load float64
	// IDs, unless empty, is the share of the server's ids from which games spawn, from this tick on.
	IDs IDRange
	// Grid, unless nil, is how the world is cut into cells from this tick on. It is possible, and its bounds are the world's.
	Grid     *aoi.Config
	Joins    []Join
	Resumes  []Resume
	Moves    []Move
	Chats    []Chat
	Gestures []Gesture
	Acts     []Act
	Orders   []Order
	Leaves   []Leave
}

// empty reports whether there is no command.
func (in *Input) empty() bool {
	return in.Grid == nil &&
		len(in.Joins)+len(in.Resumes)+len(in.Moves)+len(in.Chats)+len(in.Gestures)+len(in.Acts)+len(in.Orders)+len(in.Leaves) == 0
}

// Join brings a player into the world at its spawn point.
type Join struct {
	Player ID
	Epoch  Epoch
	// Name is shown to everybody who sees the player; at most MaxName bytes, or empty. One that is longer is not taken.
	Name string
	// Layer is where the player is shown from the beginning, Sees the highest layer that it is shown: at least Layer.
	Layer, Sees Layer
}

// Resume hands a player who is in the world over to another session. Commands of the one before are dropped from now on.
type Resume struct {
	Player ID
	// Epoch is the new session's, above that of the one before.
	Epoch Epoch
}

// Move takes a player to a position: the last valid one it sent since the tick before.
type Move struct {
	Player ID
	Epoch  Epoch
	To     Position
	// Valid says that To is to be applied. A move that is only refused has none.
	Valid bool
	// Refused is why another move of the player in the same tick was turned away at the door, or Accepted.
	Refused Reason
	// Sequence is the client's number of its latest move, applied or refused; 0 where the dialect has none.
	Sequence uint32
}

// Chat is said to everybody in the world, or to everybody who sees the player.
type Chat struct {
	Player ID
	Epoch  Epoch
	// Reach is ToAll or ToNear.
	Reach Reach
	Text  string
}

// Gesture is a number that everybody who sees the player is shown at once, such as a wave or a blow. What it means is the
// clients' business.
type Gesture struct {
	Player ID
	Epoch  Epoch
	Number int32
}

// Act is a command of a game.
type Act struct {
	Player  ID
	Epoch   Epoch
	Command Command
}

// Leave takes a player out of the world.
type Leave struct {
	Player ID
	Epoch  Epoch
}

// by returns whose command it is.
func (c Join) by() ID    { return c.Player }
func (c Resume) by() ID  { return c.Player }
func (c Move) by() ID    { return c.Player }
func (c Chat) by() ID    { return c.Player }
func (c Gesture) by() ID { return c.Player }
func (c Act) by() ID     { return c.Player }
func (c Leave) by() ID   { return c.Player }
