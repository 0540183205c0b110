package world

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"aoiworld/aoi"
)

// Errors of a Tx. What returns one has had no effect.
var (
	// ErrNobody: no entity in the world has the id.
	ErrNobody = errors.New("no such entity")
	// ErrPosition: nobody can be there.
	ErrPosition = errors.New("impossible position")
	// ErrTooLong: the bytes are more than their bound.
	ErrTooLong = errors.New("too long")
	// ErrIsPlayer: players come and go with their sessions alone.
	ErrIsPlayer = errors.New("entity is a player")
)

// Tx is a game's hold on the world for the length of one call. What it reads is how things stand within the tick, what it
// changes counts at once, and is shown to everybody when the tick ends. It must not be kept beyond the call.
type Tx struct{ world *World }

// Tick returns the number of the tick.
func (tx *Tx) Tick() uint64 { return tx.world.out.Tick }

// Now returns the tick's time since the world began.
func (tx *Tx) Now() time.Duration { return tx.world.now }

// Elapsed returns the time since the tick before: what moves by itself moves for so long. It is not the same in each
// tick, for ticks come early and late.
func (tx *Tx) Elapsed() time.Duration { return tx.world.elapsed }

// Grid returns the world's geometry.
func (tx *Tx) Grid() *aoi.Grid { return tx.world.Grid() }

// Entity returns an entity by its id, or false.
func (tx *Tx) Entity(id ID) (Entity, bool) {
	slot, here := tx.world.index[id]
	if !here {
		return Entity{}, false
	}
	return tx.world.entityAt(slot), true
}

// Entities returns everybody and everything in the world by ascending id. That takes time in a large world.
func (tx *Tx) Entities() []Entity {
	return tx.list(slices.Collect(maps.Values(tx.world.index)))
}

// IDs returns everything of a kind in the world by ascending id, in a slice of the caller's own. Of players it returns none.
func (tx *Tx) IDs(kind Kind) []ID { return slices.Clone(tx.world.kinds[kind]) }

// Near returns everybody and everything that an entity sees, itself left out, by ascending id. It sees the public layer, and
// the others up to its Sees.
func (tx *Tx) Near(id ID) []Entity {
	w := tx.world
	me, here := w.index[id]
	if !here {
		return nil
	}
	var slots []Slot
	for _, cell := range w.Grid().Neighbourhood(w.cells.CellOf(me)) {
		slots = append(slots, w.cells.Members(cell)...)
	}
	sees := w.entities[me].sees
	return tx.list(slices.DeleteFunc(slots, func(slot Slot) bool { return slot == me || w.entities[slot].layer > sees }))
}

