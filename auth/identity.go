package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Why a login is not accepted. What else was wrong is told to nobody: whoever guesses learns nothing.
var (
	// ErrUnauthenticated: whoever it is has not proved it.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrExpired: the token is genuine, and its time is over or has not come yet.
	ErrExpired = errors.New("token out of its time")
)

// Identity is who somebody is. The zero value is a guest.
type Identity struct {
	// Account is the same whenever the same person logs in; empty for a guest. At most MaxAccount bytes.
	Account string
	// Name is how the account wants to be shown to others; may be empty.
	Name string
	// Roles are what it may do beside playing.
	Roles Roles
	// Expires is when it has to be proved anew; zero is never.
	Expires time.Time
}

// Guest reports whether nobody knows who it is.
func (i *Identity) Guest() bool { return i.Account == "" }

// MaxAccount is the longest account (bytes).
const MaxAccount = 128

// Role is something that an account may do beside playing, which everybody may.
type Role uint8

// The roles.
const (
	Player Role = iota
	Moderator
	Admin
	roles // how many there are
)

// names are the roles' names in claims and on the command line.
var names = [roles]string{Player: "player", Moderator: "moderator", Admin: "admin"}

// String returns the role's name.
func (r Role) String() string {
	if r >= roles {
		return "?"
	}
	return names[r]
}

// ParseRole returns the role of a name.
func ParseRole(name string) (Role, error) {
	for r, known := range names {
		if known == name {
			return Role(r), nil
		}
	}
	return 0, fmt.Errorf("unknown role %q; there are %s", name, strings.Join(names[:], ", "))
}

// Roles is a set of roles. The zero value is a player's.
type Roles uint8

// With returns the set with another role in it.
func (s Roles) With(r Role) Roles { return s | 1<<r }

// Has reports whether a role is in the set. Player always is. None implies another: an admin who is to moderate is given both.
func (s Roles) Has(r Role) bool { return r == Player || s&(1<<r) != 0 }

// Names returns the names of the roles in the set, the least first.
func (s Roles) Names() (all []string) {
	for r := range roles {
		if s.Has(r) {
			all = append(all, r.String())
		}
	}
	return all
}
