package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// update rewrites the scenarios' expectations with what happens now: go test ./view -run Scenarios -update.
var update = flag.Bool("update", false, "rewrite the golden scenarios")

// TestScenarios plays testdata/*.txt. A line "tick: ann joins; bob moves to 5,5" is one tick's commands; the indented
// lines after it are what each viewer then receives, viewers that are handed the same bytes on one line. All other lines
// are prose.
//
// The world is 5×5 cells of ten units unless a line "world 3x3" says otherwise. Newcomers appear at 5,5.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("%s is no longer what happens. Now:\n%s", file, got)
			}
		})
	}
}

// stage is a world with its view, and actors who have names.
type stage struct {
	t       testing.TB
	world   *world.World
	view    *View
	tick    uint64
	ids     map[string]world.ID
	names   map[world.ID]string
	slots   map[world.ID]world.Slot
	clients map[world.ID]*client
	busy    map[world.ID]bool
}

// play runs a scenario and returns its text with what happened in the place of what was expected.
func play(t *testing.T, text string) string {
	var out strings.Builder
	s := newStage(t, 5, 5)
	for line := range strings.Lines(text) {
		var columns, rows int
		if strings.HasPrefix(line, "    ") {
			continue
		}
		out.WriteString(line)
		if n, _ := fmt.Sscanf(line, "world %dx%d", &columns, &rows); n == 2 {
			s = newStage(t, columns, rows)
		}
		if commands, ok := strings.CutPrefix(strings.TrimSpace(line), "tick:"); ok {
			out.WriteString(s.perform(commands))
		}
	}
	return out.String()
}

