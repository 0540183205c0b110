// Package web is what browsers are shown: the page to play on and the operation page, as they were built from web/play and
// web/ops, and how pages are served. The TypeScript client and the pages' sources are beside it; make web builds them.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed play/dist
var play embed.FS

//go:embed ops/dist
var operation embed.FS

// Page returns the files of the page to play on. index.html is the page.
func Page() fs.FS { return below(play, "play/dist") }

// Operation returns the files of the page on which an operator watches a server, and runs it.
func Operation() fs.FS { return below(operation, "ops/dist") }

// below returns the files of a folder, whose name is valid.
func below(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err)
	}
	return sub
}

// policy is what a page may do: load what its own server has, and connect to it. No inline scripts, no frames, no forms that lead
// elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// index is the file that is shown at /.
const index = "index.html"

// pathMark is how a page names the path of the WebSocket; where the server has another path, it is put there.
const pathMark = `<meta name="aoiworld-path" content="/ws" />`

// file is a file, ready to be sent.
type file struct {
	plain, zipped []byte // zipped is nil where it is not much smaller
	kind          string // its type
	tag           string // which changes with its content
	lasting       bool   // its name does, too
}

// Handler serves a page, its files and nothing else, to browsers that find their world at a path, as in /ws. The error says that
// a file cannot be read, or that there is no index.html.
func Handler(page fs.FS, socketPath string) (http.Handler, error) {
	files := map[string]*file{}
	err := fs.WalkDir(page, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(page, name)
		if err != nil {
			return err
		}
		if name == index {
			mark := strings.Replace(pathMark, "/ws", html.EscapeString(socketPath), 1)
			content = bytes.Replace(content, []byte(pathMark), []byte(mark), 1)
		}
		files["/"+name], err = prepare(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading a page: %w", err)
	}
	if files["/"+index] == nil {
		return nil, fmt.Errorf("a page without %s", index)
	}
	files["/"] = files["/"+index]
	return handler(files), nil
}

// prepare makes a file ready to be sent.
func prepare(name string, content []byte) (*file, error) {
	sum := sha256.Sum256(content)
	f := &file{
		plain: content, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`,
		lasting: strings.HasPrefix(name, "assets/"),
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() < len(content)*9/10 {
		f.zipped = b.Bytes()
	}
	return f, nil
}

// handler is files by the path under which they are to be had.
type handler map[string]*file

// ServeHTTP implements http.Handler.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	f := h[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	head.Set("Content-Type", f.kind)
	head.Set("Etag", f.tag)
	head.Set("Vary", "Accept-Encoding")
	head.Set("Cache-Control", "no-cache")
	if f.lasting {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content := f.plain
	if f.zipped != nil && acceptsGzip(r) {
		head.Set("Content-Encoding", "gzip")
		content = f.zipped
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Length", fmt.Sprint(len(content)))
	_, _ = w.Write(content) // who has gone needs it no more
}

// acceptsGzip reports whether a client takes gzip. Who refuses it by a weight of 0 is no browser, and gets plain files.
func acceptsGzip(r *http.Request) bool {
	accepted := r.Header.Get("Accept-Encoding")
	return strings.Contains(accepted, "gzip") && !strings.Contains(strings.ReplaceAll(accepted, " ", ""), "gzip;q=0")
}
