package house

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"
)

// promiseRow finds a row of the tables of docs/security.md: what comes in, what is answered, and the tests that show it.
// provingTest finds a test in it, as in `net/ws.TestOrigins`.
var (
	promiseRow  = regexp.MustCompile(`(?m)^\| (\d+) \|.*\| ([^|]*) \|$`)
	provingTest = regexp.MustCompile("`([a-z_/]+)\\.((?:Test|Fuzz)\\w+)`")
)

// promisesProven objects to rows of docs/security.md that name no test, or one that is not there.
func promisesProven(r repository) (complaints []string) {
	const document = "docs/security.md"
	tests := map[string]bool{}
	for _, f := range r.sources {
		for _, d := range f.tree.Decls {
			if function, is := d.(*ast.FuncDecl); is && function.Recv == nil && f.isTest() {
				tests[f.folder()+"."+function.Name.Name] = true
			}
		}
	}
	for _, row := range promiseRow.FindAllStringSubmatch(r.texts[document], -1) {
		named := provingTest.FindAllStringSubmatch(row[2], -1)
		if len(named) == 0 {
			complaints = append(complaints, fmt.Sprintf("%s: row %s names no test", document, row[1]))
		}
		for _, test := range named {
			if name := test[1] + "." + test[2]; !tests[name] {
				complaints = append(complaints, fmt.Sprintf("%s: row %s names %s, which is not there", document, row[1], name))
			}
		}
	}
	return complaints
}

// securityExamples are examples of that rule.
func securityExamples() map[string]example {
	const source = "package aoi\nimport \"testing\"\nfunc TestX(t *testing.T) {}\nfunc (x y) TestY(t *testing.T) {}\n"
	at := func(row string, want ...string) example {
		table := strings.Join([]string{"| # | input | answer | test |", "|---|---|---|---|", row, ""}, "\n")
		return example{"promises", map[string]string{"docs/security.md": table, "aoi/x_test.go": source}, want}
	}
	return map[string]example{
		"proven":     at("| 7 | in | out | `aoi.TestX` |"),
		"not proven": at("| 7 | in | out | some day |", "docs/security.md: row 7 names no test"),
		"no row":     at("| figure | in | out | none |"),
		"gone": at("| 7 | in | out | `aoi.TestX`, `aoi.TestY`, `aoi.FuzzZ` |",
			"docs/security.md: row 7 names aoi.FuzzZ, which is not there", "docs/security.md: row 7 names aoi.TestY, which is not there"),
	}
}
