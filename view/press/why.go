package press

import (
	"time"

	"aoiworld/world"
)

// Why says why a viewer was told of an entity in a tick, or was not.
type Why uint8

// The reasons. ops/admin/openapi.yaml says of each what it means.
const (
	Moved Why = iota
	Entered
	Crossed
	Left
	Keyed
	CaughtUp
	Traits
	Far
	Near
	Unchanged // from here on it was not told
	Rounded
	Tracked
	Waiting
	Outside
	Veiled
	Lagging
	CatchingUp
	Absent
	Missing
	Whys // how many there are
)

// String returns the reason's name.
func (w Why) String() string {
	return [...]string{
		"moved", "entered", "crossed", "left", "key", "caught_up", "traits", "far", "near", "unchanged", "rounded", "tracked",
		"waiting", "outside", "hidden", "lagging", "catching_up", "absent", "missing", "?",
	}[min(w, Whys)]
}

// Sent reports whether the viewer was told.
func (w Why) Sent() bool { return w < Unchanged }

// Untold says why the frame of a viewer in the last tick did not tell of an entity that is in the world, and within which time it
// is told of at the latest, if it waits. changed says that the tick did something to it. It is for between Compose and the next
// Encode.
type Untold func(of world.Slot, changed bool) (why Why, within time.Duration)

// Records are the kinds of records about an entity in a frame, together.
type Records uint8

// The kinds of records.
const (
	RecordMoved   Records = 1 << iota // where it is, or by how much it has moved
	RecordEntered                     // it has come, and where it is
	RecordLeft                        // it has gone
	RecordKey                         // one of everybody in a cell
	RecordTraits                      // what there is to it beside its place
	RecordFar                         // where it is, to all who see a crowd
	RecordNear                        // where it is, to who is near
)

// Account is what a frame told of an entity, and what that took (bytes): of what it shares with others its share.
type Account struct {
	Records Records
	Bytes   float64
}

// Accounts is what a frame told of whom.
type Accounts map[world.ID]Account

// Add notes a record.
func (a Accounts) Add(id world.ID, kind Records, bytes float64) {
	of := a[id]
	of.Records |= kind
	of.Bytes += bytes
	a[id] = of
}

// Standing is how a viewer stands to what it is shown.
type Standing uint8

// The standings.
const (
	UpToDate   Standing = iota // it was told all
	InParts                    // it catches up, over some ticks
	Behind                     // it could not take a frame
	NotWatched                 // nobody looks, as far as the view is concerned
)

// String returns the standing's name.
func (s Standing) String() string {
	return [...]string{"current", "catching_up", "lagging", "absent"}[s]
}

// Why says why somebody was told of, of whom there are such records.
func (r Records) Why() Why {
	switch {
	case r&RecordLeft != 0 && r&(RecordEntered|RecordKey) == 0:
		return Left
	case r&RecordLeft != 0:
		return Crossed
	case r&RecordKey != 0:
		return Keyed
	case r&RecordEntered != 0:
		return Entered
	case r&RecordFar != 0:
		return Far
	case r&RecordNear != 0:
		return Near
	case r&RecordMoved != 0:
		return Moved
	}
	return Traits
}
