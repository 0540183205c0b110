package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"aoiworld/conf"
	tag "aoiworld/examples/browser-tag"
	"aoiworld/server"
	"aoiworld/web"
)

// maxPage is how large a page may be, zipped, with all its files (bytes).
const maxPage = 60 << 10

// TestPagesAreSmallAndLoadNothing: what was built is small, and names nothing that is to be had elsewhere.
func TestPagesAreSmallAndLoadNothing(t *testing.T) {
	for name, page := range map[string]fs.FS{"the page to play on": web.Page(), "the operation page": web.Operation(), "tag": tag.Page()} {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		err := fs.WalkDir(page, ".", func(at string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			b, err := fs.ReadFile(page, at)
			if err != nil {
				return err
			}
			text := strings.ReplaceAll(string(b), "http://www.w3.org/", "")
			for _, bad := range []string{"http://", "https://", "@import", "<iframe", "javascript:", "eval("} {
				if strings.Contains(text, bad) {
					t.Errorf("%s: there is %q in %s", name, bad, at)
				}
			}
			_, err = z.Write(b)
			return err
		})
		if err != nil || z.Close() != nil || zipped.Len() > maxPage || zipped.Len() < 1000 {
			t.Errorf("%s has %d bytes, at most %d (%v)", name, zipped.Len(), maxPage, err)
		}
	}
}

// get asks a handler for a path.
func get(t *testing.T, h http.Handler, path string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// TestHandler: a page and its files are had as they are, or zipped, or not again; whatever is asked for, the policy is told.
func TestHandler(t *testing.T) {
	script := strings.Repeat("run();", 100)
	h, err := web.Handler(fstest.MapFS{
		"index.html":      {Data: []byte(`<head><meta name="aoiworld-path" content="/ws" /></head>`)},
		"assets/a-123.js": {Data: []byte(script)},
	}, `/a"b`)
	if err != nil {
		t.Fatal(err)
	}
	none := http.Header{}
	for path, want := range map[string]int{"/": 200, "/index.html": 200, "/assets/a-123.js": 200, "/assets": 404, "/x": 404, "/../web.go": 404} {
		r := get(t, h, path, none)
		if r.StatusCode != want || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") ||
			r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d with %v", path, r.StatusCode, r.Header)
		}
	}
	if b, _ := io.ReadAll(get(t, h, "/", none).Body); !strings.Contains(string(b), `content="/a&#34;b"`) {
		t.Errorf("the page is told its path by %s", b)
	}
	asset := get(t, h, "/assets/a-123.js", http.Header{"Accept-Encoding": {"br, gzip"}})
	z, err := gzip.NewReader(asset.Body)
	if err != nil || !strings.Contains(asset.Header.Get("Cache-Control"), "immutable") {
		t.Fatal(err, asset.Header)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != script {
		t.Errorf("zipped, it is %s, %v", b, err)
	}
	tag := http.Header{"If-None-Match": {asset.Header.Get("Etag")}}
	if r := get(t, h, "/assets/a-123.js", tag); r.StatusCode != http.StatusNotModified {
		t.Errorf("%d for what is known already", r.StatusCode)
	}
	if _, err := web.Handler(fstest.MapFS{}, "/ws"); err == nil {
		t.Error("a page of no index.html")
	}
}

// TestPageCanBeSwitchedOff: by a key of the configuration. It may share its path with the WebSocket.
func TestPageCanBeSwitchedOff(t *testing.T) {
	for sets, want := range map[string]int{"": 200, "net.ws.page=false": 404, "net.ws.path=/": 200} {
		var all []string
		if sets != "" {
			all = append(all, sets)
		}
		a := newArena(t, server.Extension{}, all...)
		r, err := http.Get("http://" + a.Addresses()[conf.WebSocketAddress].String() + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("with %q the answer is %d, want %d", sets, r.StatusCode, want)
		}
	}
}

// TestBundlesAreCurrent: the pages that are committed are what their sources give.
func TestBundlesAreCurrent(t *testing.T) {
	node(t)
	for config, page := range map[string]fs.FS{
		"play/vite.config.ts": web.Page(), "ops/vite.config.ts": web.Operation(), "tag.vite.config.ts": tag.Page(),
	} {
		out := t.TempDir()
		run(t, ".", nil, "node", "node_modules/vite/bin/vite.js", "build", "--config", config, "--outDir", out)
		if built, committed := contents(t, os.DirFS(out)), contents(t, page); built != committed {
			t.Errorf("%s gives another page than the one that is committed: make web", config)
		}
	}
}

// TestSourcesCount: the tests run again when any of the files has changed that pages are built from.
func TestSourcesCount(t *testing.T) {
	all := sources(t)
	for _, file := range []string{
		"package-lock.json", "tag.vite.config.ts", "play/vite.config.ts", "play/index.html", "play/public/icon.svg", "ops/public/icon.svg",
		"ops/src/style.css", "common/src/theme.css", "client/src/index.ts", "client/src/pb/native/native_pb.ts",
		"../examples/browser-tag/index.html", "../examples/browser-tag/src/tag.ts", "../examples/browser-tag/src/style.css",
	} {
		if !slices.Contains(all, file) {
			t.Errorf("a change of %s does not count", file)
		}
	}
}

// contents is what a page consists of, in one text.
func contents(t *testing.T, page fs.FS) string {
	t.Helper()
	var all strings.Builder
	if err := fs.WalkDir(page, ".", func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := fs.ReadFile(page, at)
		all.WriteString(at + "\n" + string(b) + "\n")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
