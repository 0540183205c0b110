package bot

import (
	"fmt"
	"math/bits"
	"sync"
)

// Thousands of pictures come into being each second, and most are looked at for a few ticks. What they lie in is used anew:
// as garbage it would call for Go's collector, and while that runs, whoever moves the bots may be late. So it is counted who
// holds what, and whoever lets go last gives it back:
//
//   - A picture is held by each bot that is at it, by the gallery while it is one of the recent ones, and by each change that
//     leads to it.
//   - A change is held by the picture that it leads on from, or by the one bot that worked it out, until that has taken in its
//     tick; and by the picture that lies in it, while anybody holds that.
//
// Who only lets go of its bots' pictures without a word loses nothing but the memory, which the collector finds then.

// sizes is how many sizes of pictures are used anew. The smallest has room for smallest members, each further one for twice as
// many; what is larger than all is left to the collector.
const sizes, smallest = 14, 3

// stock is changes, with the pictures that lie in them, which nobody holds: by size. Safe for everybody.
type stock struct {
	changes   [sizes]sync.Pool // of *change
	crossings sync.Pool        // of *crossings
}

// sizeFor is the smallest size with room for so many members.
func sizeFor(members int) int { return bits.Len(uint((max(members, 1) - 1) / smallest)) }

// fresh returns a change that nothing is known of, with room for so many members in the picture that lies in it, which is empty.
// The picture is held by the caller, and the change by the picture.
func (s *stock) fresh(members int) *change {
	size := sizeFor(members)
	var n *change
	for i := size; i < min(size+2, sizes) && n == nil; i++ { // the next size, for by newcomers some have become larger
		n, _ = s.changes[i].Get().(*change)
	}
	if n == nil {
		n = &change{}
		n.own.of, n.own.members = n, n.own.room[:0]
		n.raw, n.moved, n.sent = n.room.raw[:0], n.room.moved[:0], n.room.sent[:0]
		if size > 0 {
			n.own.members = make([]member, 0, smallest<<size)
		}
	}
	n.held.Store(1)
	n.own.held.Store(1)
	return n
}

// copy returns a picture like another one, with members of its own, which nothing leads on from. The caller holds it.
func (s *stock) copy(p *picture) *picture {
	n := &s.fresh(len(p.members)).own
	n.become(p)
	return n
}

// empty returns a picture of a stream of which nothing was told. The caller holds it.
func (s *stock) empty(stream uint32) *picture {
	n := &s.fresh(0).own
	n.stream = stream
	return n
}

// become makes a picture like another one, with members of its own.
func (p *picture) become(o *picture) {
	p.stream, p.epoch, p.partial, p.count, p.crowd = o.stream, o.epoch, o.partial, o.count, o.crowd
	p.members = append(p.members[:0], o.members...)
}

// cross returns the crossings of a change.
func (s *stock) cross(n *change) *crossings {
	if n.crossings == nil {
		if n.crossings, _ = s.crossings.Get().(*crossings); n.crossings == nil {
			n.crossings = &crossings{}
		}
	}
	return n.crossings
}

// hold has a picture held once more, by somebody to whom one of its holders hands it.
func (p *picture) hold() *picture {
	p.held.Add(1)
	return p
}

// release lets go of a picture, if it is one. The last to do so lets go of what leads on from it, too.
func (s *stock) release(p *picture) {
	for p != nil && letGo(p.held.Add(-1)) {
		next := p.next.Swap(nil)
		s.drop(p.of)
		if p = nil; next != nil {
			p = next.to
			s.drop(next)
		}
	}
}

// drop lets go of a change. Memory for many crossings is not kept with it: few changes have any.
func (s *stock) drop(n *change) {
	if !letGo(n.held.Add(-1)) {
		return
	}
	if x := n.crossings; x != nil {
		clear(x.left)
		clear(x.entered)
		x.left, x.entered = x.left[:0], x.entered[:0]
		s.crossings.Put(x)
	}
	clear(n.own.members)
	n.reset()
	if size := bits.Len(uint(cap(n.own.members)/smallest)) - 1; size < sizes {
		s.changes[size].Put(n)
	}
}

// reset makes a change one of which nothing is known. It keeps its memory.
func (n *change) reset() {
	p := &n.own
	p.stream, p.epoch, p.partial, p.members, p.count, p.crowd, p.key, p.keyed = 0, 0, false, p.members[:0], 0, nil, p.key[:0], 0
	n.to, n.crossings, n.raw, n.ends, n.time = nil, nil, n.raw[:0], [3]int32{}, 0
	n.moved, n.fixes, n.over, n.sent = n.moved[:0], n.fixes[:0], false, n.sent[:0]
}

// letGo reports whether nobody holds any longer what so many hold.
func letGo(holders int32) bool {
	if holders < 0 {
		panic(fmt.Sprintf("bot: given back by more than hold it: %d", holders))
	}
	return holders == 0
}
