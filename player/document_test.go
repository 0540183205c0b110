package player

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestClosesOfTheDocument: docs/protocol.md has a row for each close that a client of the classic dialect can be told.
func TestClosesOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	native := []CloseReason{TokenExpired, HelloTimeout, Replaced, WrongVersion}
	for reason := PeerLeft + 1; reason < CloseReasons; reason++ {
		if slices.Contains(native, reason) {
			continue
		}
		back := map[bool]string{true: "no", false: "yes"}[reason.Final()]
		start := fmt.Sprintf("\n| %d | %s | ", reason.Code(), reason)
		_, rest, found := strings.Cut(string(document), start)
		line, _, _ := strings.Cut(rest, "\n")
		if !found || !strings.HasSuffix(line, "| "+back+" |") {
			t.Errorf("no row %q that ends in %q", strings.TrimSpace(start), back)
		}
	}
}
