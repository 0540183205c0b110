package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// readFile reads the YAML file. It is parsed here and not by viper, which takes keys in any case and with any
// delimiter, forgets empty sections, and stops at the end of the first document.
func (l *loader) readFile(name string) {
	if name == "" {
		return
	}
	content, err := os.ReadFile(name)
	var tree map[string]any
	if err == nil {
		tree, err = parse(content)
	}
	var path *fs.PathError
	var wrong *yaml.TypeError
	switch {
	case errors.As(err, &path):
		l.problems.add("%s: %v", name, path.Err)
	case errors.As(err, &wrong):
		for _, text := range wrong.Errors {
			l.problems.add("%s: %s", name, text)
		}
	case err != nil:
		l.problems.add("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	l.prune(tree, "")
	if err := l.viper.MergeConfigMap(tree); err != nil {
		l.problems.add("%s: %v", name, err)
	}
}

// parse returns the one document of a YAML file; nil when it is empty.
func parse(content []byte) (map[string]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document any
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("want one YAML document, got several")
	}
	tree, ok := document.(map[string]any)
	if !ok && document != nil {
		return nil, fmt.Errorf("want keys and values, as in world: {columns: 10}, got %s", quote(document))
	}
	return tree, nil
}

// prune notes the keys of a section that do not exist, or have no value, and leaves the others. A section may be empty:
// all that stood in it was commented out.
func (l *loader) prune(section map[string]any, prefix string) {
	for _, key := range slices.Sorted(maps.Keys(section)) {
		path, value := prefix+key, section[key]
		f, known := find(l.known, path, samePath)
		below, isSection := value.(map[string]any)
		switch {
		case !known:
			l.problems.add("%s: unknown key%s", plain(path), meant(l.known, path, samePath))
		case strings.Contains(key, "."):
			l.problems.add("%s: want it nested, as in %s", path, nested(path, "…"))
		case f.section && isSection:
			l.prune(below, path+".")
			continue
		case f.section && value != nil:
			l.problems.add("%s: want keys below it, got %s", path, quote(value))
		case !f.section && value == nil:
			l.problems.add("%s: want %s, got nothing", path, wanted(f))
		default:
			continue
		}
		delete(section, key)
	}
}

// nested returns the YAML that gives a key a value, on one line.
func nested(path, value string) string {
	return strings.ReplaceAll(path, ".", ": {") + ": " + value + strings.Repeat("}", strings.Count(path, "."))
}
