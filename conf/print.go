package conf

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Print returns a configuration as YAML that loads to the same configuration again.
func Print(c Config) string { return render(&c, func(field) string { return "" }) }

// Sample returns a file with every key at its default, and what it is for.
func Sample() string {
	c, docs := Default(), comments()
	return "# aoiworld's configuration. Every key stands here at its default; keep what you change and delete the rest.\n\n" +
		render(&c, func(f field) string {
			text := docs[f.comment]
			if facts := f.facts(); facts != "" {
				text += " (" + facts + ")"
			}
			return text
		})
}

// render writes sections and keys as YAML, each behind the lines of its comment.
func render(c *Config, comment func(field) string) string {
	var out strings.Builder
	for _, f := range fields(c) {
		indent := strings.Repeat("  ", strings.Count(f.path, "."))
		key := f.path[strings.LastIndex(f.path, ".")+1:]
		for line := range strings.SplitSeq(wrap(comment(f), 110-len(indent)), "\n") {
			if line != "" {
				fmt.Fprintf(&out, "%s# %s\n", indent, line)
			}
		}
		if f.section {
			fmt.Fprintf(&out, "%s%s:\n", indent, key)
		} else {
			fmt.Fprintf(&out, "%s%s: %s\n", indent, key, f.yaml())
		}
	}
	return out.String()
}

// yaml returns a field's value on one line.
func (f field) yaml() string {
	value := f.value.Interface()
	if d, ok := value.(time.Duration); ok {
		value = shorten(d)
	}
	var node yaml.Node
	if err := node.Encode(value); err != nil {
		panic(err) // every kind of field can be encoded, which a test shows
	}
	node.Style |= yaml.FlowStyle
	b, err := yaml.Marshal(&node)
	if err != nil {
		panic(err)
	}
	return string(bytes.TrimSpace(b))
}

// shorten writes 10m0s as 10m.
func shorten(d time.Duration) string {
	text := d.String()
	for _, tail := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, tail) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// wrap breaks a text into lines of at most width characters.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, line), "\n")
}

// facts returns a key's unit and range in words.
func (f field) facts() string {
	limits := f.limits
	switch {
	case limits == "address" || limits == "path":
		limits = ""
	case f.value.Kind() == reflect.String:
		limits = strings.ReplaceAll(limits, "|", ", ")
	default:
		limits = strings.ReplaceAll(limits, "..", " to ")
	}
	if f.unit != "" && limits != "" {
		return f.unit + ", " + limits
	}
	return f.unit + limits
}

// Docs returns the documentation of all keys as Markdown.
func Docs() string {
	c, docs := Default(), comments()
	var out strings.Builder
	out.WriteString(docsHead)
	for _, f := range fields(&c) {
		if !f.section {
			fmt.Fprintf(&out, "| `%s` | `%s` | %s | %s |\n", f.path, f.yaml(), strings.ReplaceAll(f.facts(), "|", "\\|"), docs[f.comment])
		} else if !strings.Contains(f.path, ".") {
			fmt.Fprintf(&out, "\n## %s\n\n%s\n\n| key | default | unit, range | meaning |\n|---|---|---|---|\n", f.path, docs[f.comment])
		}
	}
	return out.String()
}

// docsHead begins the documentation.
const docsHead = `# Configuration

<!-- Written by "aoiworld config docs > docs/config.md" from the comments in conf/config.go. -->

A configuration is a YAML file (` + "`aoiworld serve -c FILE`" + `), in which every key may be left out. An environment variable
counts more than the file: ` + "`AOIWORLD_WORLD_TICK_RATE=30`" + ` is ` + "`world.tick_rate: 30`" + `. A setting on the command line counts most:
` + "`--set world.tick_rate=30`" + `. Unknown keys, wrong types and impossible worlds are errors: all of them are told at once, with
their keys, and the server does not start.

` + "`aoiworld config print`" + ` shows what is in effect, ` + "`aoiworld config check`" + ` says what is wrong.
[conf/aoiworld.sample.yaml](../conf/aoiworld.sample.yaml) is a file with every key to start from.
`
