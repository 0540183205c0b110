package bot

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"aoiworld/net/native"
)

// place is a position and heading as they are on the wire.
type place struct{ x, y, z, v float32 }

// same reports whether two places are equal bit for bit: the server relays what it is sent.
func (p place) same(o place) bool {
	return math.Float32bits(p.x) == math.Float32bits(o.x) && math.Float32bits(p.y) == math.Float32bits(o.y) &&
		math.Float32bits(p.z) == math.Float32bits(o.z) && math.Float32bits(p.v) == math.Float32bits(o.v)
}

// track remembers a bot's latest moves, so that whoever is shown one can tell when it was sent and whether it was sent
// at all. A move carries its sequence number, from 1 upwards, in its heading: whole degrees as the bot faces, and
// behind the point the number modulo numbers. One goroutine at a time notes moves; anybody may look.
//
// Who speaks the native dialect is shown whole degrees, and positions on the world's lattice. Where anybody speaks it, the
// number is also added to the height, in steps of the quantum: who jumps to and fro between two spots is not at the same place
// twice. There a move is found by its place.
type track struct {
	lattice *native.Lattice       // nil where nobody speaks the native dialect
	rounded bool                  // the bot itself speaks it: what it sends lies on the lattice
	origin  atomic.Pointer[place] // where the server put the bot, once it has said so
	sent    atomic.Uint32         // sequence number of the latest move, 0 before the first
	steps   []step                // a ring by sequence number
	lost    atomic.Uint32         // the latest move whose step was taken by another, 0 before that; never sinks
	told    atomic.Uint64         // the latest move of which a member of a crowd was told, and the tick that told it first
	// marks is every move, as those who speak the native dialect are shown it; nil where nobody does, or a move that is older
	// than memory need not be told from one that was never made.
	marks *marks
}

// step is one move. Its stamp packs the sequence number (24 bits) and the time of sending (40 bits of microseconds, 12
// days); it is 0 while the step is written.
type step struct {
	stamp  atomic.Uint64
	ground atomic.Uint64 // the bits of X and Z
	air    atomic.Uint64 // the bits of Y and V
}

const (
	timeBits    = 40
	maxSequence = 1<<24 - 1
	// numbers is how many moves a heading, or a height, tells apart: with 9 bits of degrees, 12 more are exact in a 32-bit
	// float. It is more than any ring holds.
	numbers = 1 << 12
)

// memory is how long a track remembers: far more than two ticks, so that even a very late move can be timed.
const memory = 6 * time.Second

// newTrack returns the track of a bot that moves rate times a second and speaks a dialect. Without a lattice nobody speaks the
// native one.
func newTrack(rate float64, dialect string, lattice *native.Lattice) *track {
	n := min(max(32, int(rate*memory.Seconds())), numbers/2)
	return &track{lattice: lattice, rounded: dialect == Native, steps: make([]step, 1<<bits.Len(uint(n-1)))}
}

// note remembers a move before it is sent and returns the place that stands for it. The heading is in degrees, 0 to 359.
func (t *track) note(x, y, z float32, heading int, now time.Duration) place {
	sequence := min(t.sent.Load()+1, maxSequence)
	p := t.numbered(place{x, y, z, float32(heading)}, sequence)
	if n := uint32(len(t.steps)); sequence > n+t.lost.Load() {
		t.lost.Store(sequence - n)
	}
	s := t.step(sequence)
	s.stamp.Store(0)
	s.ground.Store(pack(p.x, p.z))
	s.air.Store(pack(p.y, p.v))
	s.stamp.Store(uint64(sequence)<<timeBits | uint64(now.Microseconds())&(1<<timeBits-1))
	if t.marks != nil {
		t.marks.add(t.seen(p).bits())
	}
	t.sent.Store(sequence)
	return p
}

// tell notes that a tick tells of a move, and reports whether it is the first to do so.
func (t *track) tell(sequence, tick uint32) (first bool) {
	now := uint64(sequence)<<32 | uint64(tick)
	for {
		before := t.told.Load()
		switch {
		case before == now:
			return true
		case uint32(before>>32) >= sequence:
			return false
		case t.told.CompareAndSwap(before, now):
			return true
		}
	}
}

// numbered returns a place with a sequence number in it.
func (t *track) numbered(p place, sequence uint32) place {
	v := p.v + float32(sequence%numbers)/numbers
	if t.lattice == nil {
		return place{p.x, p.y, p.z, v}
	}
	at := p.rounded(t.lattice)
	at.Y += int32(sequence % numbers)
	onIt := onLattice(t.lattice, at)
	if t.rounded {
		return onIt
	}
	return place{p.x, onIt.y, p.z, v}
}

