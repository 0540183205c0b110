package client

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"aoiworld/net/native"
)

// ErrDesync is wrapped by every error that says what a Tick does not fit to. Whoever gets one connects anew.
var ErrDesync = errors.New("tick does not fit")

// Entity is somebody or something in view.
type Entity struct {
	ID         int32
	Kind       uint8 // 0 is a player
	Name       string
	Attributes []byte // of a game; they are replaced as a whole, never changed
	// At is where it was told to be last. In a crowd that may be a while ago: Replica.Place is where it is.
	At native.Place

	told    told   // in this tick
	parked  bool   // it left a stream, or the stream was forgotten, and may be in another
	crowded bool   // its stream is
	stream  uint32 // whose member it is, by slot
	slot    int32
	near    uint32 // the last tick that told where it is and gave it no track, as Replica.applied
}

// ShownName returns under which name to show an entity to people: a player without a name of its own has one all the same. What
// is no player may have none.
func (e *Entity) ShownName() string {
	if e.Kind != 0 {
		return e.Name
	}
	return native.ShownName(e.Name, e.ID)
}

// told says what a tick told of an entity.
type told uint8

const (
	toldNew told = 1 << iota
	toldMoved
	toldChanged
	toldAgain // of one that was known: traits that are not told are none
	toldTraits
	listed
)

// Observer is told what became of entities, in the order of a tick: who left, who appeared, who moved, whose traits changed. An
// Entity is the replica's, to be read during the call.
type Observer interface {
	Left(*Entity)
	Appeared(*Entity)
	Moved(*Entity)
	Changed(*Entity)
}

// Replica is what a server shows to one viewer, built from Ticks. It is pure: no connection, no clock, no lock. There may be
// thousands in one process, so it is compact: entities lie in one slice, and slots name them by their index there.
type Replica struct {
	observer Observer
	number   uint64
	cell     uint32
	time     uint32 // of the last tick that told it
	applied  uint32 // ticks, the one that is being applied included
	forgot   bool   // this tick had everything forgotten
	extent   native.Extent
	streams  []stream // by id
	slots    int      // of all of them
	entities []Entity
	index    map[int32]int32 // of entities by id
	scratch  *Scratch        // nil until Apply needs one

	untrimmed int // ticks since memory was last given back
	most      int // entities in these
}

// Scratch is the memory that applying a tick takes. Nothing is kept in it, so replicas that never apply at the same time may
// share one. The zero value is ready.
type Scratch struct {
	tick    native.Tick
	touched []int32 // entities of whom something is told, by index
	parked  []int32
}

// stream is the members of one cell by slot: their indices, or nobody.
type stream struct {
	id      uint32
	epoch   uint32
	partial bool  // further key parts are to come: members of slots that are not known are passed over
	count   int32 // members that are there
	members []int32
	crowd   *crowd // nil: it is not crowded
}

// What is in a slot, if no index.
const (
	nobody    = -1
	elsewhere = -2 // who was there, by a chunk that is read before the one by which it leaves
)

// Bounds of what a replica takes, whatever a server sends: more than any world shows to one viewer.
const (
	maxStreams = 1 << 17
	maxSlots   = 1 << 20 // of all streams
)

// NewReplica returns a replica that was told nothing. The observer may be nil.
func NewReplica(o Observer) *Replica {
	return &Replica{observer: o, extent: native.Extent{Width: native.MaxSteps, Depth: native.MaxSteps}}
}

// Number returns the number of the last tick, Cell the viewer cell as of then.
func (r *Replica) Number() uint64 { return r.number }

// Cell returns the cell from which the viewer looks.
func (r *Replica) Cell() uint32 { return r.cell }

// Len returns the number of entities in view, oneself included.
func (r *Replica) Len() int { return len(r.index) }

// Entity returns an entity in view, or nil. It is the replica's, to be read until the next Apply.
func (r *Replica) Entity(id int32) *Entity {
	if i, known := r.index[id]; known {
		return &r.entities[i]
	}
	return nil
}

// All yields everybody in view, in no order.
func (r *Replica) All() iter.Seq[*Entity] {
	return func(yield func(*Entity) bool) {
		for i := range r.entities {
			if e := &r.entities[i]; !e.parked && !yield(e) {
				return
			}
		}
	}
}

// Forgot reports whether the tick that was applied last, or is being applied, had everything forgotten: keys follow, in this
// tick and maybe in more, and who is not there yet, which may be the viewer itself, appears again when its stream does.
func (r *Replica) Forgot() bool { return r.forgot }

// Apply applies the payload of a Tick in the order of the protocol: forget all, keys, all left, all entered, traits, all moved,
// crowds, near, dropped. The error wraps native.ErrMalformed or ErrDesync; the replica is not to be used any more then.
func (r *Replica) Apply(payload []byte) error {
	if r.scratch == nil {
		r.scratch = &Scratch{}
	}
	return r.ApplyWith(r.scratch, payload)
}

// ApplyWith is Apply with memory that the caller lends.
func (r *Replica) ApplyWith(s *Scratch, payload []byte) error {
	if err := s.tick.Parse(payload); err != nil {
		return err
	}
	s.touched, s.parked = s.touched[:0], s.parked[:0]
	r.number = s.tick.Number
	if r.applied++; s.tick.Time != 0 || len(s.tick.Crowds) > 0 {
		r.time = s.tick.Time
	}
	a := applying{r, s}
	if r.forgot = s.tick.Forget; r.forgot {
		for i := range r.streams {
			a.park(&r.streams[i], 0, len(r.streams[i].members))
		}
		clear(r.streams)
		r.streams, r.slots = r.streams[:0], 0
	}
	if s.tick.Shifted {
		r.cell = s.tick.Cell
	}
	for _, step := range [...]func() error{
		a.applyKeys, a.applyLeft, a.applyEntered, a.applyMoved, a.applyBits, a.applyCrowds, a.applyNear, a.applyDropped,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	a.tell()
	return nil
}

// find returns where a stream is, or would be.
func (r *Replica) find(id uint32) (i int, known bool) {
	return slices.BinarySearchFunc(r.streams, id, func(s stream, id uint32) int { return cmp.Compare(s.id, id) })
}

// stream returns a stream, until the next is asked for. One of which nothing was told is empty, and of epoch 0.
func (r *Replica) stream(id uint32) *stream {
	i, known := r.find(id)
	if !known {
		r.streams = slices.Insert(r.streams, i, stream{id: id})
	}
	return &r.streams[i]
}

// known is stream, as long as there are not too many.
func (r *Replica) known(id uint32) (*stream, error) {
	if len(r.streams) > maxStreams {
		return nil, fmt.Errorf("%w: stream %d is one too many", native.ErrMalformed, id)
	}
	return r.stream(id), nil
}

// member returns the index of who is in a slot, or nobody.
func (s *stream) member(slot int32) int32 {
	if int(slot) >= len(s.members) {
		return nobody
	}
	return max(nobody, s.members[slot])
}
