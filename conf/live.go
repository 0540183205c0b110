package conf

import (
	"reflect"
	"strings"
	"time"
)

// Settings returns the keys that can change while the server runs, with their values as YAML has them.
func Settings(c Config) map[string]any {
	all := map[string]any{}
	for _, f := range fields(&c) {
		if f.live {
			all[f.path] = f.plain()
		}
	}
	return all
}

// Amend returns a configuration with some settings changed, as key=value. The error is an *Error with everything that is wrong.
func Amend(c Config, sets []string) (Config, error) {
	return load(c, Source{Sets: sets})
}

// Changed returns the keys whose values differ. The error is an *Error that names those that cannot change while the server runs.
func Changed(from, to Config) (keys []string, err error) {
	var wrong Error
	before, after := fields(&from), fields(&to)
	for i, f := range before {
		switch {
		case f.section || reflect.DeepEqual(f.value.Interface(), after[i].value.Interface()):
		case f.live:
			keys = append(keys, f.path)
		default:
			wrong.add("%s: cannot change while the server runs; start it anew", f.path)
		}
	}
	return keys, wrong.result()
}

// plain returns a field's value as others write it who do not know Go: a duration is a text.
func (f field) plain() any {
	value := f.value.Interface()
	if d, ok := value.(time.Duration); ok {
		return shorten(d)
	}
	return value
}

// liveNote is what the documentation says of a key that can change while the server runs.
const liveNote = "Can change while the server runs."

// about returns what a key is for.
func (f field) about(docs map[string]string) string {
	text := docs[f.comment]
	if f.live {
		text = strings.TrimSpace(text + " " + liveNote)
	}
	return text
}
