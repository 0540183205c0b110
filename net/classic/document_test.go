package classic

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
)

// row finds a line of the protocol document's table of worked bytes.
var row = regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([0-9a-f ]+)` \\|$")

// TestWorkedBytesOfTheDocument: what client writers read is what the server sends.
func TestWorkedBytesOfTheDocument(t *testing.T) {
	var e Encoder
	want := map[string][]byte{
		"welcome: you are player 7":            e.AppendWelcome(nil, 7),
		"player 300 leaves":                    e.AppendLeave(nil, 300),
		"player 1 appears at X 160, Z 134":     e.AppendAppear(nil, 1, 160, 0, 134, 0),
		"player 1 moved to X 1, Y 2, Z 3, V 4": e.AppendMoved(nil, 1, 1, 2, 3, 4),
		"player 1 says hi":                     e.AppendChat(nil, 1, "hi"),
		"snapshot of one: player 5 at X 1":     e.AppendSnapshotEntry(e.AppendSnapshotHeader(nil, 11), 5, 1, 0, 0, 0),
		"you move to X 1, Y 2, Z 3, V 4":       AppendMove(nil, 1, 2, 3, 4),
		"you say hi":                           AppendTalk(nil, "hi"),
	}
	document, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := row.FindAllStringSubmatch(string(document), -1)
	for _, r := range rows {
		if got := strings.ReplaceAll(r[2], " ", ""); got != hex.EncodeToString(want[r[1]]) {
			t.Errorf("%s: the document says %s, the encoder %x", r[1], got, want[r[1]])
		}
	}
	if len(rows) != len(want) {
		t.Errorf("the document has %d worked examples, want %d", len(rows), len(want))
	}
}
