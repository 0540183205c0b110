package player

import (
	"net/netip"
	"time"

	"aoiworld/auth"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// Person is who somebody is, as far as the server knows.
type Person struct {
	// Player is 0 before it is in a world.
	Player world.ID
	// Account is empty for a guest.
	Account string
	// Name is empty for who is shown without one of his own.
	Name    string
	Address netip.Addr
}

// Sanctions says what moderators have forbidden whom. It is asked while sessions are read, as handlers are: it must not wait.
type Sanctions interface {
	// Banned reports whether somebody may not play.
	Banned(who Person, now time.Time) (Sanction, bool)
	// Muted reports whether somebody may not chat.
	Muted(who Person, now time.Time) (Sanction, bool)
}

// Sanction is for how long something is forbidden, and why.
type Sanction struct {
	// Until is when it is allowed again; zero is never.
	Until time.Time
	// Reason is told to whom it is about; it may be empty.
	Reason string
}

// Text returns what somebody is told of what has been done to him.
func (s Sanction) Text(what string) string {
	if s.Until.IsZero() {
		return withReason(what+" for good", s.Reason)
	}
	return withReason(what+" until "+s.Until.UTC().Format(time.RFC3339), s.Reason)
}

// withReason adds a reason to a text, if there is one.
func withReason(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

// left returns how much longer the sanction lasts; 0 is for good.
func (s Sanction) left(now time.Time) time.Duration {
	if s.Until.IsZero() {
		return 0
	}
	return max(0, s.Until.Sub(now))
}

// Person returns who the session's client is. Anybody may call it.
func (s *Session) Person() Person {
	player := s.Player()
	if player == 0 && s.speaker != nil {
		player = world.ID(s.speaker.succeeds.Load())
	}
	return Person{
		Player: player, Account: s.Identity().Account, Name: s.Name(), Address: s.RemoteAddr().Addr(),
	}
}

// judge ends the session if somebody, who wants to play by it, is banned; the error is ErrBanned then. Whoever bans looks for
// sessions after the ban is in force, and a session asks after whatever it is asked about can be found: one of the two comes upon
// the other.
func (s *Session) judge(who Person, now time.Time) error {
	if s.cfg.Sanctions == nil {
		return nil
	}
	ban, banned := s.cfg.Sanctions.Banned(who, now)
	if !banned {
		return nil
	}
	s.end(Banned, ban.Text(Banned.Text()), ban.left(now))
	return ErrBanned
}

// silenced reports whether a moderator has muted whoever it is.
func (s *Session) silenced(now time.Time) bool {
	if s.cfg.Sanctions == nil {
		return false
	}
	_, muted := s.cfg.Sanctions.Muted(s.Person(), now)
	return muted
}

// sightOf returns the highest layer that somebody with roles is shown.
func sightOf(roles auth.Roles) world.Layer {
	if roles.Has(auth.Moderator) || roles.Has(auth.Admin) {
		return world.Hidden
	}
	return world.Public
}

// Layers returns the layer in which the session's player is to begin, and the highest one that it is to be shown: moderators and
// admins are shown who is hidden, and may be so themselves. It belongs to the session's reader.
func (s *Session) Layers() (layer, sees world.Layer) {
	sees = sightOf(s.Identity().Roles)
	if s.speaker != nil && s.speaker.hidden {
		layer = sees
	}
	return layer, sees
}

// intoLayer is the command of a player that hides, or shows itself.
type intoLayer struct{ Layer world.Layer }

// Apply implements world.Command.
func (c intoLayer) Apply(tx *world.Tx, by world.Entity) {
	_ = tx.SetLayer(by.ID, c.Layer) // who does not see the layer stays where it is
}

// hide handles a Hide.
func hide(s *Session, f wire.Frame) error {
	var m nativepb.Hide
	if err := native.Parse(f.Payload, &m); err != nil {
		return malformed(err)
	}
	if sightOf(s.Identity().Roles) == world.Public {
		return ErrForbidden
	}
	layer := world.Public
	if m.Hidden {
		layer = world.Hidden
	}
	return s.Act(intoLayer{layer})
}
