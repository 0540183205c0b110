package aoi

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Slot is the small dense number by which a caller names an entity here: the arrays are indexed by it, so it should be
// reused once its entity has been removed.
type Slot int32

// Manager is the AOIManager: a grid, and which entities stand in which of its cells. It belongs to one goroutine.
type Manager struct {
	*Grid
	members [][]Slot // by cell, in no particular order
	places  []place  // by slot
}

// place is where a slot stands: members[cell][index]. An absent slot's cell is None.
type place struct {
	cell  Cell
	index int32
}

// NewManager returns an empty manager over grid.
func NewManager(grid *Grid) *Manager {
	return &Manager{Grid: grid, members: make([][]Slot, grid.Cells())}
}

// Add puts an absent slot at a position and returns its cell; None, and nothing has changed, outside the bounds.
func (m *Manager) Add(s Slot, x, z float32) Cell {
	cell := m.CellAt(x, z)
	if cell == None {
		return None
	}
	for int(s) >= len(m.places) {
		m.places = append(m.places, place{cell: None})
	}
	if was := m.places[s].cell; was != None {
		panic(fmt.Sprintf("aoi: slot %d added twice, it stands in cell %d", s, was))
	}
	m.enter(s, cell)
	return cell
}

// Move takes a present slot to a position and returns the cells it was in before and is in now. Outside the bounds
// nothing changes and the second is None.
func (m *Manager) Move(s Slot, x, z float32) (from, to Cell) {
	from, to = m.places[s].cell, m.CellAt(x, z)
	if to != from && to != None {
		m.leave(s)
		m.enter(s, to)
	}
	return from, to
}

// Remove takes a slot out and returns the cell it stood in; None when it was absent.
func (m *Manager) Remove(s Slot) Cell {
	cell := m.CellOf(s)
	if cell != None {
		m.leave(s)
		m.places[s].cell = None
	}
	return cell
}

// Regrid puts everybody into the cells of another grid, in which the positions are that at returns. Its bounds must contain
// all of them.
func (m *Manager) Regrid(grid *Grid, at func(Slot) (x, z float32)) {
	m.Grid, m.members = grid, make([][]Slot, grid.Cells())
	for s := range m.places {
		if m.places[s].cell == None {
			continue
		}
		x, z := at(Slot(s))
		cell := grid.CellAt(x, z)
		if cell == None {
			panic(fmt.Sprintf("aoi: slot %d at %v, %v is outside the new grid", s, x, z))
		}
		m.enter(Slot(s), cell)
	}
}

// CellOf returns the cell a slot stands in; None when it is absent.
func (m *Manager) CellOf(s Slot) Cell {
	if s < 0 || int(s) >= len(m.places) {
		return None
	}
	return m.places[s].cell
}

// Members returns the slots in a cell, in no particular order. The slice is the manager's own: it is valid until the
// next change, and not to be written to.
func (m *Manager) Members(c Cell) []Slot { return m.members[c] }

// Around yields the slots in the neighbourhood of a position: everybody who sees it, cell by cell.
func (m *Manager) Around(x, z float32) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		for _, c := range m.Neighbourhood(m.CellAt(x, z)) {
			for _, s := range m.members[c] {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// String draws the occupied cells, one a line, for debugging.
func (m *Manager) String() string {
	var b strings.Builder
	cfg := m.cfg
	fmt.Fprintf(&b, "%d columns × %d rows over X %v..%v, Z %v..%v, view radius %d\n", cfg.Columns, cfg.Rows,
		cfg.Bounds.MinX, cfg.Bounds.MaxX, cfg.Bounds.MinZ, cfg.Bounds.MaxZ, cfg.Radius)
	for c, members := range m.members {
		if len(members) > 0 {
			column, row := m.columnRow(Cell(c))
			fmt.Fprintf(&b, "cell %d (column %d, row %d): %v\n", c, column, row, slices.Sorted(slices.Values(members)))
		}
	}
	return b.String()
}

// enter appends s to cell's members.
func (m *Manager) enter(s Slot, cell Cell) {
	m.places[s] = place{cell: cell, index: int32(len(m.members[cell]))}
	m.members[cell] = append(m.members[cell], s)
}

// leave takes s out of its cell's members; the last of them takes its place.
func (m *Manager) leave(s Slot) {
	at := m.places[s]
	members := m.members[at.cell]
	last := len(members) - 1
	moved := members[last]
	members[at.index] = moved
	m.places[moved].index = at.index
	m.members[at.cell] = members[:last]
}
