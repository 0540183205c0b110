package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/net/classic"
)

// stage of a test: a viewer, player 1, who began at (10, 10), and movers with ids from 2 upwards.
type scene struct {
	*view
	wrong  []Violation
	tracks map[int32]*track
}

// Two ticks of the scene are 100 ms.
const sceneInTime = 100 * time.Millisecond

var sceneOrigin = place{10, 0, 10, 0}

// newScene returns the viewer before its welcome, and three movers.
func newScene() *scene {
	s := &scene{tracks: make(map[int32]*track)}
	s.view = &view{
		directory: s,
		violate:   func(v Violation) { s.wrong = append(s.wrong, v) },
		latency:   newRecorder(),
		inTime:    sceneInTime,
		mine:      newTrack(10, Classic, nil),
		heard:     make(map[string]*utterance),
	}
	for id := int32(2); id <= 4; id++ {
		s.tracks[id] = newTrack(10, Classic, nil)
		s.tracks[id].origin.Store(&place{})
	}
	return s
}

func (s *scene) enter(id int32, t *track) bool {
	before := s.tracks[id]
	s.tracks[id] = t
	return before == nil
}

func (s *scene) find(id int32) *track { return s.tracks[id] }

// told applies events at time now, each in a frame of its own.
func (s *scene) told(now time.Duration, events ...classic.Event) *scene {
	for i, e := range events {
		s.tell(e, now)
		if last := i+1 == len(events) || events[i+1].Kind != classic.Entry; last {
			s.endFrame()
		}
	}
	return s
}

// joined returns the scene with the viewer in the world, alone.
func joined() *scene {
	return newScene().told(0,
		classic.Event{Kind: classic.Welcome, PID: 1},
		event(classic.Appear, 1, sceneOrigin),
		classic.Event{Kind: classic.Snapshot},
		event(classic.Entry, 1, sceneOrigin),
	)
}

// kinds are the kinds of what was wrong, in order.
func (s *scene) kinds() []Kind {
	var kinds []Kind
	for _, v := range s.wrong {
		kinds = append(kinds, v.Kind)
	}
	return kinds
}

func TestAJoinThatIsRight(t *testing.T) {
	s := joined()
	if len(s.wrong) > 0 || s.stage != playing || !s.own.same(sceneOrigin) || s.shown.len() != 1 {
		t.Errorf("stage %d at %v with %d in view: %v", s.stage, s.own, s.shown.len(), s.wrong)
	}
	if s.tracks[1] != s.mine {
		t.Error("the directory does not know the newcomer")
	}
	if s.tally.updates != 0 {
		t.Errorf("%d updates about others, want none", s.tally.updates)
	}
}

