package bot

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Kind names what was wrong with what a bot was told.
type Kind string

// The kinds of violations. The first group breaks a rule of the stream and is seen at once; the second is found at
// quiet points.
const (
	Malformed   Kind = "malformed"           // bytes that are no message of the protocol
	OutOfOrder  Kind = "out of order"        // a message at the wrong time, such as a second welcome
	IDReused    Kind = "id reused"           // a newcomer was given an id that somebody had before
	ShownTwice  Kind = "shown twice"         // somebody appears who is already shown
	MovedUnseen Kind = "moved unseen"        // somebody moved who is not shown
	LeftUnseen  Kind = "left unseen"         // somebody left who is not shown
	Impossible  Kind = "impossible position" // somebody is shown where it has never been
	WentBack    Kind = "went back"           // an older position after a newer one
	Neglected   Kind = "neglected"           // somebody in a crowd was told of later than the crowd said

	Missing      Kind = "missing"        // should be shown, is not
	Ghost        Kind = "ghost"          // is shown, should not be
	Stale        Kind = "stale"          // is shown elsewhere than it is
	Unanswered   Kind = "unanswered"     // a bot's last move was neither echoed nor refused
	ChatLost     Kind = "chat lost"      // a chat did not reach somebody
	ChatRepeated Kind = "chat repeated"  // a chat reached somebody more than once
	ChatForged   Kind = "chat forged"    // a chat came from somebody who did not say it
	Displaced    Kind = "displaced view" // a bot looks from a cell that is too far from it
	Misled       Kind = "wrong world"    // a bot was told of other cells than there are
	Unwelcomed   Kind = "not welcomed"   // a bot that is connected was not let into the world in time
	Stranger     Kind = "unknown player" // somebody is shown who is none of the bots
	Unruly       Kind = "against the rules of the game"
)

// Violation is one thing that the server got wrong, as one bot saw it.
type Violation struct {
	Kind Kind `json:"kind"`
	// Viewer is the player who was told wrongly; Player is whom it is about, 0 when it is about nobody.
	Viewer int32 `json:"viewer"`
	Player int32 `json:"player"`
	// Detail is for the reader: what was told, what is true.
	Detail string `json:"detail"`
}

// String is one readable line.
func (v Violation) String() string {
	return fmt.Sprintf("player %d, about player %d: %s: %s", v.Viewer, v.Player, v.Kind, v.Detail)
}

// maxKept is how many violations are kept in full; of the others only the number.
const maxKept = 200

// violations collects what was wrong. Safe for everybody.
type violations struct {
	mu    sync.Mutex
	kept  []Violation
	kinds map[Kind]int64
	count int64
}

// add notes violations.
func (l *violations) add(vs ...Violation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = make(map[Kind]int64)
	}
	for _, v := range vs {
		l.count++
		l.kinds[v.Kind]++
		if len(l.kept) < maxKept {
			l.kept = append(l.kept, v)
		}
	}
}

// total returns how many there are.
func (l *violations) total() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// all returns how many there are, by kind, and those that were kept.
func (l *violations) all() (count int64, kinds map[Kind]int64, kept []Violation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count, maps.Clone(l.kinds), slices.Clone(l.kept)
}
