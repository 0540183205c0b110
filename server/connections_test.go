package server

import "testing"

func TestConnections(t *testing.T) {
	for name, c := range map[string]struct{ configured, descriptors, want int }{
		"as configured":             {10_000, 20_000, 10_000},
		"more than descriptors":     {10_000, 1024, 896},
		"from descriptors":          {0, 20_000, 19_872},
		"from very many":            {0, 1 << 30, 1_000_000},
		"from hardly any":           {0, 100, 1},
		"descriptors unknown":       {5000, 0, 5000},
		"nothing known":             {0, 0, 10_000},
		"exactly as there are some": {896, 1024, 896},
	} {
		if got := connections(c.configured, c.descriptors); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if n := descriptors(); n < 0 {
		t.Errorf("%d descriptors", n)
	}
}

// TestConnectionsFromDescriptors: a server without a number of its own takes the system's.
func TestConnectionsFromDescriptors(t *testing.T) {
	m := start(t, "limits.connections=0")
	if got, want := m.cfg.Limits.Connections, connections(0, descriptors()); got != want || got < 1 {
		t.Errorf("%d connections, want %d", got, want)
	}
	newWitness(t, m).fine()
}
