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
	slots []sighting // a power of two, or none; an id of 0 is a free slot
	count int
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
	if 4*(t.count+1) > 3*len(t.slots) {
		t.resize(max(minSlots, 2*len(t.slots)))
	}
	t.count++
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
	mask := len(t.slots) - 1
	gap := t.probe(id)
	for i := (gap + 1) & mask; t.slots[i].id != 0; i = (i + 1) & mask {
		if home := t.home(t.slots[i].id); (i-home)&mask >= (i-gap)&mask {
			t.slots[gap], gap = t.slots[i], i
		}
	}
	t.slots[gap] = sighting{}
	if len(t.slots) > minSlots && 8*t.count < len(t.slots) {
		t.resize(len(t.slots) / 2) // a crowd that was passed once is not kept
	}
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
	return int((uint32(id)*2654435769)>>8) & (len(t.slots) - 1)
}

// probe returns the slot of an id, or the free one where it belongs. There is always a free one.
func (t *sightings) probe(id int32) int {
	i := t.home(id)
	for t.slots[i].id != id && t.slots[i].id != 0 {
		i = (i + 1) & (len(t.slots) - 1)
	}
	return i
}

// resize moves the entries into a table of n slots.
func (t *sightings) resize(n int) {
	old := t.slots
	t.slots = make([]sighting, n)
	for _, s := range old {
		if s.id != 0 {
			t.slots[t.probe(s.id)] = s
		}
	}
}
