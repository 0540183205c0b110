package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strings"
	"unicode/utf8"
)

// Limits of size.
const (
	maxLines     = 400 // of a file
	maxFunction  = 60  // lines
	maxLineWidth = 130 // characters
)

// smallFiles objects to long files and long lines.
func smallFiles(f goFile) (complaints []string) {
	lines := strings.Split(strings.TrimSuffix(f.text, "\n"), "\n")
	if len(lines) > maxLines {
		complaints = append(complaints, fmt.Sprintf("%s has %d lines, at most %d", f.path, len(lines), maxLines))
	}
	for i, line := range lines {
		width := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    "))
		if width > maxLineWidth && !f.isTest() {
			complaints = append(complaints, fmt.Sprintf("%s:%d is %d characters wide, at most %d", f.path, i+1, width, maxLineWidth))
		}
	}
	return complaints
}

// shortFunctions objects to long functions.
func shortFunctions(f goFile) (complaints []string) {
	for _, d := range f.tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			if n := f.line(fn.End()) - f.line(fn.Pos()) + 1; n > maxFunction {
				complaints = append(complaints, fmt.Sprintf("%s: %s has %d lines, at most %d", f.path, fn.Name.Name, n, maxFunction))
			}
		}
	}
	return complaints
}

// documented objects to exported names without a comment that begins with the name, and to packages without one.
func documented(f goFile) (complaints []string) {
	if f.isTest() {
		return nil
	}
	object := func(n ast.Node, format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf("%s:%d: ", f.path, f.line(n.Pos()))+fmt.Sprintf(format, args...))
	}
	if path.Base(f.path) == "doc.go" && f.tree.Doc.Text() == "" {
		object(f.tree, "the package has no comment")
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if text := d.Doc.Text(); d.Name.IsExported() && !strings.HasPrefix(text, d.Name.Name+" ") {
				object(d, "the comment on %s begins %.20q", d.Name.Name, text)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if name := bareName(d, s); name != "" {
					object(s, "%s has no comment", name)
				}
			}
		}
	}
	return complaints
}

// bareName returns an exported name that a declaration leaves without a comment of its own, of its line or of its group.
func bareName(d *ast.GenDecl, s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" && s.Comment.Text() == "" {
				return n.Name
			}
		}
	}
	return ""
}

// noPackageState objects to init functions and to package variables that are neither errors nor tables nor embedded files.
func noPackageState(f goFile) (complaints []string) {
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				complaints = append(complaints, f.path+" has an init function")
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR || f.isTest() {
				continue
			}
			for _, s := range d.Specs {
				if v := s.(*ast.ValueSpec); !constantLike(d, v) {
					complaints = append(complaints, fmt.Sprintf("%s: %s is package state", f.path, v.Names[0].Name))
				}
			}
		}
	}
	return complaints
}

// constantLike reports whether a variable is one because Go has no constants of its kind: an error, a table, a file.
func constantLike(d *ast.GenDecl, v *ast.ValueSpec) bool {
	if strings.Contains(commentText(d.Doc), "//go:embed") || strings.Contains(commentText(v.Doc), "//go:embed") {
		return true
	}
	for _, value := range v.Values {
		switch value := value.(type) {
		case *ast.CompositeLit, *ast.BasicLit:
		case *ast.CallExpr:
			called, ok := value.Fun.(*ast.SelectorExpr)
			if !ok || called.Sel.Name != "New" && called.Sel.Name != "MustParseAddrPort" {
				return false
			}
		default:
			return false
		}
	}
	return len(v.Values) > 0 || v.Names[0].Name == "_"
}

// commentText returns a comment with its directives.
func commentText(g *ast.CommentGroup) (text string) {
	if g != nil {
		for _, c := range g.List {
			text += c.Text + "\n"
		}
	}
	return text
}

// noSleepingTests objects to tests that wait for time to pass.
func noSleepingTests(f goFile) []string {
	if f.isTest() && f.folder() != "internal/house" && strings.Contains(f.text, "time.Sleep(") {
		return []string{f.path + " sleeps: use testing/synctest, or wait for what is to happen"}
	}
	return nil
}

// nothingLeftOver objects to notes to oneself, and to paths of somebody's machine.
func nothingLeftOver(f goFile) (complaints []string) {
	for _, mark := range leftovers {
		if strings.Contains(f.text, mark) {
			complaints = append(complaints, f.path+" has a "+mark)
		}
	}
	return complaints
}

// leftovers are put together here so that this file has none.
var leftovers = []string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"}
