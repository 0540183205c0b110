package moderation

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aoiworld/player"
	"aoiworld/world"
)

// began is when tests begin: a wall clock's time.
var began = time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)

// subject returns a subject that must be one.
func subject(t testing.TB, kind Kind, text string) Subject {
	t.Helper()
	s, err := ParseSubject(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open returns the list in a file.
func open(t testing.TB, file string, now time.Time) *List {
	t.Helper()
	l, err := OpenList(file, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSubjects: what is written for whom, and who that is.
func TestSubjects(t *testing.T) {
	at := func(a string) player.Person { return player.Person{Address: netip.MustParseAddr(a)} }
	for _, c := range []struct {
		kind       Kind
		text       string
		shown      string // nothing: impossible
		is, is_not player.Person
	}{
		{Account, "ann", "ann", player.Person{Account: "ann"}, player.Person{Account: "Ann", Name: "ann"}},
		{Account, "", "", player.Person{}, player.Person{}},
		{Account, strings.Repeat("x", 129), "", player.Person{}, player.Person{}},
		{Account, "\xff", "", player.Person{}, player.Person{}},
		{Name, "Ann", "Ann", player.Person{Name: "ａｎｎ"}, player.Person{Account: "Ann"}},
		{Name, "", "", player.Person{}, player.Person{}},
		{Name, " ", "", player.Person{}, player.Person{}},
		{Name, "a\nb", "", player.Person{}, player.Person{}},
		{Name, strings.Repeat("x", 65), "", player.Person{}, player.Person{}},
		{Address, "192.0.2.7", "192.0.2.7", at("::ffff:192.0.2.7"), at("192.0.2.8")},
		{Address, "192.0.2.0/24", "192.0.2.0/24", at("192.0.2.255"), at("192.0.3.0")},
		{Address, "::ffff:192.0.2.7", "192.0.2.7", at("192.0.2.7"), at("192.0.2.8")},
		{Address, "2001:db8::7", "2001:db8::/64", at("2001:db8::8"), at("2001:db8:0:1::7")},
		{Address, "2001:db8::7/128", "2001:db8::7/128", at("2001:db8::7"), at("2001:db8::8")},
		{Address, "192.0.2.1/24", "", player.Person{}, player.Person{}},
		{Address, "0.0.0.0/0", "", player.Person{}, player.Person{}},
		{Address, "::/0", "", player.Person{}, player.Person{}},
		{Address, "::ffff:192.0.2.0/120", "", player.Person{}, player.Person{}},
		{Address, "game.example.org", "", player.Person{}, player.Person{}},
		{Address, "", "", player.Person{}, player.Person{}},
		{Player, "7", "7", player.Person{Player: 7}, player.Person{Player: 8}},
		{Player, "0", "", player.Person{}, player.Person{}},
		{Player, "-7", "", player.Person{}, player.Person{}},
		{Player, "2147483648", "", player.Person{}, player.Person{}},
		{"ip", "192.0.2.7", "", player.Person{}, player.Person{}},
	} {
		s, err := ParseSubject(c.kind, c.text)
		if (err == nil) != (c.shown != "") || err != nil && !errors.Is(err, ErrSubject) {
			t.Errorf("%s %q: %v", c.kind, c.text, err)
		}
		if err != nil {
			continue
		}
		if s.Text() != c.shown || s.Kind() != c.kind || !s.Is(c.is) || s.Is(c.is_not) || s.Is(player.Person{}) {
			t.Errorf("%s %q is %v: %v, %v", c.kind, c.text, s, s.Is(c.is), s.Is(c.is_not))
		}
		if again, err := ParseSubject(s.Kind(), s.Text()); err != nil || again.key() != s.key() {
			t.Errorf("%v is read as %v, %v", s, again, err)
		}
	}
	if (Subject{}).Is(player.Person{}) || OfPlayer(7).key() != subject(t, Player, "7").key() {
		t.Error("nobody is somebody")
	}
}

// TestListAgainstAModel: whatever is imposed and lifted, and whenever one asks, the list says of everybody what is true of one of its
// sanctions, and so does one that has read its file.
func TestListAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := began
		l, err := OpenList("", now)
		if err != nil {
			t.Fatal(err)
		}
		model := map[modelKey]Sanction{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			step(t, l, model, now)
			again := reread(t, l)
			for range 5 {
				who := drawPerson(t)
				for _, m := range []Measure{Ban, Mute} {
					want, is := modelled(model, m, who, now, false)
					if got, sanctioned := l.ask(m, who, now); sanctioned != is || !got.Until.Equal(want) {
						t.Fatalf("%s of %+v at %v: %v until %v, want %v until %v", m, who, now, sanctioned, got.Until, is, want)
					}
					want, is = modelled(model, m, who, now, true)
					if got, sanctioned := again.ask(m, who, now); sanctioned != is || !got.Until.Equal(want) {
						t.Fatalf("read anew, %s of %+v: %v until %v, want %v until %v", m, who, sanctioned, got.Until, is, want)
					}
				}
			}
		}
	})
}

// modelKey is what there is one sanction for.
type modelKey struct {
	measure Measure
	subject Subject
}

// reread returns the list that one reads from what another one writes.
func reread(t *rapid.T, l *List) *List {
	content, err := encode(l.current.Load().all)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decode(content)
	if err != nil {
		t.Fatal(err)
	}
	again := &List{}
	again.current.Store(newIndex(all))
	return again
}

// ask asks whether somebody is under a sanction.
func (l *List) ask(m Measure, who player.Person, now time.Time) (player.Sanction, bool) {
	if m == Ban {
		return l.Banned(who, now)
	}
	return l.Muted(who, now)
}

// step imposes or lifts something, in the list and in the model.
func step(t *rapid.T, l *List, model map[modelKey]Sanction, now time.Time) {
	m := rapid.SampledFrom([]Measure{Ban, Mute}).Draw(t, "measure")
	kind := rapid.SampledFrom([]Kind{Account, Name, Address, Player}).Draw(t, "kind")
	text := rapid.SampledFrom(map[Kind][]string{
		Account: {"ann", "bob"}, Name: {"Ann", "ANN", "Bob"}, Player: {"1", "2"},
		Address: {"192.0.2.1", "192.0.2.0/24", "192.0.0.0/16", "2001:db8::1", "2001:db8::/32"},
	}[kind]).Draw(t, "text")
	who, err := ParseSubject(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	key := modelKey{m, who.key()}
	if known, there := model[key]; there && rapid.Bool().Draw(t, "lift") {
		_, err := l.remove(m, known.ID, now)
		if lifted := !known.over(now); lifted != (err == nil) || err != nil && !errors.Is(err, ErrUnknown) {
			t.Fatalf("lifted %+v: %v", known, err)
		}
		delete(model, key)
		return
	}
	s := Sanction{Measure: m, Subject: who, Created: now}
	if minutes := rapid.IntRange(0, 60).Draw(t, "length"); minutes > 0 {
		s.Until = now.Add(time.Duration(minutes) * time.Minute)
	}
	if s, err = l.put(s); err != nil {
		t.Fatal(err)
	}
	model[key] = s
}

// drawPerson returns somebody.
func drawPerson(t *rapid.T) player.Person {
	return player.Person{
		Account: rapid.SampledFrom([]string{"", "ann", "bob", "eve"}).Draw(t, "account"),
		Name:    rapid.SampledFrom([]string{"", "ann", "Bob", "Eve"}).Draw(t, "name"),
		Player:  world.ID(rapid.IntRange(0, 3).Draw(t, "player")),
		Address: netip.MustParseAddr(rapid.SampledFrom([]string{
			"192.0.2.1", "192.0.2.2", "::ffff:192.0.2.1", "192.0.3.1", "198.51.100.1", "2001:db8::2", "2001:db8:1::1", "2001:db9::1",
		}).Draw(t, "address")),
	}
}

// modelled returns until when somebody is under a sanction, by looking at each.
func modelled(model map[modelKey]Sanction, m Measure, who player.Person, now time.Time, kept bool) (until time.Time, is bool) {
	for _, s := range model {
		if s.Measure != m || s.over(now) || !s.Subject.Is(who) || kept && s.Subject.kind == Player {
			continue
		}
		if !is || s.Until.IsZero() || !until.IsZero() && s.Until.After(until) {
			until = s.Until
		}
		is = true
	}
	return until, is
}

// TestRacingChanges: of eight who ban the same at once there is one ban, of eight others eight; all are in the file.
func TestRacingChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bans.json")
	l := open(t, file, began)
	var racing sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		racing.Go(func() {
			s, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, "ann"), Created: began})
			if err != nil {
				t.Error(err)
			}
			ids[i] = s.ID
			if _, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, fmt.Sprint("bob", i)), Created: began}); err != nil {
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if all := l.All(Ban, began); len(all) != 9 || len(slices.Compact(ids)) != 1 || len(ids[0]) != idLength {
		t.Errorf("%d bans, ids %v", len(all), ids)
	}
	again := open(t, file, began)
	if diff := cmp.Diff(l.All(Ban, began), again.All(Ban, began), cmp.Comparer(func(a, b Subject) bool { return a == b })); diff != "" {
		t.Errorf("the file holds others:\n%s", diff)
	}
	lifted := 0
	results := make(chan error, 8)
	for range 8 {
		racing.Go(func() {
			_, err := l.remove(Ban, ids[0], began)
			results <- err
		})
	}
	racing.Wait()
	for range 8 {
		if <-results == nil {
			lifted++
		}
	}
	if lifted != 1 || len(l.All(Ban, began)) != 8 {
		t.Errorf("lifted %d times, %d are left", lifted, len(l.All(Ban, began)))
	}
}
