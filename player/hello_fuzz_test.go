package player

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// FuzzHello: whatever a client says first, it is let in or ended, and nobody goes on as a player but who has the token.
func FuzzHello(f *testing.F) {
	for _, m := range []*nativepb.Hello{
		{Version: 1, Login: &nativepb.Hello_Guest{Guest: "Ann"}},
		{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: "ann Ann"}},
		{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: "old"}},
		{Version: 1, Login: &nativepb.Hello_ResumeToken{ResumeToken: make([]byte, tokenBytes)}},
		{Version: 2, MinVersion: 1, Client: "fuzz", Forms: []nativepb.Form{7, 1}},
	} {
		b, err := proto.Marshal(m)
		must(f, err)
		f.Add(b, []byte("token"), false)
		f.Add(b, make([]byte, tokenBytes), true)
	}
	v := newServer(f, setup{auth: AuthConfig{Tokens: &tokens{}}, build: func(b *Builder) { b.handlers.enter = nil }})
	cfg := v.registry.config()
	f.Fuzz(func(t *testing.T, payload, token []byte, say bool) {
		holder := newSession(cfg, newFakeConn(wire.TCP), Native)
		must(t, errorOf(holder.loginGuest("")))
		resumed := 0
		real := cfg.tickets.issue(holder, 0, func(*Session) { resumed++ })
		s := newSession(cfg, newFakeConn(wire.TCP), Native)
		if say { // a token by itself, not what is around it
			var err error
			payload, err = proto.Marshal(&nativepb.Hello{Version: 1, Login: &nativepb.Hello_ResumeToken{ResumeToken: token}})
			must(t, err)
		}
		err := cfg.Handlers.dispatch(s, wire.Frame{ID: native.IDHello, Payload: payload})
		if err == nil && (s.CloseReason() != Open || !s.speaker.greeted) || err != nil && s.speaker.greeted {
			t.Errorf("%v, but ended with %v, greeted %v", err, s.CloseReason(), s.speaker.greeted)
		}
		if resumed > 0 && !bytes.Contains(payload, real) {
			t.Errorf("%x goes on as the player of %x", payload, real)
		}
		s.Close(Goodbye)
		holder.Close(Goodbye)
		for _, s := range []*Session{s, holder} {
			cfg.tickets.revoke(s)
			s.giveUp()
		}
		if p := cfg.people; len(p.accounts) > 0 || len(p.names) > 0 || len(cfg.tickets.byHash) > 0 {
			t.Errorf("%d accounts, %d names, %d tickets are left", len(p.accounts), len(p.names), len(cfg.tickets.byHash))
		}
	})
}

// errorOf is for who wants the error alone.
func errorOf(_ Login, err error) error { return err }