// newStage returns an empty world of cells of ten units.
func newStage(t testing.TB, columns, rows int) *stage {
	w, err := world.New(world.Config{
		Grid: aoi.Config{
			Bounds:  aoi.Bounds{MaxX: 10 * float64(columns), MaxZ: 10 * float64(rows)},
			Columns: columns, Rows: rows, Radius: 1,
		},
		Spawn:    aoi.Bounds{MinX: 5, MaxX: 5, MinZ: 5, MaxZ: 5},
		Movement: world.Movement{Mode: world.MovementOff},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &stage{
		t: t, world: w, view: New(Config{Grid: w.Grid(), Headroom: 3, MaxFrame: 1 << 17}, plain{}),
		ids: map[string]world.ID{}, names: map[world.ID]string{}, slots: map[world.ID]world.Slot{},
		clients: map[world.ID]*client{}, busy: map[world.ID]bool{},
	}
}

// perform plays one tick and tells what everybody received.
func (s *stage) perform(commands string) string {
	s.tick++
	in := world.Input{Tick: s.tick}
	for command := range strings.SplitSeq(commands, ";") {
		if command = strings.TrimSpace(command); command != "" {
			s.command(&in, command)
		}
	}
	before := s.states(nil)
	out := s.world.Step(&in)
	if err := s.world.Check(); err != nil {
		panic(err)
	}
	for _, c := range out.Changes {
		if c.Before == aoi.None && c.Sees == world.Public { // others are viewers of the native dialect
			s.slots[c.Player] = c.Slot
			s.clients[c.Player] = &client{}
		}
	}
	s.view.Encode(out, s.states(before))
	if len(out.Failures) > 0 {
		s.t.Fatal(out.Failures[0])
	}
	frames, deliveries := s.view.Compose()
	told := s.tell(frames, deliveries)
	for _, l := range out.Departed {
		delete(s.slots, l.Player)
	}
	return told
}

// command adds one command, in words, to a tick.
func (s *stage) command(in *world.Input, command string) {
	name, act, _ := strings.Cut(command, " ")
	var x, z float32
	id := s.ids[name]
	move := world.Move{Player: id, Epoch: 1, Valid: true}
	switch verb, rest, _ := strings.Cut(act, " "); verb {
	case "joins":
		id = world.ID(len(s.ids) + 1)
		s.ids[name], s.names[id] = id, name
		join := world.Join{Player: id, Epoch: 1}
		if rest == "hidden" {
			join.Layer = world.Hidden
		}
		in.Joins = append(in.Joins, join)
	case "moves":
		if _, err := fmt.Sscanf(rest, "to %g,%g", &x, &z); err != nil {
			s.t.Fatalf("%q: %v", command, err)
		}
		move.To = world.Position{X: x, Z: z}
		in.Moves = append(in.Moves, move)
	case "says":
		in.Chats = append(in.Chats, world.Chat{Player: id, Epoch: 1, Reach: world.ToAll, Text: rest})
	case "whispers": // to everybody near
		in.Chats = append(in.Chats, world.Chat{Player: id, Epoch: 1, Reach: world.ToNear, Text: rest})
	case "waves":
		in.Gestures = append(in.Gestures, world.Gesture{Player: id, Epoch: 1, Number: int32(len(rest))})
	case "wears", "shouts", "hears", "calls", "hides", "shows":
		in.Acts = append(in.Acts, world.Act{Player: id, Epoch: 1, Command: deed{verb, rest}})
	case "leaves":
		in.Leaves = append(in.Leaves, world.Leave{Player: id, Epoch: 1})
	case "stalls":
		s.busy[id] = true
	case "recovers":
		delete(s.busy, id)
	default:
		s.t.Fatalf("nobody can do %q", command)
	}
}

// deed is a command of a game that tries what a game can show.
type deed struct{ verb, text string }

// Apply implements world.Command.
func (d deed) Apply(tx *world.Tx, by world.Entity) {
	m := world.Message{ID: 10_000, Payload: []byte(d.text)}
	var err error
	switch d.verb {
	case "wears":
		err = tx.SetAttributes(by.ID, []byte(d.text))
	case "shouts": // to everybody near
		err = tx.Announce(by.ID, m)
	case "hears": // alone
		err = tx.Tell(by.ID, m)
	case "calls": // to everybody
		err = tx.Broadcast(m)
	case "hides":
		err = tx.SetLayer(by.ID, world.Hidden)
	case "shows": // itself
		err = tx.SetLayer(by.ID, world.Public)
	}
	if err != nil {
		panic(err)
	}
}

// states returns who can take a frame, by slot.
func (s *stage) states(states []press.State) []press.State {
	for id, slot := range s.slots {
		for int(slot) >= len(states) {
			states = append(states, press.Nobody)
		}
		if states[slot] = press.Ready; s.busy[id] {
			states[slot] = press.Busy
		}
	}
	return states
}

// tell applies the tick's frames to the clients and puts them into words.
func (s *stage) tell(frames []press.Frame, deliveries []press.Delivery) string {
	var out strings.Builder
	receivers := make([][]string, len(frames))
	for _, d := range deliveries {
		id := s.view.mirror.players[d.Slot].player
		receivers[d.Frame] = append(receivers[d.Frame], s.names[id])
		if err := s.clients[id].take(frames[d.Frame].Bytes[s.view.cfg.Headroom:]); err != nil {
			s.t.Errorf("tick %d: %s objects: %v", s.tick, s.names[id], err)
		}
	}
	for i, f := range frames {
		if len(receivers[i]) > 0 {
			fmt.Fprintf(&out, "    %s: %s\n", strings.Join(receivers[i], ", "), s.words(f.Bytes[s.view.cfg.Headroom:]))
		}
	}
	if out.Len() == 0 {
		out.WriteString("    nobody is told anything\n")
	}
	return out.String()
}

// words puts a frame into words.
func (s *stage) words(body []byte) string {
	records, err := decode(body)
	if err != nil {
		s.t.Errorf("tick %d: %v", s.tick, err)
	}
	var words []string
	for _, r := range records {
		name, place := s.names[r.id], fmt.Sprintf("%g,%g", r.at.X, r.at.Z)
		words = append(words, map[byte]string{
			'w': "welcome " + name, 'a': name + " appears at " + place, 'm': name + " moved to " + place,
			't': name + " wears " + r.text, 'g': "message: " + r.text, 'l': name + " leaves", 'c': name + " says " + r.text, 's': "in view are", 'e': name + " at " + place,
		}[r.what])
	}
	return strings.Join(words, "; ")
}
