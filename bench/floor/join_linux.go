package floor

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"aoiworld/net/classic"
)

// welcome lets a client in, as the classic dialect has it: its id, itself, and a snapshot of itself alone.
func (f *Floor) welcome(c *client) {
	f.joined++
	var encoder classic.Encoder
	entry := encoder.AppendSnapshotEntry(nil, f.joined, 1, 0, 1, 0)
	frames := encoder.AppendWelcome(nil, f.joined)
	frames = encoder.AppendAppear(frames, f.joined, 1, 0, 1, 0)
	frames = append(encoder.AppendSnapshotHeader(frames, len(entry)), entry...)
	c.playing = f.send(c, f.message(frames))
}

// The parts of a WebSocket handshake that matter here; acceptSuffix is RFC 6455's, section 1.3.
const (
	acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	keyHeader    = "\r\nsec-websocket-key:"
	endOfHeaders = "\r\n\r\n"
	maxRequest   = 8 << 10
)

// shake answers a handshake once it is whole, and lets the client in.
func (f *Floor) shake(c *client, part []byte) {
	c.request = append(c.request, part...)
	if !bytes.Contains(c.request, []byte(endOfHeaders)) {
		c.gone = len(c.request) > maxRequest
		return
	}
	at := bytes.Index(bytes.ToLower(c.request), []byte(keyHeader))
	if at < 0 {
		c.gone = true
		return
	}
	key, _, _ := bytes.Cut(c.request[at+len(keyHeader):], []byte("\r\n"))
	sum := sha1.Sum(append(bytes.TrimSpace(key), acceptSuffix...))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + endOfHeaders
	c.request = nil
	if f.send(c, []byte(answer)) {
		f.welcome(c)
	}
}

// message returns bytes as they go over the wire: over WebSocket as one binary message.
func (f *Floor) message(b []byte) []byte {
	if !f.cfg.WebSocket {
		return b
	}
	const final, binaryMessage, lengthIs16, lengthIs64 = 0x80, 2, 126, 127
	header := []byte{final | binaryMessage}
	switch n := len(b); {
	case n < lengthIs16:
		header = append(header, byte(n))
	case n < 1<<16:
		header = binary.BigEndian.AppendUint16(append(header, lengthIs16), uint16(n))
	default:
		header = binary.BigEndian.AppendUint64(append(header, lengthIs64), uint64(n))
	}
	return append(header, b...)
}
