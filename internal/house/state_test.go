package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// noPackageState objects to init functions and to package variables that are neither errors nor tables nor embedded
// files. Tests may have variables, for their flags.
func noPackageState(f goFile) (complaints []string) {
	object := func(n ast.Node, what string) {
		complaints = append(complaints, fmt.Sprintf("%s:%d: %s", f.path, f.line(n.Pos()), what))
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				object(d, "an init function")
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR || f.isTest() {
				continue
			}
			for _, s := range d.Specs {
				if v := s.(*ast.ValueSpec); !constantLike(d, v) {
					object(v, v.Names[0].Name+" is package state")
				}
			}
		}
	}
	return complaints
}

// constantLike reports whether a variable is one only because Go has no constants of its kind: an error, a table, a
// file. A variable called _ is a check by the compiler.
func constantLike(d *ast.GenDecl, v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" || embedded(d.Doc) || embedded(v.Doc) {
		return true
	}
	return len(v.Values) > 0 && !slices.ContainsFunc(v.Values, func(e ast.Expr) bool { return !fixed(e) })
}

// fixed reports whether an expression makes something that nobody will change: a sentinel, a pattern, or a table that
// is not empty.
func fixed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.CompositeLit:
		name := nameOf(e.Type)
		return len(e.Elts) > 0 && !strings.HasPrefix(name, "sync.") && !strings.HasPrefix(name, "atomic.")
	case *ast.CallExpr:
		return slices.Contains([]string{"errors.New", "fmt.Errorf", "regexp.MustCompile"}, nameOf(e.Fun))
	}
	return false
}

// embedded reports whether a comment has the directive that fills a variable with a file.
func embedded(g *ast.CommentGroup) bool {
	return g != nil && slices.ContainsFunc(g.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

// noSleepingTests objects to tests that wait for time to pass.
func noSleepingTests(f goFile) (complaints []string) {
	if !f.isTest() {
		return nil
	}
	for _, call := range f.calls("time.Sleep") {
		complaints = append(complaints, fmt.Sprintf(
			"%s:%d sleeps: use testing/synctest's clock, or wait for what is to happen", f.path, f.line(call.Pos())))
	}
	return complaints
}

// noFixedPorts objects to tests that listen on a port which somebody else may have.
func noFixedPorts(f goFile) (complaints []string) {
	if !f.isTest() {
		return nil
	}
	for _, call := range f.calls("net.Listen") {
		if address, ok := call.Args[1].(*ast.BasicLit); ok && !strings.HasSuffix(address.Value, `:0"`) {
			complaints = append(complaints, fmt.Sprintf(
				"%s:%d listens on %s: use port 0", f.path, f.line(call.Pos()), address.Value))
		}
	}
	return complaints
}
