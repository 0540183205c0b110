package house

import (
	"os"
	"slices"
	"testing"
	"testing/fstest"
)

// rule says what is wrong with a repository.
type rule func(repository) []string

// rules are the rules of the house.
var rules = map[string]rule{
	"imports":      each(importsDownwards),
	"architecture": architectureAgrees,
	"size":         each(smallFiles),
	"functions":    each(shortFunctions),
	"comments":     each(documented),
	"packages":     packagesDocumented,
	"state":        each(noPackageState),
	"sleeps":       each(noSleepingTests),
	"ports":        each(noFixedPorts),
	"links":        linksLead,
	"translated":   translated,
	"leftovers":    nothingLeftOver,
	"targets":      targetsTold,
	"names":        namesThere,
	"promises":     promisesProven,
	"numbers":      promisesNumbered,
	"limits":       limitsTested,
	"clocks":       each(clocksMonotonic),
}

// each makes a rule of one for single Go files.
func each(check func(goFile) []string) rule {
	return func(r repository) (complaints []string) {
		for _, f := range r.sources {
			complaints = append(complaints, check(f)...)
		}
		return complaints
	}
}

func TestHouseRules(t *testing.T) {
	r := load(t, os.DirFS("../.."))
	if len(r.sources) < 100 || len(r.documents()) < 5 {
		t.Fatalf("%d Go files and %d documents were found", len(r.sources), len(r.documents()))
	}
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			for _, complaint := range check(r) {
				t.Error(complaint)
			}
		})
	}
	code, tests := r.lines()
	t.Logf("%d lines of code, %d of tests: %.2f of tests a line of code", code, tests, float64(tests)/float64(code))
}

// example is a small repository, and what each rule must say about it.
type example struct {
	rule  string
	files map[string]string
	want  []string // nil where there is nothing to object to
}

// TestRules shows each rule what it must object to, and the nearest thing that it must let pass.
func TestRules(t *testing.T) {
	shown := map[string]int{}
	for name, example := range examples() {
		t.Run(name, func(t *testing.T) {
			if len(example.want) > 0 {
				shown[example.rule]++
			}
			fsys := fstest.MapFS{}
			for path, text := range example.files {
				fsys[path] = &fstest.MapFile{Data: []byte(text)}
			}
			got := rules[example.rule](load(t, fsys))
			slices.Sort(got)
			if !slices.Equal(got, example.want) {
				t.Errorf("complaints %q, want %q", got, example.want)
			}
		})
	}
	for name := range rules {
		if shown[name] == 0 {
			t.Errorf("no example shows that the rule %q can be broken", name)
		}
	}
}
