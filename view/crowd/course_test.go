package crowd

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// slack of the tests, in steps of a hundredth of a unit, and for how long velocities are aimed, in milliseconds.
const slack, ahead = 10, 1500

// walk feeds a course with somebody who walks at a speed (steps a second) in a direction for so many milliseconds from a time on,
// moving every 100 ms, as ticks of a length see it who find each move late by up to jitter.
func walk(c *Course, random *rand.Rand, speedX, speedZ float64, start, took, tick, jitter int) (at Vector) {
	at = c.before(0).at
	arrived := make([]int, took/100)
	for i := range arrived {
		arrived[i] = start + i*100 + random.IntN(jitter+1)
	}
	x0, z0, seen := float64(at.X), float64(at.Z), 0
	for now := start; now <= start+took+jitter+tick; now += tick {
		before := seen
		for seen < len(arrived) && arrived[seen] <= now {
			seen++
		}
		if seen == before {
			continue
		}
		at = Vector{X: int32(x0 + speedX*float64(seen)/10), Z: int32(z0 + speedZ*float64(seen)/10)}
		c.Move(at, uint32(now))
	}
	return at
}

// TestVelocityOfStraightWalk: whoever goes straight on for two seconds has its velocity known to a tenth, however unevenly
// ticks see its moves, at 10 Hz and at 20 Hz; and after 300 ms without a move it stands.
func TestVelocityOfStraightWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		tick := rapid.SampledFrom([]int{50, 100}).Draw(t, "tick")
		turn, speed := rapid.Float64Range(0, 6.28).Draw(t, "direction"), rapid.Float64Range(100, 1000).Draw(t, "speed")
		vx, vz := speed*math.Cos(turn), speed*math.Sin(turn)
		start := 5000 + random.IntN(100)
		if rapid.Bool().Draw(t, "wraps") {
			start += math.MaxUint32 - 6000
		}
		var c Course
		c.Move(Vector{X: 10_000, Z: 10_000}, uint32(start-1000))
		walk(&c, random, vx, vz, start, 2000, tick, 60)
		v := c.Velocity(c.before(0).time, slack, ahead)
		if off := math.Hypot(float64(v.X)-vx, float64(v.Z)-vz); off > 0.12*speed+5 {
			t.Fatalf("velocity %v, is (%.0f, %.0f)", v, vx, vz)
		}
		if v := c.Velocity(c.before(0).time+standing+1, slack, ahead); v != (Vector{}) {
			t.Fatalf("velocity %v of who stands", v)
		}
	})
}

// TestVelocityAfterTurn: two moves after a sharp turn the velocity points the new way.
func TestVelocityAfterTurn(t *testing.T) {
	var c Course
	now := uint32(1000)
	for i := int32(1); i <= 10; i++ {
		c.Move(Vector{X: 30 * i}, now)
		now += 100
	}
	if v := c.Velocity(now, slack, ahead); v.X < 290 || v.X > 310 || v.Z != 0 {
		t.Errorf("velocity %v before the turn", v)
	}
	for i := int32(1); i <= 3; i++ {
		c.Move(Vector{X: 300, Z: 30 * i}, now)
		now += 100
	}
	if v := c.Velocity(now, slack, ahead); v.X != 0 || v.Z < 200 || v.Z > 310 {
		t.Errorf("velocity %v after the turn", v)
	}
}

// TestVelocityOfOddMoves: who has moved once, jumps, or turns back is not sent off to where it never goes.
func TestVelocityOfOddMoves(t *testing.T) {
	var c Course
	if v := c.Velocity(99, slack, ahead); v != (Vector{}) {
		t.Errorf("velocity %v of who never moved", v)
	}
	c.Move(Vector{X: 30}, 1000)
	if v := c.Velocity(1000, slack, ahead); v != (Vector{}) {
		t.Errorf("velocity %v after one move", v)
	}
	c.Move(Vector{X: 1 << 29}, 1100)
	if v := c.Velocity(1100, slack, ahead); v != (Vector{}) {
		t.Errorf("velocity %v after a jump across the world", v)
	}
	c = Course{}
	if v := c.Velocity(1100, slack, ahead); v != (Vector{}) {
		t.Errorf("velocity %v after a start", v)
	}
	for i := int32(0); i < 40; i++ { // to and fro, a step each
		c.Move(Vector{X: 100 * (i % 2)}, 2000+uint32(i)*100)
	}
	if v := c.Velocity(5900, slack, ahead); v.X < -1100 || v.X > 1100 {
		t.Errorf("velocity %v of who dances", v)
	}
}
