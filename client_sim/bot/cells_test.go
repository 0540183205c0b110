package bot

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCellsOfTheTutorialsWorld(t *testing.T) {
	w := Defaults().World // cells of 32.5 × 16.25
	for _, c := range []struct {
		x, z float32
		want int
	}{
		{85, 75, 0},
		{117.49, 91.24, 0},
		{117.5, 75, 1}, // a border belongs to the cell behind it
		{85, 91.25, 10},
		{117.5, 91.25, 11},
		{410, 75, 9}, // but the far ones to the last
		{85, 400, 190},
		{410, 400, 199},
		{math.Nextafter32(117.5, 0), 75, 0},
	} {
		if got := w.id(w.cellAt(c.x, c.z)); got != c.want {
			t.Errorf("cell of (%v, %v) = %d, want %d", c.x, c.z, got, c.want)
		}
	}
}

func TestSees(t *testing.T) {
	w := World{MaxX: 1, MaxZ: 1, Columns: 9, Rows: 9, Radius: 1}
	middle := cell{4, 4}
	for radius, want := range []int{1, 9, 25} {
		w.Radius = radius
		got := 0
		for column := range w.Columns {
			for row := range w.Rows {
				other := cell{column, row}
				if w.sees(middle, other) {
					got++
				}
				if w.sees(middle, other) != w.sees(other, middle) {
					t.Errorf("radius %d: %v and %v do not see each other alike", radius, middle, other)
				}
			}
		}
		if got != want {
			t.Errorf("radius %d: %d cells in view, want %d", radius, got, want)
		}
	}
	if w.Radius = 1; w.sees(cell{0, 0}, cell{8, 0}) {
		t.Error("the world is not round")
	}
}

// randomWorld is a world of any size, its borders seldom representable as float32.
func randomWorld(random *rand.Rand) World {
	w := World{MinX: random.NormFloat64() * 1000, MinZ: random.NormFloat64(), Radius: 1}
	w.MaxX = w.MinX + 0.1 + random.Float64()*1000
	w.MaxZ = w.MinZ + 0.1 + random.Float64()*10
	w.Columns, w.Rows = 1+random.IntN(60), 1+random.IntN(60)
	return w
}

func TestInsideIsInside(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		w := randomWorld(random)
		x, z := w.inside(w.MinX+(random.Float64()*3-1)*(w.MaxX-w.MinX), w.MaxZ)
		if float64(x) < w.MinX || float64(x) > w.MaxX || float64(z) < w.MinZ || float64(z) > w.MaxZ {
			t.Fatalf("(%v, %v) is not in %+v", x, z, w)
		}
		c := w.cellAt(x, z)
		if c.column < 0 || c.column >= w.Columns || c.row != w.Rows-1 {
			t.Fatalf("(%v, %v) is in %v of %+v", x, z, c, w)
		}
		left := w.MinX + float64(c.column)*w.width()
		if slack := w.width() * 1e-6; float64(x) < left-slack || float64(x) > left+w.width()+slack {
			t.Fatalf("%v is not in column %d of %+v", x, c.column, w)
		}
	}
}

func TestImpossibleWorlds(t *testing.T) {
	good := Defaults().World
	if err := good.check(); err != nil {
		t.Errorf("%+v: %v", good, err)
	}
	for name, change := range map[string]func(*World){
		"no width":        func(w *World) { w.MaxX = w.MinX },
		"no depth":        func(w *World) { w.MaxZ = w.MinZ - 1 },
		"no number":       func(w *World) { w.MinX = math.NaN() },
		"no end":          func(w *World) { w.MaxX = math.Inf(1) },
		"no columns":      func(w *World) { w.Columns = 0 },
		"no rows":         func(w *World) { w.Rows = -1 },
		"negative radius": func(w *World) { w.Radius = -1 },
	} {
		w := good
		change(&w)
		if w.check() == nil {
			t.Errorf("%s: %+v passes", name, w)
		}
	}
}
