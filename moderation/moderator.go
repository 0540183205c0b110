package moderation

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"aoiworld/player"
)

// Errors of a moderator.
var (
	// ErrNobody: nobody is there whom it is about.
	ErrNobody = errors.New("nobody there")
	// ErrText: a reason or a notice is too long, or not to be seen.
	ErrText = errors.New("impossible text")
	// ErrUntil: a ban or a mute would be over already.
	ErrUntil = errors.New("time is over already")
)

// MaxReason is the longest reason (bytes): with it, what a client is told still fits into a close message.
const MaxReason = 64

// People is everybody who is connected: a player.Registry.
type People interface {
	// Kick removes all whom somebody picks, and returns how many sessions that were.
	Kick(picks func(player.Person) bool, why string) int
	// Ban is Kick for those whom a ban is about.
	Ban(picks func(player.Person) bool, ban player.Sanction) int
	// Notice says a text to all whom somebody picks, and returns how many are told; not if the text cannot be shown.
	Notice(picks func(player.Person) bool, text string) (told int, ok bool)
}

// Moderator does what moderators do, and has a line in the log for each of it. Its methods may be called by anybody; by says who
// it is that wants it. They may wait for the disk, so neither the tick nor a handler may call them.
type Moderator struct {
	list   *List
	people People
	log    *slog.Logger
}

// NewModerator returns a moderator.
func NewModerator(list *List, people People, log *slog.Logger) *Moderator {
	return &Moderator{list: list, people: people, log: log}
}

// Kick removes whoever is there of a subject; they may come back at once. It returns how many sessions that were. The error wraps
// ErrSubject, ErrText or ErrNobody.
func (m *Moderator) Kick(by string, who Subject, reason string) (sessions int, err error) {
	if err = check(who, reason); err == nil {
		if sessions = m.people.Kick(who.Is, reason); sessions == 0 {
			err = ErrNobody
		}
	}
	m.note("kick", by, err, "subject", cut(who.String()), "reason", cut(reason), "sessions", sessions)
	return sessions, err
}

// Sanction forbids a subject to play (Ban), and removes whoever is there of it, or to chat (Mute). Until when it says; zero
// is for good. One of the same measure and subject is replaced. It returns how many sessions it is about now. The error wraps
// ErrSubject, ErrText, ErrUntil, ErrFull or ErrStorage.
func (m *Moderator) Sanction(
	by string, what Measure, who Subject, until time.Time, reason string,
) (s Sanction, sessions int, err error) {
	s = Sanction{
		Measure: what, Subject: who, Until: until.Round(0), Reason: reason, By: cut(by), Created: time.Now().Round(0),
	}
	if err = m.check(s); err == nil {
		if s, err = m.list.put(s); err == nil {
			sessions = m.enforce(s)
		}
	}
	m.note(string(what), by, err, "id", s.ID, "subject", cut(who.String()), "until", lasting(until),
		"reason", cut(reason), "sessions", sessions)
	return s, sessions, err
}

// check returns why a sanction cannot be imposed.
func (m *Moderator) check(s Sanction) error {
	switch err := check(s.Subject, s.Reason); {
	case err != nil:
		return err
	case s.over(s.Created):
		return ErrUntil
	case s.Measure != Ban && s.Measure != Mute:
		return fmt.Errorf("%w: unknown measure %.40q", ErrSubject, s.Measure)
	case s.Measure == Ban && s.Subject.kind == Player:
		return fmt.Errorf("%w: want an account, a name or an address, for a player can come back as another", ErrSubject)
	}
	return nil
}

// enforce does to whoever is there what a sanction says, and returns how many sessions that were.
func (m *Moderator) enforce(s Sanction) (sessions int) {
	told := player.Sanction{Until: s.Until, Reason: s.Reason}
	if s.Measure == Ban {
		return m.people.Ban(s.Subject.Is, told)
	}
	sessions, _ = m.people.Notice(s.Subject.Is, told.Text("You are muted")) // which can be shown, since the reason can
	return sessions
}

// Lift ends a ban or a mute. The error is ErrUnknown, or wraps ErrStorage.
func (m *Moderator) Lift(by string, what Measure, id string) (Sanction, error) {
	s, err := m.list.remove(what, id, time.Now())
	if err == nil && what == Mute {
		m.people.Notice(s.Subject.Is, "You may chat again.")
	}
	m.note("un"+string(what), by, err, "id", cut(id), "subject", cut(s.Subject.String()))
	return s, err
}

// Sanctions returns the bans or mutes that are in force, the oldest first.
func (m *Moderator) Sanctions(what Measure) []Sanction { return m.list.All(what, time.Now()) }

// Announce says a text to everybody in the world, and returns how many are told. The error is ErrText.
func (m *Moderator) Announce(by, text string) (told int, err error) {
	told, ok := m.people.Notice(func(player.Person) bool { return true }, text)
	if !ok {
		err = fmt.Errorf("%w: want 1 to %d bytes, and nothing that cannot be seen", ErrText, player.MaxNotice)
	}
	m.note("announce", by, err, "text", cut(text), "sessions", told)
	return told, err
}

// check returns why something cannot be done to a subject for a reason.
func check(who Subject, reason string) error {
	if who.kind == "" {
		return fmt.Errorf("%w: nobody", ErrSubject)
	}
	if reason != "" && !player.Speakable(reason, MaxReason) {
		return fmt.Errorf("%w: want a reason of at most %d bytes, and nothing that cannot be seen", ErrText, MaxReason)
	}
	return nil
}

// note writes the audit line of an action, done or not.
func (m *Moderator) note(action, by string, err error, facts ...any) {
	facts = append([]any{"action", action, "by", cut(by)}, facts...)
	if err != nil {
		m.log.Warn("moderation failed", append(facts, "error", err)...)
		return
	}
	m.log.Info("moderation", facts...)
}

// maxLogged is how much of a text of somebody's is logged (bytes).
const maxLogged = 64

// cut returns the beginning of a text. That nothing in it can be taken for anything else is the log's business, which quotes.
func cut(text string) string { return text[:min(len(text), maxLogged)] }

// lasting says how long a sanction lasts.
func lasting(until time.Time) string {
	if until.IsZero() {
		return "for good"
	}
	return until.UTC().Format(time.RFC3339)
}
