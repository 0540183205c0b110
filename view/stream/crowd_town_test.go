package stream

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/view/crowd"
	"aoiworld/world"
)

// beatEvery is how often ticks are due in the tests.
const beatEvery = 50 * time.Millisecond

// newBudgeted returns an empty world whose frames have a budget.
func newBudgeted(t testing.TB, side, budget int, seed uint64) *town {
	c := newTown(t, side, 1<<17, seed)
	c.view = New(Config{
		Grid: c.world.Grid(), Lattice: c.view.cfg.Lattice, Headroom: 3, MaxFrame: 1 << 17, Budget: budget, Period: beatEvery,
	})
	return c
}

// checkCrowds holds what viewers believe that are up to date against brute force: exactly who is there; of a crowd where the
// server's tracks are, or the truth, for all in the nearest leaves; everybody else exactly.
func (c *town) checkCrowds() {
	c.t.Helper()
	for _, id := range c.ids() {
		if _, here := c.slots[id]; !here || !c.upToDate(id) || c.viewers[id].model == nil {
			continue
		}
		if wrong := c.wrongCrowds(id, c.viewers[id]); wrong != "" {
			c.t.Fatalf("tick %d: %d in slot %d, which looks from %d, %s", c.tick, id, c.slots[id], c.viewers[id].replica.Cell(), wrong)
		}
	}
}

// wrongCrowds says what is wrong with what a viewer believes.
func (c *town) wrongCrowds(id world.ID, v *viewer) string {
	shown, extent := v.model.everybody(), c.view.cfg.Lattice.Extent()
	grid := c.view.cfg.Grid
	from, count := aoi.Cell(v.replica.Cell()), 0
	for other, e := range c.truth {
		cell := grid.CellAt(e.At.X, e.At.Z)
		if !grid.Near(from, cell) || e.Layer > c.truth[id].Sees {
			continue
		}
		count++
		at, known := shown[other]
		shownBy := v.replica.Entity(int32(other))
		if !known || shownBy == nil {
			return fmt.Sprintf("misses %d in %d", other, cell)
		}
		if place := v.replica.Place(shownBy); place != at {
			return fmt.Sprintf("is shown %d at %v by the model, at %v by the client", other, at, place)
		}
		slot := c.view.sights[c.slots[other]].slot
		s := c.view.streams[c.view.id(e.Layer, cell)]
		who := v.model.streams[uint32(s.id)].members[slot]
		truth := c.view.cfg.Lattice.Place(e.At.X, e.At.Y, e.At.Z, e.At.V)
		switch {
		case s.mass == nil || s.mass.ends:
			if at != truth {
				return fmt.Sprintf("is shown %d at %v, not %v", other, at, truth)
			}
		case !c.view.crowds.beat:
		case who.near != nil && *who.near != truth:
			return fmt.Sprintf("is shown %d near, at %v, not %v", other, *who.near, truth)
		case who.near == nil && at != s.mass.tracks[slot].At(c.view.crowds.now, extent):
			return fmt.Sprintf("is shown %d at %v, by the server's track it is at %v; %+v, %+v", other, at,
				s.mass.tracks[slot].At(c.view.crowds.now, extent), who, s.mass.tracks[slot])
		}
	}
	if len(shown) != count || v.replica.Len() != count {
		return fmt.Sprintf("is shown %d, of whom %d are there", len(shown), count)
	}
	if c.view.crowds.beat && !v.busy && len(v.fresh) == 0 {
		return c.wrongLeaves(id, v)
	}
	return ""
}

// wrongLeaves says what is wrong with the leaves that a viewer was shown: none further away than one that it was not.
func (c *town) wrongLeaves(id world.ID, v *viewer) string {
	if len(v.model.last.Keys) > 0 || v.model.last.Number != c.tick {
		return "" // it has just joined, or crossed
	}
	w := &c.view.watchers[c.slots[id]]
	box := c.view.boxOf(w.cell)
	own, leaf := c.view.crowds.leaf(c.view.leafOf(c.slots[id]))
	if own != nil {
		box = own.mass.tree.Box(leaf)
	}
	missed, told := uint64(1<<63), uint64(0)
	for _, s := range c.view.crowds.streams {
		if s.mass.ends || !c.view.inView(w.cell, s.id) {
			continue
		}
		for leaf := range s.mass.tree.Leaves() {
			far := boxDistance(box, s.mass.tree.Box(leaf))
			for _, slot := range s.mass.tree.Leaf(nil, leaf) {
				if who := v.model.streams[uint32(s.id)].members[slot]; s.mass.tracks[slot].off {
					if who.near == nil {
						missed = min(missed, far)
					} else {
						told = max(told, far)
					}
				}
			}
		}
	}
	if told > missed {
		return fmt.Sprintf("is told of a leaf at %d and not of one at %d", told, missed)
	}
	return ""
}

