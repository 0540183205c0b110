package blocks

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"
)

// root is the repository's, from here.
const root = "../.."

// notDocuments finds the folders whose Markdown nobody reads as a document.
var notDocuments = regexp.MustCompile(`(^|/)(\.git|node_modules|testdata)$`)

// documents returns the blocks of all documents in a repository by their paths, and what is wrong with their marks.
func documents(fsys fs.FS) (all map[string][]Block, err error) {
	all = map[string][]Block{}
	walked := fs.WalkDir(fsys, ".", func(at string, entry fs.DirEntry, failed error) error {
		if failed != nil {
			return failed
		}
		if entry.IsDir() && notDocuments.MatchString(at) {
			return fs.SkipDir
		}
		if path.Ext(at) != ".md" || !entry.Type().IsRegular() {
			return nil
		}
		text, failed := fs.ReadFile(fsys, at)
		if failed != nil {
			return failed
		}
		blocks, wrong := Parse(at, string(text))
		all[at], err = blocks, errors.Join(err, wrong)
		return nil
	})
	return all, errors.Join(walked, err)
}

// TestDocumentsAreMarked: all marks are well formed, and every go run is run or says why not.
func TestDocumentsAreMarked(t *testing.T) {
	all, err := documents(os.DirFS(root))
	if err != nil {
		t.Error(err)
	}
	if len(all) < 5 || len(all["README.md"]) == 0 {
		t.Errorf("%d documents were found, %d blocks in README.md", len(all), len(all["README.md"]))
	}
	for _, blocks := range all {
		for _, complaint := range Marks(blocks) {
			t.Error(complaint)
		}
	}
}

// TestDocumentsAreShell: every block of every document parses.
func TestDocumentsAreShell(t *testing.T) {
	need(t, "bash")
	all, _ := documents(os.DirFS(root)) // the error is told by another test
	for _, blocks := range all {
		for _, complaint := range Syntax(t.Context(), blocks) {
			t.Error(complaint)
		}
	}
}

// TestBadDocumentIsCaught: what is wrong with this document is what the tests above find in the real ones.
func TestBadDocumentIsCaught(t *testing.T) {
	need(t, "bash")
	bad := lines(
		"'''sh", "go run . demo", "'''",
		"<!-- run -->", "'''sh", "if true; then", "'''",
		"<!-- serve -->", "'''sh", "", "'''",
		"<!-- not run: it would take a day -->", "'''sh", "go run . demo --duration 24h", "'''",
		"'''sh", "make test", "'''",
		"<!-- runs -->", "'''sh", "make test", "'''")
	fsys := fstest.MapFS{"docs/bad.md": {Data: []byte(bad)}, "docs/testdata/x.md": {Data: []byte("<!-- run -->")}}
	all, err := documents(fsys)
	if errorText(err) != "docs/bad.md:20: <!-- runs --> is no mark" {
		t.Error(err)
	}
	blocks := all["docs/bad.md"]
	want := []string{
		"docs/bad.md:2: go run in a block without a mark: run, serve, or not run: why",
		"docs/bad.md:10: a marked block without a command",
	}
	if got := Marks(blocks); len(all) != 1 || !slices.Equal(got, want) {
		t.Errorf("%d documents, marks: %q, want %q", len(all), got, want)
	}
	got := Syntax(t.Context(), blocks)
	if len(got) != 1 || !regexp.MustCompile(`^docs/bad\.md:6: no shell: .*unexpected`).MatchString(got[0]) {
		t.Errorf("syntax: %q", got)
	}
}

// need skips a test on a machine without a program that Go does not bring.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(err)
	}
}
