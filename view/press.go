package view

import (
	"aoiworld/aoi"
	"aoiworld/world"
)

// Frames that are none: the numbers stand where an index of the tick's frames is expected.
const (
	empty    = -2 // nothing to send
	unset    = -3 // nobody has asked yet
	tooLarge = -4 // beyond Config.MaxFrame
)

// class is the pair of cells of a viewer when the tick began and when it ended.
type class struct{ before, after aoi.Cell }

// press puts frames together, one at a time, in memory that it uses again in the next tick.
type press struct {
	headroom int
	buf      []byte
	spans    []span
	crossing map[class]int32 // frames of the classes of those who crossed

	// The open frame.
	start   int // of its headroom
	updates int

	frames     []Frame
	deliveries []Delivery
}

// span is where a finished frame lies in the press's memory, headroom included.
type span struct{ start, end, updates int }

// newPress returns an empty press.
func newPress(headroom int) press {
	return press{headroom: headroom, crossing: make(map[class]int32)}
}

// reset starts a tick.
func (p *press) reset() {
	p.buf, p.spans = p.buf[:0], p.spans[:0]
	p.frames, p.deliveries = p.frames[:0], p.deliveries[:0]
	clear(p.crossing)
}

// begin opens a frame.
func (p *press) begin() {
	p.start, p.updates = len(p.buf), 0
	for range p.headroom {
		p.buf = append(p.buf, 0)
	}
}

// beginCopy opens a frame that starts as a copy of another.
func (p *press) beginCopy(frame int32) {
	p.begin()
	if frame != empty {
		s := p.spans[frame]
		p.buf = append(p.buf, p.buf[s.start+p.headroom:s.end]...)
		p.updates = s.updates
	}
}

// size returns the length of the open frame, without headroom.
func (p *press) size() int { return len(p.buf) - p.start - p.headroom }

// write appends bytes that hold so many records to the open frame.
func (p *press) write(b []byte, updates int) {
	p.buf = append(p.buf, b...)
	p.updates += updates
}

// writeChunk appends a chunk to the open frame.
func (p *press) writeChunk(a *arena, c chunk) { p.write(a.bytes(c), c.updates) }

// end closes the open frame and returns its index, or empty.
func (p *press) end() int32 {
	if p.size() == 0 {
		p.discard()
		return empty
	}
	p.spans = append(p.spans, span{p.start, len(p.buf), p.updates})
	return int32(len(p.spans) - 1)
}

// discard drops the open frame.
func (p *press) discard() { p.buf = p.buf[:p.start] }

// deliver hands a frame to a viewer, unless it is empty.
func (p *press) deliver(slot world.Slot, frame int32) {
	if frame != empty {
		p.deliveries = append(p.deliveries, Delivery{Slot: slot, Frame: frame})
	}
}

// finish returns the tick's frames and who receives them.
func (p *press) finish() ([]Frame, []Delivery) {
	for _, s := range p.spans {
		p.frames = append(p.frames, Frame{Bytes: p.buf[s.start:s.end:s.end], Updates: s.updates})
	}
	return p.frames, p.deliveries
}
