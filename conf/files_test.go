package conf

import (
	"regexp"
	"strings"
	"testing"
)

// TestFilesThatMeanSomethingElse: what looks like a configuration and is none must not be taken for an empty one.
func TestFilesThatMeanSomethingElse(t *testing.T) {
	for content, want := range map[string]string{
		"world: [":                       `^FILE: line 1: did not find expected node content$`,
		"world: {}\nworld: {}":           `^FILE: line 2: mapping key "world" already defined at line 1$`,
		"hello":                          `^FILE: want keys and values, as in world: {columns: 10}, got "hello"$`,
		"[1, 2]":                         `^FILE: want keys and values, .* got \[1 2\]$`,
		"1: 2":                           `^FILE: want keys and values, .* got map\[1:2\]$`,
		"world: {1: 2}":                  `^world: want keys below it, got map\[1:2\]$`,
		"world: &a {b: *a}":              `^FILE: anchor 'a' value contains itself$`,
		"log: {}\n---\nworld: {rows: 5}": `^FILE: want one YAML document, got several$`,
		"world.columns: 3":               `^world.columns: want it nested, as in world: {columns: …}$`,
		"world: {movement.mode: log}":    `^world.movement.mode: want it nested, as in world: {movement: {mode: …}}$`,
		"world::columns: 3":              `^world::columns: unknown key; did you mean world.columns\?$`,
		"World: {columns: 3}":            `^World: unknown key; did you mean world\?$`,
		"world: {Columns: 3}":            `^world.Columns: unknown key; did you mean world.columns\?$`,
		"wurld: {}":                      `^wurld: unknown key; did you mean world\?$`,
		"world: {size: }":                `^world.size: unknown key$`,
		"columns: 3":                     `^columns: unknown key; did you mean world.columns\?$`,
		"net: {ws: []}":                  `^net.ws: want keys below it, got \[\]$`,
		`"a\e\nb": 1`:                    `^a\\x1b\\nb: unknown key$`,
		"log: {level: " + strings.Repeat("x", 900) + "}": `^log.level: want one of .*, got "x{64}…"$`,
	} {
		name := file(t, content)
		told := problems(t, Source{File: name})
		pattern := strings.ReplaceAll(want, "FILE", regexp.QuoteMeta(name))
		if len(told) != 1 || !regexp.MustCompile(pattern).MatchString(told[0]) {
			t.Errorf("%.40q: told %q, want %s", content, told, want)
		}
	}
}
