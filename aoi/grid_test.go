package aoi

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tutorial is the grid of the tutorial's world.
var tutorial = Config{Bounds: Bounds{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400}, Columns: 10, Rows: 20, Radius: 1}

// mustGrid returns the grid of a config that is known to be possible.
func mustGrid(t testing.TB, cfg Config) *Grid {
	t.Helper()
	g, err := NewGrid(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCellAt(t *testing.T) {
	g := mustGrid(t, tutorial)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		name string
		x, z float32
		want Cell
	}{
		{"near corner", 85, 75, 0},
		{"last column of the first row", 410, 75, 9},
		{"first column of the last row", 85, 400, 190},
		{"far corner", 410, 400, 199},
		{"just inside the first border", math.Nextafter32(117.5, 0), 75, 0},
		{"on the first border", 117.5, 75, 1},
		{"on the first row border", 85, 91.25, 10},
		{"below X", math.Nextafter32(85, 0), 75, None},
		{"above X", math.Nextafter32(410, 999), 75, None},
		{"below Z", 85, math.Nextafter32(75, 0), None},
		{"above Z", 85, math.Nextafter32(400, 999), None},
		{"X not a number", nan, 100, None},
		{"Z not a number", 100, nan, None},
		{"X infinite", inf, 100, None},
		{"Z minus infinite", 100, -inf, None},
	} {
		if got := g.CellAt(test.x, test.z); got != test.want {
			t.Errorf("%s: CellAt(%v, %v) = %d, want %d", test.name, test.x, test.z, got, test.want)
		}
	}
}

func TestNeighbourhood(t *testing.T) {
	g := mustGrid(t, tutorial)
	for _, test := range []struct {
		name string
		cell Cell
		want []Cell
	}{
		{"corner", 0, []Cell{0, 1, 10, 11}},
		{"edge", 5, []Cell{4, 5, 6, 14, 15, 16}},
		{"middle", 55, []Cell{44, 45, 46, 54, 55, 56, 64, 65, 66}},
		{"far corner", 199, []Cell{188, 189, 198, 199}},
		{"none", None, nil},
	} {
		if got := g.Neighbourhood(test.cell); !slices.Equal(got, test.want) {
			t.Errorf("%s: Neighbourhood(%d) = %v, want %v", test.name, test.cell, got, test.want)
		}
	}
}

func TestRadius(t *testing.T) {
	cfg := tutorial
	for radius, want := range map[int]int{0: 1, 1: 9, 2: 25, 3: 49, 100: 200} {
		cfg.Radius = radius
		if got := len(mustGrid(t, cfg).Neighbourhood(95)); got != want {
			t.Errorf("radius %d: %d cells in view, want %d", radius, got, want)
		}
	}
}

func TestImpossibleGrids(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no columns":        func(c *Config) { c.Columns = 0 },
		"negative rows":     func(c *Config) { c.Rows = -1 },
		"too many cells":    func(c *Config) { c.Columns, c.Rows = 1<<11, 1<<10 },
		"overflowing cells": func(c *Config) { c.Columns, c.Rows = math.MaxInt, math.MaxInt },
		"empty X":           func(c *Config) { c.Bounds.MaxX = c.Bounds.MinX },
		"inverted Z":        func(c *Config) { c.Bounds.MinZ, c.Bounds.MaxZ = 400, 75 },
		"border NaN":        func(c *Config) { c.Bounds.MinX = math.NaN() },
		"border infinite":   func(c *Config) { c.Bounds.MaxZ = math.Inf(1) },
		"border no float32": func(c *Config) { c.Bounds.MaxZ = 1e39 },
		"negative radius":   func(c *Config) { c.Radius = -1 },
		"radius too large":  func(c *Config) { c.Columns, c.Rows, c.Radius = 1000, 1000, 5 },
	} {
		cfg := tutorial
		change(&cfg)
		if _, err := NewGrid(cfg); !errors.Is(err, ErrGrid) {
			t.Errorf("%s: error %v, want ErrGrid", name, err)
		}
	}
}

