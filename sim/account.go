package sim

import (
	"errors"
	"fmt"
	"io"
	"time"

	"aoiworld/auth"
	nativepb "aoiworld/pb/native"
)

// accounts lets everybody in under the account that it says it has.
type accounts struct{}

// Verify implements player.Verifier.
func (accounts) Verify(login string, _ time.Time) (auth.Identity, error) {
	return auth.Identity{Account: login, Name: login}, nil
}

// login says Hello without a resume token: as a guest, or with the client's account.
func (s *Sim) login(c *client) {
	m := &nativepb.Hello{Login: &nativepb.Hello_Guest{Guest: c.native.name}}
	if c.native.account != "" {
		m.Login = &nativepb.Hello_AccessToken{AccessToken: c.native.account}
	}
	s.hello(c, m)
}

// errTwice says that an account has two sessions.
var errTwice = errors.New("a session lives though another has gone on as its player")

// usurp logs a client in on new connections, one after the other, while the one before is open, or lost.
func (s *Sim) usurp(c *client) {
	if s.random.IntN(2) == 0 {
		c.link.cut(errCut)
	} else {
		s.replaced = append(s.replaced, c.link)
	}
	s.reconnect(c)
	for range s.random.IntN(3) {
		s.replaced = append(s.replaced, c.link)
		s.reconnect(c)
	}
	s.note("%d logs in anew", c.id)
}

// reconnect logs a client in on a new connection.
func (s *Sim) reconnect(c *client) {
	s.renew(c)
	s.login(c)
}

// endReplaced checks that the server has ended the sessions that others were to replace.
func (s *Sim) endReplaced() error {
	for _, l := range s.replaced {
		if !l.shut {
			return errTwice
		}
		l.cut(io.EOF)
	}
	s.replaced = s.replaced[:0]
	return nil
}

// account gives half of the clients of the native dialect an account, each another.
func (s *Sim) account() string {
	if s.random.IntN(2) == 0 {
		return ""
	}
	s.lastAccount++
	return fmt.Sprintf("account %d", s.lastAccount)
}
