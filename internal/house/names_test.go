package house

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// named finds what a document sets as code of which a part has a name in Go: a package or a type, and what is in it.
var named = regexp.MustCompile("`([A-Za-z]+)\\.([A-Z]\\w*)")

// names are what is in packages and types, by the name of either.
type names map[string]map[string]bool

// add adds something to a package or a type.
func (n names) add(of, name string) {
	if n[of] == nil {
		n[of] = map[string]bool{}
	}
	n[of][name] = true
}

// namesThere objects to names in documents that Go does not know: of packages and types that are ours.
func namesThere(r repository) (complaints []string) {
	known := names{}
	for _, f := range r.sources {
		for _, d := range f.tree.Decls {
			known.declared(path.Base(f.folder()), d)
		}
	}
	for _, at := range r.documents() {
		if strings.HasPrefix(at, "web/") {
			continue // names of TypeScript
		}
		for _, found := range named.FindAllStringSubmatch(fence.ReplaceAllString(r.texts[at], ""), -1) {
			if in := known[found[1]]; in != nil && !in[found[2]] {
				complaints = append(complaints, fmt.Sprintf("%s names %s.%s, which is not there", at, found[1], found[2]))
			}
		}
	}
	return complaints
}

// declared adds what a declaration has.
func (n names) declared(folder string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			n.add(folder, d.Name.Name)
			return
		}
		of := d.Recv.List[0].Type
		if pointer, is := of.(*ast.StarExpr); is {
			of = pointer.X
		}
		if name, is := of.(*ast.Ident); is {
			n.add(name.Name, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					n.add(folder, name.Name)
				}
			case *ast.TypeSpec:
				n.add(folder, spec.Name.Name)
				n.members(spec)
			}
		}
	}
}

// members adds the fields of a struct, and the methods of an interface.
func (n names) members(spec *ast.TypeSpec) {
	var fields *ast.FieldList
	switch of := spec.Type.(type) {
	case *ast.StructType:
		fields = of.Fields
	case *ast.InterfaceType:
		fields = of.Methods
	default:
		return
	}
	for _, field := range fields.List {
		for _, name := range field.Names {
			n.add(spec.Name.Name, name.Name)
		}
	}
}

// nameExamples are examples of that rule.
func nameExamples() map[string]example {
	const source = "package aoi\ntype Grid struct{ Cells int }\nfunc (g *Grid) At() {}\nfunc New() {}\nvar None = 1\n"
	at := func(text string, want ...string) example {
		return example{"names", map[string]string{"aoi/x.go": source, "docs/a.md": text}, want}
	}
	return map[string]example{
		"there":         at("`aoi.New(x)`, `Grid.At(x)`, `Grid.Cells`, `aoi.None`, `aoi.Grid`\n"),
		"others'":       at("`fmt.Nothing`, `Other.Thing`, `aoi.lower`\n```go\naoi.Gone()\n```\n"),
		"no method":     at("`Grid.Move(x)`\n", "docs/a.md names Grid.Move, which is not there"),
		"not in it":     at("`aoi.Gone`\n", "docs/a.md names aoi.Gone, which is not there"),
		"of TypeScript": {"names", map[string]string{"aoi/x.go": source, "web/a.md": "`Grid.Gone`\n"}, nil},
	}
}
