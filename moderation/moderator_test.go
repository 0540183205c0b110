package moderation

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/player"
)

// room is some people who are connected, and what was done to them.
type room struct {
	people []player.Person
	done   []string
}

// each does something to all whom somebody picks.
func (r *room) each(picks func(player.Person) bool, what string) (n int) {
	for _, who := range r.people {
		if picks(who) {
			r.done = append(r.done, fmt.Sprintf("%d: %s", who.Player, what))
			n++
		}
	}
	return n
}

// Kick implements People.
func (r *room) Kick(picks func(player.Person) bool, why string) int {
	return r.each(picks, "kicked "+why)
}

// Ban implements People.
func (r *room) Ban(picks func(player.Person) bool, ban player.Sanction) int {
	return r.each(picks, ban.Text("banned"))
}

// Notice implements People.
func (r *room) Notice(picks func(player.Person) bool, text string) (told int, ok bool) {
	if !player.Speakable(text, player.MaxNotice) {
		return 0, false
	}
	return r.each(picks, text), true
}

// TestModerator: what a moderator does is done to those it is about, and each of it has one line in the log, with who has done it.
func TestModerator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		people := &room{people: []player.Person{{Player: 1, Account: "ann", Name: "Ann"}, {Player: 2, Name: "Gus"}}}
		var log bytes.Buffer
		l := open(t, "", time.Now())
		m := NewModerator(l, people, slog.New(slog.NewTextHandler(&log, nil)))
		ann, gus := subject(t, Account, "ann"), subject(t, Name, "gus")
		for _, c := range []struct {
			name  string
			do    func() (int, error)
			want  error
			done  string
			count int
			line  string
		}{
			{"kick", func() (int, error) { return m.Kick("op", ann, "spam") }, nil, "1: kicked spam", 1, `action=kick by=op subject=account:ann reason=spam sessions=1`},
			{"kick nobody", func() (int, error) { return m.Kick("op", subject(t, Account, "eve"), "") }, ErrNobody, "", 0, `msg="moderation failed" action=kick`},
			{"kick everybody", func() (int, error) { return m.Kick("op", Subject{}, "") }, ErrSubject, "", 0, "action=kick"},
			{"long reason", func() (int, error) { return m.Kick("op", ann, strings.Repeat("x", 65)) }, ErrText, "", 0, "action=kick"},
			{"hidden reason", func() (int, error) { return m.Kick("op", ann, "a\nb") }, ErrText, "", 0, `reason="a\nb"`},
			{"ban", func() (int, error) { return sanctioned(m, Ban, gus, time.Hour, "spam") }, nil, "2: banned until 2000-01-01T01:00:00Z: spam", 1, "until=2000-01-01T01:00:00Z"},
			{"mute", func() (int, error) { return sanctioned(m, Mute, ann, 0, "") }, nil, "1: You are muted for good", 1, `until="for good"`},
			{"mute a player", func() (int, error) { return sanctioned(m, Mute, OfPlayer(2), time.Hour, "") }, nil, "2: You are muted until 2000-01-01T01:00:00Z", 1, "action=mute"},
			{"ban a player", func() (int, error) { return sanctioned(m, Ban, OfPlayer(2), time.Hour, "") }, ErrSubject, "", 0, "action=ban"},
			{"ban in the past", func() (int, error) { return sanctioned(m, Ban, ann, -time.Second, "") }, ErrUntil, "", 0, "action=ban"},
			{"burn", func() (int, error) { return sanctioned(m, "burn", ann, 0, "") }, ErrSubject, "", 0, "action=burn"},
			{"announce", func() (int, error) { return m.Announce("op", "hello") }, nil, "1: hello 2: hello", 2, "action=announce"},
			{"announce nothing", func() (int, error) { return m.Announce("op", "") }, ErrText, "", 0, "action=announce"},
			{"unmute", func() (int, error) { return lifted(m, Mute, 0) }, nil, "1: You may chat again.", 0, "action=unmute"},
			{"unban", func() (int, error) { return lifted(m, Ban, 0) }, nil, "", 0, "action=unban"},
			{"unban nothing", func() (int, error) { return 0, errorOf(m.Lift("op", Ban, "x")) }, ErrUnknown, "", 0, "action=unban"},
		} {
			people.done = nil
			log.Reset()
			n, err := c.do()
			if n != c.count || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || strings.Join(people.done, " ") != c.done {
				t.Errorf("%s: %d, %v, %q", c.name, n, err, people.done)
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), c.line) || !strings.Contains(log.String(), "by=op ") {
				t.Errorf("%s: the log says %s", c.name, &log)
			}
		}
	})
}

// sanctioned imposes something for some time, or for good, and returns on how many.
func sanctioned(m *Moderator, what Measure, who Subject, length time.Duration, reason string) (int, error) {
	var until time.Time
	if length != 0 {
		until = time.Now().Add(length).UTC()
	}
	_, n, err := m.Sanction("op", what, who, until, reason)
	return n, err
}

// lifted lifts a sanction by its number.
func lifted(m *Moderator, what Measure, i int) (int, error) {
	_, err := m.Lift("op", what, m.Sanctions(what)[i].ID)
	return 0, err
}

// errorOf returns the error alone.
func errorOf(_ Sanction, err error) error { return err }

// TestLogsAreQuoted: nobody writes lines of his own into the log, or long ones.
func TestLogsAreQuoted(t *testing.T) {
	var log bytes.Buffer
	m := NewModerator(open(t, "", began), &room{}, slog.New(slog.NewTextHandler(&log, nil)))
	evil := strings.Repeat("ä", 20) + "\n\x1b[2Jlevel=ERROR" + strings.Repeat("x", 10_000)
	_, _ = m.Announce(evil, evil)
	_, _ = m.Kick(evil, Subject{kind: Account, text: evil, shown: evil}, evil)
	if strings.Count(log.String(), "\n") != 2 || log.Len() > 2000 || strings.ContainsRune(log.String(), '\x1b') {
		t.Errorf("%d bytes:\n%s", log.Len(), log.String())
	}
}

// TestExpiryIsByTheWallClock: a ban ends when its time has come, also for who has no monotonic clock.
func TestExpiryIsByTheWallClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, "", time.Now())
		m := NewModerator(l, &room{}, slog.New(slog.DiscardHandler))
		if _, err := sanctioned(m, Ban, subject(t, Account, "ann"), time.Hour, ""); err != nil {
			t.Fatal(err)
		}
		who := player.Person{Account: "ann"}
		<-time.After(time.Hour - time.Nanosecond)
		if _, banned := l.Banned(who, time.Now().Round(0)); !banned {
			t.Error("over too soon")
		}
		<-time.After(time.Nanosecond)
		if _, banned := l.Banned(who, time.Now()); banned || len(m.Sanctions(Ban)) != 0 {
			t.Error("not over")
		}
	})
}
