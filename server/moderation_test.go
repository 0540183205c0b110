package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/auth"
	goclient "aoiworld/client"
	"aoiworld/conf"
)

// accounts returns the settings of a server with accounts and guests, and what makes tokens for them.
func accounts(t testing.TB) (sets []string, mint func(account string, roles ...auth.Role) func(context.Context) (string, error)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret.key")
	if _, err := auth.CreateSecret(path); err != nil {
		t.Fatal(err)
	}
	secret, err := auth.ReadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg := TokenConfig(conf.Default().Auth.Tokens)
	return []string{"auth.mode=both", "auth.tokens.key_file=" + path},
		func(account string, roles ...auth.Role) func(context.Context) (string, error) {
			who := auth.Identity{Account: account, Name: strings.ToUpper(account), Expires: time.Now().Add(time.Hour)}
			for _, r := range roles {
				who.Roles = who.Roles.With(r)
			}
			return func(context.Context) (string, error) { return auth.Mint(cfg, secret, who, time.Now()) }
		}
}

// dialNative connects a client of the native dialect that tells what happens, and does not come back by itself.
func dialNative(t testing.TB, m *Server, cfg goclient.Config) (c *goclient.Client, events chan goclient.Event, err error) {
	t.Helper()
	events = make(chan goclient.Event, 1000)
	cfg.Server, cfg.Retry, cfg.Events = m.Addresses()[conf.NativeAddress].String(), -1, func(e goclient.Event) { events <- e }
	if c, err = goclient.Dial(t.Context(), cfg); err == nil {
		t.Cleanup(c.Close)
	}
	return c, events, err
}

// until waits for an event of a kind.
func until(t testing.TB, events chan goclient.Event, kind goclient.EventKind) goclient.Event {
	t.Helper()
	for late := time.After(patience); ; {
		select {
		case e := <-events:
			if e.Kind == kind {
				return e
			}
		case <-late:
			t.Fatalf("no event of kind %d", kind)
		}
	}
}

// TestBansOutliveTheProcess: an account and an address that were banned are so after a restart, and not once that is lifted.
func TestBansOutliveTheProcess(t *testing.T) {
	folder, sets := operated(t)
	more, mint := accounts(t)
	sets = append(sets, more...)
	ids := []string{}
	t.Run("ban", func(t *testing.T) {
		m := start(t, sets...)
		o := newOperator(t, m, folder)
		ann, _, err := dialNative(t, m, goclient.Config{Token: mint("ann")})
		if err != nil {
			t.Fatal(err)
		}
		plain := dial(t, m, "ws")
		plain.join()
		answer := o.call("POST", "/admin/v1/bans", `{"kind":"account","subject":"ann","seconds":3600,"reason":"spam"}`, 201)
		if answer["sessions"] != 1.0 {
			t.Errorf("answered %v", answer)
		}
		<-ann.Done()
		if err := ann.Err(); !errors.Is(err, goclient.ErrEnded) || !strings.Contains(err.Error(), "BANNED: banned until ") {
			t.Errorf("ended with %v", err)
		}
		ids = append(ids, answer["id"].(string))
		ids = append(ids, o.call("POST", "/admin/v1/bans", `{"kind":"address","subject":"127.0.0.0/8"}`, 201)["id"].(string))
		if err := plain.ended(); !websocket.IsCloseError(err, 4505) {
			t.Errorf("the plain one ended with %v", err)
		}
	})
	t.Run("after the restart", func(t *testing.T) {
		m := start(t, sets...)
		o := newOperator(t, m, folder)
		if err := dial(t, m, "ws").ended(); !websocket.IsCloseError(err, 4505) {
			t.Errorf("the address: %v", err)
		}
		o.call("DELETE", "/admin/v1/bans/"+ids[1], "", 200)
		dial(t, m, "ws").join()
		_, _, err := dialNative(t, m, goclient.Config{Token: mint("ann")})
		if err == nil || !strings.Contains(err.Error(), "BANNED") || !strings.Contains(err.Error(), ": spam") {
			t.Errorf("the account: %v", err)
		}
		o.call("DELETE", "/admin/v1/bans/"+ids[0], "", 200)
		if _, _, err = dialNative(t, m, goclient.Config{Token: mint("ann")}); err != nil {
			t.Errorf("after it was lifted: %v", err)
		}
	})
}

