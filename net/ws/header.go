package ws

import (
	"encoding/binary"
	"fmt"

	"aoiworld/net/wire"
)

// The opcodes of RFC 6455 section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

// The parts of a frame's header.
const (
	finBit     = 0x80
	rsvBits    = 0x70
	opcodeBits = 0x0f
	controlBit = 0x08 // of the opcode
	maskBit    = 0x80
	lengthBits = 0x7f
	maskSize   = 4
	maxControl = 125 // bytes of a control frame's payload
)

// header is what stands before a frame's payload.
type header struct {
	opcode  byte
	fin     bool
	payload uint64 // bytes
	mask    [maskSize]byte
}

// control reports whether the frame is a control frame, which may stand between the frames of a message.
func (h *header) control() bool { return h.opcode&controlBit != 0 }

// cutHeader takes a client's frame header off b and returns how long it is; 0 when b ends inside it. What is wrong with it is
// told as early as it is known; the error wraps wire.ErrProtocol.
func cutHeader(b []byte) (h header, size int, err error) {
	if len(b) < 2 {
		return header{}, 0, checkFirst(b)
	}
	h = header{opcode: b[0] & opcodeBits, fin: b[0]&finBit != 0}
	if err := h.check(b); err != nil {
		return header{}, 0, err
	}
	short := b[1] & lengthBits
	size = 2 + extended(short) + maskSize
	if len(b) < size {
		return header{}, 0, nil
	}
	switch short {
	case 126:
		h.payload = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		h.payload = binary.BigEndian.Uint64(b[2:])
	default:
		h.payload = uint64(short)
	}
	if h.payload < least(short) || h.payload > 1<<63-1 {
		return header{}, 0, breach(fmt.Sprintf("length %d in %d bytes", h.payload, extended(short)))
	}
	copy(h.mask[:], b[size-maskSize:])
	return h, size, nil
}

// extended returns how many bytes the length takes beyond the first.
func extended(short byte) int {
	switch short {
	case 126:
		return 2
	case 127:
		return 8
	}
	return 0
}

// least returns the smallest length that may be written so: the shortest way is the only one.
func least(short byte) uint64 {
	switch short {
	case 126:
		return 126
	case 127:
		return 1 << 16
	}
	return 0
}

// checkFirst returns what is wrong with a header's first byte, if that has come.
func checkFirst(b []byte) error {
	if len(b) > 0 && b[0]&rsvBits != 0 {
		return breach("reserved bits")
	}
	return nil
}

// check returns what is wrong with a header's first two bytes.
func (h *header) check(b []byte) error {
	switch {
	case b[0]&rsvBits != 0:
		return breach("reserved bits")
	case h.opcode > opPong || h.opcode > opBinary && !h.control():
		return breach(fmt.Sprintf("opcode %d", h.opcode))
	case b[1]&maskBit == 0:
		return breach("frame without a mask")
	case h.control() && !h.fin:
		return breach("control frame in fragments")
	case h.control() && b[1]&lengthBits > maxControl:
		return breach("control frame above 125 bytes")
	}
	return nil
}

// breach returns the error of a peer that breaks the rules of RFC 6455.
func breach(how string) error { return fmt.Errorf("%w: %s", wire.ErrProtocol, how) }

// unmask applies a mask to b, which begins so many bytes into the payload.
func unmask(b []byte, mask [maskSize]byte, at int) {
	for i := range b {
		b[i] ^= mask[(at+i)%maskSize]
	}
}
