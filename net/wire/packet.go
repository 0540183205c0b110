package wire

import (
	"encoding/binary"
	"unicode/utf8"
)

// Headroom is the number of bytes that a packet keeps free in front of its body: the longest header that a server puts
// before a WebSocket message (RFC 6455 section 5.2: 2, 4 or 10 bytes, no mask).
const Headroom = 10

// Opcodes of RFC 6455 section 5.2 that the server sends, with the FIN bit set.
const (
	finBinary = 0x82
	finClose  = 0x88
	finPing   = 0x89
	finPong   = 0x8a
)

// Packet is what one write carries: a body of one or more whole frames behind room for a WebSocket header. Everybody
// who is told the same is handed the same packet, whatever the transport; nobody may write into it.
type Packet struct {
	buf    []byte // Headroom bytes, then the body
	header int    // length of the WebSocket header, at the end of the headroom
}

// Seal makes a packet of buf, whose first Headroom bytes are free and whose others are the body. It writes the
// WebSocket header into the headroom and keeps buf: the packet is valid for as long as buf is not reused.
func Seal(buf []byte) Packet {
	var header [Headroom]byte
	h := appendMessageHeader(header[:0], finBinary, len(buf)-Headroom)
	copy(buf[Headroom-len(h):], h)
	return Packet{buf: buf, header: len(h)}
}

// Stream returns the body: what a TCP connection carries.
func (p Packet) Stream() []byte { return p.buf[Headroom:] }

// Message returns the body behind its header: what a WebSocket connection carries.
func (p Packet) Message() []byte { return p.buf[Headroom-p.header:] }

// Bytes returns what a connection carries: the message if it is framed, else the body.
func (p Packet) Bytes(framed bool) []byte {
	if framed {
		return p.Message()
	}
	return p.Stream()
}

// appendMessageHeader appends an unmasked RFC 6455 header for a message of n bytes.
func appendMessageHeader(dst []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, op, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, op, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, op, 127), uint64(n))
	}
}

// AppendPing appends an empty WebSocket ping.
func AppendPing(dst []byte) []byte { return appendMessageHeader(dst, finPing, 0) }

// AppendPong appends a WebSocket pong with the payload of a ping (at most 125 bytes).
func AppendPong(dst, payload []byte) []byte {
	return append(appendMessageHeader(dst, finPong, len(payload)), payload...)
}

// maxCloseReason is what a close message has room for beside its code (bytes; RFC 6455 section 5.5).
const maxCloseReason = 123

// noStatus stands for a close message without a code and is never sent (RFC 6455 section 7.4.1).
const noStatus = 1005

// AppendClose appends a WebSocket close message. A longer reason than fits is cut between characters; code 1005 stands for
// a message without code and reason.
func AppendClose(dst []byte, code uint16, reason string) []byte {
	if code == noStatus {
		return appendMessageHeader(dst, finClose, 0)
	}
	if len(reason) > maxCloseReason {
		end := maxCloseReason
		for end > 0 && !utf8.RuneStart(reason[end]) {
			end--
		}
		reason = reason[:end]
	}
	dst = appendMessageHeader(dst, finClose, 2+len(reason))
	return append(binary.BigEndian.AppendUint16(dst, code), reason...)
}
