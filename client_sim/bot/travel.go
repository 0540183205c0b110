package bot

import (
	"math"
	"math/rand/v2"
)

// hotspot goes to a place that all share, as fast as its steps allow, and mills about there.
type hotspot struct {
	ground
	world   World
	centre  spot
	radius  float64 // world units
	step    float64 // world units
	random  *rand.Rand
	here    spot
	goal    spot
	started bool
}

func (m *hotspot) next() (x, z float32) {
	if !m.started {
		m.started = true
		return m.here.next()
	}
	for tries := 0; m.here == m.goal && tries < 4; tries++ {
		m.choose()
	}
	dx, dz := float64(m.goal.x-m.here.x), float64(m.goal.z-m.here.z)
	if d := math.Hypot(dx, dz); d <= m.step {
		m.here = m.goal
	} else {
		m.here.x, m.here.z = m.world.inside(float64(m.here.x)+dx*m.step/d, float64(m.here.z)+dz*m.step/d)
	}
	return m.here.next()
}

// choose takes another goal: anywhere in the circle, as likely here as there.
func (m *hotspot) choose() {
	angle, far := m.random.Float64()*2*math.Pi, m.radius*math.Sqrt(m.random.Float64())
	m.goal.x, m.goal.z = m.world.inside(float64(m.centre.x)+far*math.Cos(angle), float64(m.centre.z)+far*math.Sin(angle))
}

// How a patrol goes.
const (
	slowest, fastest    = 3.0, 7.0   // world units a second
	shortest, longest   = 2.0, 12.0  // seconds of a leg
	sharpest            = 2.1        // radians of a turn, at most
	hilltop, hillPeriod = 24.0, 40.0 // world units; seconds from one to the next
)

// patrol goes straight ahead for a while, turns, and goes on at another speed, up hill and down.
type patrol struct {
	world     World
	beat      float64 // seconds from one move to the next
	random    *rand.Rand
	here      spot
	direction float64 // radians
	speed     float64 // world units a second
	left      float64 // seconds of this leg
	clock     float64 // seconds on the way
	phase     float64 // of the hills, seconds
	high      float32 // where it begins, if it is on its way already
	underway  bool
	started   bool
}

// onwards has a motion begin at the height at which a bot is already.
func onwards(m motion, height float32) motion {
	if p, is := m.(*patrol); is {
		p.high, p.underway = height, true
	}
	return m
}

func (m *patrol) next() (x, z float32) {
	if !m.started {
		m.started, m.direction = true, m.random.Float64()*2*math.Pi
		if m.phase = m.random.Float64() * hillPeriod; m.underway {
			m.phase = m.phaseAt(m.high)
		}
		return m.here.next()
	}
	m.clock += m.beat
	if m.left -= m.beat; m.left <= 0 {
		m.turn(m.direction + (2*m.random.Float64()-1)*sharpest)
	}
	toX := float64(m.here.x) + m.speed*m.beat*math.Sin(m.direction)
	toZ := float64(m.here.z) + m.speed*m.beat*math.Cos(m.direction)
	if toX <= m.world.MinX || toX >= m.world.MaxX || toZ <= m.world.MinZ || toZ >= m.world.MaxZ {
		m.turn(m.random.Float64() * 2 * math.Pi)
	}
	m.here.x, m.here.z = m.world.inside(toX, toZ)
	return m.here.next()
}

// turn begins a leg.
func (m *patrol) turn(direction float64) {
	m.direction = direction
	m.speed = slowest + m.random.Float64()*(fastest-slowest)
	m.left = shortest + m.random.Float64()*(longest-shortest)
}

// phaseAt is where on a hill somebody is who is so high: on its way up or down, as the phase that was drawn.
func (m *patrol) phaseAt(height float32) float64 {
	part := math.Acos(max(-1, min(1, 1-2*float64(height)/hilltop))) / (2 * math.Pi)
	if m.phase > hillPeriod/2 {
		part = 1 - part
	}
	return part * hillPeriod
}

func (m *patrol) height() float32 {
	return float32(hilltop * (0.5 - 0.5*math.Cos(2*math.Pi*(m.clock+m.phase)/hillPeriod)))
}
