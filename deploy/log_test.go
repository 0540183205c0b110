package deploy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notServer are folders whose programs have logs of their own.
var notServer = []string{"client_sim", "bench", "examples", "web", "deploy", ".git"}

// line is what there is to know of a message of the log.
type line struct {
	level  string
	fields map[string]bool
	open   bool // there may be other fields
}

// logLines returns the lines that the code logs, by their messages.
func logLines(t *testing.T) map[string]line {
	t.Helper()
	all := map[string]line{}
	must(t, fs.WalkDir(os.DirFS(".."), ".", func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (slices.Contains(notServer, at) || strings.HasSuffix(at, "testdata")):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go"):
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), "../"+at, nil, 0)
		must(t, err)
		for _, d := range tree.Decls {
			inFunction(all, d, strings.HasPrefix(at, "world/"))
		}
		return nil
	}))
	return all
}

// inFunction adds the lines that a function logs. Of one whose fields were put together before, those are there that the function
// names, and it is open. A world adds its name to its lines.
func inFunction(all map[string]line, function ast.Decl, world bool) {
	together := map[string]bool{}
	ast.Inspect(function, func(n ast.Node) bool {
		if list, is := n.(*ast.CompositeLit); is {
			addKeys(together, list.Elts)
		}
		return true
	})
	ast.Inspect(function, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		level, message := logs(call)
		if message == "" {
			return true
		}
		l, known := all[message]
		if !known {
			l = line{level: level, fields: map[string]bool{}}
		}
		addKeys(l.fields, call.Args[1:])
		if call.Ellipsis.IsValid() {
			maps.Copy(l.fields, together)
			l.open = true
		}
		if world {
			l.fields["world"] = true
		}
		all[message] = l
		return true
	})
}

// logs returns the level and the message of a call that logs, or nothing.
func logs(call *ast.CallExpr) (level, message string) {
	selector, is := call.Fun.(*ast.SelectorExpr)
	if !is || len(call.Args) == 0 || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, selector.Sel.Name) {
		return "", ""
	}
	name := ""
	switch of := selector.X.(type) {
	case *ast.Ident:
		name = of.Name
	case *ast.SelectorExpr:
		name = of.Sel.Name
	}
	if !strings.EqualFold(name, "log") {
		return "", ""
	}
	return strings.ToUpper(selector.Sel.Name), text(call.Args[0])
}

// addKeys adds those of a list of keys and values that are keys.
func addKeys(to map[string]bool, list []ast.Expr) {
	for i := 0; i < len(list); i += 2 {
		if key := text(list[i]); key != "" {
			to[key] = true
		}
	}
}

// text returns what a literal says, or nothing.
func text(e ast.Expr) string {
	literal, is := e.(*ast.BasicLit)
	if !is || literal.Kind != token.STRING {
		return ""
	}
	said, _ := strconv.Unquote(literal.Value)
	return said
}

// code finds what is set as code in a document.
var code = regexp.MustCompile("`([a-z_]+)`")

// toldLines returns the lines that the operator's document tells of.
func toldLines(t *testing.T) map[string]line {
	t.Helper()
	_, table, _ := strings.Cut(file(t, "../docs/operations.md"), "\n| level | msg | fields |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	all := map[string]line{}
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, " | ")
		if len(cells) != 3 {
			t.Fatalf("%q is no row of three", row)
		}
		l := line{level: strings.TrimPrefix(cells[0], "| "), fields: map[string]bool{}}
		for _, found := range code.FindAllStringSubmatch(cells[2], -1) {
			l.fields[found[1]] = true
		}
		if _, twice := all[cells[1]]; twice {
			t.Errorf("there are two rows for %q", cells[1])
		}
		all[cells[1]] = l
	}
	return all
}

// TestLogIsDocumented: the operator's document has a row for each message of the server's log, with its level and its fields, and none
// for what it does not log.
func TestLogIsDocumented(t *testing.T) {
	logged, told := logLines(t), toldLines(t)
	if len(logged) < 35 {
		t.Errorf("only %d messages were found", len(logged))
	}
	for message, is := range logged {
		row, there := told[message]
		switch {
		case !there:
			t.Errorf("nobody is told of %q", message)
		case row.level != is.level:
			t.Errorf("%q is of level %s, and told of as %s", message, is.level, row.level)
		}
		for field := range is.fields {
			if there && !row.fields[field] {
				t.Errorf("%q has %s, of which nobody is told", message, field)
			}
		}
		for field := range row.fields {
			if !is.open && !is.fields[field] {
				t.Errorf("%q has no %s", message, field)
			}
		}
	}
	for message := range told {
		if _, is := logged[message]; !is {
			t.Errorf("nothing logs %q", message)
		}
	}
}
