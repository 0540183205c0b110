package client

import "testing"

// TestShownNames: every player has one, a thing only if it was given one.
func TestShownNames(t *testing.T) {
	for want, e := range map[string]Entity{
		"Ann": {ID: 3, Name: "Ann"}, "guest-3": {ID: 3}, "": {ID: 3, Kind: 16}, "Rex": {ID: 3, Kind: 16, Name: "Rex"},
	} {
		if got := e.ShownName(); got != want {
			t.Errorf("%+v is shown as %q, want %q", e, got, want)
		}
	}
}