func TestRulesOfTheStream(t *testing.T) {
	at := place{20, 2, 20, 1.0 / numbers}
	welcome := classic.Event{Kind: classic.Welcome, PID: 1}
	self := event(classic.Appear, 1, sceneOrigin)
	snapshot := classic.Event{Kind: classic.Snapshot}
	entry := event(classic.Entry, 1, sceneOrigin)
	appear, moved := event(classic.Appear, 2, at), event(classic.Moved, 2, at)
	leave := classic.Event{Kind: classic.Leave, PID: 2}
	join := []classic.Event{welcome, self, snapshot, entry}
	for _, c := range []struct {
		name   string
		events []classic.Event
		want   []Kind
	}{
		{"appear, move, leave, appear", slices.Concat(join, []classic.Event{appear, moved, leave, appear}), nil},
		{"self before welcome", []classic.Event{self}, []Kind{OutOfOrder}},
		{"snapshot before self", []classic.Event{welcome, snapshot, entry}, []Kind{OutOfOrder}},
		{"two welcomes", []classic.Event{welcome, welcome}, []Kind{OutOfOrder, OutOfOrder}},
		{"self twice", []classic.Event{welcome, self, self}, []Kind{OutOfOrder}},
		{"self again, playing", slices.Concat(join, []classic.Event{self}), []Kind{ShownTwice}},
		{"a stranger before the snapshot", []classic.Event{welcome, self, appear}, []Kind{OutOfOrder}},
		{"chat before the snapshot", []classic.Event{welcome, self, {Kind: classic.Chat, PID: 2}}, []Kind{OutOfOrder}},
		{"second snapshot", slices.Concat(join, []classic.Event{snapshot}), []Kind{OutOfOrder}},
		{"snapshot without self", []classic.Event{welcome, self, snapshot}, []Kind{Missing}},
		{"snapshot with one twice", []classic.Event{welcome, self, snapshot, entry, entry}, []Kind{ShownTwice}},
		{"appears twice", slices.Concat(join, []classic.Event{appear, appear}), []Kind{ShownTwice}},
		{"moved, not shown", slices.Concat(join, []classic.Event{moved}), []Kind{MovedUnseen}},
		{"moved after leave", slices.Concat(join, []classic.Event{appear, leave, moved}), []Kind{MovedUnseen}},
		{"left, not shown", slices.Concat(join, []classic.Event{leave}), []Kind{LeftUnseen}},
		{"left twice", slices.Concat(join, []classic.Event{appear, leave, leave}), []Kind{LeftUnseen}},
		{"left itself", slices.Concat(join, []classic.Event{{Kind: classic.Leave, PID: 1}}), []Kind{LeftUnseen}},
		{"an action", slices.Concat(join, []classic.Event{{Kind: classic.Action, PID: 2}}), []Kind{OutOfOrder}},
		{"nobody moved", slices.Concat(join, []classic.Event{{Kind: classic.Moved}}), []Kind{Malformed}},
		{"an id of somebody else", []classic.Event{{Kind: classic.Welcome, PID: 2}}, []Kind{IDReused}},
		{
			"appears where it never was",
			slices.Concat(join, []classic.Event{event(classic.Appear, 2, place{20, 2, 21, 1})}),
			[]Kind{Impossible},
		},
		{
			"moves to where it never was",
			slices.Concat(join, []classic.Event{appear, event(classic.Moved, 2, place{20, 2, 20, 2})}),
			[]Kind{Impossible},
		},
	} {
		s := newScene()
		s.tracks[2].note(at.x, at.y, at.z, 0, 0)
		if s.told(0, c.events...); !slices.Equal(s.kinds(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, s.wrong, c.want)
		}
	}
}

func TestAnOlderPositionAfterANewerOne(t *testing.T) {
	s := joined()
	older, newer := s.tracks[2].note(1, 0, 1, 0, 0), s.tracks[2].note(2, 0, 2, 0, 0)
	s.told(0, event(classic.Appear, 2, newer), event(classic.Moved, 2, newer))
	if len(s.wrong) > 0 {
		t.Errorf("the same position again is no fault: %v", s.wrong)
	}
	if s.told(0, event(classic.Moved, 2, older)); !slices.Equal(s.kinds(), []Kind{WentBack}) {
		t.Errorf("%v, want %q", s.wrong, WentBack)
	}
}

// Who appears before its own welcome was read is a stranger for the moment, and no fault.
func TestANewcomerIsRecognisedLater(t *testing.T) {
	s := joined()
	origin, late := place{5, 0, 5, 0}, newTrack(10, Classic, nil)
	s.told(0, event(classic.Appear, 9, origin))
	s.tracks[9] = late
	late.origin.Store(&origin)
	first := late.note(6, 0, 6, 0, 0)
	s.told(10*time.Millisecond, event(classic.Moved, 9, first))
	if len(s.wrong) > 0 || s.tally.expected != 1 || s.tally.delivered != 1 {
		t.Errorf("%+v: %v", s.tally, s.wrong)
	}
}

