package player

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPresentable: a name is shown as people would write it, or not at all.
func TestPresentable(t *testing.T) {
	for wish, want := range map[string]string{
		"": "", "Ann": "Ann", " Ann  Lee ": "Ann Lee", "Ann\u00a0Lee": "Ann Lee", "Ame\u0301lie": "Am\u00e9lie",
		"李雷": "李雷", "😀": "😀", strings.Repeat("x", 64): strings.Repeat("x", 64),
	} {
		if got, ok := presentable(wish); !ok || got != want {
			t.Errorf("%q: %q, %v", wish, got, ok)
		}
	}
	for _, wish := range []string{
		" ", "\u00a0", "a\nb", "a\tb", "\x1b[2J", "a\u202eb", "a\u200bb", "\xff", strings.Repeat("x", 65), "\u2028", "\u00ad", "\x7f",
	} {
		if got, ok := presentable(wish); ok {
			t.Errorf("%q becomes %q", wish, got)
		}
	}
}

// TestNameKeys: names that people take for one another are equal.
func TestNameKeys(t *testing.T) {
	for _, same := range [][]string{
		{"ann", "Ann", "ANN", "ａｎｎ", "Ａnn"},
		{"amélie", "AMÉLIE", "ame\u0301lie"},
		{"ﬁn", "fin", "FIN"},
		{"x²", "X2"},
	} {
		for _, name := range same {
			if nameKey(name) != nameKey(same[0]) {
				t.Errorf("%q is not %q", name, same[0])
			}
		}
	}
	if nameKey("ann") == nameKey("an") || nameKey("é") == nameKey("e") {
		t.Error("others are equal")
	}
}

// TestGuestNames: what guests wish for, one after the other, and are called.
func TestGuestNames(t *testing.T) {
	names := nameTable{}
	names.take("Amélie") // an account's
	for _, step := range []struct{ wish, want string }{
		{"Ann", "Ann"},
		{"ann", "ann-2"},
		{"ANN", "ANN-3"},
		{"Ann-5", "Ann-5"},
		{"Ann", "Ann-4"},
		{"Ann", "Ann-6"},
		{"amélie", "amélie-2"},
		{"", ""},
		{"guest", ""},
		{"Guest-17", ""},
		{"ｇuest-１", ""},
		{"guest-x", "guest-x"},
		{"Guest 1", "Guest 1"},
		{strings.Repeat("é", 32), strings.Repeat("é", 32)},
		{strings.Repeat("É", 32), strings.Repeat("É", 31) + "-2"},
	} {
		if got := names.guest(step.wish); got != step.want {
			t.Errorf("who wishes for %q is called %q, want %q", step.wish, got, step.want)
		}
	}
	names.free("Ann")
	if got := names.guest("aNN"); got != "aNN" {
		t.Errorf("a name that is free again: %q", got)
	}
}

// TestNamesAreUnique: whoever comes and goes, a guest's name is nobody else's, and not too long; and it is the one it wished for
// if that was free.
func TestNamesAreUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names, taken := nameTable{}, []string{}
		wish := rapid.OneOf(
			rapid.SampledFrom([]string{"", "a", "A", "a-2", "a-3", "guest", "guest-2", strings.Repeat("ä", 32), strings.Repeat("x", 64)}),
			rapid.StringN(1, 5, 64),
		)
		has := func(name string) bool {
			return slices.ContainsFunc(taken, func(other string) bool { return nameKey(other) == nameKey(name) })
		}
		t.Repeat(map[string]func(*rapid.T){
			"guest": func(t *rapid.T) {
				wish, ok := presentable(wish.Draw(t, "wish"))
				if !ok {
					return
				}
				free := !has(wish) && !guestNames.MatchString(nameKey(wish))
				name := names.guest(wish)
				if name == "" {
					return
				}
				if has(name) || len(name) > maxName || !utf8.ValidString(name) || guestNames.MatchString(nameKey(name)) || free && name != wish {
					t.Fatalf("who wishes for %q is called %q among %q", wish, name, taken)
				}
				taken = append(taken, name)
			},
			"account": func(t *rapid.T) {
				if name, ok := presentable(wish.Draw(t, "name")); ok && name != "" {
					taken = append(taken, names.take(name))
				}
			},
			"leave": func(t *rapid.T) {
				if len(taken) > 0 {
					i := rapid.IntRange(0, len(taken)-1).Draw(t, "who")
					names.free(taken[i])
					taken = slices.Delete(taken, i, i+1)
				}
			},
		})
		for _, name := range taken {
			names.free(name)
		}
		if len(names) > 0 {
			t.Fatalf("%d names are remembered", len(names))
		}
	})
}

// TestNamesInTheWorld: nobody takes the name of somebody who plays, with or without a connection; who has none is called by his
// id.
func TestNamesInTheWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{auth: AuthConfig{Tokens: &tokens{}}})
		ann, guest := v.joinAccount(t, "ann Ann"), v.joinNative(t, " ann ")
		if guest.welcome.Name != "ann-2" || ann.replica.Entity(2) != nil {
			t.Errorf("a guest is called %q", guest.welcome.Name)
		}
		ann.look()
		if ann.replica.Entity(2).Name != "ann-2" || guest.replica.Entity(1).Name != "Ann" {
			t.Errorf("they see %q and %q", ann.replica.Entity(2).Name, guest.replica.Entity(1).Name)
		}
		nobody, liar := v.joinNative(t, ""), v.joinNative(t, "guest-1")
		if nobody.welcome.Name != "guest-3" || liar.welcome.Name != "guest-4" || liar.replica.Entity(3).Name != "" {
			t.Errorf("they are called %q and %q", nobody.welcome.Name, liar.welcome.Name)
		}
		guest.leave()
		v.tick()
		if third := v.joinNative(t, "Ann"); third.welcome.Name != "Ann-3" {
			t.Errorf("beside one without a connection another is called %q", third.welcome.Name)
		}
		v.stop()
		v.nobody(t)
	})
}
