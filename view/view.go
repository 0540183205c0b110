package view

import (
	"aoiworld/aoi"
	"aoiworld/world"
)

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

// Frame is what everybody in a class receives in a tick. Its bytes are valid until the next Encode.
type Frame struct {
	// Bytes is Config.Headroom free bytes, for a transport's header, and then one or more whole messages.
	Bytes []byte
	// Updates is the number of records about players in it.
	Updates int
}

// Delivery says which viewer receives which frame of the tick.
type Delivery struct {
	Slot  world.Slot
	Frame int32 // index of the tick's frames
}

// Config says how frames are made.
type Config struct {
	Grid *aoi.Grid
	// Headroom is the number of bytes left free in front of each frame for a transport's header.
	Headroom int
	// MaxFrame bounds a frame (bytes, without headroom). Who would be sent more is brought up to date over several ticks.
	MaxFrame int
}

// View is everything that a world's viewers are shown. It belongs to the loop's goroutine.
type View struct {
	cfg     Config
	encoder Encoder
}

// New returns the view of an empty world.
func New(cfg Config, encoder Encoder) *View {
	return &View{cfg: cfg, encoder: encoder}
}

// Encode takes in what happened and writes it down, once for each cell. states says, by slot, who could take a frame
// before the tick; a newcomer is Ready.
func (v *View) Encode(out *world.Output, states []State) {}

// Compose puts the tick's frames together, one for each class that has ready viewers, and says who receives which. Both
// slices are valid until the next Encode.
func (v *View) Compose() ([]Frame, []Delivery) { return nil, nil }