func TestEchoesAndCorrections(t *testing.T) {
	s := joined()
	s.told(0, event(classic.Appear, 2, place{}))
	if !s.answered() {
		t.Error("nothing was sent, so nothing is owed")
	}
	first := s.mine.note(11, 0, 11, 0, time.Second)
	if s.answered() {
		t.Error("the first move was not answered yet")
	}
	s.told(2*time.Second, event(classic.Moved, 1, first))
	if !s.answered() || !s.own.same(first) || s.tally.echoes != 1 || s.tally.audience != 1 || s.tally.corrections != 0 {
		t.Errorf("after the echo: answered %v, at %v, %+v", s.answered(), s.own, s.tally)
	}
	s.mine.note(12, 0, 12, 0, 3*time.Second)
	s.told(4*time.Second, event(classic.Moved, 1, first)) // the second move was refused
	if !s.answered() || !s.own.same(first) || s.tally.echoes != 1 || s.tally.corrections != 1 {
		t.Errorf("after the refusal: answered %v, at %v, %+v", s.answered(), s.own, s.tally)
	}
	if s.tally.updates != 1 || len(s.wrong) > 0 {
		t.Errorf("%d updates about others, want 1: %v", s.tally.updates, s.wrong)
	}
}

// Moves of player 2 are sent at 0, 100, 200 … ms.
func sendMoves(s *scene, n int) []place {
	var all []place
	for i := range n {
		all = append(all, s.tracks[2].note(float32(i), 0, 0, 0, time.Duration(i)*100*time.Millisecond))
	}
	return all
}

func TestWhatIsDelivered(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	type arrival struct {
		at   time.Duration
		move int // 0: leaves, -1: appears where it began
	}
	for _, c := range []struct {
		name                string
		arrivals            []arrival
		close               time.Duration
		expected, delivered int64
		measured            int64
	}{
		{"each in time", []arrival{{0, -1}, {ms(50), 1}, {ms(150), 2}, {ms(300), 3}}, ms(1000), 3, 3, 3},
		{"each late", []arrival{{0, -1}, {ms(101), 1}, {ms(201), 2}, {ms(301), 3}}, ms(1000), 3, 0, 3},
		{"a later one stands for it", []arrival{{0, -1}, {ms(100), 2}, {ms(210), 3}}, ms(1000), 3, 3, 2},
		{"a later one, too late for the first", []arrival{{0, -1}, {ms(200), 2}, {ms(210), 3}}, ms(1000), 3, 2, 2},
		{"the last never comes", []arrival{{0, -1}, {ms(50), 1}, {ms(150), 2}}, ms(1000), 3, 2, 2},
		{"the last may yet come", []arrival{{0, -1}, {ms(50), 1}, {ms(150), 2}}, ms(300), 2, 2, 2},
		{"nothing comes", []arrival{{0, -1}}, ms(1000), 3, 0, 0},
		{"known from the second on", []arrival{{ms(150), 2}, {ms(250), 3}}, ms(1000), 1, 1, 1},
		{"a departure stands for the latest", []arrival{{0, -1}, {ms(50), 1}, {ms(250), 0}}, ms(1000), 2, 1, 1},
		{"a departure in time for both", []arrival{{0, -1}, {ms(50), 1}, {ms(200), 0}}, ms(1000), 1, 1, 1},
		{"never known", nil, ms(1000), 0, 0, 0},
		{"the same again counts once", []arrival{{0, -1}, {ms(50), 1}, {ms(60), 1}}, ms(90), 1, 1, 1},
	} {
		s := joined()
		origin := place{9, 0, 9, 0}
		s.tracks[2].origin.Store(&origin)
		moves := sendMoves(s, 3)
		known := false
		for _, a := range c.arrivals {
			switch {
			case a.move == 0:
				s.told(a.at, classic.Event{Kind: classic.Leave, PID: 2})
			case a.move < 0:
				s.told(a.at, event(classic.Appear, 2, origin))
			case !known:
				s.told(a.at, event(classic.Appear, 2, moves[a.move-1]))
			default:
				s.told(a.at, event(classic.Moved, 2, moves[a.move-1]))
			}
			known = true
		}
		s.close(c.close)
		got := summarise(s.latency)
		if s.tally.expected != c.expected || s.tally.delivered != c.delivered || got.Count != c.measured {
			t.Errorf("%s: %d of %d delivered, %d measured; want %d of %d, %d", c.name,
				s.tally.delivered, s.tally.expected, got.Count, c.delivered, c.expected, c.measured)
		}
		before := s.tally
		if s.close(c.close); s.tally != before {
			t.Errorf("%s: closing twice counts twice", c.name)
		}
		if len(s.wrong) > 0 {
			t.Errorf("%s: %v", c.name, s.wrong)
		}
	}
}

