package bot

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/native"
)

// picture is a stream at some moment, as bots of the native dialect are shown it: who is where. It never changes, so that bots that
// are shown the same share one. What a chunk makes of a picture depends on nothing but the two: the first bot that reads it works it
// out, and whoever is at the same picture and reads the same bytes takes that over.
type picture struct {
	stream, epoch uint32
	partial       bool     // further parts of a key are to come: members of slots that are not known are passed over
	members       []member // by slot; the last is somebody
	count         int      // of members who are somebody

	next atomic.Pointer[change] // what the first chunk that was read after it makes of it
	key  []byte                 // one that tells this picture, if any did; guarded by the gallery
	room [3]member              // of members, if they are few
}

// member is somebody in a slot, or nobody, whose id is 0.
type member struct {
	id       int32
	sequence uint32 // of the move that at stands for
	at       native.Place
	verdict  verdict // on at
	track    *track  // nil for strangers, and for newcomers who have not read their own welcome yet
}

// change is what a tick tells of a stream. What is told of a few is in one piece of memory: thousands of changes a second are each
// looked at by a bot that has looked elsewhere meanwhile.
type change struct {
	to         *picture
	raw        []byte // the delta and the bits, as they were received
	delta      int    // how much of raw is the delta
	moved      []movement
	sent       []time.Duration // when the moves were sent that movements account for
	*crossings                 // nil where nobody left or entered

	room struct {
		raw   [48]byte
		moved [3]movement
		sent  [3]time.Duration
	}
	own picture // unless there was one that shows the same
}

// crossings is who left a stream, as they were, and who entered it.
type crossings struct{ left, entered []member }

// movement is a move of a member who was there before.
type movement struct {
	id, slot   int32
	sequence   uint32
	verdict    verdict
	wentBack   bool  // to a move that is older than the one it was shown at
	first, end int32 // in sent: the moves since the one that was shown before, up to this
}

// neverSent stands for when a move was sent that is forgotten: long ago.
const neverSent = -1 << 62

// told is what a tick tells of one stream: a delta, or moves in bits, or both.
type told struct {
	stream uint32
	delta  *native.DeltaPart
	bits   []byte
}

// is reports whether a change is by these very bytes.
func (c *change) is(t told) bool {
	var delta []byte
	if t.delta != nil {
		delta = t.delta.Bytes()
	}
	return bytes.Equal(c.raw[:c.delta], delta) && bytes.Equal(c.raw[c.delta:], t.bits)
}

// recentPictures is how many gallery of a stream are found by what they show: those of the latest ticks, since some bots read a
// tick later than others.
const recentPictures = 4

// gallery is what all bots of a fleet share of what they are shown. Safe for everybody.
type gallery struct {
	directory directory
	lattice   *native.Lattice

	mu     sync.Mutex
	recent map[uint32]*[recentPictures]*picture // by stream, the latest first
}

// newGallery returns the gallery of a fleet.
func newGallery(d directory, l *native.Lattice) *gallery {
	return &gallery{directory: d, lattice: l, recent: make(map[uint32]*[recentPictures]*picture)}
}

// follow returns what a tick's chunks make of a picture.
func (c *gallery) follow(s *picture, t told) (*change, error) {
	if known := s.next.Load(); known != nil && known.is(t) {
		return known, nil
	}
	n, err := c.change(s, t)
	if err != nil {
		return nil, err
	}
	if !n.own.partial {
		n.to = c.shared(&n.own)
	}
	if !s.next.CompareAndSwap(nil, n) {
		if first := s.next.Load(); first.is(t) {
			return first, nil
		}
	}
	return n, nil
}

// empty returns the picture of a stream of which nothing was told.
func (c *gallery) empty(stream uint32) *picture { return c.shared(&picture{stream: stream}) }

// keyed returns what a key makes of a picture.
func (c *gallery) keyed(s *picture, k *native.KeyPart) (*picture, error) {
	whole := k.First == 0 && k.End == 0
	if whole {
		if known := c.byKey(k.Stream, k.Bytes()); known != nil {
			return known, nil
		}
	}
	n, err := c.decodeKey(s, k)
	if err != nil || n.partial {
		return n, err
	}
	n = c.shared(n)
	if whole {
		c.mu.Lock()
		n.key = bytes.Clone(k.Bytes())
		c.mu.Unlock()
	}
	return n, nil
}

// byKey returns the recent picture that a key was found to tell, or nil.
func (c *gallery) byKey(stream uint32, key []byte) *picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	if recent := c.recent[stream]; recent != nil {
		for _, s := range recent {
			if s != nil && s.key != nil && bytes.Equal(s.key, key) {
				return s
			}
		}
	}
	return nil
}

// shared returns the recent picture that shows the same as s, which is s itself where there was none.
func (c *gallery) shared(s *picture) *picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	recent := c.recent[s.stream]
	if recent == nil {
		recent = new([recentPictures]*picture)
		c.recent[s.stream] = recent
	}
	for _, other := range recent {
		if other != nil && other.shows(s) {
			return other
		}
	}
	copy(recent[1:], recent[:])
	recent[0] = s
	return s
}

// shows reports whether a picture shows the same as another one of its stream.
func (s *picture) shows(o *picture) bool {
	return s == o || s.epoch == o.epoch && s.partial == o.partial && s.count == o.count &&
		slices.EqualFunc(s.members, o.members, func(a, b member) bool { return a.id == b.id && a.at == b.at })
}

// alone returns a picture as it is, which nothing leads on from: who does not read on is not to keep all that follows.
func (s *picture) alone() *picture {
	return &picture{stream: s.stream, epoch: s.epoch, partial: s.partial, members: s.members, count: s.count}
}
