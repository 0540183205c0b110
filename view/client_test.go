package view

import (
	"encoding/binary"
	"fmt"
	"math"

	"aoiworld/world"
)

// plain is the plainest dialect: one byte that says what, the id, and what belongs to it.
type plain struct{}

func (plain) AppendWelcome(dst []byte, id int32) []byte { return appendRecord(dst, 'w', id) }
func (plain) AppendLeave(dst []byte, id int32) []byte   { return appendRecord(dst, 'l', id) }

func (plain) AppendAppear(dst []byte, id int32, x, y, z, v float32) []byte {
	return appendRecord(dst, 'a', id, x, y, z, v)
}

func (plain) AppendMoved(dst []byte, id int32, x, y, z, v float32) []byte {
	return appendRecord(dst, 'm', id, x, y, z, v)
}

func (plain) AppendSnapshotEntry(dst []byte, id int32, x, y, z, v float32) []byte {
	return appendRecord(dst, 'e', id, x, y, z, v)
}

func (plain) AppendSnapshotHeader(dst []byte, size int) []byte {
	return appendRecord(dst, 's', int32(size))
}

func (plain) AppendChat(dst []byte, id int32, text string) []byte {
	dst = binary.LittleEndian.AppendUint16(appendRecord(dst, 'c', id), uint16(len(text)))
	return append(dst, text...)
}

func (e plain) AppendGesture(dst []byte, id, number int32) []byte {
	return e.AppendMessage(dst, uint32(id), fmt.Appendf(nil, "gesture %d", number))
}

func (plain) AppendAttributes(dst []byte, id int32, kind uint8, attributes []byte) []byte {
	dst = append(appendRecord(dst, 't', id), kind)
	return append(binary.LittleEndian.AppendUint16(dst, uint16(len(attributes))), attributes...)
}

func (plain) AppendMessage(dst []byte, message uint32, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(appendRecord(dst, 'g', int32(message)), uint16(len(payload)))
	return append(dst, payload...)
}

// appendRecord appends a record's fixed part.
func appendRecord(dst []byte, what byte, id int32, floats ...float32) []byte {
	dst = binary.LittleEndian.AppendUint32(append(dst, what), uint32(id))
	for _, f := range floats {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(f))
	}
	return dst
}

// record is one decoded record.
type record struct {
	what byte
	id   world.ID
	at   world.Position
	kind world.Kind
	text string // of a chat or a message, or attributes
}

// decode takes a frame's body apart, and fails on bytes that are none of plain's.
func decode(body []byte) (records []record, err error) {
	for len(body) > 0 {
		if len(body) < 5 {
			return records, fmt.Errorf("%d bytes are left", len(body))
		}
		r := record{what: body[0], id: world.ID(binary.LittleEndian.Uint32(body[1:]))}
		body = body[5:]
		switch r.what {
		case 'a', 'm', 'e':
			float := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(body[i:])) }
			r.at = world.Position{X: float(0), Y: float(4), Z: float(8), V: float(12)}
			body = body[16:]
		case 't':
			r.kind = world.Kind(body[0])
			n := int(binary.LittleEndian.Uint16(body[1:]))
			r.text, body = string(body[3:3+n]), body[3+n:]
		case 'c', 'g':
			n := int(binary.LittleEndian.Uint16(body))
			r.text, body = string(body[2:2+n]), body[2+n:]
		case 'w', 'l', 's':
		default:
			return records, fmt.Errorf("unknown record %q", r.what)
		}
		records = append(records, r)
	}
	return records, nil
}

// client is a viewer that believes what it is told, and objects to what cannot be.
type client struct {
	id    world.ID
	shown map[world.ID]world.Position
	looks map[world.ID]look // of those in shown who have any
	chats []string
	heard []string // messages of the game
}

// look is an entity's kind and attributes.
type look struct {
	kind       world.Kind
	attributes string
}

// take applies a frame's records in order.
func (c *client) take(body []byte) error {
	records, err := decode(body)
	if err != nil {
		return err
	}
	for _, r := range records {
		_, known := c.shown[r.id]
		if wantKnown := r.what == 'm' || r.what == 'l' || r.what == 't'; (r.what == 'a' || wantKnown) && known != wantKnown {
			return fmt.Errorf("record %q about %d, who is known: %v", r.what, r.id, known)
		}
		switch r.what {
		case 'w':
			if c.id != 0 {
				return fmt.Errorf("welcomed twice, as %d and %d", c.id, r.id)
			}
			c.id, c.shown, c.looks = r.id, map[world.ID]world.Position{}, map[world.ID]look{}
		case 'e':
			if was, known := c.shown[r.id]; known && r.id != c.id {
				return fmt.Errorf("%d in the snapshot was shown before, at %v", r.id, was)
			}
			c.shown[r.id] = r.at
		case 'a', 'm':
			c.shown[r.id] = r.at
		case 'l':
			delete(c.shown, r.id)
			delete(c.looks, r.id)
		case 't':
			if c.looks[r.id] = (look{r.kind, r.text}); c.looks[r.id] == (look{}) {
				delete(c.looks, r.id)
			}
		case 'g':
			c.heard = append(c.heard, r.text)
		case 'c':
			c.chats = append(c.chats, r.text)
		}
	}
	return nil
}