func TestLatencyIsFromSendingToArrival(t *testing.T) {
	s := joined()
	moves := sendMoves(s, 2)
	s.told(0, event(classic.Appear, 2, moves[0]))
	s.told(142*time.Millisecond, event(classic.Moved, 2, moves[1]))
	if got := summarise(s.latency); got.Count != 1 || got.Max < 41.9 || got.Max > 42.1 {
		t.Errorf("%+v, want one of 42 ms", got)
	}
}

// What is too old to be timed is not left out, which would flatter the server.
func TestAMoveOlderThanTheTrackCountsAsSlow(t *testing.T) {
	s := joined()
	n := len(s.tracks[2].steps) + 5
	first := s.tracks[2].note(0, 0, 0, 0, 0)
	second := s.tracks[2].note(1, 0, 0, 0, 0)
	for i := range n {
		s.tracks[2].note(2, 0, 0, 0, time.Duration(i)*100*time.Millisecond)
	}
	s.told(time.Hour, event(classic.Appear, 2, first), event(classic.Moved, 2, second))
	if got := summarise(s.latency); got.Count != 1 || got.Max < 5900 || s.tally.expected != 1 || s.tally.delivered != 0 {
		t.Errorf("latency %+v, %d of %d delivered", got, s.tally.delivered, s.tally.expected)
	}
}

func TestChatsAreHeard(t *testing.T) {
	const second = time.Second
	mine := said{text: chatMark + "1", player: 2, at: second}
	hear := func(texts ...string) *scene {
		s := joined()
		for _, text := range texts {
			s.told(2*second, classic.Event{Kind: classic.Chat, PID: 2, Text: text})
		}
		return s
	}
	for _, c := range []struct {
		name     string
		scene    *scene
		said     said
		joinedAt time.Duration
		want     []Kind
	}{
		{"once", hear(mine.text), mine, 0, nil},
		{"never", hear(), mine, 0, []Kind{ChatLost}},
		{"never, by a newcomer", hear(), mine, 3 * second, nil},
		{"twice", hear(mine.text, mine.text), mine, 0, []Kind{ChatRepeated}},
		{"twice, by a newcomer", hear(mine.text, mine.text), mine, 3 * second, []Kind{ChatRepeated}},
		{"from somebody else", hear(mine.text), said{mine.text, 3, second}, 0, []Kind{ChatForged}},
		{"between what people say", hear("hello", mine.text, "hello"), mine, 0, nil},
	} {
		var got []Kind
		for _, v := range c.scene.heardWrong(c.said, c.joinedAt) {
			got = append(got, v.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if s := hear("hello"); len(s.heard) != 0 {
		t.Error("what people say is kept")
	}
}

// unreachable is where nobody gets a connection.
type unreachable struct{}

func (unreachable) Dial(context.Context, link.Receiver, float64) (link.Link, error) {
	return nil, errors.New("unreachable")
}
func (unreachable) Close() {}

// TestChatsOnTheirWayGoWithTheConnection: who is cut off need not have heard what was said just before, but all that is said later.
func TestChatsOnTheirWayGoWithTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(Defaults(), dialers{Native: unreachable{}})
		b := f.newBot()
		before := said{text: chatMark + "1", player: 2, at: f.clock()}
		<-time.After(time.Second)
		f.cut(t.Context(), b)
		<-time.After(time.Second)
		after := said{text: chatMark + "2", player: 2, at: f.clock()}
		if found := unheard([]said{before, after}, []*bot{b}); len(found) != 1 || !strings.Contains(found[0].Detail, after.text) {
			t.Errorf("found %v", found)
		}
	})
}
