package player

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"aoiworld/auth"
	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// Presence is what there is to know of a player in a world but where it is there.
type Presence struct {
	Player world.ID
	// Name is what others are shown; empty where that is the id, or nothing.
	Name string
	// Account is empty for a guest.
	Account string
	Roles   auth.Roles
	Remote  netip.AddrPort
	// Transport and Dialect say how the client is connected, or was.
	Transport wire.Transport
	Dialect   Dialect
	State     State
	// Detached says that the connection was lost, and the player may be resumed.
	Detached bool
	// Since is when the connection began.
	Since time.Time
	// Muted says that a moderator has forbidden it to chat.
	Muted bool
	// Link is how the way to the client stands.
	Link Link
}

// Players returns everybody who is in a world, by ascending id, those without a connection among them.
func (r *Registry) Players() (all []Presence) {
	return r.present(func(who Person) bool { return who.Player != 0 })
}

// Player returns a player who is in a world, or false.
func (r *Registry) Player(id world.ID) (p Presence, here bool) {
	if id == 0 {
		return Presence{}, false
	}
	if all := r.present(func(who Person) bool { return who.Player == id }); len(all) > 0 {
		return all[0], true
	}
	return Presence{}, false
}

// present returns those in a world whom somebody picks, by ascending id.
func (r *Registry) present(picks func(Person) bool) (all []Presence) {
	now := time.Now()
	seen := make(map[world.ID]bool)
	for _, s := range r.pick(picks) {
		p := s.presence(now)
		if p.Player == 0 || seen[p.Player] || p.State == Leaving && !p.Detached {
			continue
		}
		seen[p.Player] = true
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Presence) int { return cmp.Compare(a.Player, b.Player) })
	return all
}

// presence returns what there is to know of the session's player.
func (s *Session) presence(now time.Time) Presence {
	who := s.Identity()
	return Presence{
		Player: s.Player(), Name: s.Name(), Account: who.Account, Roles: who.Roles, Remote: s.RemoteAddr(),
		Transport: s.Transport(), Dialect: s.dialect, State: s.State(), Detached: s.detached.Load(), Since: s.began,
		Muted: s.silenced(now), Link: s.outbox.link(now),
	}
}

// pick returns the sessions of all whom somebody picks, each once, those without a connection among them.
func (r *Registry) pick(picks func(Person) bool) []*Session {
	r.mu.Lock()
	all := r.all(nil)
	r.mu.Unlock()
	all = slices.DeleteFunc(all, func(s *Session) bool { return !picks(s.Person()) })
	here := make(map[*Session]bool, len(all))
	for _, s := range all {
		here[s] = true
	}
	for _, s := range r.config().tickets.holders(nil, picks) {
		if !here[s] {
			here[s] = true
			all = append(all, s)
		}
	}
	return all
}

// Kick removes all whom somebody picks: their sessions end as Kicked, and their players leave in the next tick, without a
// connection or with one. It returns how many sessions that were.
func (r *Registry) Kick(picks func(Person) bool, why string) int {
	return r.oust(picks, Kicked, withReason(Kicked.Text(), why), 0)
}

// Ban is Kick for those whom a ban is about, which must be in force already; they are told how long it lasts.
func (r *Registry) Ban(picks func(Person) bool, ban Sanction) int {
	return r.oust(picks, Banned, ban.Text(Banned.Text()), ban.left(time.Now()))
}

// oust ends the sessions of all whom somebody picks, and of who has gone on as their players meanwhile.
func (r *Registry) oust(picks func(Person) bool, reason CloseReason, text string, after time.Duration) (n int) {
	for _, s := range r.pick(picks) {
		for s != nil {
			if s.oust(reason, text, after) {
				n++
			}
			next, who := r.config().tickets.heir(s)
			if next != nil && !picks(who) {
				break
			}
			s = next
		}
	}
	return n
}

// MaxNotice is the longest notice (bytes).
const MaxNotice = 512

// Notice says a text to all whom somebody picks and who are shown a world, at once, and returns how many are told: not those
// for whom too much waits already, since they do not read. In the classic dialect, which has no notices, it is a chat of
// player 0, who does not exist: its clients show what players say whom they do not see, and so know no more of them than the
// id. It reports false, and says nothing, if the text is too long, empty, or not to be seen.
func (r *Registry) Notice(picks func(Person) bool, text string) (told int, ok bool) {
	if !speakable(text, MaxNotice) {
		return 0, false
	}
	packets := [Dialects]wire.Packet{
		Classic: wire.Seal(classic.Encoder{}.AppendChat(make([]byte, wire.Headroom), 0, text)),
		Native:  wire.Seal(native.AppendMessage(make([]byte, wire.Headroom), native.IDNotice, &nativepb.Notice{Text: text})),
	}
	for _, s := range r.pick(picks) {
		taken, end := s.outbox.notice(packets[s.dialect], time.Now())
		s.endIf(end)
		if taken {
			told++
		}
	}
	return told, true
}

// Speakable reports whether a text of at most maxBytes may be shown to others: not empty, and nothing in it that hides or
// rearranges what is around it.
func Speakable(text string, maxBytes int) bool { return speakable(text, maxBytes) }

// NameKey returns what names are compared by: those with equal keys are the same to people.
func NameKey(name string) string { return nameKey(name) }
