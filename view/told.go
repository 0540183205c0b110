package view

import (
	"aoiworld/aoi"
	"aoiworld/world"
)

// fileMarks puts whose attributes are new on the sheet of its cell, if it was there already when the tick began. Of those
// who came, the records about their coming tell; of who is hidden, nothing.
func (v *View) fileMarks() {
	for i := range v.out.Marks {
		slot := v.out.Marks[i].Slot
		if c := v.mirror.cells.CellOf(slot); c != aoi.None && v.mirror.stayed(slot, v.tick) {
			s := v.sheets.of(c)
			s.marked = append(s.marked, slot)
		}
	}
}

// fileTold puts what was said and gestured to who is near, and what games said, on the sheets of the cells, or into the
// mail of who it is for.
func (v *View) fileTold() {
	clear(v.mail)
	for i := range v.out.Chats {
		if c := &v.out.Chats[i]; c.Reach == world.ToNear && c.Layer == world.Public {
			s := v.sheets.of(c.Cell)
			s.chats = append(s.chats, int32(i))
		}
	}
	for i := range v.out.Gestures {
		if g := &v.out.Gestures[i]; g.Layer == world.Public {
			s := v.sheets.of(g.Cell)
			s.gestures = append(s.gestures, int32(i))
		}
	}
	for i := range v.out.Told {
		switch t := &v.out.Told[i]; {
		case t.Reach == world.ToNear && t.Layer == world.Public:
			s := v.sheets.of(t.Cell)
			s.messages = append(s.messages, int32(i))
		case t.Reach == world.ToOne:
			v.mail[t.Slot] = append(v.mail[t.Slot], v.encoder.AppendMessage(nil, t.ID, t.Payload))
		}
	}
}

// mailSize is the length of a viewer's mail of the tick (bytes).
func (v *View) mailSize(slot world.Slot) (size int) {
	for _, m := range v.mail[slot] {
		size += len(m)
	}
	return size
}

// writeMail writes a viewer's mail of the tick into the open frame.
func (v *View) writeMail(slot world.Slot) {
	for _, m := range v.mail[slot] {
		v.press.Write(m, 0)
	}
}

// repairMail writes the mail that the viewer has not got.
func (v *View) repairMail(l *lag) {
	r := &v.repair
	l.mail.Hand(func(m []byte) bool { return r.grow(&r.mail, append(r.mail, m...), 0) })
}
