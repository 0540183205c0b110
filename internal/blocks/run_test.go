//go:build unix

package blocks

import (
	"context"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runDocuments asks for the documents to be run: go test ./internal/blocks -run-documents -timeout 30m.
var (
	runDocuments = flag.Bool("run-documents", false, "run the shell blocks of the documents")
	only         = flag.String("document", "", "run only the blocks of this document, as in docs/faq.md")
)

// Bounds of a run of the real documents.
const (
	documentLimit = 10 * time.Minute // for all blocks of one
	serverGrace   = 20 * time.Second // for a server to stop
	testReserve   = 30 * time.Second // left of the test's own time to clean up
)

// TestDocumentsRun runs the blocks of all documents, each document in a fresh copy of the repository.
func TestDocumentsRun(t *testing.T) {
	if !*runDocuments {
		t.Skip("run the documents with -run-documents")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if deadline, has := t.Deadline(); has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-testReserve))
		defer cancel()
	}
	all, err := documents(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, document := range slices.Sorted(maps.Keys(all)) {
		if *only != "" && *only != document || !slices.ContainsFunc(all[document], runs) {
			continue
		}
		ran++
		t.Run(document, func(t *testing.T) { runDocument(ctx, t, all[document]) })
	}
	if ran == 0 {
		t.Error("no document has a block to run")
	}
}

// runs reports whether a block is run.
func runs(b Block) bool { return b.Kind == Run || b.Kind == Serve }

// runDocument runs the blocks of one document.
func runDocument(ctx context.Context, t *testing.T, blocks []Block) {
	ctx, cancel := context.WithTimeout(ctx, documentLimit)
	defer cancel()
	dir := t.TempDir()
	if err := Copy(ctx, root, dir); err != nil {
		t.Fatal(err)
	}
	r := Runner{Dir: dir, Env: os.Environ(), Host: RandomHost, Grace: serverGrace}
	r.Progress = func(b Block, took time.Duration) { t.Logf("%v: ok, %v", b, took.Round(time.Millisecond)) }
	if err := r.Run(ctx, blocks); err != nil {
		t.Error(err)
	}
}

// play runs a document whose blocks are the marked scripts in order, in an empty folder.
func play(ctx context.Context, t *testing.T, scripts ...string) (dir string, err error) {
	t.Helper()
	need(t, "bash")
	var text strings.Builder
	for _, script := range scripts {
		kind, script, _ := strings.Cut(script, ": ")
		mark := strings.NewReplacer("=", ": exit ", "not run", "not run: why").Replace(kind)
		text.WriteString(lines("<!-- "+mark+" -->", "'''sh", script, "'''"))
	}
	blocks, err := Parse("d.md", text.String())
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"127.1.1.1", "127.2.2.2"}
	r := Runner{Dir: t.TempDir(), Env: append(os.Environ(), "AOIWORLD_WORLD_ROWS=7"), Grace: time.Minute}
	r.Host = func() (string, error) {
		if len(hosts) == 0 {
			return "", errors.New("no host is left")
		}
		host := hosts[0]
		hosts = hosts[1:]
		return host, nil
	}
	return r.Dir, r.Run(ctx, blocks)
}

func TestRunSucceeds(t *testing.T) {
	const addresses = `echo "$AOIWORLD_NET_TCP_CLASSIC_ADDRESS $AOIWORLD_NET_WS_ADDRESS $AOIWORLD_OPS_ADDRESS $CLIENT_SIM_SERVER"`
	const first, second = "127.1.1.1:8999 127.1.1.1:8080 127.1.1.1:9090 127.1.1.1:9000\n",
		"127.2.2.2:8999 127.2.2.2:8080 127.2.2.2:9090 127.2.2.2:9000\n"
	serve := "serve: " + addresses + ` >out; echo '"msg":"ready"'; exec sleep 1000`
	for name, test := range map[string]struct {
		scripts []string
		out     string // what the file out holds
	}{
		"nothing":           {[]string{"not run: exit 1", "run: touch out"}, ""},
		"in order":          {[]string{"run: echo a >out", "run: echo b >>out"}, "a\nb\n"},
		"expected code":     {[]string{"run=3: exit 3", "run: touch out"}, ""},
		"no settings":       {[]string{`run: echo "${AOIWORLD_WORLD_ROWS-none}" >out`}, "none\n"},
		"a server":          {[]string{serve}, first},
		"bots see it":       {[]string{serve, "run: " + addresses + " >>out"}, first + first},
		"two servers":       {[]string{serve, serve}, second},
		"bots see the last": {[]string{serve, serve, "run: " + addresses + " >>out"}, second + second},
		"bots alone":        {[]string{"run: " + addresses + " >out"}, first},
		"left alone":        {[]string{"run: sleep 1000 & touch out"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := play(t.Context(), t, test.scripts...)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(out) != test.out {
				t.Errorf("out: %q (%v), want %q", out, err, test.out)
			}
		})
	}
}

