package bot

import (
	"cmp"
	"fmt"
	"slices"
)

// truth is one bot at a quiet point: where it really is, and whom it was shown where.
type truth struct {
	id    int32
	at    place
	shown map[int32]place // players, the bot itself included
	looks map[int32]look  // of whoever has one
}

// compare finds, by brute force, whatever the bots should be shown and are not, or are shown and should not be: missing
// players, ghosts, and players shown elsewhere than they are. gone tells whether an id belonged to a bot that has left.
func compare(w World, all []truth, gone func(id int32) bool) []Violation {
	cells := make([]cell, len(all))
	index := make(map[int32]int, len(all))
	for i, t := range all {
		cells[i], index[t.id] = w.cellAt(t.at.x, t.at.z), i
	}
	var found []Violation
	for i, viewer := range all {
		for j, other := range all {
			if at, shown := viewer.shown[other.id]; w.sees(cells[i], cells[j]) {
				found = append(found, visible(w, viewer, other, at, shown)...)
			} else if shown {
				found = append(found, Violation{Ghost, viewer.id, other.id, fmt.Sprintf(
					"shown at %v, but it is in cell %d and the viewer in cell %d", at, w.id(cells[j]), w.id(cells[i]))})
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
	case !at.same(other.at):
		return []Violation{{Stale, viewer.id, other.id, fmt.Sprintf("shown at %v, but it is at %v", at, other.at)}}
	}
	return compareLooks(viewer, other)
}

// outsider says what is wrong with showing somebody who is not in the world.
func outsider(viewer, id int32, at place, left bool) Violation {
	if left {
		return Violation{Ghost, viewer, id, fmt.Sprintf("shown at %v, but it has left the world", at)}
	}
	return Violation{Stranger, viewer, id, fmt.Sprintf("shown at %v; verifying wants a world of its own", at)}
}
