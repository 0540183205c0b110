package world

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aoiworld/aoi"
)

// wide is a world with room to run and a speed budget of 10 units a second.
func wide(mode Mode) Config {
	bounds := aoi.Bounds{MinX: -1e6, MaxX: 1e6, MinZ: -1e6, MaxZ: 1e6}
	return Config{
		Grid:     aoi.Config{Bounds: bounds, Columns: 10, Rows: 10, Radius: 1},
		Movement: Movement{Mode: mode, MaxSpeed: 10},
	}
}

// runner sends moves along the X axis and adds up how far it came.
type runner struct {
	t     testing.TB
	world *World
	tick  uint64
	x     float64
	sums  []travelled
}

type travelled struct {
	at       time.Duration
	distance float64
}

// newRunner puts player 1 at (0, 0).
func newRunner(t testing.TB, mode Mode) *runner {
	r := &runner{t: t, world: mustNew(t, wide(mode))}
	r.world.Step(&Input{Joins: joins(1)})
	return r
}

// send tries to move to x at a time, and reports whether the world agreed.
func (r *runner) send(at time.Duration, x float64) bool {
	r.tick++
	out := r.world.Step(&Input{Tick: r.tick, Now: at, Moves: []Move{move(1, float32(x), 0)}})
	if len(out.Refusals) > 0 {
		if out.Refusals[0].Reason != TooFast || out.Refusals[0].At.X != float32(r.x) {
			r.t.Fatalf("refusal %+v, but it was too fast and is at %v", out.Refusals[0], r.x)
		}
		return false
	}
	r.sums = append(r.sums, travelled{at, math.Abs(x - r.x)})
	r.x = x
	return true
}

// TestSpeedBudgetBoundsTravel: whatever is sent whenever, within any 10 s nobody comes further than 1.02 × 10 s + 0.2 s
// at full speed.
func TestSpeedBudgetBoundsTravel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		pause := rapid.IntRange(1, 2000).Draw(rt, "longest pause, ms")
		stride := rapid.Float64Range(0.01, 30).Draw(rt, "longest stride")
		r, at := newRunner(t, MovementEnforce), time.Duration(0)
		for range 300 {
			at += time.Duration(random.IntN(pause)) * time.Millisecond
			r.send(at, r.x+(random.Float64()*2-1)*stride)
		}
		for i := range r.sums {
			sum := 0.0
			for _, s := range r.sums[i:] {
				if s.at-r.sums[i].at > 10*time.Second {
					break
				}
				sum += s.distance
			}
			if limit := 10 * (1.02*10 + 0.2); sum > limit+1e-3 {
				rt.Fatalf("%v units within 10 s, at most %v", sum, limit)
			}
		}
	})
}

// TestHonestPlayersAreNotCorrected: full speed along a line, each move up to 300 ms late and taken by a 20 Hz tick.
func TestHonestPlayersAreNotCorrected(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	r := newRunner(t, MovementEnforce)
	arrived := map[time.Duration]float64{} // by tick: the furthest position that has come in
	for sent := time.Duration(0); sent < 10*time.Minute; sent += 100 * time.Millisecond {
		late := time.Duration(random.IntN(300)) * time.Millisecond
		tick := (sent + late).Truncate(50*time.Millisecond) + 50*time.Millisecond
		arrived[tick] = max(arrived[tick], 10*sent.Seconds())
	}
	for tick := time.Duration(0); tick < 10*time.Minute; tick += 50 * time.Millisecond {
		if x, moved := arrived[tick]; moved && x > r.x && !r.send(tick, x) {
			t.Fatalf("at %v a move from %v to %v was refused", tick, r.x, x)
		}
	}
}

func TestSavedUpCreditIsBounded(t *testing.T) {
	r := newRunner(t, MovementEnforce)
	if r.send(time.Hour, 5) {
		t.Error("after an hour's rest 5 units at once were allowed, at 10 units a second")
	}
	if !r.send(time.Hour, 3.9) {
		t.Error("3.9 units at once were refused: a little must be, for moves that arrive late")
	}
}

