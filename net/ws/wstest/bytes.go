package wstest

import (
	"encoding/binary"
	"fmt"
	"io"

	"aoiworld/net/wire"
)

// First bytes of messages: the opcode, with the FIN bit.
const (
	Text   = 0x81
	Binary = 0x82
	Close  = 0x88
	Ping   = 0x89
	Pong   = 0x8a
)

// First bytes of the parts of a message in fragments.
const (
	Begin    = 0x02 // the first, of a binary message
	Continue = 0x00
	End      = 0x80
)

// mask is under what client frames are sent unless a case is about masks.
const mask = "\xa5\x5a\x01\xfe"

// Message returns a client's WebSocket frame with the given first byte.
func Message(first byte, payload string) string { return masked(first, mask, payload) }

// masked is Message under a mask of one's own.
func masked(first byte, mask, payload string) string {
	return Declare(first, len(payload)) + mask + veiled(mask, payload)
}

// veiled returns a payload under a mask (RFC 6455 section 5.3).
func veiled(mask, payload string) string {
	b := []byte(payload)
	for i := range b {
		b[i] ^= mask[i%len(mask)]
	}
	return string(b)
}

// unmasked returns a frame as a server sends it.
func unmasked(first byte, payload string) string {
	b := []byte(Declare(first, len(payload)))
	b[1] &^= 0x80
	return string(b) + payload
}

// Declare returns the header of a client's frame up to its mask.
func Declare(first byte, length int) string {
	switch {
	case length < 126:
		return string([]byte{first, 0x80 | byte(length)})
	case length < 1<<16:
		return long16(first, length)
	}
	return long64(first, uint64(length))
}

// long16 returns a header with a length of 16 bits, whether it needs them or not.
func long16(first byte, length int) string {
	return string(binary.BigEndian.AppendUint16([]byte{first, 0xfe}, uint16(length)))
}

// long64 returns a header with a length of 64 bits, whether it needs them or not.
func long64(first byte, length uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{first, 0xff}, length))
}

// code returns the payload of a close message.
func code(code uint16, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + reason
}

// Frame returns a frame of ours.
func Frame(id uint32, payload string) string {
	return string(wire.AppendFrame(nil, id, []byte(payload)))
}

// ReadMessage reads a message of a server: its first byte and its payload.
func ReadMessage(r io.Reader) (first byte, payload []byte, err error) {
	var header [2]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(header[1])
	if length >= 126 {
		more := make([]byte, map[uint64]int{126: 2, 127: 8}[length])
		if _, err := io.ReadFull(r, more); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(append(make([]byte, 8-len(more)), more...))
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(r, payload)
	return header[0], payload, err
}

// Words describes a message of a server: a frame of ours, or a control message with its code or payload.
func Words(first byte, payload []byte) string {
	switch first {
	case Binary:
		frame, rest, err := wire.Cut(payload, MaxPayload)
		if err != nil || len(rest) > 0 {
			return fmt.Sprintf("bad binary % x", payload)
		}
		return fmt.Sprintf("frame %d %q", frame.ID, frame.Payload)
	case Close:
		if len(payload) < 2 {
			return "close"
		}
		return fmt.Sprintf("close %d", binary.BigEndian.Uint16(payload))
	case Ping:
		return fmt.Sprintf("ping %q", payload)
	case Pong:
		return fmt.Sprintf("pong %q", payload)
	}
	return fmt.Sprintf("%#x % x", first, payload)
}
