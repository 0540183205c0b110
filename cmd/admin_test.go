package cmd

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/server"
)

// TestAdminCommands: each of the operator's commands does what it says on a running server, and prints what that answers.
func TestAdminCommands(t *testing.T) {
	folder := t.TempDir()
	token := filepath.Join(folder, "admin.token")
	if _, err := auth.CreateSecret(token); err != nil {
		t.Fatal(err)
	}
	env := []string{"AOIWORLD_OPS_ADMIN_TOKEN_FILE=" + token, "AOIWORLD_MODERATION_FILE=" + filepath.Join(folder, "bans.json")}
	cfg, err := conf.Load(conf.Source{Env: env, Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=", "net.ws.address=", "ops.address=127.0.0.1:0",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(cfg, slog.New(slog.DiscardHandler), server.Extension{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	<-s.Ready()
	player, err := net.Dial("tcp", s.Addresses()[conf.ClassicAddress].String())
	if err != nil {
		t.Fatal(err)
	}
	defer player.Close()
	if _, err := player.Read(make([]byte, 1)); err != nil { // its welcome
		t.Fatal(err)
	}
	env = append(env, "AOIWORLD_OPS_ADDRESS="+s.Addresses()[conf.OpsAddress].String())
	playAdmin(t, env)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// playAdmin types all of the operator's commands, the last of which stops the server.
func playAdmin(t *testing.T, env []string) {
	ids := map[string]string{}
	for _, c := range []struct{ args, want, fails string }{
		{"status", `"players": 1`, ""},
		{"players", `"dialect": "classic"`, ""},
		{"players 127.0.0", `"total": 1`, ""},
		{"players nobody", `"total": 0`, ""},
		{"announce hello", `"sessions": 1`, ""},
		{"mute --player 1 --for 1m --reason spam", `"reason": "spam"`, ""},
		{"mutes", `"kind": "player"`, ""},
		{"ban --account ann --for 24h", `"subject": "ann"`, ""},
		{"bans", `"until": "`, ""},
		{"unmute MUTE", `"kind": "player"`, ""},
		{"unban BAN", `"subject": "ann"`, ""},
		{"unban BAN", "", "not_found: no such ban or mute\n"},
		{"ban --player 1", "", "invalid: impossible subject: want an account, a name or an address, for a player can come back as another\n"},
		{"kick --player 1", `"sessions": 1`, ""},
		{"kick --player 1", "", "nobody: nobody there\n"},
		{"drain", `"sessions"`, ""},
	} {
		args := strings.Fields(strings.NewReplacer("MUTE", ids["mute"], "BAN", ids["ban"]).Replace(c.args))
		r := execute(nil, env, append([]string{"admin"}, args...)...)
		if failed := c.fails != ""; r.code != map[bool]int{true: 1}[failed] || r.stderr != c.fails || !strings.Contains(r.stdout, c.want) {
			t.Fatalf("%s: code %d, %q, %s", c.args, r.code, r.stderr, r.stdout)
		}
		var made struct{ ID string }
		if json.Unmarshal([]byte(r.stdout), &made) == nil && made.ID != "" {
			ids[args[0]] = made.ID
		}
	}
}

// TestAdminOfOtherServers: what is no answer of ours is told, and not printed.
func TestAdminOfOtherServers(t *testing.T) {
	token := filepath.Join(t.TempDir(), "admin.token")
	if _, err := auth.CreateSecret(token); err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]string{"404 page": "the server answers 404 Not Found\n", "hello": "the server answers no JSON"} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if strings.HasPrefix(answer, "404") {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = w.Write([]byte(answer))
		}))
		r := execute(func(context.Context) error { return nil }, nil, "admin", "status", "--set", "ops.admin_token_file="+token,
			"--set", "moderation.file=x", "--set", "ops.address="+strings.TrimPrefix(web.URL, "http://"))
		if r.code != 1 || r.stdout != "" || !strings.HasPrefix(r.stderr, want) {
			t.Errorf("%s: code %d, %q, %q", answer, r.code, r.stdout, r.stderr)
		}
		web.Close()
	}
}

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		":9090": "127.0.0.1:9090", "0.0.0.0:9090": "127.0.0.1:9090", "[::]:9090": "127.0.0.1:9090", "[::1]:9090": "[::1]:9090",
		"127.0.0.1:9090": "127.0.0.1:9090", "game.example.org:9090": "game.example.org:9090",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s is reached by %s, want %s", address, got, want)
		}
	}
}
