package world

import (
	"slices"

	"aoiworld/aoi"
)

// Kind says what an entity is. A game numbers its own kinds from FirstGameKind upwards.
type Kind uint8

// The kinds.
const (
	PlayerKind   Kind = 0 // somebody with a session
	WandererKind Kind = 1 // walks about by itself
	// FirstGameKind is the first that no later version of the server uses.
	FirstGameKind Kind = 16
)

// Bounds of what a game keeps and says (bytes).
const (
	MaxName       = 64      // of a player's name
	MaxAttributes = 255     // of an entity's attributes
	MaxState      = 4 << 10 // of an entity's state
	MaxShared     = 65_535  // of a world's state under one key
	MaxKey        = 255     // of a key of a world's state
	MaxKeys       = 1 << 10 // keys of a world's state
	MaxMessage    = 1 << 10 // of a message's payload
)

// Entity is somebody or something in a world as a game sees it: a copy, which does not follow what happens later. The
// bytes are shared and must not be changed.
type Entity struct {
	ID   ID
	Kind Kind
	Name string // of a player; may be empty
	At   Position
	// Layer is where it is shown, and Sees the highest layer that it is shown itself.
	Layer, Sees Layer
	// Attributes are shown to everybody who sees the entity, whenever they change.
	Attributes []byte
	// State is what the game remembers of the entity. Nobody is shown it.
	State []byte
}

// IDRange is Count ids from First upwards.
type IDRange struct {
	First ID
	Count int32
}

// take returns the next id of a range, or false when it is used up.
func (r *IDRange) take() (id ID, ok bool) {
	if r.Count <= 0 {
		return 0, false
	}
	id = r.First
	r.First++
	r.Count--
	return id, true
}

// entity is somebody or something in the world.
type entity struct {
	player ID
	epoch  Epoch
	kind   Kind
	name   string
	layer  Layer
	sees   Layer // and all below it; at least layer, of a player
	at     Position
	travel allowance // world units that may be moved at once
	taken  teleport  // that the client may not know of yet

	// A game's. They are replaced as wholes, never changed, so that whoever holds them may go on reading.
	attributes, state []byte

	touched  bool     // in this tick
	was      Layer    // of a touched entity, when the tick began or it joined
	marked   bool     // in this tick: its kind, name or attributes are new
	before   aoi.Cell // where a touched entity was when the tick began
	sequence uint32   // of the move that was applied in this tick to a touched entity, or 0
}

// entityAt returns the slot's entity as a game sees it.
func (w *World) entityAt(slot Slot) Entity {
	e := &w.entities[slot]
	return Entity{
		ID: e.player, Kind: e.kind, Name: e.name, At: e.at, Layer: e.layer, Sees: e.sees,
		Attributes: e.attributes, State: e.state,
	}
}

// count enters somebody new into the books. Ids of new entities rise.
func (w *World) count(kind Kind, id ID) {
	if kind == PlayerKind {
		w.players++
		return
	}
	w.kinds[kind] = append(w.kinds[kind], id)
}

// discount strikes somebody from the books.
func (w *World) discount(kind Kind, id ID) {
	if kind == PlayerKind {
		w.players--
		return
	}
	i, _ := slices.BinarySearch(w.kinds[kind], id)
	w.kinds[kind] = slices.Delete(w.kinds[kind], i, i+1)
}
