package player

import "sync"

// persona is who plays as a player, for as long as that is in the world: it goes from session to session with it.
type persona struct {
	account string // empty for a guest
	name    string // may be empty

	gone bool // guarded by the people's lock
}

// account is an account that plays, or is about to.
type account struct {
	entering sync.Mutex // held by a session of it that logs in or resumes, until it is in the world

	// Guarded by the people's lock.
	waiting int      // sessions that hold the mutex, or want to
	who     *persona // that plays; nil for none
	holder  *Session // that has the player, or had it last; nil for none
}

// people are all who play on a server, and have an account or a name. Its methods may be called by anybody.
type people struct {
	mu       sync.Mutex
	accounts map[string]*account // those that play, or are about to
	names    nameTable
}

// newPeople returns nobody.
func newPeople() *people {
	return &people{accounts: make(map[string]*account), names: make(nameTable)}
}

// enter has the sessions of one account log in one after the other: it waits until those before are in the world, or not.
// leave must follow. The empty account is nobody's.
func (p *people) enter(name string) {
	if name == "" {
		return
	}
	p.mu.Lock()
	a := p.accounts[name]
	if a == nil {
		a = &account{}
		p.accounts[name] = a
	}
	a.waiting++
	p.mu.Unlock()
	a.entering.Lock()
}

// leave lets the next session of an account log in.
func (p *people) leave(name string) {
	if name == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[name]
	a.waiting--
	p.tidy(name, a)
	a.entering.Unlock()
}

// tidy lets go of an account that does not play. The people are locked.
func (p *people) tidy(name string, a *account) {
	if a.waiting == 0 && a.who == nil {
		delete(p.accounts, name)
	}
}

// holder returns the session that has the player of an account that has entered, or had it last; nil when there is none.
func (p *people) holder(name string) *Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts[name].holder
}

// guest returns a new guest, under a name that is like its wish.
func (p *people) guest(wish string) *persona {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &persona{name: p.names.guest(wish)}
}

// begin makes a session that of a new player of an account that has entered. Whoever issues the tokens answers for the name.
func (p *people) begin(name, shown string, s *Session) *persona {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := &persona{account: name, name: p.names.take(shown)}
	p.accounts[name].who, p.accounts[name].holder = who, s
	return who
}

// hold makes a session that of the player who is there; its account, if it has one, has entered.
func (p *people) hold(who *persona, s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.accounts[who.account]; a != nil && a.who == who {
		a.holder = s
	}
}

// part lets go of who plays no more. Only the first call counts.
func (p *people) part(who *persona) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if who.gone {
		return
	}
	who.gone = true
	p.names.free(who.name)
	if a := p.accounts[who.account]; a != nil && a.who == who {
		a.who, a.holder = nil, nil
		p.tidy(who.account, a)
	}
}
