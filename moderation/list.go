package moderation

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/player"
)

// Errors of a list.
var (
	// ErrUnknown: no ban or mute has the id.
	ErrUnknown = errors.New("no such ban or mute")
	// ErrFull: there are as many as there may be.
	ErrFull = errors.New("too many bans and mutes")
	// ErrStorage: the file could not be written. What was to be done has had no effect.
	ErrStorage = errors.New("bans cannot be stored")
)

// maxSanctions is how many bans and mutes a list holds: each change writes all of them.
const maxSanctions = 10_000

// Measure is what is forbidden. The set is fixed: it is in files.
type Measure string

// The measures.
const (
	Ban  Measure = "ban"  // to play
	Mute Measure = "mute" // to chat
)

// Sanction is a ban or a mute.
type Sanction struct {
	// ID names it, for whoever lifts it.
	ID      string
	Measure Measure
	Subject Subject
	// Until is when it ends by itself; zero is never.
	Until time.Time
	// Reason is told to whom it is about; it may be empty.
	Reason string
	// By is who has imposed it, and Created when.
	By      string
	Created time.Time
}

// over reports whether a sanction has ended.
func (s *Sanction) over(now time.Time) bool { return !s.Until.IsZero() && !now.Before(s.Until) }

// List is all bans and mutes of a server. Anybody may call its methods; asking it never waits for those who change it.
type List struct {
	store store

	changing sync.Mutex // held by one who changes it, while the file is written
	current  atomic.Pointer[index]
}

// OpenList returns the list that is kept in a file, which need not be there yet; without a file it is forgotten with the process.
// The error wraps ErrFile, or one of fs.
func OpenList(file string, now time.Time) (*List, error) {
	l := &List{store: store{file}}
	all, err := l.store.read()
	if err != nil {
		return nil, err
	}
	l.current.Store(newIndex(living(all, now)))
	return l, nil
}

// living returns the sanctions that are not over, in a slice of its own.
func living(all []Sanction, now time.Time) []Sanction {
	return slices.DeleteFunc(slices.Clone(all), func(s Sanction) bool { return s.over(now) })
}

// All returns the sanctions of a measure that are not over, the oldest first.
func (l *List) All(m Measure, now time.Time) []Sanction {
	all := slices.DeleteFunc(living(l.current.Load().all, now), func(s Sanction) bool { return s.Measure != m })
	slices.SortStableFunc(all, func(a, b Sanction) int { return a.Created.Compare(b.Created) })
	return all
}

// Banned implements player.Sanctions.
func (l *List) Banned(who player.Person, now time.Time) (player.Sanction, bool) {
	return l.current.Load().find(Ban, who, now)
}

// Muted implements player.Sanctions.
func (l *List) Muted(who player.Person, now time.Time) (player.Sanction, bool) {
	return l.current.Load().find(Mute, who, now)
}

// put takes a sanction in, in place of one of the same measure and subject, whose id it keeps. When it returns, the sanction is
// in force and on the disk. The error wraps ErrFull or ErrStorage.
func (l *List) put(s Sanction) (Sanction, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	all := living(l.current.Load().all, s.Created)
	s.ID = rand.Text()[:idLength]
	same := func(other Sanction) bool { return other.Measure == s.Measure && other.Subject.key() == s.Subject.key() }
	if i := slices.IndexFunc(all, same); i >= 0 {
		s.ID = all[i].ID
		all = slices.Delete(all, i, i+1)
	}
	if len(all) >= maxSanctions {
		return Sanction{}, fmt.Errorf("%w: %d", ErrFull, len(all))
	}
	return s, l.replace(append(all, s))
}

// idLength is how long an id is (characters): 60 bits, of which nobody has two alike.
const idLength = 12

// remove takes out the sanction of an id. The error is ErrUnknown, or wraps ErrStorage.
func (l *List) remove(m Measure, id string, now time.Time) (Sanction, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	all := living(l.current.Load().all, now)
	i := slices.IndexFunc(all, func(s Sanction) bool { return s.ID == id && s.Measure == m })
	if i < 0 {
		return Sanction{}, ErrUnknown
	}
	lifted := all[i]
	return lifted, l.replace(slices.Delete(all, i, i+1))
}

// replace writes the sanctions, and puts them in force. Who changes the list holds it.
func (l *List) replace(all []Sanction) error {
	if err := l.store.write(all); err != nil {
		return fmt.Errorf("%w: %w", ErrStorage, err)
	}
	l.current.Store(newIndex(all))
	return nil
}

// index is what sanctions are found by. It is never changed.
type index struct {
	all      []Sanction
	measures map[Measure]*subjects
}

// subjects are the sanctions of one measure, by whom they are about.
type subjects struct {
	by   map[Subject]*Sanction // by the subject's key
	bits []int                 // of the networks among them, each length once
}

// newIndex returns the index of sanctions, which are its own from now on.
func newIndex(all []Sanction) *index {
	x := &index{all: all, measures: map[Measure]*subjects{Ban: newSubjects(), Mute: newSubjects()}}
	for i := range all {
		of, subject := x.measures[all[i].Measure], all[i].Subject
		of.by[subject.key()] = &all[i]
		if bits := subject.network.Bits(); subject.kind == Address && !slices.Contains(of.bits, bits) {
			of.bits = append(of.bits, bits)
		}
	}
	return x
}

// newSubjects returns nobody.
func newSubjects() *subjects { return &subjects{by: make(map[Subject]*Sanction)} }

// find returns the sanction that is on somebody, the one that lasts longest if there are several.
func (x *index) find(m Measure, who player.Person, now time.Time) (longest player.Sanction, found bool) {
	of := x.measures[m]
	if len(of.by) == 0 {
		return longest, false
	}
	consider := func(key Subject) {
		s := of.by[key]
		if s == nil || s.over(now) {
			return
		}
		if !found || later(s.Until, longest.Until) {
			longest, found = player.Sanction{Until: s.Until, Reason: s.Reason}, true
		}
	}
	if who.Account != "" {
		consider(Subject{kind: Account, text: who.Account})
	}
	if who.Name != "" {
		consider(Subject{kind: Name, text: player.NameKey(who.Name)})
	}
	if who.Player != 0 {
		consider(Subject{kind: Player, player: who.Player})
	}
	for network := range of.networks(who.Address) {
		consider(Subject{kind: Address, network: network})
	}
	return longest, found
}

// networks yields the networks of an address, one of each length that there are any of.
func (of *subjects) networks(a netip.Addr) func(yield func(netip.Prefix) bool) {
	a = plain(a)
	return func(yield func(netip.Prefix) bool) {
		for _, bits := range of.bits {
			if network, err := a.Prefix(bits); err == nil && !yield(network) {
				return
			}
		}
	}
}

// later reports whether an end comes after another one, where zero is never.
func later(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && !b.IsZero()
	}
	return a.After(b)
}
