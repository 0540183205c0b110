package view

import "aoiworld/world"

// Encoder writes the messages of a dialect. Every method appends one whole frame, or part of one, and returns dst.
type Encoder interface {
	// AppendWelcome tells a newcomer its own id.
	AppendWelcome(dst []byte, id int32) []byte
	AppendAppear(dst []byte, id int32, x, y, z, v float32) []byte
	AppendMoved(dst []byte, id int32, x, y, z, v float32) []byte
	AppendLeave(dst []byte, id int32) []byte
	AppendChat(dst []byte, id int32, text string) []byte
	// AppendSnapshotHeader starts the list of everybody in view; size is the length in bytes of the entries that follow.
	AppendSnapshotHeader(dst []byte, size int) []byte
	// AppendSnapshotEntry appends one entry of the list.
	AppendSnapshotEntry(dst []byte, id int32, x, y, z, v float32) []byte
}

// State is what view needs to know of a slot's viewer before a tick.
type State uint8

// The states of a slot.
const (
	// Nobody looks through this entity: it is free, or has no session.
	Nobody State = iota
	// Ready viewers can take a frame: all bytes of the one before are gone.
	Ready
	// Busy viewers get nothing: the kernel has not taken the frame before.
	Busy
)

// Delivery is one viewer's frame. Viewers of a class share the same backing array.
type Delivery struct {
	Slot world.Slot
	// Frame is Headroom free bytes and then one or more whole messages. It is valid until the next Encode.
	Frame []byte
	// Updates is the number of records about players in the frame.
	Updates int
}
