package aoi

import "testing"

// TestHarmIsFound: whatever can be wrong with the lists of the cells is found in the cell or in the slot that it concerns.
func TestHarmIsFound(t *testing.T) {
	for name, harm := range map[string]func(m *Manager){
		"none":                        func(*Manager) {},
		"somebody is missing":         func(m *Manager) { m.members[4] = m.members[4][:1] },
		"somebody is there twice":     func(m *Manager) { m.members[4] = append(m.members[4], 0) },
		"a stranger":                  func(m *Manager) { m.members[5] = append(m.members[5], 77) },
		"a slot below all":            func(m *Manager) { m.members[5] = append(m.members[5], -1) },
		"somebody of another cell":    func(m *Manager) { m.members[5] = append(m.members[5], 1) },
		"two have changed places":     func(m *Manager) { m.members[4][0], m.members[4][1] = 1, 0 },
		"another place":               func(m *Manager) { m.places[1].index = 0 },
		"a place behind the list":     func(m *Manager) { m.places[1].index = 9 },
		"another cell":                func(m *Manager) { m.places[1].cell = 5 },
		"a cell that there is not":    func(m *Manager) { m.places[1].cell = 99 },
		"gone, and still in the list": func(m *Manager) { m.places[1].cell = None },
	} {
		grid, err := NewGrid(Config{Bounds: Bounds{MaxX: 30, MaxZ: 30}, Columns: 3, Rows: 3, Radius: 1})
		if err != nil {
			t.Fatal(err)
		}
		m := NewManager(grid)
		m.Add(0, 15, 15)
		m.Add(1, 15, 15)
		m.Add(2, 25, 15)
		harm(m)
		found := 0
		for c := range Cell(grid.Cells()) {
			if m.CheckCell(c) != nil {
				found++
			}
		}
		for s := range Slot(3) {
			if m.CheckSlot(s) != nil {
				found++
			}
		}
		if found == 0 != (name == "none") {
			t.Errorf("%s: %d objections", name, found)
		}
	}
}
