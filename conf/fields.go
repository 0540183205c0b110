package conf

import (
	_ "embed"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"time"
)

// source is the file whose comments are the documentation.
//
//go:embed config.go
var source string

// field is one key of the configuration, or a section of keys.
type field struct {
	path    string // as in world.bounds.min_x
	value   reflect.Value
	unit    string
	limits  string // the range tag
	live    bool   // it can change while the server runs
	section bool
	comment string
}

// fields returns all sections and keys of a config, each section before its keys, in the order of the struct.
func fields(c *Config) []field { return appendFields(nil, reflect.ValueOf(c).Elem(), "") }

// appendFields appends the fields of a section.
func appendFields(dst []field, section reflect.Value, prefix string) []field {
	for i := range section.NumField() {
		t := section.Type().Field(i)
		f := field{
			path: prefix + t.Tag.Get("key"), value: section.Field(i),
			unit: t.Tag.Get("unit"), limits: t.Tag.Get("range"), live: t.Tag.Get("live") == "true",
			section: t.Type.Kind() == reflect.Struct, comment: section.Type().Name() + "." + t.Name,
		}
		dst = append(dst, f)
		if f.section {
			dst = appendFields(dst, f.value, f.path+".")
		}
	}
	return dst
}

// kind says in words what a key holds.
func (f field) kind() string {
	if f.value.Type() == reflect.TypeFor[time.Duration]() {
		return "duration"
	}
	return map[reflect.Kind]string{
		reflect.Int: "whole number", reflect.Uint64: "whole number", reflect.Float64: "number",
		reflect.Bool: "true or false", reflect.String: "text", reflect.Slice: "list",
	}[f.value.Kind()]
}

// comments returns the comments on the fields of config.go's structs, as in Config.World, each on one line.
func comments() map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", source, parser.ParseComments)
	if err != nil {
		panic(err) // it was compiled
	}
	all := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, f := range structure.Fields.List {
			all[spec.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
		return false
	})
	return all
}
