package conf

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// sampleWidth is the width of the sample file (characters).
const sampleWidth = 110

// docsHead begins the documentation.
//
//go:embed docs.head.md
var docsHead string

// sampleHead begins the sample file.
const sampleHead = `# aoiworld's configuration. Every key stands here with its default: remove the # in front of
# a key to change it. What is left out stays at its default, in later versions too.

`

// Print returns a configuration as YAML that loads to the same configuration again.
func Print(c Config) string { return render(&c, "", func(field) string { return "" }) }

// Sample returns a file with every key at its default, commented out, below what it is for.
func Sample() string {
	c, docs := Default(), comments()
	return sampleHead + render(&c, "#", func(f field) string {
		text := f.about(docs)
		if facts := f.facts(); facts != "" {
			text += " (" + facts + ")"
		}
		return text
	})
}

// render writes sections and keys as YAML, each below the lines of its comment; mark stands in front of keys.
func render(c *Config, mark string, comment func(field) string) string {
	var out strings.Builder
	for _, f := range fields(c) {
		indent := strings.Repeat("  ", strings.Count(f.path, "."))
		key := f.path[strings.LastIndex(f.path, ".")+1:]
		for line := range strings.SplitSeq(wrap(comment(f), sampleWidth-len(indent)), "\n") {
			if line != "" {
				fmt.Fprintf(&out, "%s# %s\n", indent, line)
			}
		}
		if f.section {
			fmt.Fprintf(&out, "%s%s:\n", indent, key)
		} else {
			fmt.Fprintf(&out, "%s%s%s: %s\n", indent, mark, key, f.yaml())
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
	limits := strings.NewReplacer("..", " to ", "|", ", ").Replace(f.limits)
	switch {
	case slices.Contains([]string{"address", "path", "origins", "file", "url", "text"}, f.limits):
		return ""
	case f.unit != "" && limits != "":
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
		switch {
		case !f.section:
			fmt.Fprintf(&out, "| `%s` | %s | `%s` | %s | %s |\n",
				f.path, f.kind(), f.yaml(), f.facts(), f.about(docs))
		case !strings.Contains(f.path, "."):
			fmt.Fprintf(&out, "\n## %s\n\n%s\n\n", f.path, docs[f.comment])
			out.WriteString("| key | type | default | unit, range | meaning |\n|---|---|---|---|---|\n")
		}
	}
	return out.String()
}
