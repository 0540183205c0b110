package bot

import (
	"math"
	"math/rand/v2"
)

// motion decides where a bot goes. The first position is its home. It belongs to whoever moves the bot.
type motion interface {
	next() (x, z float32)
	// height is the Y of the last position.
	height() float32
}

// newMotion returns the named motion of a phase from where a bot is, in a world whose cells may become others.
func newMotion(cfg *Config, p *Phase, world func() World, here spot, random *rand.Rand) motion {
	switch p.Motion {
	case Cross:
		return &cross{now: world, reach: p.Step, random: random, here: here}
	case Still:
		return here
	case Hotspot:
		return &hotspot{
			world: cfg.area(), centre: cfg.hotspot(), radius: cfg.Radius, step: p.Step, random: random, here: here, goal: here,
		}
	case Patrol:
		return &patrol{world: cfg.area(), beat: 1 / p.Rate, random: random, here: here}
	default:
		return &walk{world: cfg.area(), step: p.Step, random: random, here: here}
	}
}

// home returns a place anywhere in the world.
func (w World) home(random *rand.Rand) spot {
	x, z := w.inside(w.MinX+random.Float64()*(w.MaxX-w.MinX), w.MinZ+random.Float64()*(w.MaxZ-w.MinZ))
	return spot{x, z}
}

// ground is the height of motions that know no other.
type ground struct{}

func (ground) height() float32 { return 0 }

// spot is a place on the plane. As a motion it stays there.
type spot struct{ x, z float32 }

func (s spot) next() (x, z float32) { return s.x, s.z }
func (s spot) height() float32      { return 0 }

// walk strolls: its direction changes a little with each step, and wholly at the world's borders.
type walk struct {
	ground
	world     World
	step      float64
	random    *rand.Rand
	here      spot
	direction float64 // radians
	underway  bool
}

// turn is how far the direction changes from step to step, at most, in radians.
const turn = 0.5

func (m *walk) next() (x, z float32) {
	if !m.underway {
		m.underway, m.direction = true, m.random.Float64()*2*math.Pi
		return m.here.next()
	}
	m.direction += (2*m.random.Float64() - 1) * turn
	toX := float64(m.here.x) + m.step*math.Cos(m.direction)
	toZ := float64(m.here.z) + m.step*math.Sin(m.direction)
	m.here.x, m.here.z = m.world.inside(toX, toZ)
	if toX <= m.world.MinX || toX >= m.world.MaxX || toZ <= m.world.MinZ || toZ >= m.world.MaxZ {
		m.direction = m.random.Float64() * 2 * math.Pi
	}
	return m.here.next()
}

// cross jumps to and fro over a border or a corner of the cell that it is in, and after a few jumps chooses another. In
// a world of one cell it jumps about inside.
type cross struct {
	ground
	now    func() World // whose cells may become others
	world  World        // as of the last choice
	reach  float64      // world units
	random *rand.Rand
	here   spot
	there  spot // where it jumps next
	jumps  int  // left over this border
	moved  bool
}

// jumpsOverBorder is how often a border is crossed before another is chosen: odd, so that the bot travels.
const jumpsOverBorder = 5

func (m *cross) next() (x, z float32) {
	if !m.moved {
		m.moved = true
		return m.here.next()
	}
	if m.jumps == 0 {
		m.choose()
	}
	m.jumps--
	m.here, m.there = m.there, m.here
	return m.here.next()
}

// choose takes the next border: here becomes a spot in the present cell, there one beyond the border.
func (m *cross) choose() {
	const tries = 16 // drawing again is for spots that rounding puts on one side
	m.jumps, m.world = jumpsOverBorder, m.now()
	home := m.world.cellAt(m.here.x, m.here.z)
	for range tries {
		to := cell{m.beyond(home.column, m.world.Columns), m.beyond(home.row, m.world.Rows)}
		nearX, farX := m.pair(home.column, to.column, m.world.MinX, m.world.width())
		nearZ, farZ := m.pair(home.row, to.row, m.world.MinZ, m.world.depth())
		m.here.x, m.here.z = m.world.inside(nearX, nearZ)
		m.there.x, m.there.z = m.world.inside(farX, farZ)
		if m.world.cellAt(m.here.x, m.here.z) == home && m.world.cellAt(m.there.x, m.there.z) != home {
			return
		}
	}
}

// beyond returns the strip itself or one of its neighbours among n.
func (m *cross) beyond(strip, n int) int {
	return max(0, min(strip+m.random.IntN(3)-1, n-1))
}

// pair returns a coordinate in strip from and one in strip to, both close to the border between them: one in eight is
// the very border. In one and the same strip, both are anywhere.
func (m *cross) pair(from, to int, low, size float64) (near, far float64) {
	if from == to {
		at := low + size*(float64(from)+m.random.Float64())
		return at, at
	}
	border := low + size*float64(max(from, to))
	side := float64(to - from)
	reach := min(m.reach, size/2)
	near = border - side*reach*(1-m.random.Float64())
	if far = border + side*reach*m.random.Float64(); side > 0 && m.random.IntN(8) == 0 {
		far = border
	}
	return near, far
}
