package crowd

import "math"

// Vector is a place, or how far it is from one to another, or how far somebody goes in a second.
type Vector struct{ X, Y, Z int32 }

// What a Course makes of moves (milliseconds).
const (
	// standing is after how long without a move somebody stands.
	standing = 300
	// interval is the least that is taken for the time between two moves: clients send ten a second.
	interval = 100
	// uneven is by how much a move may be early or late: a tick sees none, one or two of them.
	uneven = 250
)

const (
	// remembered is how many moves a course knows: two seconds of a client that sends ten a second.
	remembered = 20
	// bending is how many of them it takes to say how a slope changes.
	bending = 9
)

// fastest is the largest velocity, as the native dialect has it: who goes faster jumps.
const fastest = 1<<20 - 1

// Course estimates at which velocity somebody goes. Of moves that come as unevenly as the network and the ticks have it, two say
// little; so it remembers some, and looks at all since the last turn. The zero value is of somebody who stands.
type Course struct {
	moves  [remembered]moment // a ring
	newest int32
	count  int32
}

// moment is where somebody was at a time (milliseconds; they may wrap).
type moment struct {
	at   Vector
	time uint32
}

// Move takes in that somebody is elsewhere now.
func (c *Course) Move(to Vector, now uint32) {
	c.newest = (c.newest + 1) % remembered
	c.moves[c.newest] = moment{to, now}
	c.count = min(c.count+1, remembered)
}

// Velocity returns how far somebody is to go in a second so as to be where it should be in so many milliseconds, > 0: what a
// late move is off by fades until then. Within slack of a straight line it still goes straight on. The velocity is zero for who
// stands, or has only just set out.
func (c *Course) Velocity(now uint32, slack int32, ahead float64) Vector {
	if c.count < 2 || now-c.before(0).time > standing || c.before(0).time-c.before(1).time > standing {
		return Vector{}
	}
	s := c.stretch(float64(slack))
	v := Vector{
		X: perSecond(s.x.at(&s, ahead) / ahead),
		Y: perSecond(c.height(&s, ahead) / ahead),
		Z: perSecond(s.z.at(&s, ahead) / ahead),
	}
	if max(v.X, -v.X, v.Y, -v.Y, v.Z, -v.Z) > fastest {
		return Vector{}
	}
	return v
}

// before returns the move that is so many before the newest.
func (c *Course) before(n int) *moment { return &c.moves[(int(c.newest)+remembered-n)%remembered] }

// since returns when and where somebody was so many moves before the newest, from the newest on.
func (c *Course) since(n int) (t, x, y, z float64) {
	m, newest := c.before(n), c.before(0)
	x, y, z = float64(m.at.X)-float64(newest.at.X), float64(m.at.Y)-float64(newest.at.Y), float64(m.at.Z)-float64(newest.at.Z)
	return -float64(newest.time - m.time), x, y, z
}

// stretch returns the straight stretch that ends with the newest move: as many moves as lie on a line, about where they should.
func (c *Course) stretch(slack float64) (s stretch) {
	s.add(c.since(0))
	t, x, y, z := c.since(1)
	s.add(min(t, -interval), x, y, z)
	for n := 2; n < int(c.count) && c.before(n-1).time-c.before(n).time <= standing; n++ {
		t, x, y, z := c.since(n)
		if !s.straight(t, x, z, slack) {
			break
		}
		s.add(t, x, y, z)
	}
	return s
}

// height returns how much higher somebody should be in so many milliseconds. Slopes change, on hills and in leaps, and steadily.
func (c *Course) height(s *stretch, ahead float64) float64 {
	n := int(s.n)
	if n < bending {
		return s.y.at(s, ahead)
	}
	var t, y [3]float64 // of each third of the stretch, the newest first: a parabola leads through them
	for third := range t {
		from, to := n*third/len(t), n*(third+1)/len(t)
		for i := from; i < to; i++ {
			ti, _, yi, _ := c.since(i)
			t[third], y[third] = t[third]+ti/float64(to-from), y[third]+yi/float64(to-from)
		}
	}
	late, early := (y[0]-y[1])/(t[0]-t[1]), (y[1]-y[2])/(t[1]-t[2])
	return y[0] + (ahead-t[0])*(late+(ahead-t[1])*(late-early)/(t[0]-t[2]))
}

// stretch is the line next to some moves, by least squares.
type stretch struct {
	n, t, tt float64
	x, y, z  axis
}

// axis is the sums of a stretch along one axis: of where the moves led, and of that times when.
type axis struct{ sum, times float64 }

// add adds a move.
func (s *stretch) add(t, x, y, z float64) {
	s.n, s.t, s.tt = s.n+1, s.t+t, s.tt+t*t
	for _, a := range [...]struct {
		of *axis
		at float64
	}{{&s.x, x}, {&s.y, y}, {&s.z, z}} {
		a.of.sum, a.of.times = a.of.sum+a.at, a.of.times+a.at*t
	}
}

// slope returns how far a stretch goes along an axis in a millisecond.
func (a *axis) slope(s *stretch) float64 {
	return (s.n*a.times - s.t*a.sum) / (s.n*s.tt - s.t*s.t) // its moves are at different times
}

// at returns where a stretch is on an axis at a time.
func (a *axis) at(s *stretch, t float64) float64 { return a.sum/s.n + a.slope(s)*(t-s.t/s.n) }

// straight reports whether a place lies on a stretch, about where it should be at its time.
func (s *stretch) straight(t, x, z, slack float64) bool {
	vx, vz := s.x.slope(s), s.z.slope(s)
	speed, chord := math.Hypot(vx, vz), math.Hypot(x, z)/-t
	x, z = x-s.x.at(s, t), z-s.z.at(s, t)
	if speed == 0 {
		return math.Hypot(x, z) <= slack
	}
	across, along := math.Abs(vx*z-vz*x)/speed, math.Abs(vx*x+vz*z)/speed
	return across <= slack && along <= uneven*max(speed, chord)+slack
}

// perSecond is a way in a millisecond, a second.
func perSecond(way float64) int32 {
	const second = 1000
	return int32(max(-fastest-1, min(fastest+1, math.Round(way*second))))
}
