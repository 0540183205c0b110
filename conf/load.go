package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
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

// Load returns the configuration that a source describes. The error is an *Error with everything that is wrong.
func Load(s Source) (Config, error) {
	problems := &Error{}
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	readFile(v, s.File, problems)
	cfg := Default()
	known := fields(&cfg)
	readEnv(v, s.Env, known, problems)
	readSets(v, s.Sets, known, problems)
	findUnknown(v, known, problems)
	for _, f := range known {
		if !f.section {
			decode(v, f, problems)
		}
	}
	cfg.check(problems) // a key that could not be decoded is at its default
	return cfg, problems.result()
}

// readFile reads the YAML file.
func readFile(v *viper.Viper, name string, problems *Error) {
	if name == "" {
		return
	}
	content, err := os.ReadFile(name)
	if err == nil {
		v.SetConfigType("yaml")
		err = v.ReadConfig(bytes.NewReader(content))
	}
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		problems.add("%s: %v", name, path.Err)
	case err != nil:
		problems.add("%s: %v", name, err)
	}
}

// readEnv reads the environment's variables. One with the prefix that names no key is a mistake.
func readEnv(v *viper.Viper, env []string, known []field, problems *Error) {
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, EnvPrefix) {
			continue
		}
		i := slices.IndexFunc(known, func(f field) bool { return !f.section && envName(f.path) == name })
		if i < 0 {
			problems.add("%s: no key has this environment variable", name)
			continue
		}
		set(v, known[i], value)
	}
}

// envName returns the environment variable of a key.
func envName(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// readSets reads key=value settings.
func readSets(v *viper.Viper, sets []string, known []field, problems *Error) {
	for _, setting := range sets {
		path, value, ok := strings.Cut(setting, "=")
		i := slices.IndexFunc(known, func(f field) bool { return !f.section && f.path == path })
		switch {
		case !ok:
			problems.add("%q: want key=value", setting)
		case i < 0:
			problems.add("%s: unknown key", path)
		default:
			set(v, known[i], value)
		}
	}
}

// set gives a key a value that is text: what it means in YAML, but for lists, which are separated by commas.
func set(v *viper.Viper, f field, text string) {
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
	v.Set(strings.ReplaceAll(f.path, ".", delimiter), value)
}

// findUnknown notes the keys that were given and do not exist.
func findUnknown(v *viper.Viper, known []field, problems *Error) {
	for _, key := range v.AllKeys() {
		path := strings.ReplaceAll(key, delimiter, ".")
		i := slices.IndexFunc(known, func(f field) bool { return f.path == path })
		switch {
		case i < 0:
			problems.add("%s: unknown key", path)
		case known[i].section && v.Get(key) != nil:
			problems.add("%s: want keys below it, got %v", path, v.Get(key))
		}
	}
	slices.Sort(problems.Problems)
}

// decode gives a field its value, if the source has one.
func decode(v *viper.Viper, f field, problems *Error) {
	key := strings.ReplaceAll(f.path, ".", delimiter)
	value := v.Get(key)
	if value == nil {
		return
	}
	strict := func(c *mapstructure.DecoderConfig) { c.WeaklyTypedInput = false }
	hooks := viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(wholeNumbers, durations))
	if err := v.UnmarshalKey(key, f.value.Addr().Interface(), hooks, strict); err != nil {
		problems.add("%s: want %s, got %v", f.path, wanted(f), quote(value))
	}
}

// quote returns a value as a user wrote it.
func quote(value any) string {
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

// wholeNumbers refuses to cut the fraction off a number.
func wholeNumbers(from, to reflect.Type, value any) (any, error) {
	number, ok := value.(float64)
	if !ok || to.Kind() == reflect.Float64 {
		return value, nil
	}
	if number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return nil, fmt.Errorf("%v is no whole number", number)
	}
	return int64(number), nil
}

// durations are texts with a unit.
func durations(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[time.Duration]() {
		return value, nil
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("%v has no unit", value)
	}
	return time.ParseDuration(text)
}

// wanted says in words what kind of value a key takes.
func wanted(f field) string {
	switch {
	case f.value.Type() == reflect.TypeFor[time.Duration]():
		return "a duration with its unit, as in 10s"
	case f.value.Kind() == reflect.Slice:
		return "a list of texts"
	}
	return map[reflect.Kind]string{
		reflect.Int: "a whole number", reflect.Uint64: "a whole number from 0 up", reflect.Float64: "a number",
		reflect.Bool: "true or false", reflect.String: "a text",
	}[f.value.Kind()]
}
