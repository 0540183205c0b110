package native

import "testing"

// TestShownName: who has no name is called by his id.
func TestShownName(t *testing.T) {
	for _, test := range []struct {
		name   string
		player int32
		want   string
	}{{"Ann", 7, "Ann"}, {"", 7, "guest-7"}, {"", 2147483647, "guest-2147483647"}} {
		if got := ShownName(test.name, test.player); got != test.want {
			t.Errorf("%q, %d: shown as %q", test.name, test.player, got)
		}
	}
}
