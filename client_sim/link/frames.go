package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/gorilla/websocket"
)

// Opcodes and bits of WebSocket frames (RFC 6455, section 5.2).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10

	bitFinal    = 0x80 // of the first byte
	bitsOpcode  = 0x0f // of the first byte; what else there is is reserved
	bitMasked   = 0x80 // of the second byte
	lengthIs16  = 126
	lengthIs64  = 127
	maxControl  = 125 // bytes of a control frame's payload
	maxHeader   = 10  // bytes of a frame's header without a mask
	smallHeader = 2
)

// errProtocol is wrapped by every error that says how a server broke the rules of WebSocket.
var errProtocol = errors.New("websocket protocol error")

// unframed takes the byte stream of a WebSocket server apart and hands what its binary messages hold to a receiver, as it
// comes. It keeps no message, whatever its size.
type unframed struct {
	to      Receiver
	answers *framed // to pings and closes

	header   []byte // of a frame, as far as it has arrived
	opcode   byte   // of the frame whose payload is read
	left     uint64 // bytes of its payload that are still to come
	open     bool   // a message has begun whose last frame has not come
	control  []byte // payload of a control frame
	overhead int    // bytes since the receiver was last called that are none of its own
}

// Receive implements Receiver for the bytes of the socket.
func (u *unframed) Receive(chunk []byte, _ int) error {
	for len(chunk) > 0 {
		if u.left == 0 {
			rest, whole, err := u.readHeader(chunk)
			if chunk = rest; err != nil {
				return err
			}
			if !whole {
				return nil
			}
		}
		n := int(min(u.left, uint64(len(chunk))))
		part := chunk[:n]
		chunk, u.left = chunk[n:], u.left-uint64(n)
		if err := u.take(part); err != nil {
			return err
		}
	}
	return nil
}

// Ended implements Receiver.
func (u *unframed) Ended(reason error) { u.to.Ended(reason) }

// readHeader takes in a frame's header and returns what follows it, once it is whole. What its first two bytes say wrong is
// told before the others have come.
func (u *unframed) readHeader(chunk []byte) (rest []byte, whole bool, err error) {
	for len(chunk) > 0 && len(u.header) < headerSize(u.header) {
		u.header, chunk = append(u.header, chunk[0]), chunk[1:]
		if len(u.header) == smallHeader {
			if err := u.check(u.header[0], u.header[1]); err != nil {
				return nil, false, err
			}
		}
	}
	if len(u.header) < headerSize(u.header) {
		return nil, false, nil
	}
	u.overhead += len(u.header)
	err = u.begin(u.header)
	u.header = u.header[:0]
	return chunk, true, err
}

// headerSize is how long a header is, as far as its beginning tells.
func headerSize(header []byte) int {
	if len(header) < smallHeader {
		return smallHeader
	}
	switch header[1] &^ bitMasked {
	case lengthIs16:
		return smallHeader + 2
	case lengthIs64:
		return maxHeader
	}
	return smallHeader
}

// check says how the first two bytes of a frame break the rules.
func (u *unframed) check(first, second byte) error {
	opcode, final, length := first&bitsOpcode, first&bitFinal != 0, second&^bitMasked
	isControl := opcode >= opClose
	switch {
	case first&^(bitFinal|bitsOpcode) != 0:
		return fmt.Errorf("%w: reserved bits", errProtocol)
	case second&bitMasked != 0:
		return fmt.Errorf("%w: a server masks nothing", errProtocol)
	case opcode > opPong || opcode > opBinary && !isControl:
		return fmt.Errorf("%w: opcode %d", errProtocol, opcode)
	case isControl && (!final || length > maxControl):
		return fmt.Errorf("%w: control frame of length %d, final: %v", errProtocol, length, final)
	case isControl:
		return nil
	case opcode == opText:
		return errText
	case (opcode == opContinuation) != u.open:
		return fmt.Errorf("%w: opcode %d, within a message: %v", errProtocol, opcode, u.open)
	}
	return nil
}

// begin begins the frame of a header that was checked.
func (u *unframed) begin(header []byte) error {
	u.opcode = header[0] & bitsOpcode
	switch u.left = uint64(header[1]); u.left {
	case lengthIs16:
		u.left = uint64(binary.BigEndian.Uint16(header[2:]))
	case lengthIs64:
		u.left = binary.BigEndian.Uint64(header[2:])
	}
	if u.left > math.MaxInt64 {
		return fmt.Errorf("%w: length %d", errProtocol, u.left)
	}
	if u.opcode < opClose {
		u.open = header[0]&bitFinal == 0
	}
	return nil
}

// take takes a part of a frame's payload, which may be empty, and ends the frame where that was the last.
func (u *unframed) take(part []byte) error {
	if u.opcode < opClose {
		if len(part) == 0 {
			return nil
		}
		bytes := len(part) + u.overhead
		u.overhead = 0
		return u.to.Receive(part, bytes)
	}
	u.overhead += len(part)
	if u.control = append(u.control, part...); u.left > 0 {
		return nil
	}
	payload := u.control
	u.control = u.control[:0]
	switch u.opcode {
	case opPing:
		u.answers.send(opPong, payload)
	case opClose:
		return u.closed(payload)
	}
	return nil
}

// closed answers a close and returns it as the error with which the link ends.
func (u *unframed) closed(payload []byte) error {
	u.answers.send(opClose, payload)
	switch {
	case len(payload) == 0:
		return webSocketError(&websocket.CloseError{Code: websocket.CloseNoStatusReceived})
	case len(payload) == 1:
		return fmt.Errorf("%w: half a close code", errProtocol)
	}
	code := int(binary.BigEndian.Uint16(payload))
	return webSocketError(&websocket.CloseError{Code: code, Text: string(payload[2:])})
}

// framed is a byte link to a WebSocket server as a link of messages.
type framed struct {
	to Link

	mu  sync.Mutex // guards buf
	buf []byte     // the last frame
}

// Send implements Link.
func (f *framed) Send(frame []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf = appendMasked(f.buf[:0], opBinary, frame)
	return f.to.Send(f.buf)
}

// send sends a control frame, unless the connection is busy or over: then nobody waits for it.
func (f *framed) send(opcode byte, payload []byte) {
	_ = f.to.Send(appendMasked(nil, opcode, payload))
}

// Close implements Link. It says goodbye if that takes no time.
func (f *framed) Close() {
	f.send(opClose, binary.BigEndian.AppendUint16(nil, websocket.CloseNormalClosure))
	f.to.Close()
}

// Cut implements Link.
func (f *framed) Cut() { f.to.Cut() }

// appendMasked appends a whole frame as a client sends it: under a random mask.
func appendMasked(dst []byte, opcode byte, payload []byte) []byte {
	dst = append(dst, bitFinal|opcode)
	switch n := len(payload); {
	case n < lengthIs16:
		dst = append(dst, bitMasked|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, bitMasked|lengthIs16), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, bitMasked|lengthIs64), uint64(n))
	}
	mask := binary.LittleEndian.AppendUint32(nil, rand.Uint32())
	dst = append(dst, mask...)
	dst = slices.Grow(dst, len(payload))
	for i, b := range payload {
		dst = append(dst, b^mask[i%len(mask)])
	}
	return dst
}
