package admin

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"aoiworld/aoi"
	"aoiworld/world"
)

// census returns a census of so many players and as many wanderers, of whom every tenth is hidden, in a world of a grid.
func census(t testing.TB, grid aoi.Config, players int) *world.Census {
	t.Helper()
	cells, err := aoi.NewGrid(grid)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, uint64(players)))
	c := &world.Census{World: "main", Tick: 7, Rate: 20, Grid: grid, Players: players}
	for i := range 2 * players {
		x, z := grid.Bounds.Nearest(
			grid.Bounds.MinX+random.Float64()*(grid.Bounds.MaxX-grid.Bounds.MinX),
			grid.Bounds.MinZ+random.Float64()*(grid.Bounds.MaxZ-grid.Bounds.MinZ))
		p := world.Place{ID: world.ID(i + 1), Kind: world.Kind(i % 2), At: world.Position{X: x, Z: z}, Cell: cells.CellAt(x, z)}
		if i%10 == 0 {
			p.Layer = world.Hidden
		}
		c.Places = append(c.Places, p)
	}
	random.Shuffle(len(c.Places), func(i, j int) { c.Places[i], c.Places[j] = c.Places[j], c.Places[i] })
	return c
}

// sum adds up counts.
func sum(counts []int32) (n int) {
	for _, c := range counts {
		n += int(c)
	}
	return n
}

// TestMap: everybody is on it where he is, one by one or counted by squares, with the players by cell, however the world is cut.
func TestMap(t *testing.T) {
	wide := aoi.Bounds{MinX: -1000, MaxX: 1000, MinZ: 50, MaxZ: 550}
	for _, c := range []struct {
		grid                        aoi.Config
		players                     int
		span, loadColumns, loadRows int
		dots                        bool
		tileColumns, tileRows       int
	}{
		{aoi.Config{Bounds: wide, Columns: 3, Rows: 2, Radius: 1}, 0, 1, 3, 2, true, 0, 0},
		{aoi.Config{Bounds: wide, Columns: 128, Rows: 5, Radius: 1}, 2500, 1, 128, 5, true, 0, 0},
		{aoi.Config{Bounds: wide, Columns: 129, Rows: 5, Radius: 2}, 2501, 2, 65, 3, false, 128, 32},
		{aoi.Config{Bounds: wide, Columns: 1, Rows: 1000, Radius: 1}, 100, 8, 1, 125, true, 0, 0},
	} {
		of := census(t, c.grid, c.players)
		m := mapOf(of)
		var told struct {
			Load        struct{ Counts []int32 }
			Dots, Tiles *struct{ Counts, X []int32 }
		}
		if err := json.Unmarshal(m.json(), &told); err != nil || len(told.Load.Counts) != len(m.load.counts) ||
			(told.Dots != nil) != c.dots || c.dots && len(told.Dots.X) != 2*c.players || !c.dots && sum(told.Tiles.Counts) != 2*c.players {
			t.Errorf("%+v is told as %.200s, %v", c.grid, m.json(), err)
		}
		if m.Players != c.players || m.Entities != 2*c.players || (m.dots != nil) != c.dots || (m.tiles != nil) == c.dots {
			t.Errorf("%+v: %d of %d", c.grid, m.Players, m.Entities)
		}
		l := m.load
		if l.span != c.span || l.columns != c.loadColumns || l.rows != c.loadRows || len(l.counts) != l.columns*l.rows || sum(l.counts) != c.players {
			t.Errorf("%+v: load by %d, %d × %d, of %d", c.grid, l.span, l.columns, l.rows, sum(l.counts))
		}
		want := make([]int32, len(l.counts))
		for _, p := range of.Places {
			if p.Kind == world.PlayerKind {
				column, row := int(p.Cell)%c.grid.Columns, int(p.Cell)/c.grid.Columns
				want[row/c.span*l.columns+column/c.span]++
			}
		}
		if !slices.Equal(want, l.counts) {
			t.Errorf("%+v: load %v, want %v", c.grid, l.counts, want)
		}
		if m.tiles != nil && (m.tiles.columns != c.tileColumns || m.tiles.rows != c.tileRows || sum(m.tiles.counts) != 2*c.players) {
			t.Errorf("%+v: %d × %d tiles of %d", c.grid, m.tiles.columns, m.tiles.rows, sum(m.tiles.counts))
		}
		if m.dots != nil {
			compareDots(t, m.dots, of)
		}
	}
}

// compareDots holds dots against a census.
func compareDots(t *testing.T, d *dots, of *world.Census) {
	t.Helper()
	want := map[int32]world.Place{}
	for _, p := range of.Places {
		want[int32(p.ID)] = p
	}
	id := int32(0)
	for i, gap := range d.ids {
		id += gap
		p, there := want[id]
		if near := float64(d.x[i])/100 - float64(p.At.X); !there || gap < 1 || near < -0.0051 || near > 0.0051 || world.Kind(d.kinds[i]) != p.Kind {
			t.Fatalf("dot %d is %d at %d, %d; it is %+v", i, id, d.x[i], d.z[i], p)
		}
		if hidden := slices.Contains(d.hidden, id); hidden != (p.Layer == world.Hidden) {
			t.Fatalf("%d is hidden: %v", id, hidden)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("%d are missing", len(want))
	}
}

// TestDotsFarOff: one that is farther off than can be said is at the end of what can.
func TestDotsFarOff(t *testing.T) {
	if far, near := hundredths(3e9), hundredths(-3e9); far != 1<<31-1 || near != -1<<31 {
		t.Errorf("%d and %d", far, near)
	}
}

// TestMapIsSmallAndDrawnOnce: 5,000 dots are about 100 KB, and whoever asks for the same census is given the same bytes.
func TestMapIsSmallAndDrawnOnce(t *testing.T) {
	bounds := aoi.Bounds{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400}
	c := census(t, aoi.Config{Bounds: bounds, Columns: 100, Rows: 100, Radius: 1}, maxDots/2)
	var d drawings
	first := d.draw(c)
	if &first[0] != &d.draw(c)[0] {
		t.Error("the same is drawn twice")
	}
	if len(first) > 130_000 || !json.Valid(first) {
		t.Errorf("%d bytes", len(first))
	}
	other := *c
	if again := d.draw(&other); &first[0] == &again[0] {
		t.Error("what has changed is not drawn anew")
	}
}

// BenchmarkMap is what a map of 5,000 takes beside the tick.
func BenchmarkMap(b *testing.B) {
	c := census(b, aoi.Config{Bounds: aoi.Bounds{MaxX: 1000, MaxZ: 1000}, Columns: 20, Rows: 20, Radius: 1}, maxDots/2)
	n := 0
	for b.Loop() {
		other := *c
		n += len(new(drawings).draw(&other))
	}
	b.ReportMetric(float64(n)/float64(b.N)/1e3, "KB")
}
