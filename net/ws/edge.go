package ws

import "encoding/binary"

// The parts of a frame's header (RFC 6455 section 5.2).
const (
	maxHeader  = 14 // bytes: opcode and length, extended length, mask
	finBit     = 0x80
	maskBit    = 0x80
	lengthBits = 0x7f
	controlBit = 0x08 // of the opcode
)

// edge follows a client's bytes to where one message ends and the next begins, which gorilla does not tell. It checks
// nothing: what breaks the rules ends the connection elsewhere.
type edge struct {
	header  [maxHeader]byte
	have    int    // bytes of the header that have passed; 0 is between frames
	payload uint64 // bytes of the frame's payload that have not passed
	open    bool   // a message is to be continued in another frame
}

// pass takes the next bytes of the stream and reports whether a message, or a control message outside of one, ended in
// them.
func (e *edge) pass(b []byte) (ended bool) {
	for len(b) > 0 {
		if size := e.headerSize(); e.have < size {
			n := copy(e.header[e.have:size], b)
			e.have, b = e.have+n, b[n:]
			if e.have < e.headerSize() {
				continue // the first two bytes tell how many follow
			}
			e.payload = e.length()
		}
		n := min(uint64(len(b)), e.payload)
		e.payload, b = e.payload-n, b[n:]
		if e.payload == 0 {
			e.end()
			ended = ended || !e.open
		}
	}
	return ended
}

// inside reports whether the stream stands inside a message.
func (e *edge) inside() bool { return e.have > 0 || e.open }

// end ends a frame. A control frame between the frames of a message does not end the message.
func (e *edge) end() {
	if e.header[0]&controlBit == 0 {
		e.open = e.header[0]&finBit == 0
	}
	e.have = 0
}

// headerSize returns how long the header is, as far as is known (bytes).
func (e *edge) headerSize() int {
	if e.have < 2 {
		return 2
	}
	size := 2
	switch e.header[1] & lengthBits {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if e.header[1]&maskBit != 0 {
		size += 4
	}
	return size
}

// length returns the payload's length that the header declares (bytes).
func (e *edge) length() uint64 {
	switch short := e.header[1] & lengthBits; short {
	case 126:
		return uint64(binary.BigEndian.Uint16(e.header[2:]))
	case 127:
		return binary.BigEndian.Uint64(e.header[2:])
	default:
		return uint64(short)
	}
}
