package bot

import (
	"fmt"
	"strings"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
)

// stage is how far a bot has come in the stream: the welcome, itself, the snapshot, then everything else.
type stage uint8

const (
	awaitWelcome stage = iota
	awaitSelf
	awaitSnapshot
	inSnapshot
	playing
)

// view is what one bot was shown, built only from what it received, and the judge of the stream's rules. It has no
// clock and no lock: its owner hands both in.
type view struct {
	directory directory
	violate   func(Violation)
	latency   *recorder
	inTime    time.Duration
	mine      *track

	lattice *native.Lattice // nil in the classic dialect

	self   int32
	stage  stage
	own    place                 // where the server says that the bot is
	acked  uint32                // the latest own move that was echoed
	answer time.Duration         // when the server last told the bot its own position
	anew   time.Duration         // when everything was last forgotten, or the cell became another: keys come; 0 is never
	denied bool                  // that was the answer to a refused move, and nobody has looked yet
	shown  sightings             // everybody in view, the bot itself included
	looks  map[int32]look        // of those of them who have one; nil until there is any
	player Player                // nil where no game is played
	heard  map[string]*utterance // the bots' own chats by text
	tally  tally

	listens int64 // the first small talk whose hearing counts; 0 is none
}

// directory tells who is who. Safe for everybody.
type directory interface {
	// enter notes a newcomer's id. It reports false when somebody else had that id before.
	enter(id int32, t *track) bool
	// find returns the track of a bot by its id, or nil.
	find(id int32) *track
}

// utterance is a chat that was heard.
type utterance struct {
	player int32
	times  int
}

// tell applies one event that arrived at time now.
func (v *view) tell(e classic.Event, now time.Duration) {
	if e.PID <= 0 && e.Kind != classic.Snapshot && e.Kind != classic.Message {
		v.wrong(Malformed, e.PID, "event %d about nobody: ids are positive", e.Kind)
		return
	}
	if v.stage < playing && !v.expected(e) {
		v.wrong(OutOfOrder, e.PID, "event %d at stage %d of joining", e.Kind, v.stage)
	}
	at := place{e.X, e.Y, e.Z, e.V}
	switch e.Kind {
	case classic.Welcome:
		v.welcome(e.PID)
	case classic.Snapshot:
		v.startSnapshot()
	case classic.Entry:
		v.appear(e.PID, at)
	case classic.Appear:
		if v.stage == awaitSelf && e.PID == v.self {
			v.origin(at)
			return
		}
		v.tally.updates++
		v.appear(e.PID, at)
	case classic.Moved:
		v.moved(e.PID, at, now)
	case classic.Leave:
		v.left(e.PID, now)
	case classic.Chat:
		v.chat(e.PID, e.Text)
	case classic.Looks:
		v.looked(e)
	case classic.Message:
		v.hear(e)
	default:
		v.wrong(OutOfOrder, e.PID, "event %d, which nobody asked for", e.Kind)
	}
}

// expected reports whether an event is what comes next while the bot joins.
func (v *view) expected(e classic.Event) bool {
	switch v.stage {
	case awaitWelcome:
		return e.Kind == classic.Welcome
	case awaitSelf:
		return e.Kind == classic.Appear && e.PID == v.self
	case awaitSnapshot:
		return e.Kind == classic.Snapshot
	default:
		return e.Kind == classic.Entry
	}
}

// endFrame ends a message: a snapshot is complete. It reports whether the bot has just been let into the world.
func (v *view) endFrame() (joined bool) {
	if v.stage != inSnapshot {
		return false
	}
	v.stage = playing
	if v.shown.find(v.self) == nil {
		v.wrong(Missing, v.self, "the snapshot leaves out its receiver")
		s := v.shown.add(v.self)
		s.at, s.track = v.own, v.mine
	}
	return true
}

// welcome learns the bot's own id.
func (v *view) welcome(id int32) {
	if v.stage != awaitWelcome {
		v.wrong(OutOfOrder, id, "a second welcome")
		return
	}
	v.self, v.stage = id, awaitSelf
	if !v.directory.enter(id, v.mine) {
		v.wrong(IDReused, id, "another bot had this id before")
	}
}

// origin learns where the server put the bot.
func (v *view) origin(at place) {
	v.own, v.stage = at, awaitSnapshot
	v.mine.origin.Store(&at)
}

// startSnapshot makes ready for the entries of the snapshot.
func (v *view) startSnapshot() {
	if v.stage == playing {
		v.wrong(OutOfOrder, v.self, "a second snapshot")
		return
	}
	v.stage = inSnapshot
}

