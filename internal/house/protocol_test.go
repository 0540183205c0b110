package house

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"aoiworld/aoi"
	"aoiworld/conf"
	"aoiworld/net/wire"
)

// protocol returns the document for those who write a client.
func protocol(t *testing.T) string {
	t.Helper()
	document, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// TestProtocolTellsTheDefaults: the document's figures are those of the configuration.
func TestProtocolTellsTheDefaults(t *testing.T) {
	c := conf.Default()
	l, b, s := c.Limits, c.World.Bounds, c.World.Spawn
	say := fmt.Sprintf
	thousands := func(n int) string { return say("%d,%03d", n/1000, n%1000) }
	document := protocol(t)
	for _, words := range []string{
		say("(port %s)", c.Net.TCP.Classic.Address[strings.LastIndex(c.Net.TCP.Classic.Address, ":")+1:]),
		say("(ws://%s%s)", c.Net.WS.Address, c.Net.WS.Path),
		say("ticks (%v a second unless", c.World.TickRate),
		say("X runs from %v to %v in %d columns", b.MinX, b.MaxX, c.World.Columns),
		say("Z from %v to %v in %d rows", b.MinZ, b.MaxZ, c.World.Rows),
		say("%v–%v and Z %v–%v,", s.MinX, s.MaxX, s.MinZ, s.MaxZ),
		say("than %d bytes, not valid UTF-8", l.ChatMaxBytes),
		say("\n| payload %s bytes |", thousands(l.MaxPayload)),
		say("\n| WebSocket message %s bytes: four", thousands(4*(wire.HeaderSize+l.MaxPayload))),
		say("\n| %d KiB a second, %d KiB at once,", l.BytesPerSecond>>10, l.ByteBurst>>10),
		say("\n| %v messages a second that are no moves, %d at once |", l.MessagesPerSecond, l.MessageBurst),
		say("\n| %v gestures a second, %d at once |", l.GesturesPerSecond, l.GestureBurst),
		say("\n| %v pings of the native dialect a second, %d at once |", l.PingsPerSecond, l.PingBurst),
		say("\n| %v messages a second, %d at once, moves among them |", 10*l.MessagesPerSecond, 10*l.MessageBurst),
		say("\n| a message must be whole %.0f s after", l.FrameTimeout.Seconds()),
		say("\n| %s chat a second, %s at once; %v a second in the whole world |",
			map[float64]string{1: "one"}[l.ChatPerSecond], map[int]string{5: "five"}[l.ChatBurst], c.World.ChatRate),
		say("\n| %d messages a minute with an unknown id |", l.UnknownPerMinute),
		say("\n| %d messages a minute that cannot be parsed |", l.MalformedPerMinute),
		say("\n| %d ticks a minute with moves to impossible places |", l.BadPositionsPerMinute),
		say("\n| %d ticks a minute with moves that are too fast ", l.RejectedMovesPerMinute),
		say("\n| WebSocket: silence for %.0f s | you are pinged; %.0f s: closed", l.PingInterval.Seconds(), l.DeadAfter.Seconds()),
		say("\n| a frame that you have not taken whole for %.0f s |", l.SlowConsumer.Seconds()),
		say("\n| %d connections from one address, %d new ones a second (not from loopback) |",
			l.ConnectionsPerIP, l.NewConnectionsPerIP),
	} {
		if !strings.Contains(document, words) {
			t.Errorf("docs/protocol.md does not say %q", strings.TrimSpace(words))
		}
	}
}

// cellRow finds a row of the document's table of cells.
var cellRow = regexp.MustCompile(`(?m)^\| ([\d.]+) \| ([\d.]+) \| (\d+) \| (\d+) \| (\d+) \|$`)

// TestProtocolCountsCells: the document's examples are in the cells where the server sees them.
func TestProtocolCountsCells(t *testing.T) {
	w := conf.Default().World
	grid, err := aoi.NewGrid(aoi.Config{Bounds: aoi.Bounds(w.Bounds), Columns: w.Columns, Rows: w.Rows, Radius: w.ViewRadius})
	if err != nil {
		t.Fatal(err)
	}
	rows := cellRow.FindAllStringSubmatch(protocol(t), -1)
	if len(rows) != 6 {
		t.Errorf("the document has %d rows of cells", len(rows))
	}
	for _, row := range rows {
		var n [5]float64
		for i := range n {
			if n[i], err = strconv.ParseFloat(row[i+1], 32); err != nil {
				t.Fatal(err)
			}
		}
		cell := grid.CellAt(float32(n[0]), float32(n[1]))
		if aoi.Cell(n[4]) != cell || aoi.Cell(n[3])*aoi.Cell(w.Columns)+aoi.Cell(n[2]) != cell {
			t.Errorf("%s: the server sees cell %d", row[0], cell)
		}
	}
}
