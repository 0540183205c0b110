package conf

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/viper"
	"gopkg.in/yaml.v3"
)

// EnvPrefix begins the names of the environment variables: AOIWORLD_WORLD_TICK_RATE is world.tick_rate.
const EnvPrefix = "AOIWORLD_"

// delimiter separates the parts of a key inside viper. Keys may hold dots elsewhere.
const delimiter = "::"

// Source is where a configuration comes from. What comes later counts more: defaults, file, environment, settings.
type Source struct {
	File string   // YAML; empty is none
	Env  []string // as in os.Environ
	Sets []string // key=value
}

// Error is everything that is wrong with a configuration, a line each, with the keys' paths.
type Error struct{ Problems []string }

// Error returns the problems, one a line.
func (e *Error) Error() string { return strings.Join(e.Problems, "\n") }

// add notes a problem.
func (e *Error) add(format string, args ...any) {
	e.Problems = append(e.Problems, fmt.Sprintf(format, args...))
}

// result returns e if anything is wrong.
func (e *Error) result() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// loader gathers values from the sources and what is wrong with them.
type loader struct {
	viper    *viper.Viper
	known    []field // the sections and keys of the configuration that is being loaded
	keys     []field // the keys among them
	problems Error
}

// Load returns the configuration that a source describes. The error is an *Error with everything that is wrong.
func Load(s Source) (Config, error) { return load(Default(), s) }

// load is Load with other values in place of the defaults.
func load(cfg Config, s Source) (Config, error) {
	l := &loader{viper: viper.NewWithOptions(viper.KeyDelimiter(delimiter)), known: fields(&cfg)}
	l.keys = slices.DeleteFunc(slices.Clone(l.known), func(f field) bool { return f.section })
	l.readFile(s.File)
	l.readEnv(s.Env)
	l.readSets(s.Sets)
	for _, f := range l.keys {
		l.decode(f)
	}
	cfg.check(&l.problems) // a key that could not be decoded is at its default
	return cfg, l.problems.result()
}

// find returns the field that has a name in some notation.
func find(among []field, name string, notation func(path string) string) (field, bool) {
	i := slices.IndexFunc(among, func(f field) bool { return notation(f.path) == name })
	if i < 0 {
		return field{}, false
	}
	return among[i], true
}

// readEnv reads the environment's variables. One with the prefix that names no key is a mistake.
func (l *loader) readEnv(env []string) {
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, EnvPrefix) || serviceLink(name, value) {
			continue
		}
		if f, ok := find(l.keys, name, envName); ok {
			l.set(f, value)
		} else {
			l.problems.add("%s: no key has this environment variable%s", plain(name), meant(l.keys, name, envName))
		}
	}
}

// envName returns the environment variable of a key.
func envName(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// serviceLink reports whether a variable is one of those by which Kubernetes tells every container of a Service that is
// called aoiworld.
func serviceLink(name, value string) bool {
	rest := strings.TrimPrefix(name, EnvPrefix)
	return strings.HasPrefix(rest, "SERVICE_") || strings.HasPrefix(rest, "PORT_") ||
		rest == "PORT" && strings.Contains(value, "://")
}

// readSets reads key=value settings.
func (l *loader) readSets(sets []string) {
	for _, setting := range sets {
		path, value, ok := strings.Cut(setting, "=")
		f, known := find(l.keys, path, samePath)
		switch {
		case !ok:
			l.problems.add("%q: want key=value", cut(setting))
		case !known:
			l.problems.add("%s: unknown key%s", plain(path), meant(l.keys, path, samePath))
		default:
			l.set(f, value)
		}
	}
}

// samePath is the notation of files, settings and documents.
func samePath(path string) string { return path }

// set gives a key a value that is text: what it means in YAML, but for lists, which are separated by commas.
func (l *loader) set(f field, text string) {
	var value any = text
	switch f.value.Kind() {
	case reflect.String:
	case reflect.Slice:
		value = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	default:
		if err := yaml.Unmarshal([]byte(text), &value); err != nil || value == nil {
			value = text // decode will say what is wrong with it
		}
	}
	l.viper.Set(strings.ReplaceAll(f.path, ".", delimiter), value)
}

// meant guesses what somebody meant who wrote name: what differs by at most two letters, or ends so.
func meant(among []field, name string, notation func(path string) string) string {
	best, least := "", 3
	for _, f := range among {
		candidate := notation(f.path)
		if d := distance(name, candidate); d < least {
			best, least = candidate, d
		} else if strings.HasSuffix(candidate, "."+name) {
			best = cmp.Or(best, candidate)
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance returns how many letters must be added, left out or changed to make b of a (Levenshtein 1965), for what is
// about as long; else their difference in length.
func distance(a, b string) int {
	if longer := max(len(a), len(b)) - min(len(a), len(b)); longer > 2 {
		return longer
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// maxQuoted is how much of what a user wrote is repeated to him (bytes).
const maxQuoted = 64

// quote returns a value as a user wrote it.
func quote(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		return strconv.Quote(cut(value))
	}
	return plain(fmt.Sprint(value))
}

// plain returns a text on one line, without what could confuse a terminal.
func plain(text string) string {
	quoted := strconv.Quote(cut(text))
	return quoted[1 : len(quoted)-1]
}

// cut returns the beginning of a text.
func cut(text string) string {
	if len(text) > maxQuoted {
		return text[:maxQuoted] + "…"
	}
	return text
}