// TestTornBansAreNotForgotten: a server whose file of bans is broken does not start, and says so, beside a token that is no good.
func TestTornBansAreNotForgotten(t *testing.T) {
	folder, sets := operated(t)
	cfg, err := conf.Load(conf.Source{Sets: sets})
	if err != nil {
		t.Fatal(err)
	}
	try := func() error {
		_, err := New(cfg, slog.New(slog.DiscardHandler), Extension{})
		return err
	}
	for file, want := range map[string]string{"bans.json": "moderation.file: ", "admin.token": "ops.admin_token_file: "} {
		name := filepath.Join(folder, file)
		before, _ := os.ReadFile(name)
		if err := os.WriteFile(name, []byte(`{"version":1,"sanct`), 0o600); err != nil {
			t.Fatal(err)
		}
		var wrong *conf.Error
		if err := try(); !errors.As(err, &wrong) || !strings.HasPrefix(wrong.Problems[0], want) {
			t.Errorf("%s: %v", file, err)
		}
		if err := errors.Join(os.Remove(name), os.WriteFile(name, before, 0o600)); err != nil {
			t.Fatal(err)
		}
		if len(before) == 0 {
			_ = os.Remove(name) // there was none
		}
	}
	if err := try(); err != nil {
		t.Error(err)
	}
}

// TestModeratedOverTheNetwork: kicks, mutes and announcements arrive, in each dialect, and the list shows who is there.
func TestModeratedOverTheNetwork(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, sets...)
	o := newOperator(t, m, folder)
	gus, events, err := dialNative(t, m, goclient.Config{Name: "Gus"})
	if err != nil {
		t.Fatal(err)
	}
	plain := dial(t, m, "tcp")
	id := plain.join()
	if all := o.call("GET", "/admin/v1/players?search=gus", "", 200); all["total"] != 1.0 {
		t.Errorf("found %v", all)
	}
	if all := o.call("GET", "/admin/v1/players?limit=1", "", 200); all["total"] != 2.0 || all["next"] != float64(gus.Player()) {
		t.Errorf("the first page is %v", all)
	}
	if told := o.call("POST", "/admin/v1/announcements", `{"text":"Maintenance at noon."}`, 200); told["sessions"] != 2.0 {
		t.Errorf("told %v", told)
	}
	if e := until(t, events, goclient.Noticed); e.Text != "Maintenance at noon." {
		t.Errorf("noticed %+v", e)
	}
	for b := plain.next().broadcast(); b.GetTp() != 1; {
		if b = plain.next().broadcast(); b.GetTp() == 1 && (b.PID != 0 || b.GetContent() != "Maintenance at noon.") {
			t.Errorf("heard %v", b)
		}
	}
	o.call("POST", "/admin/v1/mutes", `{"kind":"name","subject":"GUS","seconds":60}`, 201)
	if e := until(t, events, goclient.Noticed); !strings.HasPrefix(e.Text, "You are muted until ") {
		t.Errorf("noticed %+v", e)
	}
	if err := gus.Say("Can you hear me?"); err != nil {
		t.Fatal(err)
	}
	if e := until(t, events, goclient.Refused); !strings.Contains(e.Text, "may not") {
		t.Errorf("refused %+v", e)
	}
	o.call("POST", "/admin/v1/kicks", fmt.Sprintf(`{"kind":"player","subject":"%d"}`, id), 200)
	if err := plain.ended(); err != io.EOF {
		t.Errorf("the plain one ended with %v", err)
	}
	o.call("POST", "/admin/v1/kicks", `{"kind":"address","subject":"127.0.0.1","reason":"all of you"}`, 200)
	if <-gus.Done(); !strings.Contains(fmt.Sprint(gus.Err()), "KICKED: removed by a moderator: all of you") {
		t.Errorf("ended with %v", gus.Err())
	}
}