// list returns the entities of slots by ascending id.
func (tx *Tx) list(slots []Slot) []Entity {
	all := make([]Entity, len(slots))
	for i, slot := range slots {
		all[i] = tx.world.entityAt(slot)
	}
	slices.SortFunc(all, func(a, b Entity) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Spawn puts something new into the world and returns its id. The error is ErrPosition, or ErrNoIDs when the world's share
// of ids is used up: then there are new ones in the next tick.
func (tx *Tx) Spawn(kind Kind, at Position) (ID, error) {
	w := tx.world
	if w.rules.Check(at) != Accepted {
		return 0, fmt.Errorf("spawn: %w: %v", ErrPosition, at)
	}
	id, ok := w.ids.take()
	if !ok {
		return 0, fmt.Errorf("spawn: %w", ErrNoIDs)
	}
	w.add(entity{player: id, kind: kind, at: at})
	return id, nil
}

// Remove takes what a game has spawned out of the world. The error is ErrNobody or ErrIsPlayer.
func (tx *Tx) Remove(id ID) error {
	return tx.with("remove", id, func(slot Slot) error {
		if tx.world.entities[slot].kind == PlayerKind {
			return ErrIsPlayer
		}
		tx.world.remove(slot)
		return nil
	})
}

// Move takes an entity to a position, however far; the speed budget is for what clients ask. The error is ErrNobody or
// ErrPosition.
func (tx *Tx) Move(id ID, to Position) error {
	return tx.with("move", id, func(slot Slot) error {
		if tx.world.rules.Check(to) != Accepted {
			return fmt.Errorf("%w: %v", ErrPosition, to)
		}
		tx.world.place(slot, to)
		return nil
	})
}

// SetAttributes replaces what everybody who sees the entity is shown of it, at most MaxAttributes bytes. The bytes are the
// world's from now on. The error is ErrNobody or ErrTooLong.
func (tx *Tx) SetAttributes(id ID, attributes []byte) error {
	return tx.with("attributes", id, func(slot Slot) error {
		if len(attributes) > MaxAttributes {
			return fmt.Errorf("%w: %d bytes", ErrTooLong, len(attributes))
		}
		e := &tx.world.entities[slot]
		if !slices.Equal(e.attributes, attributes) {
			e.attributes = attributes
			tx.world.mark(slot)
		}
		return nil
	})
}

// SetState replaces what the game remembers of an entity, at most MaxState bytes, which are the world's from now on. The
// error is ErrNobody or ErrTooLong.
func (tx *Tx) SetState(id ID, state []byte) error {
	return tx.with("state", id, func(slot Slot) error {
		if len(state) > MaxState {
			return fmt.Errorf("%w: %d bytes", ErrTooLong, len(state))
		}
		tx.world.entities[slot].state = state
		return nil
	})
}

// Shared returns what was remembered of the world as a whole under a key, or nil. Games take their names for keys.
func (tx *Tx) Shared(key string) []byte { return tx.world.shared[key] }

// SetShared replaces what is remembered of the world as a whole under a key of at most MaxKey bytes: at most MaxShared
// bytes, which are the world's from now on; none to forget. The error is ErrTooLong.
func (tx *Tx) SetShared(key string, state []byte) error {
	switch {
	case len(key) > MaxKey || len(state) > MaxShared:
		return fmt.Errorf("shared state: %w: %d bytes under a key of %d", ErrTooLong, len(state), len(key))
	case len(state) == 0:
		delete(tx.world.shared, key)
	case tx.world.shared[key] == nil && len(tx.world.shared) == MaxKeys:
		return fmt.Errorf("shared state: %w: more than %d keys", ErrTooLong, MaxKeys)
	default:
		tx.world.shared[key] = state
	}
	return nil
}

// Tell says something to one player alone. It is kept for a client that is behind. The error is ErrNobody or ErrTooLong.
func (tx *Tx) Tell(id ID, m Message) error { return tx.tell("tell", ToOne, id, m) }

// Announce says something to everybody who sees an entity now, itself included. A client that is behind misses it, as it
// misses moves: what must not be missed belongs into attributes. The error is ErrNobody or ErrTooLong.
func (tx *Tx) Announce(near ID, m Message) error { return tx.tell("announce", ToNear, near, m) }

// tell notes a message about or to an entity.
func (tx *Tx) tell(what string, reach Reach, id ID, m Message) error {
	return tx.with(what, id, func(slot Slot) error {
		if len(m.Payload) > MaxMessage {
			return fmt.Errorf("%w: message %d of %d bytes", ErrTooLong, m.ID, len(m.Payload))
		}
		w := tx.world
		w.out.Told = append(w.out.Told, Told{
			Reach: reach, Player: id, Slot: slot, Cell: w.cells.CellOf(slot), Layer: w.entities[slot].layer, Message: m,
		})
		return nil
	})
}

// Broadcast says something to everybody in the world. It is kept, as chats are, for clients that are behind. The error is
// ErrTooLong.
func (tx *Tx) Broadcast(m Message) error {
	if len(m.Payload) > MaxMessage {
		return fmt.Errorf("broadcast: %w: message %d of %d bytes", ErrTooLong, m.ID, len(m.Payload))
	}
	tx.world.out.Told = append(tx.world.out.Told, Told{Reach: ToAll, Cell: aoi.None, Message: m})
	return nil
}

// with does something to an entity.
func (tx *Tx) with(what string, id ID, do func(Slot) error) error {
	slot, here := tx.world.index[id]
	if !here {
		return fmt.Errorf("%s: %w: %d", what, ErrNobody, id)
	}
	if err := do(slot); err != nil {
		return fmt.Errorf("%s %d: %w", what, id, err)
	}
	return nil
}
