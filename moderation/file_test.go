package moderation

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aoiworld/player"
)

// TestFileIsOnlyTheOwners: others learn nothing of who is banned, from no file that is left behind either.
func TestFileIsOnlyTheOwners(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "bans.json")
	l := open(t, file, began)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file already: %v", err)
	}
	for _, account := range []string{"ann", "bob"} {
		if _, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, account), Created: began}); err != nil {
			t.Fatal(err)
		}
	}
	about, err := os.Stat(file)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", about.Mode(), err)
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
		t.Errorf("left behind: %v, %v", all, err)
	}
}

// TestBadFiles: one that is torn, of another version, or not what it should be is told of, and never taken for an empty one.
func TestBadFiles(t *testing.T) {
	const good = `{"version":1,"sanctions":[{"id":"x","measure":"ban","kind":"account","subject":"ann","created":"2026-01-01T00:00:00Z"}]}`
	if all, err := decode([]byte(good)); err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	bad := map[string]string{
		"version":     strings.Replace(good, `"version":1`, `"version":2`, 1),
		"no version":  strings.Replace(good, `"version":1,`, "", 1),
		"measure":     strings.Replace(good, `"ban"`, `"burn"`, 1),
		"kind":        strings.Replace(good, `"account"`, `"ip"`, 1),
		"subject":     strings.Replace(good, `"ann"`, `""`, 1),
		"id":          strings.Replace(good, `"id":"x"`, `"id":""`, 1),
		"reason":      strings.Replace(good, `"id":"x"`, `"id":"x","reason":"a\nb"`, 1),
		"player":      strings.Replace(strings.Replace(good, `"account"`, `"player"`, 1), `"ann"`, `"7"`, 1),
		"time":        strings.Replace(good, "2026-01-01T00:00:00Z", "yesterday", 1),
		"two":         good + good,
		"zeros":       strings.Repeat("\x00", 4096),
		"empty":       "",
		"null":        "null",
		"other":       "[]",
		"flipped bit": strings.Replace(good, `{"id`, `["id`, 1),
	}
	for n := range len(good) {
		bad[good[:n]] = good[:n]
	}
	folder := t.TempDir()
	for name, content := range bad {
		file := filepath.Join(folder, "bans.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := OpenList(file, began); !errors.Is(err, ErrFile) {
			t.Errorf("%s is taken for %v, %v", name, l, err)
		}
	}
	if _, err := OpenList(folder, began); err == nil {
		t.Error("a folder is taken for a file")
	}
}

// TestFailedWrites: what cannot be written is not in force, and the file is as it was.
func TestFailedWrites(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	l := open(t, filepath.Join(folder, "bans.json"), began)
	first, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, "ann"), Created: began})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder, folder+" away"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, "bob"), Created: began}); !errors.Is(err, ErrStorage) {
		t.Errorf("got %v", err)
	}
	if _, err := l.remove(Ban, first.ID, began); !errors.Is(err, ErrStorage) {
		t.Errorf("got %v", err)
	}
	if _, banned := l.Banned(player.Person{Account: "bob"}, began); banned {
		t.Error("a ban that is not kept is in force")
	}
	if _, banned := l.Banned(player.Person{Account: "ann"}, began); !banned {
		t.Error("a ban that is kept is not in force any more")
	}
	if err := os.Rename(folder+" away", folder); err != nil {
		t.Fatal(err)
	}
	if _, err := l.remove(Ban, first.ID, began); err != nil {
		t.Errorf("it does not recover: %v", err)
	}
}

// TestWithoutAFile: bans end with the process.
func TestWithoutAFile(t *testing.T) {
	l := open(t, "", began)
	if _, err := l.put(Sanction{Measure: Ban, Subject: subject(t, Account, "ann"), Created: began}); err != nil {
		t.Fatal(err)
	}
	if len(l.All(Ban, began)) != 1 || len(open(t, "", began).All(Ban, began)) != 0 {
		t.Error("what is not written is read")
	}
}

// FuzzFile: whatever a file holds is refused, or is the same again when it is written and read.
func FuzzFile(f *testing.F) {
	s := Sanction{ID: "x", Measure: Mute, Subject: Subject{kind: Name, text: "ann", shown: "Ann"}, Until: began, Reason: "r", Created: began}
	b, err := encode([]Sanction{s})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":1,"sanctions":[{"id":"a","measure":"ban","kind":"address","subject":"2001:db8::/32"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := decode(content)
		if err != nil {
			if !errors.Is(err, ErrFile) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		b, err := encode(all)
		if err != nil {
			return // a year that JSON has no way to write
		}
		again, err := decode(b)
		if diff := cmp.Diff(all, again, cmp.Comparer(func(a, b Subject) bool { return a == b }),
			cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", content, err, diff)
		}
	})
}

// FuzzSubject: whatever is written for somebody is refused, or is read again as the same.
func FuzzSubject(f *testing.F) {
	for _, text := range []string{"ann", "192.0.2.0/24", "2001:db8::7", "::ffff:192.0.2.7", "fe80::1%eth0", "7"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []Kind{Account, Name, Address, Player} {
			s, err := ParseSubject(kind, text)
			if err != nil {
				if !errors.Is(err, ErrSubject) {
					t.Errorf("an error of another kind: %v", err)
				}
				continue
			}
			if again, err := ParseSubject(kind, s.Text()); err != nil || again.key() != s.key() {
				t.Errorf("%s %q is %v, and then %v, %v", kind, text, s, again, err)
			}
		}
	})
}
