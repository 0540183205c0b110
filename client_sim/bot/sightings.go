package bot

import "iter"

// sighting is somebody in view.
type sighting struct {
	id       int32  // positive
	sequence uint32 // of the move that at stands for, 0 at first
	at       place
	track    *track // nil for strangers, and for newcomers who have not read their own welcome yet
}

// sightings is who is in view, by id: a hash table whose entries lie in it. Thousands of bots look up every update that
// reaches them, and what that costs is memory that is not in the cache: here it is one line. The zero value is empty. A
// pointer into it is good until the next add or remove.
type sightings struct {
	slots []sighting // an id of 0 is a free slot
	count int
	most  int // in view since memory was last given back
}

const minSlots = 16

// len returns how many are in view.
func (t *sightings) len() int { return t.count }

// find returns the entry of a positive id, or nil.
func (t *sightings) find(id int32) *sighting {
	if t.count == 0 {
		return nil
	}
	if s := &t.slots[t.probe(id)]; s.id == id {
		return s
	}
	return nil
}

// add enters a positive id that is not there yet.
func (t *sightings) add(id int32) *sighting {
	if t.count++; 5*t.count > 4*len(t.slots) {
		t.resize(t.count)
	}
	t.most = max(t.most, t.count)
	s := &t.slots[t.probe(id)]
	s.id = id
	return s
}

// remove takes an id out. The entries behind it move up, so that each is found from its home without a gap.
func (t *sightings) remove(id int32) {
	s := t.find(id)
	if s == nil {
		return
	}
	t.count--
	gap := t.probe(id)
	for i := t.after(gap); t.slots[i].id != 0; i = t.after(i) {
		if t.distance(t.home(t.slots[i].id), i) >= t.distance(gap, i) {
			t.slots[gap], gap = t.slots[i], i
		}
	}
	t.slots[gap] = sighting{}
}

// trim gives memory back of which little was needed since the last time: a crowd that was passed once is not kept, but what those
// in view come and go by is, or it would be garbage all the time.
func (t *sightings) trim() {
	if len(t.slots) > minSlots && 4*t.most < len(t.slots) {
		t.resize(t.most)
	}
	t.most = t.count
}

// all yields the entries, in no order. Nobody may be added or removed meanwhile.
func (t *sightings) all() iter.Seq[*sighting] {
	return func(yield func(*sighting) bool) {
		for i := range t.slots {
			if t.slots[i].id != 0 && !yield(&t.slots[i]) {
				return
			}
		}
	}
}

// home is where the search for an id begins. Ids that follow one another are spread by Fibonacci hashing.
func (t *sightings) home(id int32) int {
	return int(uint64(uint32(id)*2654435769) * uint64(len(t.slots)) >> 32)
}

// after is the slot behind another; the first is behind the last.
func (t *sightings) after(i int) int {
	if i++; i < len(t.slots) {
		return i
	}
	return 0
}

// distance is how many slots to is behind from.
func (t *sightings) distance(from, to int) int {
	if d := to - from; d >= 0 {
		return d
	}
	return to - from + len(t.slots)
}

// probe returns the slot of an id, or the free one where it belongs. There is always a free one.
func (t *sightings) probe(id int32) int {
	i := t.home(id)
	for t.slots[i].id != id && t.slots[i].id != 0 {
		i = t.after(i)
	}
	return i
}

// resize moves the entries into a table of which n of them, or more than are there, would fill two thirds.
func (t *sightings) resize(n int) {
	old := t.slots
	t.slots = make([]sighting, max(minSlots, n+n/2))
	for _, s := range old {
		if s.id != 0 {
			t.slots[t.probe(s.id)] = s
		}
	}
}