func TestRunFails(t *testing.T) {
	const serve = "serve: echo i am ready; exec sleep 1000"
	for name, test := range map[string]struct {
		scripts []string
		says    []string // parts of the error, in order
	}{
		"a command": {
			[]string{"run: echo before\nfalse\necho after"},
			[]string{"d.md:3: exit code 1", "want 0", "-- script --\necho before\nfalse\necho after\n-- output --\nbefore\n"},
		},
		"an unset variable": {[]string{`run: echo "$nowhere"`}, []string{"exit code 1", "nowhere: unbound"}},
		"to standard error": {[]string{"run: echo out; echo err >&2; exit 9"}, []string{"exit code 9", "out\nerr\n"}},
		"other code":        {[]string{"run=3: exit 4"}, []string{"exit code 4", "want 3"}},
		"no failure":        {[]string{"run=3: true"}, []string{"exit code 0", "want 3"}},
		"by a signal":       {[]string{"run: kill -9 $$"}, []string{"exit code -1 (signal: killed), want 0"}},
		"of the second":     {[]string{"run: true", "run: false", "run: echo third"}, []string{"d.md:7: exit code 1"}},
		"no server":         {[]string{"serve: echo port in use; exit 1"}, []string{"not ready", "exit status 1", "port in use"}},
		"server's word":     {[]string{serve, "run: false"}, []string{"d.md:7", "d.md:3: the server meanwhile", "i am ready"}},
		"server gone": {
			[]string{"serve: mkfifo end; echo $$ >pid; echo ready; cat end", "run: echo >end; while kill -0 $(cat pid); do :; done"},
			[]string{"d.md:3: the server ended by itself: exit status 0"},
		},
		"third server": {[]string{serve, serve, serve}, []string{"no host is left"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := play(t.Context(), t, test.scripts...)
			rest := errorText(err)
			for _, part := range test.says {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Fatalf("no %q in what is left: %q of %v", part, rest, err)
				}
				rest = after
			}
			if strings.Contains(errorText(err), "third") {
				t.Errorf("it went on: %v", err)
			}
		})
	}
}

// TestNothingIsLeftRunning: whatever becomes of a document, all that it started has ended when Run returns. Everybody
// who lives holds a pipe open.
func TestNothingIsLeftRunning(t *testing.T) {
	const hold = "exec 3>>$PIPE; "
	ended, end := context.WithCancel(t.Context())
	end()
	for name, test := range map[string]struct {
		ctx     context.Context
		scripts []string
		fails   bool
	}{
		"success":          {t.Context(), []string{"serve: " + hold + "sleep 1000 & echo ready; wait", "run: true"}, false},
		"failure":          {t.Context(), []string{"serve: " + hold + "sleep 1000 & echo ready; wait", "run: false"}, true},
		"in the block":     {t.Context(), []string{"run: " + hold + "sleep 1000 >/dev/null 2>&1 &"}, false},
		"no patience":      {ended, []string{"run: " + hold + "sleep 1000"}, true},
		"not ready":        {ended, []string{"serve: " + hold + "sleep 1000"}, true},
		"server that ends": {t.Context(), []string{"serve: " + hold + "sleep 1000 >/dev/null 2>&1 & exit 1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			t.Setenv("PIPE", pipe)
			if _, err := play(test.ctx, t, test.scripts...); (err != nil) != test.fails {
				t.Error(err)
			}
			if err := reader.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := reader.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("somebody lives: %v", err)
			}
		})
	}
}
