package conf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzLoad: no file breaks the loader, and what it accepts is possible and prints to the same again.
func FuzzLoad(f *testing.F) {
	for path, bad := range badValues { // short ones: the engine would spend its time on making long ones shorter
		f.Add(nested(path, bad.value))
	}
	f.Add("world: {columns: 1e3, tick_rate: 0x10}")
	f.Add("world: &a {<<: *a}\n---\n? [x]\n: !!binary z")
	f.Fuzz(func(t *testing.T, content string) {
		c, err := Load(Source{File: file(t, content)})
		if err != nil {
			return
		}
		again, err := Load(Source{File: file(t, Print(c))})
		if diff := cmp.Diff(c, again); diff != "" || err != nil {
			t.Fatalf("%v, printed and loaded (-first +again):\n%s", err, diff)
		}
	})
}

// FuzzSettings: no environment and no setting breaks the loader, and every problem is told on one line.
func FuzzSettings(f *testing.F) {
	for path, bad := range badValues {
		f.Add(path, bad.value)
	}
	f.Add("world.rows", "&a [*a]")
	f.Fuzz(func(t *testing.T, path, value string) {
		_, err := Load(Source{Env: []string{envName(path) + "=" + value}, Sets: []string{path + "=" + value, value}})
		if err == nil {
			t.Fatalf("%q alone is no setting", value)
		}
		for _, problem := range problems(t, Source{Sets: []string{path + "=" + value, value}}) {
			if strings.ContainsAny(problem, "\n\r\x1b") {
				t.Errorf("told %q", problem)
			}
		}
	})
}
