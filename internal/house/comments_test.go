package house

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
)

// documented objects to exported names without a comment that begins with the name. In a group of constants or
// variables, the comment on the group or behind the name will do.
func documented(f goFile) (complaints []string) {
	if f.isTest() {
		return nil
	}
	object := func(n ast.Node, name, comment string) {
		complaints = append(complaints, fmt.Sprintf(
			"%s:%d: the comment on %s begins %.20q", f.path, f.line(n.Pos()), name, comment))
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if text := d.Doc.Text(); d.Name.IsExported() && !begins(text, d.Name.Name) {
				object(d, d.Name.Name, text)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if name, text := badComment(d, s); name != "" {
					object(s, name, text)
				}
			}
		}
	}
	return complaints
}

// badComment returns an exported name of a declaration whose comment is missing or does not begin with the name, and
// the comment.
func badComment(d *ast.GenDecl, s ast.Spec) (name, text string) {
	alone := !d.Lparen.IsValid()
	switch s := s.(type) {
	case *ast.TypeSpec:
		text = s.Doc.Text()
		if alone {
			text = d.Doc.Text()
		}
		if s.Name.IsExported() && !begins(text, s.Name.Name) {
			return s.Name.Name, text
		}
	case *ast.ValueSpec:
		exported := slices.IndexFunc(s.Names, func(n *ast.Ident) bool { return n.IsExported() })
		text = d.Doc.Text() + s.Doc.Text() + s.Comment.Text()
		if exported >= 0 && (text == "" || alone && !begins(text, s.Names[exported].Name)) {
			return s.Names[exported].Name, text
		}
	}
	return "", ""
}

// begins reports whether a comment begins with a name, perhaps behind an article.
func begins(comment, name string) bool {
	for _, article := range []string{"", "A ", "An ", "The "} {
		rest, ok := strings.CutPrefix(comment, article+name)
		if ok && rest != "" && strings.ContainsAny(rest[:1], " ,:'\n") {
			return true
		}
	}
	return false
}

// packageComment is how the comment on a package begins; a command's may begin as it likes.
var packageComment = regexp.MustCompile(`^Package (\w+) `)

// packagesDocumented objects to packages without a comment, or with more than one.
func packagesDocumented(r repository) (complaints []string) {
	comments := map[string][]string{}
	for _, f := range r.sources {
		if f.isTest() {
			continue
		}
		folder, text := f.folder(), f.tree.Doc.Text()
		comments[folder] = append(comments[folder], nil...)
		if text == "" {
			continue
		}
		comments[folder] = append(comments[folder], text)
		name := f.tree.Name.Name
		if begin := packageComment.FindStringSubmatch(text); name != "main" && (begin == nil || begin[1] != name) {
			complaints = append(complaints, fmt.Sprintf("%s: the comment on the package begins %.20q", f.path, text))
		}
	}
	for folder, all := range comments {
		if len(all) != 1 {
			complaints = append(complaints, fmt.Sprintf("%s: %d files have a comment on the package", folder, len(all)))
		}
	}
	return complaints
}
