package world

import (
	"fmt"
	"math"
)

// checkSpawn reports what is impossible about the spawn area.
func (c Config) checkSpawn() error {
	b, s := c.Grid.Bounds, c.Spawn
	inside := s.MinX >= b.MinX && s.MinX <= s.MaxX && s.MaxX <= b.MaxX &&
		s.MinZ >= b.MinZ && s.MinZ <= s.MaxZ && s.MaxZ <= b.MaxZ
	if !inside {
		return fmt.Errorf("%w: spawn area %v..%v × %v..%v is not inside the bounds", ErrConfig, s.MinX, s.MaxX, s.MinZ, s.MaxZ)
	}
	for _, corner := range []Position{c.spawnAt(0, 0), c.spawnAt(math.MaxUint32, math.MaxUint32)} {
		if !b.Contains(corner.X, corner.Z) {
			return fmt.Errorf("%w: no 32-bit float lies between the bounds at the spawn area", ErrConfig)
		}
	}
	return nil
}

// spawnPoint returns where a player appears: a whole-numbered point of the spawn area, as the tutorial's server chooses
// them, by a hash of the seed and the player's id.
func (c Config) spawnPoint(player ID) Position {
	h := mix(c.Seed ^ mix(uint64(player)))
	return c.spawnAt(uint32(h), uint32(h>>32))
}

// spawnAt maps two evenly spread numbers to a point of the spawn area.
func (c Config) spawnAt(x, z uint32) Position {
	b, s := c.Grid.Bounds, c.Spawn
	var at Position
	at.X, at.Z = b.Nearest(pick(x, s.MinX, s.MaxX), pick(z, s.MinZ, s.MaxZ))
	return at
}

// pick maps h to one of the whole numbers from low to high, or to low when there is none.
func pick(h uint32, low, high float64) float64 {
	first, last := math.Ceil(low), math.Floor(high)
	if first > last {
		return low
	}
	step := math.Floor(float64(h) / (1 << 32) * (last - first + 1))
	return min(last, first+step)
}

// mix scrambles 64 bits (the finaliser of SplitMix64, Steele et al. 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