// seen returns the place at which those who speak the native dialect are shown one that was sent; where nobody does, that place.
func (t *track) seen(p place) place {
	if t.rounded || t.lattice == nil {
		return p
	}
	return onLattice(t.lattice, p.rounded(t.lattice))
}

// bits returns the bits of a place: of X and Z, and of Y and V.
func (p place) bits() (ground, air uint64) { return pack(p.x, p.z), pack(p.y, p.v) }

// pack is the bits of two floats.
func pack(a, b float32) uint64 {
	return uint64(math.Float32bits(a))<<32 | uint64(math.Float32bits(b))
}

// retract takes the latest move back: it could not be sent.
func (t *track) retract() { t.sent.Add(^uint32(0)) }

// step returns the ring's place for a sequence number.
func (t *track) step(sequence uint32) *step { return &t.steps[sequence&uint32(len(t.steps)-1)] }

// sentAt returns when a move was sent, or false when that is forgotten: it is older than the track's memory.
func (t *track) sentAt(sequence uint32) (at time.Duration, ok bool) {
	stamp := t.step(sequence).stamp.Load()
	if uint32(stamp>>timeBits) != sequence || sequence == 0 {
		return 0, false
	}
	return time.Duration(stamp&(1<<timeBits-1)) * time.Microsecond, true
}

// verdict says what is known of a place that somebody is shown at.
type verdict uint8

const (
	impossible verdict = iota // the bot has never been there
	genuine                   // it was sent as this very move, or is where the bot began
	forgotten                 // too old, or too early, to be told
)

// judge tells which move a place stands for: its sequence number, 0 for the place where the bot began. The number of a move
// that is forgotten is the highest that it can have. rounded says that whoever is shown the place speaks the native dialect.
// As long as nobody knows where the bot began, what is no move may have been it.
func (t *track) judge(p place, rounded bool) (sequence uint32, v verdict) {
	if rounded || t.rounded {
		sequence, v = t.search(p)
	} else {
		sequence, v = t.find(p)
	}
	if v == genuine {
		return sequence, v
	}
	switch origin := t.origin.Load(); {
	case origin == nil && v == impossible:
		return 0, forgotten
	case origin != nil && (origin.same(p) || rounded && t.seen(*origin).same(p)):
		return 0, genuine
	}
	return sequence, v
}

// onLattice returns the position of a place.
func onLattice(l *native.Lattice, at native.Place) place {
	x, y, z, v := l.Position(at)
	return place{x, y, z, v}
}

// rounded returns the place next to a position.
func (p place) rounded(l *native.Lattice) native.Place { return l.Place(p.x, p.y, p.z, p.v) }

// search tells which move a place of the lattice stands for.
func (t *track) search(p place) (sequence uint32, v verdict) {
	sent := t.sent.Load()
	for s := sent; s > 0 && sent-s < uint32(len(t.steps)); s-- {
		step := t.step(s)
		before := step.stamp.Load()
		x, z := unpack(step.ground.Load())
		y, heading := unpack(step.air.Load())
		if t.seen(place{x, y, z, heading}).same(p) && before == step.stamp.Load() && uint32(before>>timeBits) == s {
			return s, genuine
		}
	}
	// Every later move was there all the while. Nor need one be looked for of which nothing is lost.
	if lost := t.lost.Load(); lost > 0 && (t.marks == nil || t.marks.has(p.bits())) {
		return lost, forgotten
	}
	return 0, impossible
}

// unpack is the reverse of pack.
func unpack(bits uint64) (a, b float32) {
	return math.Float32frombits(uint32(bits >> 32)), math.Float32frombits(uint32(bits))
}

// find tells which move a place stands for, of the latest as many as headings tell apart.
func (t *track) find(p place) (sequence uint32, v verdict) {
	_, fraction := math.Modf(float64(p.v))
	number := fraction * numbers
	if !(p.v >= 0 && p.v < 360) || number != math.Trunc(number) {
		return 0, impossible
	}
	sent := t.sent.Load()
	behind := (sent - uint32(number)) % numbers
	if behind >= sent {
		return 0, impossible
	}
	sequence = sent - behind
	return sequence, t.compare(sequence, p)
}

// compare holds a place against what was noted. A step that is being overwritten is as good as forgotten.
func (t *track) compare(sequence uint32, p place) verdict {
	s := t.step(sequence)
	before, ground, air := s.stamp.Load(), s.ground.Load(), s.air.Load()
	if before != s.stamp.Load() || uint32(before>>timeBits) != sequence {
		return forgotten
	}
	if ground != pack(p.x, p.z) || air != pack(p.y, p.v) {
		return impossible
	}
	return genuine
}
