package world

import (
	"errors"
	"math"
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

// runner sends moves along the X axis and notes how far it came.
type runner struct {
	t     testing.TB
	world *World
	tick  uint64
	now   time.Duration // of the world: it does not go back
	x     float64       // where the world has it
	sums  []travelled
}

type travelled struct {
	at       time.Duration
	distance float64
}

// newRunner puts player 1 at (0, 0).
func newRunner(t testing.TB, mode Mode) *runner {
	r := &runner{t: t, world: mustNew(t, wide(mode))}
	step(r.world, &Input{Joins: joins(1)})
	return r
}

// attempt asks in a tick for one place after the other, and reports whether the world agreed to all.
func (r *runner) attempt(at time.Duration, targets ...float64) bool {
	r.tick++
	r.now = max(r.now, at)
	in := &Input{Tick: r.tick, Now: at}
	for _, x := range targets {
		in.Moves = append(in.Moves, move(1, float32(x), 0))
	}
	out := step(r.world, in)
	is := float64(r.world.entities[r.world.index[1]].at.X)
	if len(targets) == 1 && len(out.Refusals) == 1 && is != r.x {
		r.t.Fatalf("refused, and went from %v to %v", r.x, is)
	}
	r.sums = append(r.sums, travelled{r.now, math.Abs(is - r.x)})
	r.x = is
	return len(out.Refusals) == 0
}

func TestModes(t *testing.T) {
	for mode, want := range map[Mode]struct {
		moved   bool
		tooFast int
	}{MovementOff: {true, 0}, "": {true, 0}, MovementLog: {true, 1}, MovementEnforce: {false, 1}} {
		w := mustNew(t, wide(mode))
		step(w, &Input{Joins: joins(1)})
		out := step(w, &Input{Now: time.Second, Moves: []Move{move(1, 500, 500)}})
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
