package stream

import (
	"slices"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/world"
)

// scratch is memory for the records of one chunk.
type scratch struct {
	members []native.Member
	traits  []native.Traits
	moved   []native.Motion
	tracks  []native.Track
	fixes   []native.Fix
	dropped []streamID
	seen    []streamID
	columns []byte
}

// reset empties the memory.
func (s *scratch) reset() {
	s.members, s.traits, s.moved, s.tracks = s.members[:0], s.traits[:0], s.moved[:0], s.tracks[:0]
}

// bytes returns a chunk's bytes, valid until the next chunk is written.
func (v *View) bytes(c chunk) []byte { return v.chunks[c.start:c.end] }

// write appends a chunk of so many records.
func (v *View) write(updates int, fill func(dst []byte) []byte) chunk {
	start := len(v.chunks)
	v.chunks = fill(v.chunks)
	return chunk{start: start, end: len(v.chunks), updates: updates, there: true}
}

// delta returns what happened in a stream in this tick; an empty chunk when nothing did.
func (v *View) delta(of streamID, form Form) chunk {
	s := v.streams[of]
	if s == nil || !s.active {
		return chunk{}
	}
	if !s.delta[form].there {
		if s.dealt {
			s.delta[form] = v.writeKey(s)
		} else {
			s.delta[form] = v.writeDelta(s, form)
		}
	}
	return s.delta[form]
}

// writeDelta writes a delta chunk. Of a crowd it has no moves.
func (v *View) writeDelta(s *stream, form Form) chunk {
	w := &v.scratch
	w.reset()
	slices.Sort(s.moved)
	slices.Sort(s.entered)
	for _, slot := range s.entered {
		m := &s.members[slot]
		w.members = append(w.members, native.Member{Slot: slot, ID: int32(m.id), At: m.at})
		v.appendTraits(slot, m.entity, false)
	}
	for _, slot := range s.marked {
		v.appendTraits(slot, s.members[slot].entity, true)
	}
	if s.mass == nil {
		for _, slot := range s.moved {
			m := &s.members[slot]
			w.moved = append(w.moved, native.Motion{Slot: slot, From: m.was, To: m.at})
		}
	}
	d := native.Delta{Stream: int32(s.id), Epoch: s.epoch, Left: s.left, Entered: w.members, Traits: w.traits}
	return v.write(len(s.left)+len(s.entered)+len(w.moved), func(dst []byte) []byte {
		if form == Bits {
			return native.AppendBits(native.AppendDelta(dst, &d), d.Stream, d.Epoch, w.moved)
		}
		d.Moved = w.moved
		return native.AppendDelta(dst, &d)
	})
}

// appendTraits notes an entity's traits, if there are any or if that there are none is news.
func (v *View) appendTraits(slot int32, entity world.Slot, news bool) {
	if e := &v.sights[entity]; news || !e.plain() {
		v.scratch.traits = append(v.scratch.traits, native.Traits{
			Slot: slot, Kind: uint8(e.kind), Name: e.name, Attributes: e.attributes,
		})
	}
}

// key returns everybody in a stream as they were told last, before this tick. Of a stream whose slots are dealt anew in this
// tick the delta says it all; one of which nothing was ever told needs no key.
func (v *View) key(of streamID) chunk {
	s := v.streams[of]
	if s == nil || s.dealt {
		return chunk{}
	}
	if !s.active {
		s.active = true // until the next tick, so that the chunk is forgotten then
		v.active = append(v.active, s)
	}
	if !s.key.there {
		s.key = v.writeKey(s)
	}
	return s.key
}

// writeKey writes a key chunk of all slots. An empty stream of the first epoch is what everybody supposes.
func (v *View) writeKey(s *stream) chunk {
	w := &v.scratch
	w.reset()
	s.baseline(0, func(record native.Member, m *member) bool {
		v.appendMember(s, record, m)
		return true
	})
	return v.write(len(w.members), func(dst []byte) []byte {
		if len(w.members) == 0 && s.epoch == 0 {
			return dst
		}
		key := native.Key{Stream: int32(s.id), Epoch: s.epoch, Tracks: w.tracks, Time: v.time()}
		return native.AppendKey(dst, key, w.members, w.traits)
	})
}

