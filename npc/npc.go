// Package npc puts wanderers into a world: entities that walk about by themselves, so that a lonely visitor sees life. It
// is a game like anybody's, on the hooks of package world.
package npc

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"aoiworld/aoi"
	"aoiworld/world"
)

// Config describes wanderers.
type Config struct {
	// Count is how many there are, until there is a Population.
	Count int
	// Seed decides where they walk.
	Seed uint64
	// Bounds is where they walk.
	Bounds aoi.Bounds
	// Every is how long each waits for its next step, > 0: it comes with the tick then. They take turns.
	Every time.Duration
}

// How they walk: within a square, their territory, from one point straight to the next in legTime. Two points of a square
// are 0.52 sides apart on average, which makes 3.5 world units a second, and 9.4 at the most.
const (
	legTime   = 10 * time.Second
	territory = 66.7 // world units, a side
	sway      = 2    // world units, from the lowest height to the highest
)

// Population is the order that there be so many wanderers from now on. Who is one too many goes, the last to have come first.
type Population uint32

// populationKey is under which the world remembers the last Population.
const populationKey = "wanderers"

// Apply implements world.Order.
func (p Population) Apply(tx *world.Tx) error {
	return tx.SetShared(populationKey, binary.LittleEndian.AppendUint32(nil, uint32(p)))
}

// count returns how many wanderers there are to be.
func (c Config) count(tx *world.Tx) int {
	if p := tx.Shared(populationKey); len(p) == 4 {
		return int(binary.LittleEndian.Uint32(p))
	}
	return c.Count
}

// Wanderers returns the game. Where a wanderer is follows from the seed, its id and the time: there is nothing to remember but
// how many there are to be, so a restored world goes on as if nothing had been.
func Wanderers(cfg Config) world.Game {
	return world.Game{Tick: func(tx *world.Tx) {
		ids, count := tx.IDs(world.WandererKind), cfg.count(tx)
		for len(ids) > count {
			must(tx.Remove(ids[len(ids)-1]))
			ids = ids[:len(ids)-1]
		}
		for _, id := range ids {
			if cfg.turn(id, tx.Now()) != cfg.turn(id, tx.Now()-tx.Elapsed()) {
				must(tx.Move(id, cfg.place(id, tx.Now())))
			}
		}
		for range count - len(ids) {
			id, err := tx.Spawn(world.WandererKind, cfg.middle())
			if err != nil {
				return // there are more ids in the next tick
			}
			must(tx.Move(id, cfg.place(id, tx.Now())))
		}
	}}
}

// turns is into how many groups wanderers are divided that take their steps at different times.
const turns = 8

// turn returns how many steps a wanderer has had to take up to a time.
func (c Config) turn(id world.ID, now time.Duration) time.Duration {
	return (now + c.Every*time.Duration(id%turns)/turns) / c.Every
}

// must panics where a wanderer's step is impossible: it is inside the bounds, and there was one.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// place returns where a wanderer is at a time: so far on the way from one corner of its walk to the next.
func (c Config) place(id world.ID, now time.Duration) world.Position {
	leg, part := uint64(now/legTime), float64(now%legTime)/float64(legTime)
	fromX, fromZ := c.corner(id, leg)
	toX, toZ := c.corner(id, leg+1)
	heading := math.Mod(math.Atan2(toX-fromX, toZ-fromZ)*180/math.Pi+360, 360)
	return c.inside(fromX+part*(toX-fromX), sway*(0.5-0.5*math.Cos(2*math.Pi*part)), fromZ+part*(toZ-fromZ), heading)
}

// corner returns where a wanderer's leg begins: a point of its territory.
func (c Config) corner(id world.ID, leg uint64) (x, z float64) {
	var home, step rand.PCG
	home.Seed(c.Seed, uint64(id))
	step.Seed(c.Seed+leg, ^uint64(id))
	b := c.Bounds
	return within(b.MinX, b.MaxX, share(&home), share(&step)), within(b.MinZ, b.MaxZ, share(&home), share(&step))
}

// within picks a point of an axis: by the second share in the territory that the first one picks.
func within(low, high, home, step float64) float64 {
	side := math.Min(territory, high-low)
	return low + home*(high-low-side) + step*side
}

// share draws from [0, 1).
func share(source *rand.PCG) float64 { return float64(source.Uint64()>>11) / (1 << 53) }

// middle returns a place that is surely inside the bounds.
func (c Config) middle() world.Position {
	return c.inside((c.Bounds.MinX+c.Bounds.MaxX)/2, 0, (c.Bounds.MinZ+c.Bounds.MaxZ)/2, 0)
}

// inside returns a position in 32-bit floats.
func (c Config) inside(x, y, z, v float64) world.Position {
	nearX, nearZ := c.Bounds.Nearest(x, z)
	return world.Position{X: nearX, Y: float32(y), Z: nearZ, V: float32(v)}
}
