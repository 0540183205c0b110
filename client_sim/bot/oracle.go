package bot

import (
	"cmp"
	"fmt"
	"slices"

	"aoiworld/net/native"
)

// truth is one bot at a quiet point: where it really is, and whom it was shown where.
type truth struct {
	id    int32
	at    place
	shown map[int32]place // players, the bot itself included
	looks map[int32]look  // of whoever has one

	// In the native dialect: to what positions are rounded, and the cell from which the bot is shown the world.
	lattice *native.Lattice
	from    int
	told    World // of which it was told; not asked for in the classic dialect
}

// margin is how far beyond the border of the cell from which it looks a bot may be, in parts of the cell's sides.
const margin = 0.1

// eye returns the cell from which a bot is shown the world, and what is wrong with that: it must see the bot itself, and the
// bot must not be farther outside than the margin.
func (t *truth) eye(w World) (from cell, wrong []Violation) {
	own := w.cellAt(t.at.x, t.at.z)
	if t.lattice == nil {
		return own, nil
	}
	from = cell{t.from % w.Columns, t.from / w.Columns}
	outX := outside(float64(t.at.x)-w.MinX-w.width()*float64(from.column), w.width())
	outZ := outside(float64(t.at.z)-w.MinZ-w.depth()*float64(from.row), w.depth())
	const rounding = 1e-6
	if !w.sees(from, own) || outX > margin+rounding || outZ > margin+rounding {
		wrong = []Violation{{Displaced, t.id, t.id, fmt.Sprintf("it looks from cell %d, and is at %v in cell %d",
			t.from, t.at, w.id(own))}}
	}
	return from, wrong
}

// outside is how far a coordinate lies outside of 0 to size, in sizes.
func outside(v, size float64) float64 { return max(-v, v-size, 0) / size }

// compare finds, by brute force, whatever the bots should be shown and are not, or are shown and should not be: missing
// players, ghosts, and players shown elsewhere than they are. gone tells whether an id belonged to a bot that has left.
func compare(w World, all []truth, gone func(id int32) bool) []Violation {
	var found []Violation
	cells, eyes := make([]cell, len(all)), make([]cell, len(all))
	index := make(map[int32]int, len(all))
	for i, t := range all {
		cells[i], index[t.id] = w.cellAt(t.at.x, t.at.z), i
		var wrong []Violation
		eyes[i], wrong = t.eye(w)
		found = append(found, wrong...)
	}
	for i, viewer := range all {
		for j, other := range all {
			if at, shown := viewer.shown[other.id]; w.sees(eyes[i], cells[j]) {
				found = append(found, visible(w, viewer, other, at, shown)...)
			} else if shown {
				found = append(found, Violation{Ghost, viewer.id, other.id, fmt.Sprintf(
					"shown at %v, but it is in cell %d and the viewer in cell %d", at, w.id(cells[j]), w.id(eyes[i]))})
			}
		}
		for id, at := range viewer.shown {
			if _, here := index[id]; !here {
				found = append(found, outsider(viewer.id, id, at, gone(id)))
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Viewer, b.Viewer), cmp.Compare(a.Player, b.Player))
	})
	return found
}

// visible finds what is wrong with how a viewer is shown somebody in its neighbourhood.
func visible(w World, viewer, other truth, at place, shown bool) []Violation {
	switch {
	case !shown:
		return []Violation{{Missing, viewer.id, other.id, fmt.Sprintf("it is in cell %d, the viewer in cell %d",
			w.id(w.cellAt(other.at.x, other.at.z)), w.id(w.cellAt(viewer.at.x, viewer.at.z)))}}
	case !viewer.agrees(at, other.at):
		return []Violation{{Stale, viewer.id, other.id, fmt.Sprintf("shown at %v, but it is at %v", at, other.at)}}
	}
	return compareLooks(viewer, other)
}

// agrees reports whether a bot that is shown somebody at a place is shown the truth.
func (t *truth) agrees(at, truly place) bool {
	if t.lattice != nil {
		return at.rounded(t.lattice) == truly.rounded(t.lattice)
	}
	return at.same(truly)
}

// misled finds bots that were told of another world than there is.
func misled(now World, all []truth) (found []Violation) {
	for _, t := range all {
		if t.lattice != nil && t.told != now {
			found = append(found, Violation{Misled, t.id, t.id, fmt.Sprintf("it was told of %+v, and there is %+v", t.told, now)})
		}
	}
	return found
}

// ours leaves out that others are in the world, where they may be.
func (c *Config) ours(found []Violation) []Violation {
	return slices.DeleteFunc(found, func(v Violation) bool { return c.Guests && v.Kind == Stranger })
}

// outsider says what is wrong with showing somebody who is not in the world.
func outsider(viewer, id int32, at place, left bool) Violation {
	if left {
		return Violation{Ghost, viewer, id, fmt.Sprintf("shown at %v, but it has left the world", at)}
	}
	return Violation{Stranger, viewer, id, fmt.Sprintf("shown at %v; verifying wants a world of its own", at)}
}
