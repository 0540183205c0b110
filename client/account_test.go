package client_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aoiworld/auth"
	"aoiworld/client"
	"aoiworld/conf"
)

// accounts are settings of a server for accounts alone, and what makes tokens for it.
func accounts(t testing.TB) (sets []string, mint func(account string, left time.Duration) string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret.key")
	if _, err := auth.CreateSecret(path); err != nil {
		t.Fatal(err)
	}
	secret, err := auth.ReadKeys(auth.HS256, path)
	if err != nil {
		t.Fatal(err)
	}
	cfg := auth.Config{Algorithm: auth.HS256, Issuer: "aoiworld", Audience: "aoiworld"}
	return []string{"auth.mode=tokens", "auth.tokens.key_file=" + path}, func(account string, left time.Duration) string {
		now := time.Now()
		expires := now.Add(left)
		who := auth.Identity{Account: account, Name: strings.ToUpper(account), Expires: expires}
		token, err := auth.Mint(cfg, secret, who, now.Add(min(0, left-time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

// TestAccounts: a client logs in with tokens; a second one of the account goes on as its player, and ends the first for good.
func TestAccounts(t *testing.T) {
	sets, mint := accounts(t)
	s := serve(t, sets...)
	at := addresses(s)
	cfg := client.Config{Server: at["tcp"], Token: func(context.Context) (string, error) { return mint("ann", time.Hour), nil }}
	first, told := dial(t, cfg)
	if first.Name() != "ANN" {
		t.Errorf("called %q", first.Name())
	}
	cfg.Server = at["ws"]
	second, _ := dial(t, cfg)
	<-first.Done()
	told.wait(t, "the end", kind(client.Disconnected))
	if err := first.Err(); !errors.Is(err, client.ErrEnded) || !strings.Contains(err.Error(), "REPLACED") {
		t.Errorf("the first ended with %v", err)
	}
	if second.Player() != first.Player() {
		t.Errorf("they were %d and %d", first.Player(), second.Player())
	}
	for name, bad := range map[string]client.Config{
		"UNAUTHENTICATED": {Name: "Gus"},
		"TOKEN_EXPIRED": {Token: func(context.Context) (string, error) {
			return mint("bob", -time.Hour), nil
		}},
		"no token today": {Token: func(context.Context) (string, error) { return "", errors.New("no token today") }},
	} {
		bad.Server = at["tcp"]
		if c, err := client.Dial(t.Context(), bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

// TestTokensAreRenewed: when its login expires a client comes back with a fresh token, as the same player.
func TestTokensAreRenewed(t *testing.T) {
	sets, mint := accounts(t)
	s := serve(t, sets...)
	ttl := []time.Duration{3 * time.Second, time.Hour}
	c, told := dial(t, client.Config{
		Server: s.Addresses()[conf.NativeAddress].String(), Retry: time.Millisecond,
		Token: func(context.Context) (string, error) {
			token := mint("ann", ttl[0])
			ttl = ttl[1:]
			return token, nil
		},
	})
	before := c.Player()
	told.wait(t, "a warning", func(e client.Event) bool { return e.Kind == client.Refused && strings.Contains(e.Text, "expires") })
	told.wait(t, "the end of the login", func(e client.Event) bool {
		return e.Kind == client.Disconnected && strings.Contains(e.Err.Error(), "TOKEN_EXPIRED")
	})
	told.wait(t, "its player again", kind(client.Resumed))
	if c.Player() != before {
		t.Errorf("it was %d and is %d", before, c.Player())
	}
}
