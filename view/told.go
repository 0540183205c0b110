package view

import "aoiworld/world"

// Bounds of the messages that are kept for one viewer who falls behind.
const (
	maxKeptMail      = 256
	maxKeptMailBytes = 64 << 10
)

// fileMarks puts whose attributes are new on the sheet of its cell, if it was there already when the tick began. Of those
// who came, the records about their coming tell.
func (v *View) fileMarks() {
	for i := range v.out.Marks {
		if slot := v.out.Marks[i].Slot; v.mirror.stayed(slot, v.tick) {
			s := v.sheets.of(v.mirror.cells.CellOf(slot))
			s.marked = append(s.marked, slot)
		}
	}
}

// fileTold puts what games said on the sheets of the cells, or into the mail of who it is for.
func (v *View) fileTold() {
	clear(v.mail)
	for i := range v.out.Told {
		switch t := &v.out.Told[i]; t.Reach {
		case world.ToNear:
			s := v.sheets.of(t.Cell)
			s.messages = append(s.messages, int32(i))
		case world.ToOne:
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
		v.press.write(m, 0)
	}
}

// keepMail keeps mail for a viewer that is behind, and reports false when it is more than can be kept.
func (l *lag) keepMail(mail [][]byte) bool {
	for _, m := range mail {
		l.mail = append(l.mail, m)
		l.mailSize += len(m)
	}
	return len(l.mail) <= maxKeptMail && l.mailSize <= maxKeptMailBytes
}

// repairMail writes the mail that the viewer has not got.
func (v *View) repairMail(l *lag) {
	r := &v.repair
	for i, m := range l.mail {
		if !r.grow(&r.mail, append(r.mail, m...), 0) {
			l.mail = l.mail[i:]
			return
		}
		l.mailSize -= len(m)
	}
	l.mail = nil
}
