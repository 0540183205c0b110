package world

import (
	"errors"
	"fmt"

	"aoiworld/aoi"
)

// Layer says to whom an entity is shown at all. Everybody sees the layers up to one of its own, the public one at least: of
// who is in a higher one nothing is told.
type Layer uint8

// The layers.
const (
	Public Layer = iota // shown to everybody near
	Hidden              // shown to who sees hidden ones, such as a moderator
	Layers              // how many there are
)

// ErrLayer says that an entity cannot be in a layer: there is no such layer, or the player would not see itself in it.
var ErrLayer = errors.New("impossible layer")

// SetLayer takes an entity into a layer. For those who see it in one of the two layers alone, it leaves or appears where it is.
// A player can be taken into the layers that it sees, and into no other. The error is ErrNobody or ErrLayer.
func (tx *Tx) SetLayer(id ID, layer Layer) error {
	return tx.with("layer", id, func(slot Slot) error {
		e := &tx.world.entities[slot]
		if e.layer == layer {
			return nil
		}
		if !e.fits(layer) {
			return fmt.Errorf("%w: %d", ErrLayer, layer)
		}
		tx.world.touch(slot)
		e.layer = layer
		return nil
	})
}

// fits reports whether an entity can be in a layer. Players must see themselves.
func (e *entity) fits(layer Layer) bool {
	return layer < Layers && e.sees < Layers && (e.kind != PlayerKind || layer <= e.sees)
}

// Public returns a change as it is for those who see nothing but the public layer, to whom who is hidden is nowhere. It is
// nothing to them when both its cells are None.
func (c Change) Public() Change {
	if c.LayerBefore != Public {
		c.Before = aoi.None
	}
	if c.Layer != Public {
		c.After = aoi.None
	}
	c.LayerBefore, c.Layer = Public, Public
	return c
}
