package bot

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/native"
)

// picture is a stream at some moment, as bots of the native dialect are shown it: who is where. It does not change while
// several hold it, so that bots that are shown the same share one. What a chunk makes of a picture depends on nothing but
// the two: the first bot that reads it works it out, and whoever is at the same picture and reads the same bytes takes that
// over.
type picture struct {
	stream, epoch uint32
	partial       bool     // further parts of a key are to come: members of slots that are not known are passed over
	members       []member // by slot; the last is somebody
	count         int      // of members who are somebody
	crowd         *crowded // nil: it is not crowded

	held  atomic.Int32           // by so many
	next  atomic.Pointer[change] // what the first chunk that was read after it makes of it
	key   []byte                 // one that tells this picture, if any did; guarded by the gallery, as keyed is
	keyed uint32                 // the time of the key of a crowd
	of    *change                // in which it lies
	room  [smallest]member       // of members, if they are few
}

// member is somebody in a slot, or nobody, whose id is 0.
type member struct {
	id       int32
	sequence uint32          // of the move that at stands for
	at       native.Place    // in a crowd where its track begins
	since    uint32          // the track does, by the world's clock (ms)
	speed    native.Velocity // along the track
	verdict  verdict         // on at
	crowded  bool
	track    *track // nil for strangers, and for newcomers who have not read their own welcome yet
}

// change is what a tick tells of a stream. What is told of a few is in one piece of memory: thousands of changes a second are
// each looked at by a bot that has looked elsewhere meanwhile.
type change struct {
	held       atomic.Int32 // by so many
	to         *picture
	raw        []byte   // the delta, the bits, the crowd and how it ends, as they were received
	ends       [3]int32 // in raw, of the first three
	time       uint32   // by the world's clock, of what is told of a crowd; otherwise 0
	moved      []movement
	fixes      []fixed         // of the crowd
	over       bool            // the crowd is
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

// told is what a tick tells of one stream.
type told struct {
	stream uint32
	delta  *native.DeltaPart // or nil
	bits   []byte            // or nil
	crowd  *native.CrowdPart // or nil
	near   [][]byte          // of a crowd that ends
	tick   uint32            // its number
	time   uint32            // by the world's clock (ms)
}

// slots is how many slots a picture of so many has when everybody has entered, unless what is told is malformed.
func (t *told) slots(n int) int {
	if t.delta == nil {
		return n
	}
	for entered := t.delta.Entered(); ; {
		m, more, err := entered.Next()
		if err != nil || !more {
			return n
		}
		n = max(n, int(m.Slot)+1)
	}
}

// parts are what is told, but for near.
func (t *told) parts() (parts [3][]byte) {
	if t.delta != nil {
		parts[0] = t.delta.Bytes()
	}
	if parts[1] = t.bits; t.crowd != nil {
		parts[2] = t.crowd.Bytes()
	}
	return parts
}

// is reports whether a change is by these very bytes, told at the same time where that matters.
func (c *change) is(t *told) bool {
	begin := int32(0)
	for i, part := range t.parts() {
		if !bytes.Equal(c.raw[begin:c.ends[i]], part) {
			return false
		}
		begin = c.ends[i]
	}
	rest := c.raw[begin:]
	for _, near := range t.near {
		if !bytes.HasPrefix(rest, near) {
			return false
		}
		rest = rest[len(near):]
	}
	return len(rest) == 0 && (c.time == 0 || c.time == t.time)
}

// keep notes by what a change is.
func (c *change) keep(t *told) {
	for i, part := range t.parts() {
		c.raw = append(c.raw, part...)
		c.ends[i] = int32(len(c.raw))
	}
	for _, near := range t.near {
		c.raw = append(c.raw, near...)
	}
}

// recentPictures is how many pictures of a stream are found by what they show: those of the latest ticks, since some bots read a
// tick later than others.
const recentPictures = 3

// gallery is what all bots of a fleet share of what they are shown. Safe for everybody.
type gallery struct {
	directory directory
	lattice   *native.Lattice
	seed      maphash.Seed
	stock

	mu     sync.Mutex
	recent map[uint32]*[recentPictures]*picture // by stream, the latest first
}

// newGallery returns the gallery of a fleet.
func newGallery(d directory, l *native.Lattice) *gallery {
	return &gallery{directory: d, lattice: l, seed: maphash.MakeSeed(), recent: make(map[uint32]*[recentPictures]*picture)}
}

// follow returns what a tick's chunks make of a picture that the caller holds. alone says that it does not matter to the
// caller what the picture was: one of which only a part is known, and which nobody else holds, becomes what they make of it.
// own says that nobody else has the change, and the caller is to give it back; otherwise it is good for as long as the
// picture is held.
func (c *gallery) follow(s *picture, t *told, alone bool) (n *change, own bool, err error) {
	next := s.next.Load()
	if next != nil && next.is(t) {
		return next, false, nil
	}
	n = c.fresh(t.slots(len(s.members)))
	if alone && next == nil && s.partial && s.held.Load() == 1 {
		n.to = s.hold()
	} else {
		n.to = n.own.hold()
		n.own.become(s)
		n.keep(t)
	}
	n.held.Add(1)
	c.release(&n.own)
	if err := c.change(n, t); err != nil {
		return nil, false, err
	}
	if n.to == s {
		return n, true, nil
	}
	n, own = c.publish(s, n, t)
	return n, own, nil
}

// publish lets others find what was worked out of a picture, and returns what they have found meanwhile.
func (c *gallery) publish(s *picture, n *change, t *told) (found *change, own bool) {
	switch {
	case n.own.partial:
	case n.own.crowd != nil: // what is told of it near belongs to this very tick
		c.remember(&n.own)
	default:
		n.to = c.shared(&n.own)
	}
	if s.next.CompareAndSwap(nil, n) {
		return n, false
	}
	if first := s.next.Load(); first.is(t) {
		c.giveBack(n)
		return first, false
	}
	return n, true
}

// giveBack gives back a change that nobody else has.
func (c *gallery) giveBack(n *change) {
	c.release(n.to)
	c.drop(n)
}

// keyed returns what a key makes of a picture; the caller holds both. It is read into spare memory first: most keys tell what
// others were told already.
func (c *gallery) keyed(spare, s *picture, k *native.KeyPart, time uint32) (*picture, error) {
	whole := k.First == 0 && k.End == 0
	if whole {
		if known := c.byKey(k.Stream, k.Bytes(), time); known != nil {
			return known, nil
		}
	}
	if err := c.decodeKey(spare, s, k, time); err != nil {
		return nil, err
	}
	if spare.partial {
		return c.copy(spare), nil
	}
	n := c.shared(c.copy(spare))
	if whole {
		c.mu.Lock()
		n.key, n.keyed = append(n.key[:0], k.Bytes()...), time
		c.mu.Unlock()
	}
	return n, nil
}

// byKey returns the recent picture that a key was found to tell, or nil.
func (c *gallery) byKey(stream uint32, key []byte, time uint32) *picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	if recent := c.recent[stream]; recent != nil {
		for _, s := range recent {
			if s != nil && len(s.key) > 0 && (s.crowd == nil || s.keyed == time) && bytes.Equal(s.key, key) {
				return s.hold()
			}
		}
	}
	return nil
}

