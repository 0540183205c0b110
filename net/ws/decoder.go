package ws

import (
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"aoiworld/net/wire"
)

// Close codes of RFC 6455 section 7.4.1.
const (
	codeGoingAway = 1001
	codeProtocol  = 1002
	codeNone      = 1005 // stands for a close message without a code, and is never sent
)

// decoder takes a client's byte stream apart into messages (RFC 6455). It never asks its source for more than it needs, and
// where that has nothing it stops with wire.ErrNothing and goes on from there the next time. It belongs to whoever reads.
//
// Between messages begin looks for the next one. What has arrived whole, in one frame, it returns at once; any other message is
// open then, and Read returns its payload, and io.EOF at its end.
type decoder struct {
	// What a message that arrives whole touches is one line of the processor's cache.
	source     io.Reader
	buffers    *wire.Buffers
	raw        []byte // nil while nothing is in it and nothing arrives
	start, end int32  // raw[start:end] has arrived and was not taken apart
	maxMessage int32  // bytes

	open   bool  // inside a message
	final  bool  // the frame is its last one
	size   int32 // of the message so far, with the frame (bytes)
	length int32 // of the frame's payload (bytes)
	passed int32 // of it
	mask   [maskSize]byte

	control func(opcode byte, payload []byte) error
}

// inside reports whether the stream stands inside a frame or a message, as far as it has come.
func (d *decoder) inside() bool { return d.open || d.start < d.end }

// arrived is what has arrived and was not taken apart.
func (d *decoder) arrived() []byte { return d.raw[d.start:d.end] }

// begin goes to the beginning of the next message, and beyond it if it has arrived whole: then it returns its payload, which is
// valid until the next call.
func (d *decoder) begin() (whole []byte, err error) {
	h, err := d.next()
	switch {
	case err != nil:
		return nil, err
	case h.opcode == opContinuation:
		return nil, breach("continuation of no message")
	case h.opcode == opText:
		return nil, wire.ErrText
	case h.payload > uint64(d.maxMessage):
		return nil, d.tooLarge()
	}
	if b := d.arrived(); h.fin && h.payload <= uint64(len(b)) {
		whole = b[:h.payload]
		unmask(whole, h.mask, 0)
		d.start += int32(h.payload)
		return whole, nil
	}
	d.open, d.size = true, 0
	d.enter(h)
	return nil, nil
}

// Read returns bytes of the message's payload, and io.EOF at its end.
func (d *decoder) Read(p []byte) (int, error) {
	for d.passed == d.length {
		if d.final {
			d.open = false
			return 0, io.EOF
		}
		h, err := d.next()
		switch {
		case err != nil:
			return 0, err
		case h.opcode != opContinuation:
			return 0, breach("message inside a message")
		case h.payload > uint64(d.maxMessage-d.size):
			return 0, d.tooLarge()
		}
		d.enter(h)
	}
	if d.start == d.end {
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
	p = p[:min(len(p), int(d.length-d.passed))]
	n := copy(p, d.arrived())
	unmask(p[:n], d.mask, int(d.passed))
	d.start, d.passed = d.start+int32(n), d.passed+int32(n)
	return n, nil
}

// tooLarge is the error of a message that has room for no more.
func (d *decoder) tooLarge() error {
	return fmt.Errorf("%w: message above %d bytes", wire.ErrTooLarge, d.maxMessage)
}

// enter goes into a frame of a message that has room for it.
func (d *decoder) enter(h header) {
	d.final, d.length, d.passed, d.mask = h.fin, int32(h.payload), 0, h.mask
	d.size += d.length
}

// next returns the header of the next frame that is no control frame; those it hands to control.
func (d *decoder) next() (header, error) {
	for {
		b := d.arrived()
		h, size, err := cutHeader(b)
		need := size
		if h.control() {
			need += int(h.payload)
		}
		switch {
		case err != nil:
			return header{}, err
		case size == 0 || len(b) < need:
			if err := d.fill(); err != nil {
				return header{}, err
			}
		case !h.control():
			d.start += int32(size)
			return h, nil
		default:
			payload := b[size:need]
			unmask(payload, h.mask, 0)
			d.start += int32(need)
			if err := d.control(h.opcode, payload); err != nil {
				return header{}, err
			}
		}
	}
}

// fill reads once from the source. Whatever has to be whole in the buffer is small: a header and a control frame's payload.
func (d *decoder) fill() error {
	if d.raw == nil {
		d.raw = d.buffers.Get()
	}
	if d.start > 0 {
		d.start, d.end = 0, int32(copy(d.raw, d.arrived()))
	}
	n, err := d.source.Read(d.raw[d.end:])
	d.end += int32(n)
	switch {
	case n > 0 || err == nil:
		return nil // an error that came with bytes comes again
	case err == wire.ErrNothing && d.end == 0:
		d.buffers.Put(d.raw)
		d.raw = nil
	case err == io.EOF:
		return io.ErrUnexpectedEOF // a peer that goes says so by a close message
	}
	return err
}

// parseClose returns the code of a close message's payload, codeNone where there is none. The error wraps wire.ErrProtocol.
func parseClose(payload []byte) (code uint16, err error) {
	switch len(payload) {
	case 0:
		return codeNone, nil
	case 1:
		return 0, breach("half a close code")
	}
	code = binary.BigEndian.Uint16(payload)
	switch {
	case !mayBeSent(code):
		return 0, breach(fmt.Sprintf("close code %d", code))
	case !utf8.Valid(payload[2:]):
		return 0, breach("close reason that is not UTF-8")
	}
	return code, nil
}

// mayBeSent reports whether an endpoint may put a code into a close message (RFC 6455 section 7.4, and the registry that it
// sets up).
func mayBeSent(code uint16) bool {
	const reserved, first, last = 1004, 1000, 1014
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code == reserved || code == codeNone || code == 1006:
		return false
	}
	return code >= first && code <= last
}
