package world

import (
	"errors"
	"sync"
)

// Errors of an attachment.
var (
	// ErrChatBusy says that a chat found no room in the mailbox: too much was said since the last tick.
	ErrChatBusy = errors.New("chat mailbox full")
	// ErrActBusy says that a session has sent maxActs commands of a game since the last tick.
	ErrActBusy = errors.New("too many commands in a tick")
	// ErrOrderBusy says that the operator has given maxOrders orders since the last tick.
	ErrOrderBusy = errors.New("too many orders in a tick")
)

// How many commands of a game a session has room for in a tick, and the operator for orders.
const (
	maxActs   = 16
	maxOrders = 64
)

// Mailbox collects the commands of all sessions until the next tick takes them whole. The latest move is one slot a
// session and joins, resumes and leaves come once each, so only chats, gestures and the commands of games can be refused.
// Everybody may write; the loop takes.
type Mailbox struct {
	rules    Rules
	maxChats int

	mu         sync.Mutex
	filling    *Input // what the next tick will take
	spare      *Input // what the last tick took; its memory is used again
	generation uint64 // counts the takes; an attachment's move slot is good for one generation
	conflated  int    // moves that a later one of the same player replaced, since the last take
	wake       func() // told of the next command; nil while nobody waits for one

	// Those who wait for what becomes of their orders: of the next tick's, and of the last one's.
	ordering, ordered []chan<- carriedOut
}

// newMailbox returns an empty mailbox for moves under rules, with room for maxChats chats a tick.
func newMailbox(rules Rules, maxChats int) *Mailbox {
	return &Mailbox{rules: rules, maxChats: maxChats, filling: &Input{}, spare: &Input{}, generation: 1}
}

// take returns what has come in since the last take, and how many moves were conflated. The input is valid until the
// next take.
func (m *Mailbox) take() (in *Input, conflated int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	in, conflated = m.filling, m.conflated
	m.filling, m.spare = m.spare, in
	clear(m.filling.Chats) // let go of the texts
	clear(m.filling.Acts)
	clear(m.filling.Joins)
	clear(m.filling.Orders)
	m.filling.Joins = m.filling.Joins[:0]
	m.filling.Resumes = m.filling.Resumes[:0]
	m.filling.Gestures = m.filling.Gestures[:0]
	m.filling.Moves = m.filling.Moves[:0]
	m.filling.Chats = m.filling.Chats[:0]
	m.filling.Acts = m.filling.Acts[:0]
	m.filling.Orders = m.filling.Orders[:0]
	m.filling.Leaves = m.filling.Leaves[:0]
	m.filling.Grid = nil
	m.ordering, m.ordered = m.ordered[:0], m.ordering
	m.generation++
	m.conflated, m.wake = 0, nil
	return in, conflated
}

// watch reports whether there is anything to take. If not, wake is called at the next command, unless a take comes first;
// it must not wait.
func (m *Mailbox) watch(wake func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.filling.empty() {
		return true
	}
	m.wake = wake
	return false
}

// posted wakes who waits for a command. The mailbox is locked.
func (m *Mailbox) posted() {
	if m.wake != nil {
		m.wake()
		m.wake = nil
	}
}

// Attachment is one session's way into one world: it stamps the session's commands with its player and epoch. Its methods
// may be called from any goroutine and never wait for the world.
type Attachment struct {
	mailbox *Mailbox
	player  ID
	epoch   Epoch

	// Guarded by the mailbox's lock.
	generation uint64 // the generation in which what follows is good
	index      int    // of this session's move in the mailbox, or -1
	acts       int    // of this session in the mailbox, gestures among them
	left       bool
}

// Player returns the player's id.
func (a *Attachment) Player() ID { return a.player }

// join posts a join and returns the attachment for all that follows.
func (m *Mailbox) join(j Join) *Attachment {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.filling.Joins = append(m.filling.Joins, j)
	m.posted()
	return &Attachment{mailbox: m, player: j.Player, epoch: j.Epoch}
}

// resume posts a resume and returns the attachment for all that follows.
func (m *Mailbox) resume(r Resume) *Attachment {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.filling.Resumes = append(m.filling.Resumes, r)
	m.posted()
	return &Attachment{mailbox: m, player: r.Player, epoch: r.Epoch}
}

// Epoch returns the epoch of the session's commands.
func (a *Attachment) Epoch() Epoch { return a.epoch }

// Move asks for a new position. Of several in one tick the last valid one counts; an invalid one is answered by the true
// position. sequence is the client's number of the move, or 0.
func (a *Attachment) Move(to Position, sequence uint32) {
	m := a.mailbox
	reason := m.rules.Check(to)
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.left {
		return
	}
	slot := a.moveSlot()
	slot.Sequence = sequence
	if reason != Accepted {
		slot.Refused = reason
		return
	}
	if slot.Valid {
		m.conflated++
	}
	slot.To, slot.Valid = to, true
}

// moveSlot returns the session's one move in the mailbox. The mailbox is locked.
func (a *Attachment) moveSlot() *Move {
	m := a.mailbox
	a.renew()
	if a.index < 0 {
		a.index = len(m.filling.Moves)
		m.filling.Moves = append(m.filling.Moves, Move{Player: a.player, Epoch: a.epoch})
		m.posted()
	}
	return &m.filling.Moves[a.index]
}

// renew forgets what is in a mailbox that was taken. The mailbox is locked.
func (a *Attachment) renew() {
	if a.generation != a.mailbox.generation {
		a.generation, a.index, a.acts = a.mailbox.generation, -1, 0
	}
}

// Act asks for a command of a game, which is the mailbox's from now on. The error is ErrActBusy when the session has asked
// for too many since the last tick.
func (a *Attachment) Act(c Command) error {
	return a.act(func(in *Input) { in.Acts = append(in.Acts, Act{Player: a.player, Epoch: a.epoch, Command: c}) })
}

// Gesture asks for a gesture. The error is ErrActBusy when the session has made too many, or has asked for too many
// commands, since the last tick.
func (a *Attachment) Gesture(number int32) error {
	return a.act(func(in *Input) {
		in.Gestures = append(in.Gestures, Gesture{Player: a.player, Epoch: a.epoch, Number: number})
	})
}

// act posts a command or a gesture, if the session has room for another in this tick.
func (a *Attachment) act(post func(in *Input)) error {
	m := a.mailbox
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.left {
		return nil
	}
	if a.renew(); a.acts >= maxActs {
		return ErrActBusy
	}
	a.acts++
	post(m.filling)
	m.posted()
	return nil
}

// Chat says text to the world (ToAll) or to who sees the player (ToNear). The error is ErrChatBusy when the tick's room
// for chats is used up.
func (a *Attachment) Chat(reach Reach, text string) error {
	m := a.mailbox
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.left {
		return nil
	}
	if len(m.filling.Chats) >= m.maxChats {
		return ErrChatBusy
	}
	m.filling.Chats = append(m.filling.Chats, Chat{Player: a.player, Epoch: a.epoch, Reach: reach, Text: text})
	m.posted()
	return nil
}

// Leave takes the player out of the world. Only the first call counts; it reports whether this is it.
func (a *Attachment) Leave() bool {
	m := a.mailbox
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.left {
		return false
	}
	a.left = true
	m.filling.Leaves = append(m.filling.Leaves, Leave{Player: a.player, Epoch: a.epoch})
	m.posted()
	return true
}
