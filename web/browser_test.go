package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aoiworld/conf"
	"aoiworld/moderation"
	"aoiworld/server"
	"aoiworld/world"
)

// node skips a test where there is no Node with the packages of web/package-lock.json (make web, or npm ci), and has the test run
// again when a source has changed: what a test has read is what its result depends on.
func node(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long")
	}
	if _, err := os.Stat("node_modules/playwright-core"); err != nil {
		t.Skip("no packages in web/node_modules: npm ci in web")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node in PATH")
	}
	for _, file := range sources(t) {
		if _, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
}

// sources returns the files that what is built for browsers, and its tests, are made of: all but what was built itself.
func sources(t *testing.T) []string {
	t.Helper()
	files := []string{"../ops/admin/openapi.yaml"}
	for _, root := range []string{".", "../examples/browser-tag"} {
		if err := filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && slices.Contains([]string{"node_modules", "dist", "built", "shots"}, entry.Name()) {
				return fs.SkipDir
			}
			if err == nil && !entry.IsDir() {
				files = append(files, at)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// patience is how long a command may take, which is a minute at most on a machine of its own: only one that hangs takes as long.
const patience = 6 * time.Minute

// run runs a command in a folder to its end, and fails the test with what it said unless that is a good one.
func run(t *testing.T, folder string, environment []string, command ...string) (said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir, c.Env, c.WaitDelay = folder, append(os.Environ(), environment...), 5*time.Second
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return string(out)
}

// arena is a server with all that tests in browsers need to know of it, and to do to it.
type arena struct {
	*server.Server
	mu      sync.Mutex
	truth   map[world.ID]world.Position
	proxied []net.Conn
}

// newArena runs a server on free ports until the test ends. Games are its own.
func newArena(t *testing.T, e server.Extension, sets ...string) *arena {
	t.Helper()
	cfg, err := conf.Load(conf.Source{Sets: append([]string{
		"net.tcp.classic.address=", "net.tcp.native.address=", "net.ws.address=127.0.0.1:0", "ops.address=",
		"limits.overload_tick_share=0", // others may use this machine, too
	}, sets...)})
	if err != nil {
		t.Fatal(err)
	}
	a := &arena{truth: map[world.ID]world.Position{}}
	e.Games = append(e.Games, world.Game{Tick: a.observe})
	if a.Server, err = server.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), e); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server stopped with %v", err)
		}
	})
	<-a.Ready()
	return a
}

// observe notes where the players truly are.
func (a *arena) observe(tx *world.Tx) {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.truth)
	for _, e := range tx.Entities() {
		if e.Kind == world.PlayerKind {
			a.truth[e.ID] = e.At
		}
	}
}

// address is where the page is.
func (a *arena) address() string { return a.Addresses()[conf.WebSocketAddress].String() }

// proxy is another way to the server, which can be cut.
func (a *arena) proxy(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", a.address())
			if err != nil {
				_ = from.Close()
				continue
			}
			a.mu.Lock()
			a.proxied = append(a.proxied, from, to)
			a.mu.Unlock()
			for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1])
					_ = pair[0].Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}

// cut breaks all connections that go through the proxy.
func (a *arena) cut() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, conn := range a.proxied {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	a.proxied = nil
}

// referee is where the tests in browsers ask for the truth, and have things done.
func (a *arena) referee(t *testing.T) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /truth", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		_ = json.NewEncoder(w).Encode(a.truth)
	})
	mux.HandleFunc("POST /cut", func(http.ResponseWriter, *http.Request) { a.cut() })
	mux.HandleFunc("POST /kick", func(w http.ResponseWriter, r *http.Request) {
		who, err := moderation.ParseSubject(moderation.Player, r.URL.Query().Get("player"))
		if err == nil {
			_, err = a.Moderator().Kick("the referee", who, r.URL.Query().Get("reason"))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// chromium returns a browser, and skips the test where there is none.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			return at
		}
	}
	t.Skip("no chromium in PATH")
	return ""
}

// browse runs a test in a browser against an arena, with more in its environment.
func (a *arena) browse(t *testing.T, file string, environment ...string) {
	t.Helper()
	t.Log(run(t, "browser", append(environment,
		"CHROMIUM="+chromium(t), fmt.Sprintf("PAGE=http://%s/", a.address()), "REFEREE="+a.referee(t),
		fmt.Sprintf("PROXY=http://%s/", a.proxy(t)),
	), "node", "--test", fmt.Sprintf("--test-timeout=%d", (patience-30*time.Second).Milliseconds()), file))
}

// TestPagesMeet: two pages join, see each other walk, and talk; one is cut off and resumes, one is kicked and reads why.
func TestPagesMeet(t *testing.T) {
	node(t)
	newArena(t, server.Extension{}).browse(t, "meet.test.mjs")
}

// TestPageInACrowd: with a thousand about, who all walk, the page is drawn at least 30 times a second.
func TestPageInACrowd(t *testing.T) {
	node(t)
	if raceDetector {
		t.Skip("the race detector takes the time that it measures")
	}
	newArena(t, server.Extension{}, "world.npcs=1000", "world.columns=2", "world.rows=2").browse(t, "crowd.test.mjs")
}

// TestClientAlone: the tests of the client and of the operation page that need no server.
func TestClientAlone(t *testing.T) {
	node(t)
	run(t, ".", nil, "npm", "test")
}

// TestClientsSeeTheTruth: fifty clients walk, cross borders, are cut off and resume, stop reading, come and go; at quiet points
// each sees what it should, and in between nothing that it should not.
func TestClientsSeeTheTruth(t *testing.T) {
	node(t)
	for name, sets := range map[string][]string{
		"nine cells": {"world.columns=5", "world.rows=5"},
		"crowds":     {"world.columns=2", "world.rows=2", "world.frame_budget=300", "world.npcs=200"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newArena(t, server.Extension{}, append(sets, "limits.chat_per_second=0")...)
			run(t, "client", nil, "npx", "tsc", "--project", ".")
			t.Log(run(t, "client", nil, "node", "dist/verify/main.js", "--url", "ws://"+a.address()+"/ws", "--seconds", "6", "--round", "2"))
		})
	}
}