// TestRacingAdmins: of eight who kick one player at once one has done it; what eight ban at once is banned once.
func TestRacingAdmins(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, sets...)
	o := newOperator(t, m, folder)
	id := dial(t, m, "tcp").join()
	var racing sync.WaitGroup
	var mu sync.Mutex
	statuses := map[string]int{}
	for range 8 {
		racing.Go(func() {
			for path, body := range map[string]string{
				"/admin/v1/kicks": fmt.Sprintf(`{"kind":"player","subject":"%d"}`, id),
				"/admin/v1/bans":  `{"kind":"account","subject":"eve"}`,
			} {
				w, _ := o.send(http.MethodPost, path, body, nil)
				mu.Lock()
				statuses[fmt.Sprint(path, " ", w.StatusCode)]++
				mu.Unlock()
			}
		})
	}
	racing.Wait()
	if statuses["/admin/v1/kicks 200"] != 1 || statuses["/admin/v1/kicks 404"] != 7 || statuses["/admin/v1/bans 201"] != 8 {
		t.Errorf("answered %v", statuses)
	}
	if all := o.call("GET", "/admin/v1/bans", "", 200)["sanctions"].([]any); len(all) != 1 {
		t.Errorf("%d bans", len(all))
	}
}

// TestModeratorsOverTheNetwork: a moderator who comes in hidden is seen by another one, and by the operator, and by nobody else; who
// is none does not come in so.
func TestModeratorsOverTheNetwork(t *testing.T) {
	folder, sets := operated(t)
	more, mint := accounts(t)
	m := start(t, append(sets, more...)...)
	o := newOperator(t, m, folder)
	guest, guestEvents, err := dialNative(t, m, goclient.Config{Name: "Gus"})
	if err != nil {
		t.Fatal(err)
	}
	admin, adminEvents, err := dialNative(t, m, goclient.Config{Token: mint("adm", auth.Admin)})
	if err != nil {
		t.Fatal(err)
	}
	mod, _, err := dialNative(t, m, goclient.Config{Token: mint("mod", auth.Moderator), Hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	for until(t, adminEvents, goclient.Appeared).Entity.ID != mod.Player() {
	}
	one := o.call("GET", fmt.Sprintf("/admin/v1/players/%d", mod.Player()), "", 200)
	if place := one["place"].(map[string]any); place["hidden"] != true || fmt.Sprint(one["roles"]) != "[player moderator]" {
		t.Errorf("the operator sees %v", one)
	}
	if err := mod.Hide(false); err != nil {
		t.Fatal(err)
	}
	seen := map[int32]bool{}
	for !seen[mod.Player()] {
		seen[until(t, guestEvents, goclient.Appeared).Entity.ID] = true
		if len(seen) > 3 {
			t.Fatalf("the guest sees %v", seen)
		}
	}
	if err := mod.Hide(true); err != nil {
		t.Fatal(err)
	}
	if e := until(t, guestEvents, goclient.Left); e.Entity.ID != mod.Player() {
		t.Errorf("%d left", e.Entity.ID)
	}
	if len(admin.View()) != 3 || len(guest.View()) != 2 {
		t.Errorf("the admin sees %d, the guest %d", len(admin.View()), len(guest.View()))
	}
	if _, _, err = dialNative(t, m, goclient.Config{Token: mint("ann"), Hidden: true}); err == nil {
		t.Error("anybody may hide")
	}
}

// TestOverloaded: while ticks take too long nobody new is let in, which the metrics and the operator are told; who plays, plays.
func TestOverloaded(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, append(sets, "world.npcs=2000", "limits.overload_tick_share=0.0001")...)
	o := newOperator(t, m, folder)
	for deadline := time.Now().Add(patience); len(o.call("GET", "/admin/v1/status", "", 200)["overloaded"].([]any)) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("it is not overloaded")
		}
	}
	if err := dial(t, m, "ws").ended(); !websocket.IsCloseError(err, 4008) {
		t.Errorf("ended with %v", err)
	}
	if _, _, err := dialNative(t, m, goclient.Config{}); err == nil || !strings.Contains(err.Error(), "TOO_MANY_CONNECTIONS") {
		t.Errorf("ended with %v", err)
	}
	_, text := o.send(http.MethodGet, "/metrics", "", nil)
	for _, want := range []string{
		"\naoiworld_session_overload_refused_total 2\n", "\naoiworld_overloaded{resource=\"ticks\"} 1\n",
		"\naoiworld_overloaded{resource=\"memory\"} 0\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in the metrics", want)
		}
	}
	if w, _ := o.send(http.MethodGet, "/readyz", "", nil); w.StatusCode != 200 {
		t.Error("not ready: then nobody could resume")
	}
}
