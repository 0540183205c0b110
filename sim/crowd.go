package sim

import (
	"fmt"
	"maps"
	"time"
)

// When crowds gather and leave, in ticks: for most of the time, so that there are crowds before there is an end.
const (
	gatherEvery = 60
	gatherFor   = 40
	squareSize  = 6 // world units, from the middle
)

// classicBound is how long a client of the classic dialect may be shown somebody of a crowd where it no longer is: far longer
// than it takes to tell of as many as there are in turn.
const classicBound = 4 * time.Second

// lateness is by how much the tick may be late in which somebody is told of: as the longest pause.
const lateness = 4 * tickTime

// doubt is that somebody is shown elsewhere than where it is.
type doubt struct {
	since time.Time
	bound time.Duration // the largest that was declared meanwhile
}

// quiet is how many ticks everybody is silent for and reads at the end: so many that crowds end, and views come in parts.
func (cfg *Config) quiet() int {
	if cfg.Budget > 0 {
		return 3 * quietTicks
	}
	return quietTicks
}

// gather says whether a crowd gathers in a tick, and where: on a border as well as inside a cell.
func (s *Sim) gather(tick int) {
	switch {
	case s.cfg.Budget == 0:
	case tick%gatherEvery == 0:
		size := float32(s.oracle.plan.size)
		s.square = &place{x: s.random.Float32() * size, z: s.random.Float32() * size}
	case tick%gatherEvery == gatherFor:
		s.square = nil
	}
}

// towards returns where somebody goes instead, because there is something to see.
func (s *Sim) towards(to place) place {
	if s.square == nil {
		return to
	}
	if dx, dz := to.x-s.square.x, to.z-s.square.z; dx*dx > squareSize*squareSize || dz*dz > squareSize*squareSize {
		to.x = s.square.x + (s.random.Float32()-0.5)*squareSize
		to.z = s.square.z + (s.random.Float32()-0.5)*squareSize
	}
	size := float32(s.oracle.plan.size)
	to.x, to.z = min(max(to.x, 0), size), min(max(to.z, 0), size)
	return to
}

// lookBehind notes who has not been told everything yet: in what it is told there is nothing that says so.
func (s *Sim) lookBehind() {
	clear(s.behind)
	if s.cfg.Budget == 0 {
		return
	}
	for id := range s.classic.Behind {
		s.behind[int32(id)] = struct{}{}
	}
	for id := range s.native.Behind {
		s.behind[int32(id)] = struct{}{}
	}
}

// differs says how what a client believes differs from what it should, or returns the empty string. Who is there must be exact;
// where somebody is in a crowd may be wrong for as long as was declared.
func (s *Sim) differs(c *client, want map[int32]place) string {
	if s.cfg.Budget == 0 {
		return c.differs(want)
	}
	if len(want) != len(c.shown) {
		return c.differs(want)
	}
	maps.DeleteFunc(c.doubts, func(id int32, _ doubt) bool { _, in := want[id]; return !in })
	bounds := s.bounds(c)
	for id, at := range want {
		got, shown := c.shown[id]
		if !shown {
			return c.differs(want)
		}
		if got == at {
			delete(c.doubts, id)
			continue
		}
		bound, crowded := bounds[s.oracle.stream(id)]
		if c.native == nil {
			bound, crowded = classicBound, true
		}
		if !crowded {
			return fmt.Sprintf(" %d is shown at %v, not %v, and in no crowd", id, got, at)
		}
		if text := c.doubt(id, bound); text != "" {
			return text
		}
	}
	return ""
}

// doubt notes that somebody is shown elsewhere than where it is, and says if that lasts too long.
func (c *client) doubt(id int32, bound time.Duration) string {
	if c.doubts == nil {
		c.doubts = map[int32]doubt{}
	}
	d, known := c.doubts[id]
	if !known {
		d.since = time.Now()
	}
	d.bound = max(d.bound, bound)
	c.doubts[id] = d
	if wrong := time.Since(d.since); wrong > d.bound+lateness {
		return fmt.Sprintf(" %d is shown where it is not for %v, at most %v were declared", id, wrong, d.bound)
	}
	return ""
}

// bounds returns within what time a client is told of those who are not where it is shown them, by the streams that are crowded.
func (s *Sim) bounds(c *client) map[uint32]time.Duration {
	bounds := map[uint32]time.Duration{}
	if c.native != nil {
		for crowd := range c.native.replica.Crowds() {
			bounds[crowd.Stream] = crowd.Bound
		}
	}
	return bounds
}

// stream returns the stream in which somebody is.
func (o *oracle) stream(id int32) uint32 {
	column, row := o.plan.cell(o.at[id])
	stream := row*o.plan.columns + column
	if o.hidden[id] {
		stream += o.plan.columns * o.plan.rows
	}
	return uint32(stream)
}
