package npc

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aoiworld/aoi"
	"aoiworld/world"
)

// tickTime is the time from one tick to the next.
const tickTime = 50 * time.Millisecond

// newWorld returns a world with wanderers, and how it is configured.
func newWorld(t interface{ Fatal(...any) }, cfg Config) (*world.World, world.Config) {
	worldConfig := world.Config{
		Grid:  aoi.Config{Bounds: cfg.Bounds, Columns: 3, Rows: 3, Radius: 1},
		Spawn: cfg.Bounds, Games: []world.Game{Wanderers(cfg)},
	}
	w, err := world.New(worldConfig)
	if err != nil {
		t.Fatal(err)
	}
	return w, worldConfig
}

// input is the input of a tick. The first has ids for a hundred.
func input(tick uint64) *world.Input {
	in := &world.Input{Tick: tick, Now: time.Duration(tick) * tickTime}
	if tick == 1 {
		in.IDs = world.IDRange{First: 1, Count: 100}
	}
	return in
}

func TestWanderersWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.SampledFrom([]float64{0.5, 40, 66.7, 325}).Draw(t, "side")
		low := rapid.SampledFrom([]float64{-1e6, 0, 84.9}).Draw(t, "low")
		cfg := Config{
			Count: 20, Seed: rapid.Uint64().Draw(t, "seed"), Every: rapid.Uint64Range(1, 3).Draw(t, "every"),
			Bounds: aoi.Bounds{MinX: low, MaxX: low + side, MinZ: low, MaxZ: low + side},
		}
		w, _ := newWorld(t, cfg)
		at, moves := map[world.ID]world.Position{}, 0
		for tick := uint64(1); tick <= 400; tick++ {
			out := w.Step(input(tick))
			if len(out.Failures) > 0 {
				t.Fatalf("tick %d: %v", tick, out.Failures[0])
			}
			for _, c := range out.Changes {
				if was, known := at[c.Player]; known {
					moves++
					step := math.Hypot(float64(c.At.X-was.X), float64(c.At.Z-was.Z))
					if most := 9.5*tickTime.Seconds()*float64(cfg.Every) + 0.13; step > most { // 0.13: floats at a million
						t.Fatalf("tick %d: a step of %v from %v to %v", tick, step, was, c.At)
					}
				}
				if at[c.Player] = c.At; c.At.Y < 0 || c.At.Y > sway || c.At.V < 0 || c.At.V >= 360 {
					t.Fatalf("tick %d: height and heading of %v", tick, c.At)
				}
			}
		}
		if want := 20 * 399 / int(cfg.Every); len(at) != 20 || moves < want-20 || moves > want+20 || w.Players() != 0 {
			t.Fatalf("%d wanderers made %d moves, want 20 and %d", len(at), moves, want)
		}
	})
}

// TestWanderersAreSpreadOut: and they do not all walk alike.
func TestWanderersAreSpreadOut(t *testing.T) {
	cfg := Config{Count: 100, Seed: 1, Every: 1, Bounds: aoi.Bounds{MaxX: 300, MaxZ: 300}}
	w, _ := newWorld(t, cfg)
	cells, headings := map[aoi.Cell]int{}, map[float32]bool{}
	for _, c := range w.Step(input(1)).Changes {
		cells[c.After]++
		headings[c.At.V] = true
	}
	if len(cells) != 9 || len(headings) < 90 {
		t.Errorf("100 wanderers in cells %v, with %d headings", cells, len(headings))
	}
}

// TestRestoredWanderersGoOn: there is nothing that a restored world has forgotten.
func TestRestoredWanderersGoOn(t *testing.T) {
	w, cfg := newWorld(t, Config{Count: 10, Seed: 7, Every: 2, Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}})
	for tick := uint64(1); tick <= 500; tick++ {
		w.Step(input(tick))
		if tick%50 != 0 {
			continue
		}
		restored, err := world.Restore(cfg, w.AppendState(nil))
		if err != nil {
			t.Fatal(err)
		}
		next := input(tick + 1)
		restored.Step(next)
		again, err := world.Restore(cfg, w.AppendState(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(restored.Hash(), again.Hash()); diff == "" {
			t.Fatal("nobody walks")
		}
		if again.Step(next); restored.Hash() != again.Hash() {
			t.Fatal("two worlds restored from one state go different ways")
		}
	}
}

// TestLostWanderersAreReplaced: another game may take them out of the world.
func TestLostWanderersAreReplaced(t *testing.T) {
	cfg := Config{Count: 5, Every: 1, Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}}
	hunt := world.Game{Tick: func(tx *world.Tx) {
		if ids := tx.IDs(world.WandererKind); tx.Tick() == 3 {
			must(tx.Remove(ids[2]))
		}
	}}
	w, err := world.New(world.Config{
		Grid: aoi.Config{Bounds: cfg.Bounds, Columns: 1, Rows: 1}, Spawn: cfg.Bounds,
		Games: []world.Game{Wanderers(cfg), hunt},
	})
	if err != nil {
		t.Fatal(err)
	}
	var counts []int
	for tick := uint64(1); tick <= 4; tick++ {
		w.Step(input(tick))
		counts = append(counts, w.Entities())
	}
	if diff := cmp.Diff([]int{5, 5, 4, 5}, counts); diff != "" {
		t.Errorf("wanderers by tick (-want +got):\n%s", diff)
	}
}
