package view

import (
	"cmp"
	"slices"

	"aoiworld/aoi"
	"aoiworld/world"
)

// mirror is what view knows of the world: who is where, reckoned from the outputs alone. Who is hidden is in no cell.
type mirror struct {
	cells   *aoi.Manager
	players []sight      // by slot
	sorted  []world.Slot // what members returned last
}

// sight is one entity as it can be seen.
type sight struct {
	player world.ID
	at     world.Position
	told   uint64 // the last tick in which all were told where it is who see it
	marked uint64 // the last tick in which its kind or attributes were new
	// crossed is the last tick in which its cell changed, before the cell it came from in that tick.
	crossed uint64
	before  aoi.Cell

	kind       world.Kind
	attributes []byte
}

// hasAttributes reports whether there is more to an entity than its place.
func (s *sight) hasAttributes() bool { return s.kind != world.PlayerKind || len(s.attributes) > 0 }

// newMirror returns the mirror of an empty world.
func newMirror(grid *aoi.Grid) mirror { return mirror{cells: aoi.NewManager(grid)} }

// apply follows a tick. Of who moves inside a crowd not all are told at once.
func (m *mirror) apply(out *world.Output, crowds *crowds) {
	for i := range out.Changes {
		c := &out.Changes[i]
		for int(c.Slot) >= len(m.players) {
			m.players = append(m.players, sight{})
		}
		p := &m.players[c.Slot]
		p.player, p.at = c.Player, c.At
		if public := c.Public(); crowds == nil || !public.Stayed() || crowds.mass(public.After) == nil {
			p.told = out.Tick
		}
		if c.Joined() {
			p.kind, p.attributes, p.marked = world.PlayerKind, nil, 0
		}
		m.place(p, c.Public(), out.Tick)
	}
	for i := range out.Marks {
		mark := &out.Marks[i]
		p := &m.players[mark.Slot]
		p.kind, p.attributes, p.marked = mark.Kind, mark.Attributes, out.Tick
	}
}

// place puts an entity where the public is shown it, which is nowhere while it is hidden.
func (m *mirror) place(p *sight, c world.Change, tick uint64) {
	if !c.Stayed() {
		p.crossed, p.before = tick, c.Before
	}
	switch {
	case c.Joined() && c.Left():
	case c.Joined():
		m.cells.Add(c.Slot, c.At.X, c.At.Z)
	case c.Left():
		m.cells.Remove(c.Slot)
	default:
		m.cells.Move(c.Slot, c.At.X, c.At.Z)
	}
}

// class returns the cells of an entity when the tick began and when it ended.
func (m *mirror) class(slot world.Slot, tick uint64) (before, after aoi.Cell) {
	after = m.cells.CellOf(slot)
	if p := &m.players[slot]; p.crossed == tick {
		return p.before, after
	}
	return after, after
}

// stayed reports whether an entity is in the cell in which the tick began for it.
func (m *mirror) stayed(slot world.Slot, tick uint64) bool { return m.players[slot].crossed != tick }

// members returns a cell's members by ascending player id. The slice is valid until the next call.
func (m *mirror) members(c aoi.Cell) []world.Slot {
	m.sorted = append(m.sorted[:0], m.cells.Members(c)...)
	slices.SortFunc(m.sorted, func(a, b world.Slot) int { return cmp.Compare(m.players[a].player, m.players[b].player) })
	return m.sorted
}
