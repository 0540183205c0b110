package player

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"aoiworld/world"
)

// tokenBytes is the length of a resume token: 256 bits that nobody guesses.
const tokenBytes = 32

// ticket lets a client go on as a player after its connection was lost. It is redeemed once; each session gets a new one.
type ticket struct {
	hash   [sha256.Size]byte // of the token, which is not kept
	who    *persona          // of the player
	player world.ID
	resume func(*Session) // hands the player over to another session

	// Guarded by the tickets' lock.
	holder     *Session          // the session that has the token; once it was redeemed, the one that did
	attachment *world.Attachment // of a player without a connection
	redeemed   bool
	revoked    bool      // the player leaves
	until      time.Time // when it is forgotten; zero while the holder is connected and it was not redeemed
}

// tickets are all tickets of a server. Its methods may be called by anybody.
type tickets struct {
	window time.Duration
	most   int // tickets; with more nobody stays whose connection is lost

	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*ticket
	shut   bool // nobody resumes any more
}

// newTickets returns no tickets; window is for how long a player without a connection stays, 0 is not at all. There are at
// most two for each of so many sessions: its own, and that of who came before.
func newTickets(window time.Duration, sessions int) *tickets {
	return &tickets{window: window, most: 2 * sessions, byHash: make(map[[sha256.Size]byte]*ticket)}
}

// issue gives a session the ticket of its player, and returns the token, or nil where nobody resumes: then the ticket is only
// for a new login of the same account.
func (t *tickets) issue(s *Session, player world.ID, resume func(*Session)) (token []byte) {
	issued := &ticket{who: s.speaker.persona.Load(), player: player, resume: resume, holder: s}
	t.mu.Lock()
	defer t.mu.Unlock()
	issued.revoked = s.speaker.lapsed
	s.speaker.ticket = issued
	if t.window == 0 {
		return nil
	}
	token = make([]byte, tokenBytes)
	_, _ = rand.Read(token) // it does not fail
	issued.hash = sha256.Sum256(token)
	t.byHash[issued.hash] = issued
	return token
}

// owner returns who plays as the player of a token, or nil.
func (t *tickets) owner(token []byte) *persona {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := t.byHash[sha256.Sum256(token)]; k != nil {
		return k.who
	}
	return nil
}

// redeem lets a session go on as the player of a token. The error is ErrExpired where that player has to log in anew, or
// ErrResume: the token is unknown, too late, or was redeemed before; in that case whoever did so is ended too, for one of the
// two is a thief.
func (t *tickets) redeem(token []byte, s *Session, now time.Time) error {
	t.mu.Lock()
	k := t.byHash[sha256.Sum256(token)]
	switch {
	case k == nil || t.shut || !k.until.IsZero() && !now.Before(k.until):
		t.mu.Unlock()
		return ErrResume
	case k.redeemed:
		thief := k.holder
		t.mu.Unlock()
		thief.expel(Unauthenticated)
		return ErrResume
	}
	before := k.holder
	if before.expired(now) {
		t.mu.Unlock()
		return ErrExpired
	}
	k.redeemed, k.holder, k.until = true, s, now.Add(t.window)
	t.mu.Unlock()
	s.speaker.identity.Store(before.speaker.identity.Load())
	s.succeed(before, k)
	return nil
}

// takeOver lets a session that has proved to be of the same account go on as another one's player, and reports whether that
// one still has it.
func (t *tickets) takeOver(before, s *Session) bool {
	t.mu.Lock()
	k := before.speaker.ticket
	if k == nil || k.redeemed || k.revoked || t.shut {
		t.mu.Unlock()
		return false
	}
	k.redeemed, k.holder = true, s
	delete(t.byHash, k.hash) // who comes with its token is late, and no thief
	t.mu.Unlock()
	s.succeed(before, k)
	return true
}

// detach keeps the player of a session whose connection was lost in the world, and reports false when it is to leave.
func (t *tickets) detach(s *Session, a *world.Attachment, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := s.speaker.ticket
	if k == nil || k.redeemed || k.revoked || t.shut || t.byHash[k.hash] != k || len(t.byHash) > t.most {
		return false
	}
	k.attachment, k.until = a, now.Add(t.window)
	return true
}

// heir returns the session that goes on, or is about to, as the player of another one, and who it is; or nil.
func (t *tickets) heir(s *Session) (*Session, Person) {
	if s.speaker == nil {
		return nil, Person{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := s.speaker.ticket; k != nil && k.redeemed {
		return k.holder, k.person()
	}
	return nil, Person{}
}

// person returns who plays, or is about to, by the ticket. The tickets are locked.
func (k *ticket) person() Person {
	who := Person{Player: k.player, Address: k.holder.RemoteAddr().Addr()}
	if k.who != nil {
		who.Account, who.Name = k.who.account, k.who.name
	}
	return who
}

// holders appends the sessions that have, or had last, the players whom somebody picks, whether or not they have a connection.
func (t *tickets) holders(dst []*Session, picks func(Person) bool) []*Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.byHash {
		if picks(k.person()) {
			dst = append(dst, k.holder)
		}
	}
	return dst
}

// revoke makes a session's ticket worthless, or the one that it is yet to get, and reports whether its player is to leave: not
// when another session goes on as that one.
func (t *tickets) revoke(s *Session) (leaves bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := s.speaker.ticket
	if k == nil {
		s.speaker.lapsed = true
		return true
	}
	if k.redeemed {
		return false
	}
	k.revoked = true
	delete(t.byHash, k.hash)
	return true
}

// expire forgets the tickets that are too late; players that nobody has gone on as leave.
func (t *tickets) expire(now time.Time) {
	t.mu.Lock()
	var late []*ticket
	for hash, k := range t.byHash {
		if k.until.IsZero() || now.Before(k.until) {
			continue
		}
		delete(t.byHash, hash)
		if !k.redeemed {
			k.revoked = true
			late = append(late, k)
		}
	}
	t.mu.Unlock()
	for _, k := range late {
		k.holder.depart(k.attachment)
	}
}

// close makes all tickets worthless; players without a connection leave.
func (t *tickets) close() {
	t.mu.Lock()
	t.shut = true
	t.mu.Unlock()
	t.expire(time.Now().Add(t.window + time.Hour))
}

// detached returns how many players are in the world without a connection.
func (t *tickets) detached() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.byHash {
		if !k.redeemed && !k.until.IsZero() {
			n++
		}
	}
	return n
}
