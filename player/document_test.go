package player

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestClosesOfTheDocument: docs/protocol.md has a row for each close that a client can be told.
func TestClosesOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for reason := PeerLeft + 1; reason < CloseReasons; reason++ {
		back := map[bool]string{true: "no", false: "yes"}[reason.Final()]
		start := fmt.Sprintf("\n| %d | %s | ", reason.Code(), reason)
		_, rest, found := strings.Cut(string(document), start)
		line, _, _ := strings.Cut(rest, "\n")
		if !found || !strings.HasSuffix(line, "| "+back+" |") {
			t.Errorf("no row %q that ends in %q", strings.TrimSpace(start), back)
		}
	}
}
