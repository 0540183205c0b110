package player

import (
	"slices"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// reader takes apart what a client is sent, and knows nothing but that: whom it is told of, by which records.
type reader struct {
	conn    *fakeConn
	native  *nativeClient // nil in the classic dialect
	id      world.ID
	members map[uint32]map[int32]world.ID // by stream and slot
	read    int                           // bytes
	stalled bool
	unknown int // records of the last tick about slots of which it was not told, for it has got a part of a key alone
}

// heard is whom a client was told of.
type heard map[world.ID]press.Records

// next returns whom the client was told of since the last time, and by how many bytes.
func (r *reader) next() (of heard, bytes int, err error) {
	r.conn.mu.Lock()
	b := slices.Clone(r.conn.written[r.read:])
	r.read = len(r.conn.written)
	r.conn.mu.Unlock()
	of, bytes, r.unknown = heard{}, len(b), 0
	for len(b) > 0 {
		f, rest, err := wire.Cut(b, len(b))
		if err != nil {
			return nil, 0, err
		}
		b = rest
		if r.native == nil {
			err = classic.Decode(f, func(e classic.Event) {
				if kind := recordsOf[e.Kind]; kind != 0 {
					of[world.ID(e.PID)] |= kind
				}
			})
		} else if f.ID == native.IDTick {
			err = r.tick(of, f.Payload)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return of, bytes, nil
}

// tick takes a Tick apart.
func (r *reader) tick(of heard, payload []byte) error {
	var t native.Tick
	if err := t.Parse(payload); err != nil {
		return err
	}
	if t.Forget || r.members == nil {
		r.members = map[uint32]map[int32]world.ID{}
	}
	stream := func(id uint32) map[int32]world.ID {
		if r.members[id] == nil {
			r.members[id] = map[int32]world.ID{}
		}
		return r.members[id]
	}
	for i := range t.Keys {
		k := &t.Keys[i]
		if k.First == 0 {
			delete(r.members, k.Stream)
		}
		members := k.Members()
		for m, more, _ := members.Next(); more; m, more, _ = members.Next() {
			stream(k.Stream)[m.Slot] = world.ID(m.ID)
			of[world.ID(m.ID)] |= press.RecordKey
		}
	}
	note := func(id uint32, slot int32, kind press.Records) {
		if who := stream(id)[slot]; who != 0 {
			of[who] |= kind
		} else {
			r.unknown++
		}
	}
	for i := range t.Deltas {
		d := &t.Deltas[i]
		left, entered, moved := d.Left(), d.Entered(), d.Moved()
		for slot, more, _ := left.Next(); more; slot, more, _ = left.Next() {
			note(d.Stream, int32(slot), press.RecordLeft)
			delete(stream(d.Stream), int32(slot))
		}
		for m, more, _ := entered.Next(); more; m, more, _ = entered.Next() {
			stream(d.Stream)[m.Slot] = world.ID(m.ID)
			of[world.ID(m.ID)] |= press.RecordEntered
		}
		for s, more, _ := moved.Next(); more; s, more, _ = moved.Next() {
			note(d.Stream, s.Slot, press.RecordMoved)
		}
		if err := d.Traits(func(t native.Traits) error { note(d.Stream, t.Slot, press.RecordTraits); return nil }); err != nil {
			return err
		}
	}
	return r.rest(&t, note)
}

// rest takes apart what a Tick has in bits, and of crowds.
func (r *reader) rest(t *native.Tick, note func(uint32, int32, press.Records)) error {
	for _, b := range t.Bits {
		id, _, moved, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		for s, more, _ := moved.Next(); more; s, more, _ = moved.Next() {
			note(id, s.Slot, press.RecordMoved)
		}
	}
	for i := range t.Crowds {
		fixes := t.Crowds[i].Fixes()
		for f, more, _ := fixes.Next(); more; f, more, _ = fixes.Next() {
			note(t.Crowds[i].Stream, f.Slot, press.RecordFar)
		}
	}
	for i := range t.Near {
		fixes := t.Near[i].Fixes()
		for f, more, _ := fixes.Next(); more; f, more, _ = fixes.Next() {
			note(t.Near[i].Stream, f.Slot, press.RecordNear)
		}
	}
	return nil
}
