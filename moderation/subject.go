package moderation

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"aoiworld/auth"
	"aoiworld/player"
	"aoiworld/world"
)

// ErrSubject is wrapped by the error that says why nobody can be meant.
var ErrSubject = errors.New("impossible subject")

// Kind is what somebody is known by. The set is fixed: it is in files.
type Kind string

// The kinds.
const (
	Account Kind = "account" // who logs in under it
	Name    Kind = "name"    // whoever is shown under it, in whatever case
	Address Kind = "address" // who comes from it
	Player  Kind = "player"  // somebody in the world, for as long as it is there
)

// Subject is whom something is about. The zero value is nobody, and everybody cannot be said.
type Subject struct {
	kind    Kind
	text    string       // an account; a name's key
	network netip.Prefix // of an address
	player  world.ID
	shown   string // as it is written
}

// ParseSubject returns the subject of a kind that is written like that: an account, a name, an id, or an address as in 192.0.2.7,
// 192.0.2.0/24 or 2001:db8::/64. An IPv6 address alone stands for its network of 64 bits, which is the least that a subscriber is
// given. The error wraps ErrSubject.
func ParseSubject(kind Kind, text string) (Subject, error) {
	switch kind {
	case Account:
		if text == "" || len(text) > auth.MaxAccount || !utf8.ValidString(text) {
			return Subject{}, fmt.Errorf("%w: want an account of 1 to %d bytes", ErrSubject, auth.MaxAccount)
		}
		return Subject{kind: Account, text: text, shown: text}, nil
	case Name:
		if !player.Speakable(text, world.MaxName) || strings.TrimSpace(text) == "" {
			return Subject{}, fmt.Errorf("%w: want a name of 1 to %d bytes", ErrSubject, world.MaxName)
		}
		return Subject{kind: Name, text: player.NameKey(text), shown: text}, nil
	case Address:
		return parseAddress(text)
	case Player:
		id, err := strconv.ParseInt(text, 10, 32)
		if err != nil || id < 1 {
			return Subject{}, fmt.Errorf("%w: want a player's id", ErrSubject)
		}
		return Subject{kind: Player, player: world.ID(id), shown: text}, nil
	}
	return Subject{}, fmt.Errorf("%w: want account, name, address or player", ErrSubject)
}

// OfPlayer returns the subject that is a player.
func OfPlayer(id world.ID) Subject {
	return Subject{kind: Player, player: id, shown: strconv.Itoa(int(id))}
}

// leastBits is how long the prefix of a network must be at least: a shorter one is a slip of the finger.
const (
	leastBits4, leastBits6 = 8, 16
	subscriberBits         = 64
)

// parseAddress returns the subject that is an address or a network.
func parseAddress(text string) (Subject, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, alone := netip.ParseAddr(text)
		address = address.Unmap().WithZone("")
		if alone != nil {
			return Subject{}, fmt.Errorf("%w: want an address, as in 192.0.2.7, or a network, as in 192.0.2.0/24", ErrSubject)
		}
		bits := address.BitLen()
		if address.Is6() {
			bits = subscriberBits
		}
		network, _ = address.Prefix(bits) // so many it has
	}
	least := leastBits4
	if network.Addr().Is6() {
		least = leastBits6
	}
	if network != network.Masked() || network.Addr().Is4In6() || network.Bits() < least {
		return Subject{}, fmt.Errorf("%w: want a network of at least %d bits and none behind them", ErrSubject, least)
	}
	shown := network.String()
	if network.IsSingleIP() && network.Addr().Is4() {
		shown = network.Addr().String()
	}
	return Subject{kind: Address, network: network, shown: shown}, nil
}

// Kind returns what the subject is known by, empty for nobody.
func (s Subject) Kind() Kind { return s.kind }

// Text returns the subject as ParseSubject reads it.
func (s Subject) Text() string { return s.shown }

// String returns both, as in account:ann.
func (s Subject) String() string { return string(s.kind) + ":" + s.shown }

// key returns what equal subjects have in common: names are equal in whatever case.
func (s Subject) key() Subject {
	s.shown = ""
	return s
}

// Is reports whether the subject is somebody.
func (s Subject) Is(who player.Person) bool {
	switch s.kind {
	case Account:
		return who.Account == s.text
	case Name:
		return who.Name != "" && player.NameKey(who.Name) == s.text
	case Address:
		return s.network.Contains(plain(who.Address))
	case Player:
		return who.Player == s.player
	}
	return false
}

// plain returns an address as networks have it.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
