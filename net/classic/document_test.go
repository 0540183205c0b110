package classic

import (
	"bytes"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"aoiworld/net/wire"
)

// row finds a line of the protocol document's table of worked bytes, and dump a line of those shown at length, with the
// remark that may follow behind two spaces.
var (
	row  = regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([0-9a-f ]+)` \\|$")
	dump = regexp.MustCompile(`(?m)^    ((?:[0-9a-f]{2,} ?)+)(?: {2,}.*| *)$`)
)

// protocol returns the protocol document.
func protocol(t *testing.T) string {
	t.Helper()
	document, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// TestWorkedBytesOfTheDocument: what client writers read is what the server sends.
func TestWorkedBytesOfTheDocument(t *testing.T) {
	var e Encoder
	want := map[string][]byte{
		"welcome: you are player 7":            e.AppendWelcome(nil, 7),
		"player 300 leaves":                    e.AppendLeave(nil, 300),
		"player 1 appears at X 160, Z 134":     e.AppendAppear(nil, 1, 160, 0, 134, 0),
		"player 1 moved to X 1, Y 2, Z 3, V 4": e.AppendMoved(nil, 1, 1, 2, 3, 4),
		"player 1 moved to the origin":         e.AppendMoved(nil, 1, 0, 0, 0, 0),
		"player 1 says hi":                     e.AppendChat(nil, 1, "hi"),
		"snapshot of one: player 5 at X 1":     e.AppendSnapshotEntry(e.AppendSnapshotHeader(nil, 11), 5, 1, 0, 0, 0),
		"entity 5, of kind 16, has hi":         e.AppendAttributes(nil, 5, 16, []byte("hi")),
		"you move to X 1, Y 2, Z 3, V 4":       AppendMove(nil, 1, 2, 3, 4),
		"you move to the origin":               AppendMove(nil, 0, 0, 0, 0),
		"you say hi":                           AppendTalk(nil, "hi"),
	}
	rows := row.FindAllStringSubmatch(protocol(t), -1)
	for _, r := range rows {
		if got := strings.ReplaceAll(r[2], " ", ""); got != hex.EncodeToString(want[r[1]]) {
			t.Errorf("%s: the document says %s, the encoder %x", r[1], got, want[r[1]])
		}
	}
	if len(rows) != len(want) {
		t.Errorf("the document has %d worked examples, want %d", len(rows), len(want))
	}
}

// TestDumpsOfTheDocument holds what the document shows at length: a move, and then all that a newcomer is told.
func TestDumpsOfTheDocument(t *testing.T) {
	var e Encoder
	want := e.AppendMoved(nil, 1, 1, 2, 3, 4)
	want = e.AppendAppear(e.AppendWelcome(want, 7), 7, 160, 0, 134, 0)
	entry := e.AppendSnapshotEntry(nil, 7, 160, 0, 134, 0)
	want = append(e.AppendSnapshotHeader(want, len(entry)), entry...)
	var got []byte
	for _, line := range dump.FindAllStringSubmatch(protocol(t), -1) {
		got = append(got, unhex(t, line[1])...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the document shows %x, the encoder says %x", got, want)
	}
}

// TestWaveOfTheDocument: the first message of somebody who makes a game is on the wire what he is told.
func TestWaveOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/extending.md")
	if err != nil {
		t.Fatal(err)
	}
	frame := hex.EncodeToString(wire.AppendFrame(nil, 10000, nil))
	if want := "`" + frame[:8] + " " + frame[8:] + "`"; !bytes.Contains(document, []byte(want)) {
		t.Errorf("the document does not say that a wave is %s", want)
	}
}
