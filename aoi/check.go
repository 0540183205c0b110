package aoi

import "fmt"

// CheckSlot returns what is wrong with where a slot stands, or nil: it must be in the list of its cell, where it believes to be.
func (m *Manager) CheckSlot(s Slot) error {
	cell := m.CellOf(s)
	if cell == None {
		return nil
	}
	at := m.places[s]
	if cell < 0 || int(cell) >= len(m.members) {
		return fmt.Errorf("slot %d stands in cell %d, which there is not", s, cell)
	}
	if members := m.members[cell]; at.index < 0 || int(at.index) >= len(members) || members[at.index] != s {
		return fmt.Errorf("slot %d stands in cell %d, whose list does not have it at %d", s, cell, at.index)
	}
	return nil
}

// CheckCell returns what is wrong with a cell, or nil: each of its members must stand in it, and be there once. A cell is sound,
// and so is who stands in it, when neither CheckCell nor CheckSlot objects.
func (m *Manager) CheckCell(c Cell) error {
	for i, s := range m.members[c] {
		if s < 0 || int(s) >= len(m.places) || m.places[s] != (place{cell: c, index: int32(i)}) {
			return fmt.Errorf("cell %d has slot %d at %d, which does not stand there", c, s, i)
		}
	}
	return nil
}
