package crowd

// Vector is a place, or how far it is from one to another, or how far somebody goes in a second.
type Vector struct{ X, Y, Z int32 }

// What a Course makes of moves (milliseconds).
const (
	// standing is after how long without a move somebody stands.
	standing = 300
	// interval is what is taken for the time between two moves while nothing better is known: clients send ten a second.
	interval = 100
	// uneven is by how much moves may be early and late together: a tick sees none, one or two of them.
	uneven = 250
	// longest is how long a stretch is at most: after that a change of speed would not show for too long.
	longest = 2000
)

// fastest is the largest velocity, as the native dialect has it: who goes faster jumps.
const fastest = 1<<20 - 1

// Course estimates at which velocity somebody goes. Of moves that come as unevenly as the network and the ticks have it, two say
// little; so it keeps where the stretch began along which somebody goes straight on, and how long ago that was.
type Course struct {
	anchor, last  Vector
	began, moved  uint32 // when it was there (milliseconds; they may wrap)
	underway, set bool   // it moves, at least one move after the anchor
}

// Start begins a course with somebody who stands.
func (c *Course) Start(at Vector) { *c = Course{anchor: at, last: at} }

// Move takes in that somebody is elsewhere now. Within slack of a straight line it still goes straight on.
func (c *Course) Move(to Vector, now uint32, slack int32) {
	switch {
	case !c.underway || now-c.moved > standing:
		c.anchor, c.began, c.set = to, now, false // it set out some time since the move before
	case c.set && !c.straight(to, now, slack):
		c.anchor, c.began = c.last, c.moved
	default:
		c.set = true
	}
	c.last, c.moved, c.underway = to, now, true
	if now-c.began > longest {
		c.anchor = Vector{
			X: c.anchor.X + (to.X-c.anchor.X)/2, Y: c.anchor.Y + (to.Y-c.anchor.Y)/2, Z: c.anchor.Z + (to.Z-c.anchor.Z)/2,
		}
		c.began += (now - c.began) / 2
	}
}

// straight reports whether a place lies on the line on which somebody goes, about where it should be by now.
func (c *Course) straight(to Vector, now uint32, slack int32) bool {
	ux, uz := float64(c.last.X)-float64(c.anchor.X), float64(c.last.Z)-float64(c.anchor.Z)
	wx, wz := float64(to.X)-float64(c.anchor.X), float64(to.Z)-float64(c.anchor.Z)
	far, most := ux*ux+uz*uz, float64(slack)
	if far == 0 {
		return wx*wx+wz*wz <= most*most
	}
	across, along := (ux*wz-uz*wx)*(ux*wz-uz*wx), (ux*wx+uz*wz)/far // along in times of the way so far
	took := float64(max(c.moved-c.began, interval))
	expected, tolerance := float64(now-c.began)/took, uneven/took
	return across <= most*most*far && along >= 1 && along-expected <= tolerance && expected-along <= tolerance
}

// Velocity returns how far somebody goes in a second; it is zero for who stands, or has only just set out.
func (c *Course) Velocity(now uint32) Vector {
	if !c.set || now-c.moved > standing {
		return Vector{}
	}
	took := int64(max(c.moved-c.began, interval))
	v := Vector{
		X: perSecond(c.last.X, c.anchor.X, took),
		Y: perSecond(c.last.Y, c.anchor.Y, took),
		Z: perSecond(c.last.Z, c.anchor.Z, took),
	}
	if max(v.X, -v.X, v.Y, -v.Y, v.Z, -v.Z) > fastest {
		return Vector{}
	}
	return v
}

// perSecond is a way that took so many milliseconds, a second.
func perSecond(to, from int32, took int64) int32 {
	const second = 1000
	return int32(max(-fastest-1, min(fastest+1, (int64(to)-int64(from))*second/took)))
}
