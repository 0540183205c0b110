package aoi

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model is the manager as one would write it without a thought for speed: a map of positions, searched whole.
type model struct {
	cfg Config
	at  map[Slot][2]float32
}

// cellOf is the definition of where a slot stands.
func (m *model) cellOf(s Slot) Cell {
	if p, ok := m.at[s]; ok {
		return slowCellAt(m.cfg, p[0], p[1])
	}
	return None
}

// around is the definition of who sees a position.
func (m *model) around(x, z float32) []Slot {
	var seen []Slot
	here := slowCellAt(m.cfg, x, z)
	for s := range m.at {
		if here != None && slowNear(m.cfg, here, m.cellOf(s)) {
			seen = append(seen, s)
		}
	}
	slices.Sort(seen)
	return seen
}

// act does one operation on both and compares what they answer.
func (m *model) act(t fataler, manager *Manager, op byte, s Slot, x, z float32) {
	was, _ := m.cellOf(s), m.at[s]
	to := slowCellAt(m.cfg, x, z)
	switch {
	case op%3 == 0 && was == None:
		if got := manager.Add(s, x, z); got != to {
			t.Fatalf("Add(%d, %v, %v) = %d, want %d", s, x, z, got, to)
		}
	case op%3 == 1 && was != None:
		from, got := manager.Move(s, x, z)
		if from != was || got != to {
			t.Fatalf("Move(%d, %v, %v) = %d, %d, want %d, %d", s, x, z, from, got, was, to)
		}
	case op%3 == 2:
		if got := manager.Remove(s); got != was {
			t.Fatalf("Remove(%d) = %d, want %d", s, got, was)
		}
		delete(m.at, s)
		return
	default:
		return
	}
	if to != None {
		m.at[s] = [2]float32{x, z}
	}
}

// compare holds everything that the manager can be asked against the model.
func (m *model) compare(t fataler, manager *Manager, x, z float32) {
	total := 0
	for c := range Cell(manager.Cells()) {
		members := manager.Members(c)
		total += len(members)
		if err := manager.CheckCell(c); err != nil {
			t.Fatalf("%v", err)
		}
		for _, s := range members {
			if err := manager.CheckSlot(s); err != nil {
				t.Fatalf("%v", err)
			}
			if m.cellOf(s) != c || manager.CellOf(s) != c {
				t.Fatalf("cell %d holds slot %d, which is in %d by the model and %d by CellOf", c, s, m.cellOf(s), manager.CellOf(s))
			}
		}
	}
	if total != len(m.at) {
		t.Fatalf("%d members, want %d", total, len(m.at))
	}
	got := slices.Sorted(manager.Around(x, z))
	if want := m.around(x, z); !slices.Equal(got, want) {
		t.Fatalf("Around(%v, %v) = %v, want %v", x, z, got, want)
	}
}

// fataler is what rapid, fuzzing and plain tests have in common.
type fataler interface {
	Fatalf(format string, args ...any)
}

func TestManagerAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyConfig(t)
		grid, err := NewGrid(cfg)
		if err != nil {
			t.Fatal(err)
		}
		manager, model := NewManager(grid), &model{cfg: cfg, at: map[Slot][2]float32{}}
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			x, z := anyPoint(t, cfg.Bounds)
			model.act(t, manager, rapid.Byte().Draw(t, "op"), Slot(rapid.IntRange(0, 12).Draw(t, "slot")), x, z)
			model.compare(t, manager, x, z)
		}
	})
}

// FuzzManager reads operations of 10 bytes each: what, which slot, and a position as raw bits, so that NaN, infinities
// and denormals come up.
func FuzzManager(f *testing.F) {
	f.Add([]byte{})
	f.Add(binary.LittleEndian.AppendUint64([]byte{0, 1}, uint64(math.Float32bits(100))<<32|uint64(math.Float32bits(100))))
	f.Add(binary.LittleEndian.AppendUint64([]byte{0, 1}, uint64(math.Float32bits(float32(math.NaN())))<<32))
	f.Fuzz(func(t *testing.T, operations []byte) {
		manager, model := NewManager(mustGrid(t, tutorial)), &model{cfg: tutorial, at: map[Slot][2]float32{}}
		var x, z float32
		for ; len(operations) >= 10; operations = operations[10:] {
			x = math.Float32frombits(binary.LittleEndian.Uint32(operations[2:]))
			z = math.Float32frombits(binary.LittleEndian.Uint32(operations[6:]))
			model.act(t, manager, operations[0], Slot(operations[1]), x, z)
		}
		model.compare(t, manager, x, z)
	})
}

func TestAddTwicePanics(t *testing.T) {
	manager := NewManager(mustGrid(t, tutorial))
	manager.Add(3, 100, 100)
	defer func() {
		if recover() == nil {
			t.Error("adding a present slot did not panic")
		}
	}()
	manager.Add(3, 100, 100)
}

func TestString(t *testing.T) {
	manager := NewManager(mustGrid(t, tutorial))
	manager.Add(7, 85, 75)
	manager.Add(2, 86, 76)
	manager.Add(4, 410, 400)
	got := manager.String()
	for _, want := range []string{"10 columns × 20 rows", "cell 0 (column 0, row 0): [2 7]", "cell 199 (column 9, row 19): [4]"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}
