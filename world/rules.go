package world

import (
	"errors"
	"fmt"
	"math"
	"time"

	"aoiworld/aoi"
)

// Mode says what happens to a move that is faster than Movement.MaxSpeed.
type Mode string

// The modes of the speed budget.
const (
	MovementOff     Mode = "off"     // speed is not looked at
	MovementLog     Mode = "log"     // too fast moves are applied and counted
	MovementEnforce Mode = "enforce" // too fast moves are refused and answered by the true position
)

// The speed budget. Within any time T nobody may travel further than credit + overspeed × T at full speed, and for 10 s that
// shall be at most 1.02 × 10 s + 0.2 s. So the two are tied: credit + 10 s × overspeed = 10.4 s.
//
// Who walks at full speed is never corrected as long as the credit covers what makes his moves arrive unevenly: the difference
// between the slowest way of a move and the fastest (jitter), the time between two moves, of which the first after a rest comes
// at once, and that between two ticks, for which a move may wait. What must hold is
//
//	speed × (jitter + time between moves + time between ticks) ≤ maxSpeed × creditSeconds
//
// Overspeed is for clocks that run fast and for positions that are rounded: without it they would use up the credit of who walks
// straight on for an hour. docs/adr/011 has the reasons, and why no other rule allows more.
const (
	creditSeconds = 0.39
	overspeed     = 1.001
)

// Config describes a world. Equal configs and equal inputs make equal worlds.
type Config struct {
	Grid aoi.Config
	// Spawn is the rectangle in which newcomers appear, inside the grid's bounds, at height 0 and heading 0.
	Spawn aoi.Bounds
	// Seed chooses the spawn points: each follows from the seed and the player's id.
	Seed     uint64
	Movement Movement
	// ChatRate bounds the chats of the whole world, a second; as many may come at once. 0 is no bound.
	ChatRate float64
	// Games are what happens in the world beside moves and chats. In each tick they take their turns in this order.
	Games []Game
}

// Movement is the speed budget.
type Movement struct {
	Mode Mode
	// MaxSpeed is in world units a second over the X/Z plane; height and heading are free. 0 is no bound.
	MaxSpeed float64
}

// ErrConfig is wrapped by every error that says why a Config describes no world.
var ErrConfig = errors.New("impossible world")

// check reports what is impossible about the configuration, apart from its grid.
func (c Config) check() error {
	if err := c.checkSpawn(); err != nil {
		return err
	}
	switch c.Movement.Mode {
	case MovementOff, MovementLog, MovementEnforce, "":
	default:
		return fmt.Errorf("%w: movement mode %q", ErrConfig, c.Movement.Mode)
	}
	if !(c.Movement.MaxSpeed >= 0) || !(c.ChatRate >= 0) {
		return fmt.Errorf("%w: max speed %v, chat rate %v", ErrConfig, c.Movement.MaxSpeed, c.ChatRate)
	}
	return nil
}

// chatBurst is how many chats the world takes at once.
func (c Config) chatBurst() float64 { return max(1, c.ChatRate) }

// Rules is what can be said about a position without knowing the world's state.
type Rules struct {
	bounds aoi.Bounds
}

// Check returns why nobody can be at p: BadPosition when a coordinate is not finite or p is outside the bounds.
func (r Rules) Check(p Position) Reason {
	if !r.bounds.Contains(p.X, p.Z) || !finite(p.X) || !finite(p.Y) || !finite(p.Z) || !finite(p.V) {
		return BadPosition
	}
	return Accepted
}

// finite reports whether v is neither infinite nor NaN.
func finite(v float32) bool { return v-v == 0 }

// allowance is a budget that fills with time, up to a bound, and is spent by acts.
type allowance struct {
	left float64
	at   time.Duration // when left was true
}

// spend takes cost at time now from an allowance that fills by rate a second up to burst, or takes nothing and reports
// false when there is not enough.
func (a *allowance) spend(now time.Duration, cost, rate, burst float64) bool {
	left := min(burst, a.left+rate*(now-a.at).Seconds())
	if cost > left {
		return false
	}
	a.left, a.at = left-cost, now
	return true
}

// distance is how far apart two positions are over the plane, in world units.
func distance(a, b Position) float64 {
	return math.Hypot(float64(b.X)-float64(a.X), float64(b.Z)-float64(a.Z))
}
