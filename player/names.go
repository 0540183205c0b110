package player

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"aoiworld/world"
)

// maxName is the longest name (bytes).
const maxName = world.MaxName

// guestNames are those under which players without a name are shown, and what they begin with: nobody's own.
var guestNames = regexp.MustCompile(`^guest(-[0-9]+)?$`)

// presentable returns a name as it is shown: normalised (NFC), with single spaces, and none at either end. It may be empty. It
// reports false when it is too long, or holds what cannot be seen.
func presentable(wish string) (name string, ok bool) {
	if wish == "" {
		return "", true
	}
	if !speakable(wish, maxName) {
		return "", false
	}
	name = norm.NFC.String(strings.Join(strings.Fields(wish), " "))
	return name, name != "" && len(name) <= maxName
}

// nameKey returns what names are compared by: those with equal keys are the same to people.
func nameKey(name string) string {
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(name)))
}

// nameUse is how often a name is taken.
type nameUse struct {
	users int // accounts may share one
	next  int // the least number that may be free behind it
}

// nameTable is the names of all who play, by their keys.
type nameTable map[string]*nameUse

// guest takes a name for a guest: the one that it wishes for, or where somebody has that, one with a number behind it. One that
// is not to be had at all is empty.
func (t nameTable) guest(wish string) (name string) {
	key := nameKey(wish)
	if wish == "" || guestNames.MatchString(key) {
		return ""
	}
	use := t[key]
	if use == nil {
		return t.take(wish)
	}
	for {
		name := numbered(wish, use.next)
		use.next++
		if key := nameKey(name); t[key] == nil && !guestNames.MatchString(key) {
			return t.take(name)
		}
	}
}

// take notes that somebody has a name, and returns it.
func (t nameTable) take(name string) string {
	if name == "" {
		return ""
	}
	key := nameKey(name)
	if t[key] == nil {
		t[key] = &nameUse{next: 2}
	}
	t[key].users++
	return name
}

// free notes that somebody does not have a name any more.
func (t nameTable) free(name string) {
	if name == "" {
		return
	}
	key := nameKey(name)
	if t[key].users--; t[key].users == 0 {
		delete(t, key)
	}
}

// numbered returns a name with a number behind it, cut so that it is not too long.
func numbered(name string, number int) string {
	tail := "-" + strconv.Itoa(number)
	for len(name)+len(tail) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return strings.TrimRight(name, " ") + tail
}