// appear shows somebody who was not shown.
func (v *view) appear(id int32, at place) {
	s := v.shown.find(id)
	if s != nil {
		v.wrong(ShownTwice, id, "appears at %v, is shown at %v already", at, s.at)
	} else {
		s = v.shown.add(id)
	}
	s.sequence, _ = v.place(s, at)
}

// moved takes somebody who is shown to another place.
func (v *view) moved(id int32, at place, now time.Duration) {
	if id != v.self {
		v.tally.updates++
	}
	s := v.shown.find(id)
	if s == nil {
		v.wrong(MovedUnseen, id, "moved to %v, is not shown", at)
		return
	}
	sequence, verdict := v.place(s, at)
	switch {
	case id == v.self:
		v.echo(at, sequence, verdict, v.shown.len()-1, now)
	case s.track == nil || verdict == impossible:
	case sequence < s.sequence:
		v.wrong(WentBack, id, "move %d after move %d", sequence, s.sequence)
	case sequence > s.sequence:
		if sent, ok := s.track.sentAt(sequence); ok {
			v.latency.record(now - sent)
		} else {
			v.latency.record(memory)
		}
		v.tally.arrived(s.track, s.sequence, sequence, now, v.inTime)
		s.sequence = sequence
	}
}

// place puts somebody where it was said to be and judges whether it has ever been there.
func (v *view) place(s *sighting, at place) (sequence uint32, of verdict) {
	s.at = at
	if s.track == nil {
		if s.track = v.directory.find(s.id); s.track == nil {
			return 0, forgotten
		}
	}
	sequence, of = s.track.judge(at, v.lattice != nil)
	if of == impossible {
		v.wrong(Impossible, s.id, "shown at %v, where it has never been", at)
	}
	return sequence, of
}

// echo takes what the server says about the bot itself: the confirmation of a move, or a correction. A move that is forgotten
// is neither, but very late: no answer to the latest. others is how many are in view beside the bot.
func (v *view) echo(at place, sequence uint32, of verdict, others int, now time.Duration) {
	if v.own = at; of == forgotten {
		return
	}
	v.answer = now
	if sequence <= v.acked {
		v.tally.corrections++
		v.denied = true
		return
	}
	v.acked = sequence
	v.tally.echoes++
	v.tally.audience += int64(others)
}

// answered reports whether the bot's last move was echoed or refused.
func (v *view) answered() bool {
	sent := v.mine.sent.Load()
	at, _ := v.mine.sentAt(sent)
	return sent == v.acked || v.answer > at
}

// left takes somebody out of view.
func (v *view) left(id int32, now time.Duration) {
	if id != v.self {
		v.tally.updates++
	}
	s := v.shown.find(id)
	if id == v.self {
		v.shown.remove(id)
		v.leftItself(now)
		return
	}
	if s == nil {
		v.wrong(LeftUnseen, id, "leaves, is not shown")
		return
	}
	if s.track != nil {
		v.tally.overdue(s.track, s.sequence, now, v.inTime)
	}
	v.shown.remove(id)
	delete(v.looks, id)
}

// inParts is for how long keys may be under way, in parts, after a viewer was to forget everything or look from another cell.
const inParts = 5 * time.Second

// leftItself takes in that the bot itself is not shown any more: it may stand in a stream whose key is still to come.
func (v *view) leftItself(now time.Duration) {
	if v.lattice == nil || v.anew == 0 || now-v.anew > inParts {
		v.wrong(LeftUnseen, v.self, "the viewer itself leaves")
	}
}

// chatMark begins every text that bots say.
const chatMark = "bot chat "

// chat notes what a bot of the fleet said; what others say is not the view's business.
func (v *view) chat(id int32, text string) {
	if strings.HasPrefix(text, smallTalk) {
		if v.listens > 0 && talkNumber(text) >= v.listens {
			v.tally.chats++
		}
		return
	}
	if !strings.HasPrefix(text, chatMark) {
		return
	}
	u := v.heard[text]
	if u == nil {
		u = &utterance{player: id}
		v.heard[text] = u
	}
	u.times++
}

// close accounts for the moves that were due by now and never came.
func (v *view) close(now time.Duration) {
	for s := range v.shown.all() {
		if s.id != v.self && s.track != nil {
			v.tally.overdue(s.track, s.sequence, now, v.inTime)
			s.sequence = s.track.sent.Load()
		}
	}
}

// wrong reports a broken rule.
func (v *view) wrong(kind Kind, about int32, format string, values ...any) {
	v.violate(Violation{Kind: kind, Viewer: v.self, Player: about, Detail: fmt.Sprintf(format, values...)})
}