// anyConfig draws a grid, thin and wide ones included.
func anyConfig(t *rapid.T) Config {
	border := func(label string) float64 { return rapid.Float64Range(-1e4, 1e4).Draw(t, label) }
	size := func(label string) float64 { return rapid.Float64Range(0.5, 1e4).Draw(t, label) }
	minX, minZ := border("minX"), border("minZ")
	return Config{
		Bounds:  Bounds{MinX: minX, MaxX: minX + size("sizeX"), MinZ: minZ, MaxZ: minZ + size("sizeZ")},
		Columns: rapid.IntRange(1, 40).Draw(t, "columns"),
		Rows:    rapid.IntRange(1, 40).Draw(t, "rows"),
		Radius:  rapid.IntRange(0, 4).Draw(t, "radius"),
	}
}

// anyPoint draws a position, the borders included, that may be outside.
func anyPoint(t *rapid.T, b Bounds) (x, z float32) {
	at := func(label string, low, high float64) float32 {
		edge := rapid.SampledFrom([]float64{low, high, (low + high) / 2}).Draw(t, label+" edge")
		spread := rapid.Float64Range(low-1, high+1).Draw(t, label)
		if rapid.Bool().Draw(t, label+" on edge") {
			return float32(edge)
		}
		return float32(spread)
	}
	return at("x", b.MinX, b.MaxX), at("z", b.MinZ, b.MaxZ)
}

// TestGeometryAgainstBruteForce holds the grid against the definition of cells and neighbourhoods.
func TestGeometryAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyConfig(t)
		g, err := NewGrid(cfg)
		if err != nil {
			t.Fatal(err)
		}
		x, z := anyPoint(t, cfg.Bounds)
		if got, want := g.CellAt(x, z), slowCellAt(cfg, x, z); got != want {
			t.Fatalf("CellAt(%v, %v) = %d, want %d", x, z, got, want)
		}
		a := Cell(rapid.IntRange(0, g.Cells()-1).Draw(t, "a"))
		var want []Cell
		for b := range Cell(g.Cells()) {
			if near := slowNear(cfg, a, b); near {
				want = append(want, b)
			}
			if g.Near(a, b) != slowNear(cfg, a, b) || g.Near(b, a) != g.Near(a, b) {
				t.Fatalf("Near(%d, %d) = %v", a, b, g.Near(a, b))
			}
		}
		if !slices.Equal(g.Neighbourhood(a), want) {
			t.Fatalf("Neighbourhood(%d) = %v, want %v", a, g.Neighbourhood(a), want)
		}
	})
}

// slowCellAt is the protocol's definition, written out.
func slowCellAt(cfg Config, x, z float32) Cell {
	b := cfg.Bounds
	if math.IsNaN(float64(x)) || math.IsNaN(float64(z)) {
		return None
	}
	if float64(x) < b.MinX || float64(x) > b.MaxX || float64(z) < b.MinZ || float64(z) > b.MaxZ {
		return None
	}
	column := math.Floor((float64(x) - b.MinX) / ((b.MaxX - b.MinX) / float64(cfg.Columns)))
	row := math.Floor((float64(z) - b.MinZ) / ((b.MaxZ - b.MinZ) / float64(cfg.Rows)))
	column, row = math.Min(column, float64(cfg.Columns-1)), math.Min(row, float64(cfg.Rows-1))
	return Cell(int(row)*cfg.Columns + int(column))
}

// slowNear is the definition of a neighbourhood.
func slowNear(cfg Config, a, b Cell) bool {
	n := Cell(cfg.Columns)
	dx, dz := a%n-b%n, a/n-b/n
	return max(dx, -dx) <= Cell(cfg.Radius) && max(dz, -dz) <= Cell(cfg.Radius)
}

func TestNoneIsNearNothing(t *testing.T) {
	g := mustGrid(t, tutorial)
	if g.Near(None, 0) || g.Near(0, None) || g.Near(None, None) {
		t.Error("None is near something")
	}
}
