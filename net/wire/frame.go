package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// HeaderSize is the number of bytes in front of each payload: its length and the message id.
const HeaderSize = 8

// Sentinel errors of the frame format. A Conn's Next wraps one of them when the peer broke the rule it names.
var (
	// ErrTooLarge: a frame declares a payload above the limit. It is found before anything is allocated for it.
	ErrTooLarge = errors.New("frame too large")
	// ErrTruncated: a message or stream ended inside a frame.
	ErrTruncated = errors.New("frame truncated")
)

// Frame is one message: its id and its payload. The payload is borrowed: it is valid until the next call of whatever
// returned it.
type Frame struct {
	ID      uint32
	Payload []byte
}

// AppendHeader appends the header of a frame with the given message id and payload length (bytes).
func AppendHeader(dst []byte, id uint32, length int) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(length))
	return binary.LittleEndian.AppendUint32(dst, id)
}

// AppendFrame appends a whole frame.
func AppendFrame(dst []byte, id uint32, payload []byte) []byte {
	return append(AppendHeader(dst, id, len(payload)), payload...)
}

// Cut takes the first frame off b and returns it with what follows. maxPayload is the largest payload accepted (bytes).
// The error is ErrTooLarge when the frame declares more, ErrTruncated when b ends inside the frame. The frame's payload
// shares b's memory.
func Cut(b []byte, maxPayload int) (f Frame, rest []byte, err error) {
	if len(b) < HeaderSize {
		return Frame{}, b, ErrTruncated
	}
	length := declared(b)
	if uint64(length) > uint64(maxPayload) {
		return Frame{}, b, fmt.Errorf("%w: %d bytes declared, at most %d", ErrTooLarge, length, maxPayload)
	}
	end := HeaderSize + int(length)
	if len(b) < end {
		return Frame{}, b, ErrTruncated
	}
	return Frame{ID: binary.LittleEndian.Uint32(b[4:]), Payload: b[HeaderSize:end:end]}, b[end:], nil
}

// declared returns the payload length (bytes) in the header that b begins with.
func declared(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
