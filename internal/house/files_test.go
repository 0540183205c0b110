package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

// goFile is a parsed source file.
type goFile struct {
	path   string // from the repository's root, with slashes
	text   string
	tree   *ast.File
	tokens *token.FileSet
}

// parse returns a source file; path says where it would lie.
func parse(t *testing.T, path, text string) goFile {
	t.Helper()
	tokens := token.NewFileSet()
	tree, err := parser.ParseFile(tokens, path, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{path: path, text: text, tree: tree, tokens: tokens}
}

// isTest reports whether the file is compiled into tests only.
func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// folder returns the folder from the root, "." for the root itself.
func (f goFile) folder() string { return filepath.ToSlash(filepath.Dir(f.path)) }

// line returns the line of a position.
func (f goFile) line(pos token.Pos) int { return f.tokens.Position(pos).Line }

// files returns the text of all files whose names end as given, by their paths from the root. Hidden folders and testdata
// are left out.
func files(t *testing.T, ending string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ending) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		all[filepath.ToSlash(relative)] = string(text)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files end in %s: %v", len(all), ending, err)
	}
	return all
}

// sources returns all Go files that people wrote.
func sources(t *testing.T) (all []goFile) {
	t.Helper()
	for path, text := range files(t, ".go") {
		if !strings.HasSuffix(path, ".pb.go") {
			all = append(all, parse(t, path, text))
		}
	}
	return all
}

// rule says what is wrong with a file.
type rule func(goFile) []string

// rules are the rules of style.
var rules = map[string]rule{
	"imports": importsDownwards, "size": smallFiles, "functions": shortFunctions, "comments": documented,
	"state": noPackageState, "sleeps": noSleepingTests, "leftovers": nothingLeftOver,
}

func TestHouseRules(t *testing.T) {
	for _, f := range sources(t) {
		for _, rule := range rules {
			for _, complaint := range rule(f) {
				t.Error(complaint)
			}
		}
	}
}

// TestRulesCanBeBroken shows each rule something that it must object to.
func TestRulesCanBeBroken(t *testing.T) {
	for name, bad := range map[string]struct{ rule, path, text string }{
		"upward import":      {"imports", "aoi/x.go", "package aoi\nimport _ \"aoiworld/world\"\n"},
		"bots know server":   {"imports", "client_sim/bot/x.go", "package bot\nimport _ \"aoiworld/player\"\n"},
		"unknown folder":     {"imports", "misc/x.go", "package misc\n"},
		"long file":          {"size", "aoi/x.go", "package aoi\n" + strings.Repeat("\n", 400)},
		"long line":          {"size", "aoi/x.go", "package aoi\n// " + strings.Repeat("x", 130)},
		"long function":      {"functions", "aoi/x.go", "package aoi\nfunc f() {\n" + strings.Repeat("_ = 1\n", 60) + "}\n"},
		"no package comment": {"comments", "aoi/doc.go", "package aoi\n"},
		"bare function":      {"comments", "aoi/x.go", "package aoi\nfunc Move() {}\n"},
		"bare method":        {"comments", "aoi/x.go", "package aoi\nfunc (T) Move() {}\n"},
		"other name":         {"comments", "aoi/x.go", "package aoi\n// Moves it.\nfunc Move() {}\n"},
		"bare type":          {"comments", "aoi/x.go", "package aoi\ntype T struct{}\n"},
		"bare constant":      {"comments", "aoi/x.go", "package aoi\nconst C = 1\n"},
		"bare variable":      {"comments", "aoi/x.go", "package aoi\nvar ErrX = 1\n"},
		"variable":           {"state", "aoi/x.go", "package aoi\nvar counter int\n"},
		"made variable":      {"state", "aoi/x.go", "package aoi\nvar cache = make(map[int]int)\n"},
		"init":               {"state", "aoi/x.go", "package aoi\nfunc init() {}\n"},
		"sleep":              {"sleeps", "aoi/x_test.go", "package aoi\nfunc f() { time.Sleep(1) }\n"},
		"to do":              {"leftovers", "aoi/x.go", "package aoi\n// TO" + "DO: more\n"},
		"path":               {"leftovers", "aoi/x.go", "package aoi\nconst p = \"/ro" + "ot/x\"\n"},
	} {
		if len(rules[bad.rule](parse(t, bad.path, bad.text))) == 0 {
			t.Errorf("%s: nothing was said", name)
		}
	}
}
