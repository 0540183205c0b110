package world

import "time"

// Input is everything that a tick depends on. It is plain data: recorded, it replays.
//
// The commands are applied kind by kind in the order of the fields, so that within a tick a newcomer can move, chat and
// act, and somebody who leaves has been heard.
type Input struct {
	Tick uint64
	// Now is the tick's time since the world began. It never goes backwards.
	Now time.Duration
	// IDs, unless empty, is the share of the server's ids from which games spawn, from this tick on.
	IDs    IDRange
	Joins  []Join
	Moves  []Move
	Chats  []Chat
	Acts   []Act
	Leaves []Leave
}

// Join brings a player into the world at its spawn point.
type Join struct {
	Player ID
	Epoch  Epoch
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
}

// Chat is said to everybody in the world.
type Chat struct {
	Player ID
	Epoch  Epoch
	Text   string
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
