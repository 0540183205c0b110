package house

import (
	"fmt"
	"go/ast"
	"regexp"
	"strconv"
	"strings"
)

// promiseRow finds a row of the tables of docs/security.md: what comes in, what is answered, and the tests that show it. A row has one
// number or more, or a dash. provingTest finds a test in it, as in `net/ws.TestOrigins`; those of the program itself are main's.
// missingRows finds the numbers that have no row.
var (
	promiseRow  = regexp.MustCompile(`(?m)^\| (\d+(?:, \d+)*|–) \|.*\| ([^|]*) \|$`)
	provingTest = regexp.MustCompile("`([a-z_/]+)\\.((?:Test|Fuzz)\\w+)`")
	missingRows = regexp.MustCompile(`(?m)^Not here are ([\d, and]+):`)
	anyNumber   = regexp.MustCompile(`\d+`)
)

// promises is the document, and mostPromises the last of its numbers.
const (
	promises     = "docs/security.md"
	mostPromises = 39
)

// promisesProven objects to rows of docs/security.md that name no test, or one that is not there.
func promisesProven(r repository) (complaints []string) {
	tests := map[string]bool{}
	for _, f := range r.sources {
		for _, d := range f.tree.Decls {
			if function, is := d.(*ast.FuncDecl); is && function.Recv == nil && f.isTest() {
				folder := f.folder()
				if folder == "." {
					folder = "main"
				}
				tests[folder+"."+function.Name.Name] = true
			}
		}
	}
	for _, row := range promiseRow.FindAllStringSubmatch(r.texts[promises], -1) {
		named := provingTest.FindAllStringSubmatch(row[2], -1)
		if len(named) == 0 {
			complaints = append(complaints, fmt.Sprintf("%s: row %s names no test", promises, row[1]))
		}
		for _, test := range named {
			if name := test[1] + "." + test[2]; !tests[name] {
				complaints = append(complaints, fmt.Sprintf("%s: row %s names %s, which is not there", promises, row[1], name))
			}
		}
	}
	return complaints
}

// promisesNumbered objects to a number for which docs/security.md has no row, unless it says that it is not here, and to one for which
// it has both.
func promisesNumbered(r repository) (complaints []string) {
	text, there := r.texts[promises]
	if !there {
		return nil
	}
	rows, missing := map[string]bool{}, map[string]bool{}
	for _, row := range promiseRow.FindAllStringSubmatch(text, -1) {
		for _, number := range anyNumber.FindAllString(row[1], -1) {
			rows[number] = true
		}
	}
	for _, sentence := range missingRows.FindAllStringSubmatch(text, -1) {
		for _, number := range anyNumber.FindAllString(sentence[1], -1) {
			missing[number] = true
		}
	}
	for i := range mostPromises {
		if number := strconv.Itoa(i + 1); rows[number] == missing[number] {
			complaints = append(complaints, fmt.Sprintf("%s: number %s: in a row: %v, not here: %v",
				promises, number, rows[number], missing[number]))
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
		"proven":       at("| 7 | in | out | `aoi.TestX` |"),
		"not proven":   at("| 7 | in | out | some day |", "docs/security.md: row 7 names no test"),
		"no row":       at("| figure | in | out | none |"),
		"of many":      at("| 4, 5 | in | out | some day |", "docs/security.md: row 4, 5 names no test"),
		"of no number": at("| – | in | out | `main.TestX` |", "docs/security.md: row – names main.TestX, which is not there"),
		"gone": at("| 7 | in | out | `aoi.TestX`, `aoi.TestY`, `aoi.FuzzZ` |",
			"docs/security.md: row 7 names aoi.FuzzZ, which is not there", "docs/security.md: row 7 names aoi.TestY, which is not there"),
	}
}

// numberExamples are examples of the rule about their numbers.
func numberExamples() map[string]example {
	at := func(missing string, rows []string, want ...string) example {
		text := "Not here are " + missing + ": for a reason.\n\n| # | input | answer | test |\n|---|---|---|---|\n"
		for _, row := range rows {
			text += "| " + row + " | in | out | test |\n"
		}
		return example{"numbers", map[string]string{promises: text}, want}
	}
	first := make([]string, 0, mostPromises)
	for i := range mostPromises - 3 {
		first = append(first, strconv.Itoa(i+1))
	}
	return map[string]example{
		"all":         at("38 and 39", append(first, "37")),
		"together":    at("39", append(first, "37, 38")),
		"nowhere":     at("38 and 39", first, "docs/security.md: number 37: in a row: false, not here: false"),
		"both":        at("37, 38 and 39", append(first, "37"), "docs/security.md: number 37: in a row: true, not here: true"),
		"no document": {"numbers", map[string]string{"README.md": "x"}, nil},
	}
}