// appendMember notes a member for a key, with what there is to it.
func (v *View) appendMember(s *stream, record native.Member, m *member) {
	w := &v.scratch
	w.members = append(w.members, record)
	v.appendTraits(record.Slot, m.entity, false)
	if s.tracked() {
		w.tracks = append(w.tracks, s.mass.tracks[record.Slot].Track)
	}
}

// fileTold puts what was said to who is near, and what games said, where it belongs.
func (v *View) fileTold() {
	clear(v.mail)
	for i := range v.out.Chats {
		if c := &v.out.Chats[i]; c.Reach == world.ToNear {
			s := v.activate(v.id(c.Layer, c.Cell))
			s.chats = append(s.chats, int32(i))
		}
	}
	for i := range v.out.Gestures {
		g := &v.out.Gestures[i]
		s := v.activate(v.id(g.Layer, g.Cell))
		s.gestures = append(s.gestures, int32(i))
	}
	for i := range v.out.Told {
		switch t := &v.out.Told[i]; t.Reach {
		case world.ToNear:
			s := v.activate(v.id(t.Layer, t.Cell))
			s.messages = append(s.messages, int32(i))
		case world.ToOne:
			v.mail[t.Slot] = append(v.mail[t.Slot], native.AppendFrame(nil, t.ID, t.Payload))
		}
	}
}

// fileRefusals notes whose move is to be answered by the true place; of a chat that was refused a message tells.
func (v *View) fileRefusals() {
	clear(v.refused)
	for _, r := range v.out.Refusals {
		if r.Reason == world.ChatBusy {
			v.mail[r.Slot] = append(v.mail[r.Slot], native.AppendError(nil, codes.RateLimited, native.IDSay))
			continue
		}
		v.refused[r.Slot] = r
	}
}

// told returns what is said to all who see a stream.
func (v *View) told(of streamID) chunk {
	s := v.streams[of]
	if s == nil || len(s.chats)+len(s.gestures)+len(s.messages) == 0 {
		return chunk{}
	}
	if !s.told.there {
		s.told = v.write(0, func(dst []byte) []byte {
			for _, i := range s.chats {
				dst = v.appendChat(dst, int(i))
			}
			for _, i := range s.gestures {
				g := &v.out.Gestures[i]
				dst = native.AppendGesture(dst, int32(g.Player), g.Number)
			}
			for _, i := range s.messages {
				m := &v.out.Told[i]
				dst = native.AppendFrame(dst, m.ID, m.Payload)
			}
			return dst
		})
	}
	return s.told
}

// chatBits is how many chats of a tick have ids of their own, as a power of two: each layer has its share, so that what is
// said in one shows in no number of another.
const (
	chatBits  = 20
	layerBits = 1
)

// numberChats gives the chats of the tick their ids.
func (v *View) numberChats() {
	v.numbers = v.numbers[:0]
	var next [world.Layers]uint64
	for i := range v.out.Chats {
		layer := v.out.Chats[i].Layer
		v.numbers = append(v.numbers, v.tick<<chatBits|uint64(layer)<<(chatBits-layerBits)|next[layer])
		next[layer]++
	}
}

// appendChat writes a chat of this tick.
func (v *View) appendChat(dst []byte, i int) []byte {
	c := &v.out.Chats[i]
	return native.AppendChat(dst, native.Chat{
		ID: v.numbers[i], Nearby: c.Reach == world.ToNear, Player: int32(c.Player), Name: c.Name, Text: c.Text, Tick: v.tick,
	})
}

// logChats writes what everybody in the world is told, who sees the layer from which it comes, into the logs.
func (v *View) logChats() {
	for sees := range v.chats {
		v.logChatsUpTo(world.Layer(sees))
	}
}

// logChatsUpTo writes the log of those who see the layers up to one. Ids rise in it.
func (v *View) logChatsUpTo(sees world.Layer) {
	log := &v.chats[sees]
	log.Begin()
	for layer := range sees + 1 {
		for i := range v.out.Chats {
			if c := &v.out.Chats[i]; c.Reach == world.ToAll && c.Layer == layer {
				log.Add(func(dst []byte) []byte { return v.appendChat(dst, i) })
			}
		}
	}
	for i := range v.out.Told {
		if m := &v.out.Told[i]; m.Reach == world.ToAll {
			log.Add(func(dst []byte) []byte { return native.AppendFrame(dst, m.ID, m.Payload) })
		}
	}
}