func TestModes(t *testing.T) {
	for mode, want := range map[Mode]struct {
		moved   bool
		tooFast int
	}{MovementOff: {true, 0}, "": {true, 0}, MovementLog: {true, 1}, MovementEnforce: {false, 1}} {
		w := mustNew(t, wide(mode))
		w.Step(&Input{Joins: joins(1)})
		out := w.Step(&Input{Now: time.Second, Moves: []Move{move(1, 500, 500)}})
		if moved := len(out.Changes) == 1; moved != want.moved || out.TooFast != want.tooFast {
			t.Errorf("mode %q: moved %v, %d too fast; want %+v", mode, moved, out.TooFast, want)
		}
	}
}

func TestImpossibleWorlds(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"grid":               func(c *Config) { c.Grid.Columns = 0 },
		"spawn outside":      func(c *Config) { c.Spawn.MaxX = 31 },
		"spawn inverted":     func(c *Config) { c.Spawn.MinZ, c.Spawn.MaxZ = 9, 8 },
		"spawn not a number": func(c *Config) { c.Spawn.MinX = math.NaN() },
		"spawn between floats": func(c *Config) {
			c.Grid.Bounds.MinX, c.Grid.Bounds.MaxX = 0.1, 0.1+1e-15
			c.Spawn.MinX, c.Spawn.MaxX = 0.1, 0.1
		},
		"mode":               func(c *Config) { c.Movement.Mode = "maybe" },
		"negative speed":     func(c *Config) { c.Movement.MaxSpeed = -1 },
		"speed not a number": func(c *Config) { c.Movement.MaxSpeed = math.NaN() },
		"chat rate":          func(c *Config) { c.ChatRate = -1 },
	} {
		cfg := small()
		change(&cfg)
		if _, err := New(cfg); !errors.Is(err, ErrConfig) && !errors.Is(err, aoi.ErrGrid) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSpawnPoints(t *testing.T) {
	cfg := small()
	cfg.Grid.Bounds = aoi.Bounds{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400}
	cfg.Spawn = aoi.Bounds{MinX: 160, MaxX: 209, MinZ: 134, MaxZ: 183}
	seen := map[Position]bool{}
	for player := range ID(20000) {
		p := cfg.spawnPoint(player)
		inside := p.X >= 160 && p.X <= 209 && p.Z >= 134 && p.Z <= 183
		whole := p.X == float32(int(p.X)) && p.Z == float32(int(p.Z))
		if !inside || !whole || p.Y != 0 || p.V != 0 {
			t.Fatalf("player %d appears at %v", player, p)
		}
		seen[p] = true
	}
	if len(seen) < 2400 {
		t.Errorf("20,000 newcomers appeared at %d of 2,500 points", len(seen))
	}
}

// TestSpawnPointsAreInside holds for any spawn area inside any bounds.
func TestSpawnPointsAreInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := func(label string, low, high float64) (a, b float64) {
			a, b = rapid.Float64Range(low, high).Draw(t, label), rapid.Float64Range(low, high).Draw(t, label)
			return min(a, b), max(a, b)
		}
		cfg := small()
		b := &cfg.Grid.Bounds
		b.MinX, b.MaxX = span("bounds x", -1e30, 1e30)
		b.MinZ, b.MaxZ = span("bounds z", -300, 300)
		cfg.Spawn.MinX, cfg.Spawn.MaxX = span("spawn x", b.MinX, b.MaxX)
		cfg.Spawn.MinZ, cfg.Spawn.MaxZ = span("spawn z", b.MinZ, b.MaxZ)
		if _, err := New(cfg); err != nil {
			t.Skip(err)
		}
		if p := cfg.spawnPoint(ID(rapid.Int32Range(1, math.MaxInt32).Draw(t, "player"))); !b.Contains(p.X, p.Z) {
			t.Fatalf("spawn point %v is outside %+v", p, *b)
		}
	})
}
