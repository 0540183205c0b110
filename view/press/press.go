// Package press is what all views share: how frames are put together in memory that is used again, and what is kept of
// chats and of messages for one viewer alone while that viewer is behind.
package press

import "aoiworld/world"

// State is what a view needs to know of a slot's viewer before a tick.
type State uint8

// The states of a slot.
const (
	// Nobody looks through this entity, as far as the view is concerned: it is free, or has no session of the view's dialect.
	Nobody State = iota
	// Ready viewers can take a frame: all bytes of the one before are gone.
	Ready
	// Busy viewers get nothing: the kernel has not taken the frame before, or the connection is lost.
	Busy
)

// Frame is what everybody in a class receives in a tick. Its bytes are valid until the next tick.
type Frame struct {
	// Bytes is Headroom free bytes, for a transport's header, and then one or more whole messages.
	Bytes []byte
	// Updates is the number of records about players in it.
	Updates int
	// Crowded says that it tells of a crowd: many others do, too.
	Crowded bool
}

// Delivery says which viewer receives which frame of the tick.
type Delivery struct {
	Slot world.Slot
	// Frame is an index of the tick's frames, or Overflow.
	Frame int32
}

// Overflow stands in a Delivery for a frame: the viewer is so far behind that messages for it alone would be lost. It is
// to be ended.
const Overflow = -1

// Frames that are none: the numbers stand where an index of the tick's frames is expected.
const (
	Empty    = -2 // nothing to send
	Unset    = -3 // nobody has asked yet
	TooLarge = -4 // beyond what a frame may hold
)

// Press puts frames together, one at a time, in memory that it uses again in the next tick. It belongs to one goroutine.
type Press struct {
	headroom int
	spans    []span

	// Buf ends with the open frame: what is in a frame is appended to it.
	Buf []byte
	// Updates is how many records are in the open frame, Crowded whether it tells of a crowd.
	Updates int
	Crowded bool
	start   int // of its headroom
	usage   Usage

	frames     []Frame
	deliveries []Delivery
}

// span is where a finished frame lies in the press's memory, headroom included.
type span struct {
	start, end, updates int
	crowded             bool
}

// New returns a press that leaves headroom bytes free in front of each frame.
func New(headroom int) Press { return Press{headroom: headroom} }

// Reset starts a tick.
func (p *Press) Reset() {
	p.Buf, p.spans = p.usage.Clear(p.Buf), p.spans[:0]
	p.frames, p.deliveries = p.frames[:0], p.deliveries[:0]
}

// Begin opens a frame.
func (p *Press) Begin() {
	p.start, p.Updates, p.Crowded = len(p.Buf), 0, false
	for range p.headroom {
		p.Buf = append(p.Buf, 0)
	}
}

// BeginCopy opens a frame that starts as a copy of another.
func (p *Press) BeginCopy(frame int32) {
	p.Begin()
	p.Copy(frame)
}

// Copy appends another frame of the tick to the open one.
func (p *Press) Copy(frame int32) {
	if frame != Empty {
		s := p.spans[frame]
		p.Write(p.Buf[s.start+p.headroom:s.end], s.updates)
		p.Crowded = p.Crowded || s.crowded
	}
}

// Size returns the length of the open frame, without headroom.
func (p *Press) Size() int { return len(p.Buf) - p.start - p.headroom }

// Write appends bytes that hold so many records to the open frame.
func (p *Press) Write(b []byte, updates int) {
	p.Buf = append(p.Buf, b...)
	p.Updates += updates
}

// End closes the open frame and returns its index, or Empty.
func (p *Press) End() int32 {
	if p.Size() == 0 {
		p.Discard()
		return Empty
	}
	p.spans = append(p.spans, span{p.start, len(p.Buf), p.Updates, p.Crowded})
	return int32(len(p.spans) - 1)
}

// Discard drops the open frame.
func (p *Press) Discard() { p.Buf = p.Buf[:p.start] }

// Deliver hands a frame to a viewer, unless it is empty.
func (p *Press) Deliver(slot world.Slot, frame int32) {
	if frame != Empty {
		p.deliveries = append(p.deliveries, Delivery{Slot: slot, Frame: frame})
	}
}

// Finish returns the tick's frames and who receives them. Both slices are valid until the next Reset.
func (p *Press) Finish() ([]Frame, []Delivery) {
	for _, s := range p.spans {
		p.frames = append(p.frames, Frame{Bytes: p.Buf[s.start:s.end:s.end], Updates: s.updates, Crowded: s.crowded})
	}
	return p.frames, p.deliveries
}
