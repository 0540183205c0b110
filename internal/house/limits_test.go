package house

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
)

// limitsTested objects to a limit of a session, a field of player.Limits, that no test of the folder sets or reads. The tests of the
// limits' own file do not count: they say that the limit is there, and not that anybody is held to it. Those that are configured are
// followed to who keeps them by a test of server, the codes with which they answer by tests of player.
func limitsTested(r repository) (complaints []string) {
	const table, tests = "player/limits.go", "player/limits_test.go"
	named := map[string]bool{}
	for _, f := range r.sources {
		if f.folder() != path.Dir(table) || !f.isTest() || f.path == tests {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if selector, is := n.(*ast.SelectorExpr); is {
				named[selector.Sel.Name] = true
			}
			return true
		})
	}
	for _, f := range r.sources {
		if f.path != table {
			continue
		}
		for _, name := range fieldsOf(f, "Limits") {
			if !named[name] {
				complaints = append(complaints, fmt.Sprintf("%s: no test holds anybody to %s", table, name))
			}
		}
	}
	return complaints
}

// fieldsOf returns the names of a struct's fields.
func fieldsOf(f goFile, name string) (names []string) {
	ast.Inspect(f.tree, func(n ast.Node) bool {
		declared, is := n.(*ast.TypeSpec)
		if !is || declared.Name.Name != name {
			return true
		}
		if body, is := declared.Type.(*ast.StructType); is {
			for _, field := range body.Fields.List {
				for _, ident := range field.Names {
					names = append(names, ident.Name)
				}
			}
		}
		return false
	})
	return names
}

// wallClock finds methods that make a number, or a date, of a time: what is reckoned with them follows the wall clock when that jumps.
var wallClock = regexp.MustCompile(`^(Unix|UnixNano|UnixMicro|UnixMilli|UTC|Local|Date|Weekday)$`)

// timed are the folders in which time is that of the monotonic clock, and tellTime is where a client is told the time of day.
var (
	timed    = []string{"world", "view", "view/press", "view/stream", "player", "npc", "net/wire", "net/tcp", "net/ws", "net/poll"}
	tellTime = []string{"player/native.go", "player/sanctions.go"}
)

// clocksMonotonic objects to the wall clock where a world or a session is timed.
func clocksMonotonic(f goFile) (complaints []string) {
	if f.isTest() || slices.Contains(tellTime, f.path) || !slices.Contains(timed, f.folder()) {
		return nil
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			if method, is := call.Fun.(*ast.SelectorExpr); is && wallClock.MatchString(method.Sel.Name) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s follows the wall clock", f.path, f.line(call.Pos()), method.Sel.Name))
			}
		}
		return true
	})
	return complaints
}

// limitExamples are examples of those rules.
func limitExamples() map[string]example {
	const table = "package player\n\n// Limits are some.\ntype Limits struct{ First, Second int }\n"
	at := func(tests string, want ...string) example {
		return example{"limits", map[string]string{
			"player/limits.go": table, "player/limits_test.go": "package player\n\nvar _ = l.Second\n",
			"player/x_test.go": "package player\n\n" + tests, "world/x_test.go": "package world\n\nvar _ = l.Second\n",
		}, want}
	}
	return map[string]example{
		"all":      at("var _, _ = l.First, l.Second\n"),
		"not here": at("var _ = l.First\n", "player/limits.go: no test holds anybody to Second"),
	}
}

// clockExamples are examples of the other.
func clockExamples() map[string]example {
	const now = "package x\n\nvar _ = time.Now().UnixNano()\n"
	return map[string]example{
		"jumps":      one("clocks", "world/x.go", now, "world/x.go:3: UnixNano follows the wall clock"),
		"monotonic":  one("clocks", "world/x.go", "package x\n\nvar _ = time.Since(time.Now())\n"),
		"told":       one("clocks", "player/native.go", now),
		"of a token": one("clocks", "auth/x.go", now),
		"of a test":  one("clocks", "world/x_test.go", now),
	}
}
