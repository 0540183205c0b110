package bot

import (
	"math/rand/v2"
	"testing"
)

// A table does what a map does, whatever is added and removed.
func TestSightingsAreAMap(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var table sightings
		model := make(map[int32]uint32)
		ids := int32(1 + random.IntN(400))
		for i := range uint32(3000) {
			id := 1 + random.Int32N(ids)*(1+random.Int32N(3))
			_, in := model[id]
			switch found := table.find(id); {
			case (found != nil) != in || in && found.sequence != model[id]:
				t.Fatalf("seed %d, step %d: id %d is %v, want %v, %d", seed, i, id, found, in, model[id])
			case !in:
				table.add(id).sequence = i
				model[id] = i
			case random.IntN(2) == 0:
				table.remove(id)
				delete(model, id)
			case random.IntN(10) == 0:
				table.trim()
			default:
				found.sequence = i
				model[id] = i
			}
			if table.len() != len(model) {
				t.Fatalf("seed %d, step %d: %d entries, want %d", seed, i, table.len(), len(model))
			}
		}
		for s := range table.all() {
			if sequence, in := model[s.id]; !in || sequence != s.sequence {
				t.Fatalf("seed %d: entry %+v, want %v, %d", seed, s, in, sequence)
			}
			delete(model, s.id)
		}
		if len(model) > 0 {
			t.Fatalf("seed %d: not yielded: %v", seed, model)
		}
	}
}

func TestSightingsGiveMemoryBack(t *testing.T) {
	var table sightings
	for id := range int32(10_000) {
		table.add(id + 1)
	}
	for id := range int32(9_990) {
		table.remove(id + 1)
	}
	table.trim() // so many there were until now
	table.trim()
	if table.len() != 10 || len(table.slots) > 2*minSlots {
		t.Errorf("%d entries in %d slots", table.len(), len(table.slots))
	}
	table.remove(77) // who is not there
	if table.len() != 10 {
		t.Errorf("%d entries after removing nobody", table.len())
	}
	for s := range table.all() {
		if s.id <= 9_990 {
			t.Errorf("%d is there still", s.id)
		}
		break
	}
}
