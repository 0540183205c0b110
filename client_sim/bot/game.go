package bot

import (
	"bytes"
	"fmt"
	"iter"

	"aoiworld/net/classic"
)

// Player is what one bot does in a game of one's own, beside moving about. Its methods are called by one goroutine at a
// time.
type Player interface {
	// Act is asked after each of the bot's moves: what it appends to dst, whole frames, is sent.
	Act(me Me, dst []byte) []byte
	// Hear takes a message of the game. The payload is borrowed. An error is a violation.
	Hear(id uint32, payload []byte) error
}

// Me is a bot as it knows itself and what is round it: a look at its view, good during the call that it was handed to.
type Me struct {
	// ID is the player id that the server gave the bot.
	ID   int32
	view *view
}

// Other is somebody whom a bot is shown.
type Other struct {
	ID   int32
	X, Z float32
	// Kind is 0 for players.
	Kind       uint8
	Attributes []byte
}

// Self returns the bot as the server shows it to itself.
func (m Me) Self() Other {
	return Other{ID: m.ID, X: m.view.own.x, Z: m.view.own.z, Attributes: m.view.looks[m.ID].attributes}
}

// Others yields everybody else in view, in no order.
func (m Me) Others() iter.Seq[Other] {
	return func(yield func(Other) bool) {
		for s := range m.view.shown.all() {
			look := m.view.looks[s.id]
			if s.id != m.ID && !yield(Other{s.id, s.at.x, s.at.z, look.kind, look.attributes}) {
				return
			}
		}
	}
}

// look is what a game shows of somebody beside its place.
type look struct {
	kind       uint8
	attributes []byte
}

// same reports whether two looks are equal.
func (l look) same(o look) bool { return l.kind == o.kind && bytes.Equal(l.attributes, o.attributes) }

// looked takes in what a game shows of somebody.
func (v *view) looked(e classic.Event) {
	if v.shown.find(e.PID) == nil {
		v.wrong(MovedUnseen, e.PID, "its attributes change to %x, but it is not shown", e.Bytes)
		return
	}
	if v.looks == nil {
		v.looks = make(map[int32]look)
	}
	v.looks[e.PID] = look{uint8(e.Number), bytes.Clone(e.Bytes)}
}

// hear hands a message of the game to the bot's player.
func (v *view) hear(e classic.Event) {
	if v.player == nil {
		return // somebody plays a game that these bots do not know
	}
	if err := v.player.Hear(uint32(e.Number), e.Bytes); err != nil {
		v.wrong(Unruly, v.self, "message %d: %v", e.Number, err)
	}
}

// act sends what the bot's player wants to do.
func (b *bot) act() error {
	if !b.plays {
		return nil
	}
	b.mu.Lock()
	b.out = b.out[:0]
	if !b.left {
		b.out = b.view.player.Act(Me{b.view.self, &b.view}, b.out)
	}
	b.mu.Unlock()
	if len(b.out) == 0 {
		return nil
	}
	return b.send(b.out)
}

// compareLooks finds where a viewer is shown somebody other than that one is shown itself.
func compareLooks(viewer, other truth) []Violation {
	if got, want := viewer.looks[other.id], other.looks[other.id]; !got.same(want) {
		return []Violation{{Stale, viewer.id, other.id, fmt.Sprintf(
			"shown as kind %d with %x, but it is kind %d with %x", got.kind, got.attributes, want.kind, want.attributes)}}
	}
	return nil
}

// judge lets the game itself look for what is wrong at a quiet point.
func (f *fleet) judge(live []*bot) (found []Violation) {
	if f.cfg.Judge == nil {
		return nil
	}
	all := make([]Other, len(live))
	for i, b := range live {
		b.mu.Lock()
		all[i] = Me{b.view.self, &b.view}.Self()
		b.mu.Unlock()
	}
	for _, wrong := range f.cfg.Judge(all) {
		found = append(found, Violation{Kind: Unruly, Detail: wrong})
	}
	return found
}

// players returns whom a bot is shown, without whatever else there is in a world.
func (v *view) players() map[int32]place {
	shown := make(map[int32]place, v.shown.len())
	for s := range v.shown.all() {
		if v.looks[s.id].kind == 0 {
			shown[s.id] = s.at
		}
	}
	return shown
}
