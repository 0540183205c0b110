package bot

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/net/native"
)

// tenByTen has cells of 10 × 10 units.
var tenByTen = World{MaxX: 100, MaxZ: 100, Columns: 10, Rows: 10, Radius: 1}

// at is a bot at a place that is shown itself and others.
func at(id int32, x, z float32, shown map[int32]place) truth {
	t := truth{id: id, at: place{x, 0, z, 0}, shown: map[int32]place{}}
	maps.Copy(t.shown, shown)
	t.shown[id] = t.at
	return t
}

func TestTheOracle(t *testing.T) {
	here, there, far := place{5, 0, 5, 0}, place{15, 0, 15, 0}, place{95, 0, 95, 0}
	viewer := func(shown map[int32]place) truth { return at(1, 5, 5, shown) }
	seesViewer := map[int32]place{1: here}
	left := func(id int32) bool { return id < 100 }
	for _, c := range []struct {
		name string
		all  []truth
		want []Violation
	}{
		{"nobody", nil, nil},
		{"alone", []truth{viewer(nil)}, nil},
		{"neighbours", []truth{viewer(map[int32]place{2: there}), at(2, 15, 15, seesViewer)}, nil},
		{"far away", []truth{viewer(nil), at(2, 95, 95, nil)}, nil},
		{
			"one is missing",
			[]truth{viewer(nil), at(2, 15, 15, seesViewer)},
			[]Violation{{Kind: Missing, Viewer: 1, Player: 2}},
		},
		{
			"both are missing",
			[]truth{viewer(nil), at(2, 15, 15, nil)},
			[]Violation{{Kind: Missing, Viewer: 1, Player: 2}, {Kind: Missing, Viewer: 2, Player: 1}},
		},
		{
			"out of view, still shown",
			[]truth{viewer(map[int32]place{2: far}), at(2, 95, 95, nil)},
			[]Violation{{Kind: Ghost, Viewer: 1, Player: 2}},
		},
		{"gone, still shown", []truth{viewer(map[int32]place{9: there})}, []Violation{{Kind: Ghost, Viewer: 1, Player: 9}}},
		{"never there", []truth{viewer(map[int32]place{900: there})}, []Violation{{Kind: Stranger, Viewer: 1, Player: 900}}},
		{
			"shown elsewhere",
			[]truth{viewer(map[int32]place{2: {16, 0, 15, 0}}), at(2, 15, 15, seesViewer)},
			[]Violation{{Kind: Stale, Viewer: 1, Player: 2}},
		},
		{
			"shown with another heading",
			[]truth{viewer(map[int32]place{2: {15, 0, 15, 1}}), at(2, 15, 15, seesViewer)},
			[]Violation{{Kind: Stale, Viewer: 1, Player: 2}},
		},
		{
			"itself elsewhere",
			[]truth{{id: 1, at: here, shown: map[int32]place{1: there}}},
			[]Violation{{Kind: Stale, Viewer: 1, Player: 1}},
		},
		{"itself not at all", []truth{{id: 1, at: here}}, []Violation{{Kind: Missing, Viewer: 1, Player: 1}}},
	} {
		got := compare(tenByTen, c.all, left)
		for i := range got {
			if got[i].Detail == "" {
				t.Errorf("%s: no detail: %v", c.name, got[i])
			}
			got[i].Detail = ""
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestTheOracleOfTheNativeDialect: a bot may look from a cell that it has left, as far as the margin; whom it is to be shown is
// decided by that cell, and where they are to the quantum.
func TestTheOracleOfTheNativeDialect(t *testing.T) {
	lattice := &native.Lattice{MaxX: 100, MaxZ: 100, Quantum: 0.01}
	ahead, back := place{35, 0, 15, 0}, place{5, 0, 5, 0}
	for name, c := range map[string]struct {
		x, z  float32 // of the viewer
		from  int     // the cell from which it looks
		other place
		shown *place // where the viewer is shown the other, if it is
		want  []Kind
	}{
		"from its own cell":           {x: 15, z: 15, from: 11, other: ahead},
		"within the margin":           {x: 20.9, z: 9.1, from: 11, other: ahead},
		"at the margin":               {x: 21, z: 15, from: 11, other: ahead},
		"beyond, along X":             {x: 21.1, z: 15, from: 11, other: place{95, 0, 95, 0}, want: []Kind{Displaced}},
		"beyond, back along X":        {x: 8.9, z: 15, from: 11, other: place{95, 0, 95, 0}, want: []Kind{Displaced}},
		"beyond, along Z":             {x: 15, z: 21.1, from: 11, other: place{95, 0, 95, 0}, want: []Kind{Displaced}},
		"beyond, back along Z":        {x: 15, z: 8.9, from: 11, other: place{95, 0, 95, 0}, want: []Kind{Displaced}},
		"from where it is not seen":   {x: 95, z: 95, from: 11, other: place{55, 0, 55, 0}, want: []Kind{Displaced, Ghost}},
		"near to itself alone":        {x: 20.5, z: 15, from: 11, other: ahead, shown: &ahead, want: []Kind{Ghost}},
		"near to its cell alone":      {x: 20.5, z: 15, from: 11, other: back, want: []Kind{Missing}},
		"less than half a quantum":    {x: 15, z: 15, from: 11, other: place{5.004, 0, 5, 0}, shown: &back},
		"a quantum off":               {x: 15, z: 15, from: 11, other: place{5.01, 0, 5, 0}, shown: &back, want: []Kind{Stale}},
		"a quantum off, in height":    {x: 15, z: 15, from: 11, other: place{5, 0.01, 5, 0}, shown: &back, want: []Kind{Stale}},
		"a degree off, of its turn":   {x: 15, z: 15, from: 11, other: place{5, 0, 5, 1}, shown: &back, want: []Kind{Stale}},
		"all round is the same angle": {x: 15, z: 15, from: 11, other: place{5, 0, 5, 360}, shown: &back},
	} {
		viewer := at(1, c.x, c.z, nil)
		viewer.lattice, viewer.from = lattice, c.from
		if c.shown != nil {
			viewer.shown[2] = *c.shown
		}
		var got []Kind
		for _, v := range compare(tenByTen, []truth{viewer, {id: 2, at: c.other}}, nil) {
			if v.Viewer == 1 {
				got = append(got, v.Kind)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// A world that is shown rightly passes; one random fault in it is found, named, and nothing else with it.
func TestTheOracleFindsAnyOneFault(t *testing.T) {
	found := make(map[Kind]int)
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := randomWorld(random)
		w.Radius = random.IntN(3)
		all := rightly(w, random, 2+random.IntN(30))
		if got := compare(w, all, func(int32) bool { return true }); len(got) > 0 {
			t.Fatalf("seed %d: a right world is called wrong: %v", seed, got)
		}
		want := spoil(random, all)
		got := compare(w, all, func(id int32) bool { return id < 1000 })
		if len(got) != 1 || got[0].Kind != want.Kind || got[0].Viewer != want.Viewer || got[0].Player != want.Player {
			t.Fatalf("seed %d: found %v, want %v", seed, got, want)
		}
		found[want.Kind]++
	}
	for _, kind := range []Kind{Missing, Ghost, Stale, Stranger} {
		if found[kind] < 10 {
			t.Errorf("%q was tried %d times only", kind, found[kind])
		}
	}
}

// rightly is a world of n bots who are shown what they should be. Cells are reckoned by counting borders, not dividing.
func rightly(w World, random *rand.Rand, n int) []truth {
	all := make([]truth, n)
	for i := range all {
		x, z := w.inside(w.MinX+random.Float64()*(w.MaxX-w.MinX), w.MinZ+random.Float64()*(w.MaxZ-w.MinZ))
		all[i] = truth{id: int32(i + 1), at: place{x, float32(i), z, random.Float32()}, shown: map[int32]place{}}
	}
	borders := func(v float32, low, size float64, n int) (crossed int) {
		for crossed < n-1 && (float64(v)-low)/size >= float64(crossed+1) {
			crossed++
		}
		return crossed
	}
	for i := range all {
		for _, other := range all {
			columns := borders(all[i].at.x, w.MinX, w.width(), w.Columns) - borders(other.at.x, w.MinX, w.width(), w.Columns)
			rows := borders(all[i].at.z, w.MinZ, w.depth(), w.Rows) - borders(other.at.z, w.MinZ, w.depth(), w.Rows)
			if columns*columns <= w.Radius*w.Radius && rows*rows <= w.Radius*w.Radius {
				all[i].shown[other.id] = other.at
			}
		}
	}
	return all
}

// spoil makes one viewer see one thing wrongly and returns what should be found.
func spoil(random *rand.Rand, all []truth) Violation {
	viewer, other := all[random.IntN(len(all))], all[random.IntN(len(all))]
	_, seen := viewer.shown[other.id]
	switch {
	case random.IntN(8) == 0:
		viewer.shown[4711] = other.at
		return Violation{Kind: Stranger, Viewer: viewer.id, Player: 4711}
	case random.IntN(8) == 0:
		viewer.shown[999] = other.at
		return Violation{Kind: Ghost, Viewer: viewer.id, Player: 999}
	case !seen:
		viewer.shown[other.id] = other.at
		return Violation{Kind: Ghost, Viewer: viewer.id, Player: other.id}
	case random.IntN(2) == 0:
		delete(viewer.shown, other.id)
		return Violation{Kind: Missing, Viewer: viewer.id, Player: other.id}
	default:
		wrong := other.at
		*[]*float32{&wrong.x, &wrong.y, &wrong.z, &wrong.v}[random.IntN(4)] += 4096
		viewer.shown[other.id] = wrong
		return Violation{Kind: Stale, Viewer: viewer.id, Player: other.id}
	}
}

func TestAViolationIsReadable(t *testing.T) {
	all := []truth{at(1, 5, 5, nil), at(2, 15, 15, map[int32]place{1: {5, 0, 5, 0}})}
	line := compare(tenByTen, all, nil)[0].String()
	for _, part := range []string{"player 1", "player 2", "missing", "cell 11", "cell 0"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q does not say %q", line, part)
		}
	}
}
