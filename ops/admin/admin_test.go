package admin

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"aoiworld/moderation"
	"aoiworld/player"
	"aoiworld/world"
)

// token is the operator's.
const token = "0123456789abcdefghijklmnopqrstuvwxyz-_ABC"

// nobody is a server without players, which has been asked so often.
type nobody struct{ kicks, drains int }

func (n *nobody) Kick(func(player.Person) bool, string) int {
	n.kicks++
	return 1
}
func (n *nobody) Ban(func(player.Person) bool, player.Sanction) int           { return 0 }
func (n *nobody) Notice(func(player.Person) bool, string) (told int, ok bool) { return 0, true }

// newAPI returns an API of nobody, and its log.
func newAPI(t *testing.T, change func(*Config)) (h http.Handler, n *nobody, log *bytes.Buffer) {
	t.Helper()
	list, err := moderation.OpenList("", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n, log = &nobody{}, &bytes.Buffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	cfg := Config{
		Token: func() ([]byte, error) { return []byte(token), nil }, Hosts: []string{"game.example.org"},
		Moderator: moderation.NewModerator(list, n, logger), Players: func() []player.Presence { return nil },
		Player:   func(world.ID) (p player.Presence, here bool) { return p, false },
		Places:   func(context.Context) ([]*world.Census, error) { return nil, nil },
		Settings: func() map[string]any { return nil }, Amend: func([]string) ([]string, error) { return nil, nil },
		Status: func() Status { return Status{} }, Drain: func() { n.drains++ }, Log: logger,
	}
	if change != nil {
		change(&cfg)
	}
	return NewHandler(cfg), n, log
}

// kickRequest is a request that is in order.
func kickRequest() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:9090/admin/v1/kicks",
		strings.NewReader(`{"kind":"player","subject":"7"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// guardCase is a request that differs from one that is in order, the status that it is answered, and the code.
type guardCase struct {
	change func(*http.Request)
	want   int
	code   string
}

// guarded are requests that differ from one that is in order, and what is answered.
func guarded() map[string]guardCase {
	authorization := func(values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Authorization"] = values }
	}
	origin := func(values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Origin"] = values }
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	return map[string]guardCase{
		"in order":            {func(*http.Request) {}, 200, ""},
		"no token":            {func(r *http.Request) { r.Header.Del("Authorization") }, 401, "unauthorized"},
		"empty":               {authorization(""), 401, "unauthorized"},
		"no scheme":           {authorization(token), 401, "unauthorized"},
		"scheme alone":        {authorization("Bearer"), 401, "unauthorized"},
		"scheme and space":    {authorization("Bearer "), 401, "unauthorized"},
		"another scheme":      {authorization("Basic " + token), 401, "unauthorized"},
		"scheme's case":       {authorization("bearer " + token), 200, ""},
		"wrong":               {authorization("Bearer " + strings.Repeat("x", len(token))), 401, "unauthorized"},
		"beginning":           {authorization("Bearer " + token[:len(token)-1]), 401, "unauthorized"},
		"more":                {authorization("Bearer " + token + "x"), 401, "unauthorized"},
		"another case":        {authorization("Bearer " + strings.ToUpper(token)), 401, "unauthorized"},
		"line break behind":   {authorization("Bearer " + token + "\n"), 401, "unauthorized"},
		"two spaces":          {authorization("Bearer  " + token), 401, "unauthorized"},
		"two tokens":          {authorization("Bearer "+token, "Bearer "+token), 401, "unauthorized"},
		"token in the query":  {func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "access_token=" + token }, 401, "unauthorized"},
		"page of others":      {origin("https://evil.example"), 403, "foreign_origin"},
		"page of none":        {origin("null"), 403, "foreign_origin"},
		"page of two":         {origin("http://127.0.0.1:9090", "https://evil.example"), 403, "foreign_origin"},
		"page of its own":     {origin("http://127.0.0.1:9090"), 200, ""},
		"page, other port":    {origin("http://127.0.0.1:8080"), 403, "foreign_origin"},
		"another's name":      {host("evil.example:9090"), 403, "foreign_host"},
		"a name like it":      {host("game.example.org.evil.example"), 403, "foreign_host"},
		"a name that is told": {host("Game.Example.org:9090"), 200, ""},
		"localhost":           {host("localhost:9090"), 200, ""},
		"IPv6":                {host("[::1]:9090"), 200, ""},
		"no name":             {host(""), 403, "foreign_host"},
		"GET on an action":    {func(r *http.Request) { r.Method = http.MethodGet }, 405, "method_not_allowed"},
		"PUT on an action":    {func(r *http.Request) { r.Method = http.MethodPut }, 405, "method_not_allowed"},
		"no such path":        {func(r *http.Request) { r.URL.Path = "/admin/v1/kick" }, 404, "not_found"},
		"path, no token": {func(r *http.Request) {
			r.URL.Path = "/admin/v1/kick"
			r.Header.Del("Authorization")
		}, 401, "unauthorized"},
		"form":        {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415, "unsupported_media_type"},
		"plain text":  {func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "unsupported_media_type"},
		"parameters":  {func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }, 200, ""},
		"broken JSON": {body(`{"kind":`), 400, "invalid"},
		"two":         {body(`{"kind":"player","subject":"7"} {}`), 400, "invalid"},
		"unknown":     {body(`{"kind":"player","subject":"7","force":true}`), 400, "invalid"},
		"everybody":   {body(`{}`), 400, "invalid"},
		"too long":    {body(`{"kind":"player","subject":"` + strings.Repeat("7", maxBody) + `"}`), 413, "too_large"},
	}
}

// TestGuard: who is let in, who is not, and that whoever is refused has done nothing and has a line in the log.
func TestGuard(t *testing.T) {
	for name, c := range guarded() {
		h, n, log := newAPI(t, nil)
		r, w := kickRequest(), httptest.NewRecorder()
		c.change(r)
		h.ServeHTTP(w, r)
		if w.Code != c.want || !strings.Contains(w.Body.String(), `"`+c.code) {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
		if done := n.kicks == 1; done != (c.want == 200) {
			t.Errorf("%s: kicked %d times", name, n.kicks)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 1 || strings.Contains(log.String(), token) {
			t.Errorf("%s: %d lines in the log:\n%s", name, lines, log)
		}
		if w.Code == 401 != (w.Header().Get("WWW-Authenticate") != "") || w.Code == 405 != (w.Header().Get("Allow") != "") {
			t.Errorf("%s: headers %v", name, w.Header())
		}
	}
}

// body has a request say something else.
func body(text string) func(*http.Request) {
	return func(r *http.Request) { r.Body = http.NoBody; *r = *withBody(r, text) }
}

// withBody returns a request that says something else.
func withBody(r *http.Request, text string) *http.Request {
	other := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(text))
	other.Header, other.Host = r.Header, r.Host
	return other
}

// TestTokenThatCannotBeRead: nobody is let in, with the empty token neither; and a new token counts at once.
func TestTokenThatCannotBeRead(t *testing.T) {
	answers := []struct {
		token string
		err   error
		want  int
	}{
		{token, nil, 200},
		{token, errors.New("gone"), 401},
		{"", errors.New("gone"), 401},
		{"", nil, 401},
		{"another one, which is long enough, too", nil, 401},
		{token, nil, 200},
	}
	i := 0
	h, _, _ := newAPI(t, func(c *Config) {
		c.Token = func() ([]byte, error) { return []byte(answers[i].token), answers[i].err }
	})
	for ; i < len(answers); i++ {
		for _, given := range []string{token, ""} {
			r, w := kickRequest(), httptest.NewRecorder()
			r.Header.Set("Authorization", "Bearer "+given)
			h.ServeHTTP(w, r)
			if want := answers[i].want; given == token && w.Code != want || given == "" && w.Code != 401 {
				t.Errorf("step %d, token %q: status %d", i, given, w.Code)
			}
		}
	}
}

// TestActionsAreNoGets: whatever changes something cannot be had by following a link, and has its line in the log.
func TestActionsAreNoGets(t *testing.T) {
	for path, methods := range routes {
		for method := range methods {
			if method == http.MethodGet {
				continue
			}
			h, n, log := newAPI(t, nil)
			target := "http://127.0.0.1:9090" + strings.ReplaceAll(path, "{id}", "7")
			for _, m := range []string{http.MethodGet, http.MethodHead} {
				if methods[http.MethodGet] != nil {
					break
				}
				r, w := httptest.NewRequest(m, target, nil), httptest.NewRecorder()
				r.Header.Set("Authorization", "Bearer "+token)
				if h.ServeHTTP(w, r); w.Code != 405 || n.drains > 0 {
					t.Errorf("%s %s answers %d", m, path, w.Code)
				}
			}
			log.Reset()
			r, w := httptest.NewRequest(method, target, strings.NewReader("{}")), httptest.NewRecorder()
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			if h.ServeHTTP(w, r); strings.Count(log.String(), "\n") != 1 {
				t.Errorf("%s %s has no line in the log, or more than one: %q", method, path, log)
			}
		}
	}
}

// TestDescribed: the description has the paths and methods that there are, and no others, and is one by its own rules.
func TestDescribed(t *testing.T) {
	spec, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	var described, have []string
	for path, item := range spec.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	for path, methods := range routes {
		for method := range methods {
			have = append(have, method+" "+path)
		}
	}
	slices.Sort(described)
	slices.Sort(have)
	if !slices.Equal(described, have) {
		t.Errorf("described are\n%q\nthere are\n%q", described, have)
	}
}

// TestEnds: until when something is.
func TestEnds(t *testing.T) {
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { then := now.Add(d); return &then }
	n := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		until   *time.Time
		seconds *int64
		want    time.Time
		good    bool
	}{
		{nil, nil, time.Time{}, true},
		{at(time.Hour), nil, now.Add(time.Hour), true},
		{at(0), nil, time.Time{}, false},
		{at(-time.Hour), nil, time.Time{}, false},
		{at(maxSeconds*time.Second + 1), nil, time.Time{}, false},
		{nil, n(60), now.Add(time.Minute), true},
		{nil, n(0), time.Time{}, false},
		{nil, n(-1), time.Time{}, false},
		{nil, n(maxSeconds), now.Add(maxSeconds * time.Second), true},
		{nil, n(maxSeconds + 1), time.Time{}, false},
		{nil, n(1 << 62), time.Time{}, false},
		{at(time.Hour), n(60), time.Time{}, false},
	} {
		if got, err := end(c.until, c.seconds, now); !got.Equal(c.want) || (err == nil) != c.good {
			t.Errorf("until %v, %v seconds: %v, %v", c.until, c.seconds, got, err)
		}
	}
}
