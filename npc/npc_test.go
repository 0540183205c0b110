package npc

import (
	"math"
	"math/rand/v2"
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
			Count: 20, Seed: rapid.Uint64().Draw(t, "seed"),
			Every:  time.Duration(rapid.IntRange(1, 300).Draw(t, "every, ms")) * time.Millisecond,
			Bounds: aoi.Bounds{MinX: low, MaxX: low + side, MinZ: low, MaxZ: low + side},
		}
		gap := rapid.IntRange(1, 200).Draw(t, "longest time from tick to tick, ms")
		random := rand.New(rand.NewPCG(cfg.Seed, 1))
		w, _ := newWorld(t, cfg)
		at, moves, now := map[world.ID]world.Position{}, 0, time.Duration(0)
		moved, want := map[world.ID]time.Duration{}, 0.0
		for tick := uint64(1); tick <= 400; tick++ {
			in, elapsed := input(tick), time.Duration(1+random.IntN(gap))*time.Millisecond
			now += elapsed
			in.Now = now
			if tick > 1 { // a step for each Every, and at most one a tick
				want += 20 * min(1, float64(elapsed)/float64(cfg.Every))
			}
			out := w.Step(in)
			if err := w.Check(); err != nil {
				panic(err)
			}
			if len(out.Failures) > 0 {
				t.Fatalf("tick %d: %v", tick, out.Failures[0])
			}
			for _, c := range out.Changes {
				if was, known := at[c.Player]; known {
					moves++
					step := math.Hypot(float64(c.At.X-was.X), float64(c.At.Z-was.Z))
					if most := 9.5*(now-moved[c.Player]).Seconds() + 0.13; step > most { // 0.13: floats at a million
						t.Fatalf("tick %d: a step of %v from %v to %v", tick, step, was, c.At)
					}
				}
				moved[c.Player] = now
				if at[c.Player] = c.At; c.At.Y < 0 || c.At.Y > sway || c.At.V < 0 || c.At.V >= 360 {
					t.Fatalf("tick %d: height and heading of %v", tick, c.At)
				}
			}
		}
		if off := math.Abs(float64(moves) - want); len(at) != 20 || off > 30+0.05*want || w.Players() != 0 {
			t.Fatalf("%d wanderers made %d moves, want 20 and %.0f", len(at), moves, want)
		}
	})
}

// TestWanderersAreSpreadOut: and they do not all walk alike.
func TestWanderersAreSpreadOut(t *testing.T) {
	cfg := Config{Count: 100, Seed: 1, Every: tickTime, Bounds: aoi.Bounds{MaxX: 300, MaxZ: 300}}
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
	w, cfg := newWorld(t, Config{Count: 10, Seed: 7, Every: 2 * tickTime, Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}})
	for tick := uint64(1); tick <= 500; tick++ {
		w.Step(input(tick))
		if err := w.Check(); err != nil {
			t.Fatal(err)
		}
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
	cfg := Config{Count: 5, Every: tickTime, Bounds: aoi.Bounds{MaxX: 100, MaxZ: 100}}
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
		if err := w.Check(); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, w.Entities())
	}
	if diff := cmp.Diff([]int{5, 5, 4, 5}, counts); diff != "" {
		t.Errorf("wanderers by tick (-want +got):\n%s", diff)
	}
}

// TestPopulation: there are as many as the last order says, the last to have come go first, and who is left walks on as before; a
// restored world knows.
func TestPopulation(t *testing.T) {
	cfg := Config{Count: 5, Every: 100 * time.Millisecond, Bounds: aoi.Bounds{MaxX: 90, MaxZ: 90}}
	w, worldConfig := newWorld(t, cfg)
	tick := uint64(0)
	play := func(orders ...world.Order) {
		tick++
		in := input(tick)
		in.Orders = orders
		if out := w.Step(in); len(out.Failures) > 0 {
			t.Fatal(out.Failures[0])
		}
	}
	play()
	for _, n := range []int{8, 3, 0, 60} {
		play(Population(n))
		if w.Entities() != n {
			t.Errorf("there are %d, want %d", w.Entities(), n)
		}
	}
	restored, err := world.Restore(worldConfig, w.AppendState(nil))
	if err != nil {
		t.Fatal(err)
	}
	tick++
	w.Step(input(tick))
	restored.Step(input(tick))
	if restored.Entities() != 60 || restored.Hash() != w.Hash() {
		t.Errorf("a restored world has %d", restored.Entities())
	}
}