// boxDistance is the square of how far boxes are apart.
func boxDistance(a, b crowd.Box) uint64 {
	gap := func(minA, maxA, minB, maxB int32) int64 { return int64(max(minA-maxB, minB-maxA, 0)) }
	dx, dz := gap(a.MinX, a.MaxX, b.MinX, b.MaxX), gap(a.MinZ, a.MaxZ, b.MinZ, b.MaxZ)
	return uint64(dx*dx + dz*dz)
}

// lanesOf returns how many bytes of a frame's messages are far lanes, near lanes and keys.
func lanesOf(body []byte) (far, near, keys int) {
	for len(body) > 8 {
		n := int(body[0]) | int(body[1])<<8 | int(body[2])<<16
		id, payload := int(body[4])|int(body[5])<<8, body[8:8+n]
		for body = body[8+n:]; id == native.IDTick && len(payload) > 0; {
			field, kind, head := protowire.ConsumeTag(payload)
			size := head + protowire.ConsumeFieldValue(field, kind, payload[head:])
			switch field {
			case 8:
				far += size
			case 9:
				near += size
			case 4:
				keys += size
			}
			payload = payload[size:]
		}
	}
	return far, near, keys
}

// checkFrame holds a frame against the budget: near lanes are what fits, far lanes their share of it, each layer's of its own.
func (c *town) checkFrame(id world.ID, body []byte) {
	far, near, keys := lanesOf(body)
	budget := c.view.cfg.Budget
	size := len(body) - keys
	switch {
	case c.view.watchers[c.slots[id]].lag != nil || keys > 0 || len(c.viewers[id].fresh) > 0:
		if keys > max(4*budget, MinMaxFrame) {
			c.t.Fatalf("tick %d: %d bytes to catch up, of which %d are keys, %d far and %d near", c.tick, len(body), keys, far, near)
		}
	case near > 0 && size > budget+personalRoom && !c.ends():
		c.t.Fatalf("tick %d: %d bytes, of which %d are far and %d near", c.tick, size, far, near)
	case far > int(world.Layers)*budget && !c.ends() && budget >= 400:
		c.t.Fatalf("tick %d: %d bytes, of which %d are far", c.tick, size, far)
	}
}

// ends reports whether a crowd ends in this tick.
func (c *town) ends() bool {
	return slices.ContainsFunc(c.view.crowds.streams, func(s *stream) bool { return s.mass.ends })
}

// gather plays a random tick in which most go to a place and walk about there, within so many units.
func (c *town) gather(at world.Position, reach float32, share int) {
	in := &world.Input{}
	for _, id := range c.ids() {
		if _, here := c.slots[id]; here && c.random.IntN(100) < share {
			to := c.truth[id].At
			if dx, dz := to.X-at.X, to.Z-at.Z; dx*dx+dz*dz > reach*reach {
				to.X, to.Z = at.X+(c.random.Float32()-0.5)*reach, at.Z+(c.random.Float32()-0.5)*reach
			}
			to.X, to.Z = to.X+(c.random.Float32()-0.5)/2, to.Z+(c.random.Float32()-0.5)/2
			to.V = float32(c.random.IntN(360))
			in.Moves = append(in.Moves, world.Move{Player: id, Epoch: c.epochs[id], To: to, Valid: true, Sequence: uint32(c.tick)})
		}
	}
	c.play(in)
}

// quiet plays so many ticks in which nothing happens and everybody reads.
func (c *town) quiet(ticks int) {
	for range ticks {
		for _, v := range c.viewers {
			v.busy = false
		}
		c.play(&world.Input{})
		c.checkCrowds()
	}
}
