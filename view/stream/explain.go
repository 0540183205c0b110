package stream

import (
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Looks returns the cell from which a viewer looks after the last tick, None if it was shown nothing yet, and how it stands. As
// Account and Untold it is for between Compose and the next Encode.
func (v *View) Looks(slot world.Slot) (from aoi.Cell, standing press.Standing) {
	if int(slot) >= len(v.viewers) || v.viewers[slot].State == press.Nobody {
		return aoi.None, press.NotWatched
	}
	w := &v.watchers[slot]
	switch {
	case v.viewers[slot].State == press.Busy:
		standing = press.Behind
	case w.lag != nil:
		standing = press.InParts
	}
	return w.cell, standing
}

// Account returns what a frame of the last tick told of whom. The error is that of bytes which are no frame.
func (v *View) Account(frame []byte) (press.Accounts, error) {
	told := press.Accounts{}
	for len(frame) > 0 {
		f, rest, err := wire.Cut(frame, len(frame))
		if err != nil {
			return nil, err
		}
		if frame = rest; f.ID != native.IDTick {
			continue
		}
		var t native.Tick
		if err := t.Parse(f.Payload); err != nil {
			return nil, err
		}
		if err := v.accountTick(told, &t); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// accountTick accounts for a Tick, chunk by chunk.
func (v *View) accountTick(told press.Accounts, t *native.Tick) error {
	for i := range t.Keys {
		c := chunkAccount{view: v, of: streamID(t.Keys[i].Stream)}
		c.key(&t.Keys[i])
		c.file(told, len(t.Keys[i].Bytes()))
	}
	for i := range t.Deltas {
		c := chunkAccount{view: v, of: streamID(t.Deltas[i].Stream)}
		c.delta(&t.Deltas[i])
		c.file(told, len(t.Deltas[i].Bytes()))
	}
	for _, b := range t.Bits {
		of, _, moved, err := native.ReadBits(b)
		if err != nil {
			return err
		}
		c := chunkAccount{view: v, of: streamID(of)}
		c.steps(&moved)
		c.file(told, len(b))
	}
	for i := range t.Crowds {
		c, fixes := chunkAccount{view: v, of: streamID(t.Crowds[i].Stream)}, t.Crowds[i].Fixes()
		c.fixes(&fixes, press.RecordFar)
		c.file(told, len(t.Crowds[i].Bytes()))
	}
	for i := range t.Near {
		c, fixes := chunkAccount{view: v, of: streamID(t.Near[i].Stream)}, t.Near[i].Fixes()
		c.fixes(&fixes, press.RecordNear)
		c.file(told, len(t.Near[i].Bytes()))
	}
	return nil
}

// chunkAccount is what a chunk tells of whom.
type chunkAccount struct {
	view    *View
	of      streamID
	records []recordOf
}

// recordOf is a record about somebody.
type recordOf struct {
	id   world.ID
	kind press.Records
}

// add notes a record about whoever has a slot.
func (c *chunkAccount) add(slot int32, kind press.Records) {
	if s := c.view.streams[c.of]; s != nil && int(slot) < len(s.members) && s.members[slot].id != 0 {
		c.records = append(c.records, recordOf{s.members[slot].id, kind})
	}
}

// file shares out the chunk's bytes.
func (c *chunkAccount) file(told press.Accounts, bytes int) {
	for _, r := range c.records {
		told.Add(r.id, r.kind, float64(bytes)/float64(len(c.records)))
	}
}

// key notes what a key chunk tells.
func (c *chunkAccount) key(k *native.KeyPart) {
	members := k.Members()
	for m, more, _ := members.Next(); more; m, more, _ = members.Next() {
		c.records = append(c.records, recordOf{world.ID(m.ID), press.RecordKey})
	}
}

// delta notes what a delta chunk tells. Traits of who is told of otherwise belong to that.
func (c *chunkAccount) delta(d *native.DeltaPart) {
	left, entered, moved := d.Left(), d.Entered(), d.Moved()
	for slot, more, _ := left.Next(); more; slot, more, _ = left.Next() {
		c.add(int32(slot), press.RecordLeft)
	}
	for m, more, _ := entered.Next(); more; m, more, _ = entered.Next() {
		c.records = append(c.records, recordOf{world.ID(m.ID), press.RecordEntered})
	}
	c.steps(&moved)
	_ = d.Traits(func(t native.Traits) error { // it was written a moment ago
		s := c.view.streams[c.of]
		if s == nil || int(t.Slot) >= len(s.members) {
			return nil
		}
		if told := func(r recordOf) bool { return r.id == s.members[t.Slot].id }; !slices.ContainsFunc(c.records, told) {
			c.add(t.Slot, press.RecordTraits)
		}
		return nil
	})
}

// steps notes moves.
func (c *chunkAccount) steps(moved *native.Steps) {
	for s, more, _ := moved.Next(); more; s, more, _ = moved.Next() {
		c.add(s.Slot, press.RecordMoved)
	}
}

// fixes notes what is told of a crowd.
func (c *chunkAccount) fixes(fixes *native.Fixes, kind press.Records) {
	for f, more, _ := fixes.Next(); more; f, more, _ = fixes.Next() {
		c.add(f.Slot, kind)
	}
}

// Untold returns what says why a viewer was not told of somebody.
func (v *View) Untold(viewer world.Slot) press.Untold {
	from, standing := v.Looks(viewer)
	var coming []streamID // in the order in which their keys are sent
	if standing == press.InParts {
		coming = slices.Clone(v.streamsToSend(viewer))
	}
	return func(of world.Slot, changed bool) (why press.Why, within time.Duration) {
		switch e := &v.sights[of]; {
		case e.layer > v.sights[viewer].sees:
			return press.Veiled, 0
		case standing == press.NotWatched:
			return press.Absent, 0
		case from == aoi.None:
			return press.Lagging, 0
		case !v.cfg.Grid.Near(from, e.cell):
			return press.Outside, 0
		case standing == press.Behind:
			return press.Lagging, 0
		case standing == press.InParts && !v.keyed(v.watchers[viewer].lag, coming, e):
			return press.CatchingUp, 0
		default:
			return v.whyUntold(e, changed)
		}
	}
}

// keyed reports whether who catches up, stream by stream, has got the key of an entity's, or the part in which it is.
func (v *View) keyed(l *lag, coming []streamID, e *sight) bool {
	i := slices.Index(coming, v.id(e.layer, e.cell))
	return l.begun && i >= 0 && (i < l.done || i == l.done && e.slot < l.slot)
}

// whyUntold says why who has all of an entity's stream was not told of it.
func (v *View) whyUntold(e *sight, changed bool) (why press.Why, within time.Duration) {
	s := v.streams[v.id(e.layer, e.cell)]
	m := &s.members[e.slot]
	switch {
	case m.flags&(hasEntered|hasMarked) != 0, s.mass == nil && m.flags&hasMoved != 0:
		return press.Missing, 0
	case s.mass == nil && changed:
		return press.Rounded, 0
	case s.mass == nil:
		return press.Unchanged, 0
	}
	if t := &s.mass.tracks[e.slot]; t.At(v.crowds.now, v.crowds.extent) == m.at {
		return press.Tracked, 0
	}
	return press.Waiting, s.mass.bound
}