// shared returns the recent picture that shows the same as s, which is s itself where there was none. The caller, who held s,
// holds that instead.
func (c *gallery) shared(s *picture) *picture {
	c.mu.Lock()
	known, gone := c.find(s), s
	if known == nil {
		known, gone = s, c.add(s)
	} else {
		known.hold()
	}
	c.mu.Unlock()
	c.release(gone)
	return known
}

// find returns the recent picture that shows the same as s, or nil, to whoever has the lock.
func (c *gallery) find(s *picture) *picture {
	if recent := c.recent[s.stream]; recent != nil {
		for _, other := range recent {
			if other != nil && other.shows(s) {
				return other
			}
		}
	}
	return nil
}

// remember makes a picture one that is found by what it shows.
func (c *gallery) remember(s *picture) {
	c.mu.Lock()
	gone := c.add(s)
	c.mu.Unlock()
	c.release(gone)
}

// add is remember for whoever has the lock, and then is to release the picture that is no longer recent, if there is one.
func (c *gallery) add(s *picture) (gone *picture) {
	recent := c.recent[s.stream]
	if recent == nil {
		recent = new([recentPictures]*picture)
		c.recent[s.stream] = recent
	}
	gone = recent[recentPictures-1]
	copy(recent[1:], recent[:])
	recent[0] = s.hold()
	return gone
}

// shows reports whether a picture shows the same as another one of its stream, and says the same of a crowd as a whole.
func (s *picture) shows(o *picture) bool {
	return s == o || s.epoch == o.epoch && s.partial == o.partial && s.count == o.count && s.crowd.declares(o.crowd) &&
		slices.EqualFunc(s.members, o.members, func(a, b member) bool { return a.same(&b) })
}

// same reports whether two members are the same at the same place, and in a crowd on the same track. A track that leads nowhere
// is the same whenever it began.
func (m *member) same(o *member) bool {
	return m.id == o.id && m.at == o.at && m.crowded == o.crowded && m.speed == o.speed &&
		(m.since == o.since || m.speed == native.Velocity{})
}
