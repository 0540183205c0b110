package bot

import (
	"slices"
	"testing"
)

// TestWallet: nobody gets the token of another, and what was given back is lent again.
func TestWallet(t *testing.T) {
	tokens := []string{"a", "b", "c"}
	w := newWallet(tokens)
	got := []string{w.take(), w.take(), w.take(), w.take()}
	if want := []string{"a", "b", "c", ""}; !slices.Equal(got, want) {
		t.Errorf("took %q, want %q", got, want)
	}
	w.give("")
	w.give("b")
	if got := w.take() + w.take(); got != "b" {
		t.Errorf("took %q, want b alone", got)
	}
}
