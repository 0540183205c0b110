package house

import (
	"fmt"
	"go/ast"
	"strings"
	"unicode/utf8"
)

// Limits of size.
const (
	maxLines     = 400 // of a file
	maxFunction  = 60  // lines
	maxLineWidth = 130 // characters, a tab counting as four; of code, for tables of tests may be wider
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
			complaints = append(complaints, fmt.Sprintf(
				"%s:%d is %d characters wide, at most %d", f.path, i+1, width, maxLineWidth))
		}
	}
	return complaints
}

// shortFunctions objects to long functions.
func shortFunctions(f goFile) (complaints []string) {
	for _, d := range f.tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := f.line(fn.End()) - f.line(fn.Pos()) + 1; n > maxFunction {
			complaints = append(complaints, fmt.Sprintf(
				"%s:%d: %s has %d lines, at most %d", f.path, f.line(fn.Pos()), fn.Name.Name, n, maxFunction))
		}
	}
	return complaints
}
