package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is what the rules look at.
type repository struct {
	paths   map[string]bool   // of all files and folders, from the root, with slashes
	texts   map[string]string // the text files' content, by their paths
	sources []goFile          // the Go files that people wrote, by path
}

// notOurs finds the folders that are left out: what git and npm keep, and the inputs that a fuzzer made up.
var notOurs = regexp.MustCompile(`(^|/)(\.git|node_modules|testdata/fuzz)$`)

// load reads a repository.
func load(t *testing.T, fsys fs.FS) repository {
	t.Helper()
	r := repository{paths: map[string]bool{}, texts: map[string]string{}}
	if err := fs.WalkDir(fsys, ".", func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch r.paths[at] = true; {
		case notOurs.MatchString(at) && entry.IsDir():
			return fs.SkipDir
		case notOurs.MatchString(at) || !entry.Type().IsRegular():
			return nil
		}
		return r.add(t, fsys, at)
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

// add reads a file, if it is one of text.
func (r *repository) add(t *testing.T, fsys fs.FS, at string) error {
	content, err := fs.ReadFile(fsys, at)
	if err != nil || bytes.IndexByte(content, 0) >= 0 {
		return err
	}
	r.texts[at] = string(content)
	if path.Ext(at) == ".go" && !strings.Contains(at, "testdata/") {
		if f := parse(t, at, string(content)); !ast.IsGenerated(f.tree) {
			r.sources = append(r.sources, f)
		}
	}
	return nil
}

// documents returns the paths of all Markdown files, sorted.
func (r *repository) documents() (all []string) {
	for at := range r.texts {
		if path.Ext(at) == ".md" {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return all
}

// lines counts the lines of code and of tests.
func (r *repository) lines() (code, tests int) {
	for _, f := range r.sources {
		if n := strings.Count(f.text, "\n"); f.isTest() {
			tests += n
		} else {
			code += n
		}
	}
	return code, tests
}

// goFile is a parsed source file.
type goFile struct {
	path   string // from the repository's root, with slashes
	text   string
	tree   *ast.File
	tokens *token.FileSet
}

// parse returns a source file; at says where it lies.
func parse(t *testing.T, at, text string) goFile {
	t.Helper()
	tokens := token.NewFileSet()
	tree, err := parser.ParseFile(tokens, at, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{path: at, text: text, tree: tree, tokens: tokens}
}

// isTest reports whether the file is compiled into tests only.
func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// folder returns the folder from the root, "." for the root itself.
func (f goFile) folder() string { return path.Dir(f.path) }

// line returns the line of a position.
func (f goFile) line(pos token.Pos) int { return f.tokens.Position(pos).Line }

// calls returns the calls in the file of a function of another package, as in time.Sleep.
func (f goFile) calls(name string) (all []*ast.CallExpr) {
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && nameOf(call.Fun) == name {
			all = append(all, call)
		}
		return true
	})
	return all
}

// nameOf returns what an expression names in another package, as in time.Sleep; nothing for others.
func nameOf(e ast.Expr) string {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		if of, ok := selector.X.(*ast.Ident); ok {
			return of.Name + "." + selector.Sel.Name
		}
	}
	return ""
}
