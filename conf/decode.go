package conf

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// decode gives a key its value, if the sources have one that fits.
func (l *loader) decode(f field) {
	key := strings.ReplaceAll(f.path, ".", delimiter)
	value := l.viper.Get(key)
	if value == nil {
		return
	}
	strict := func(c *mapstructure.DecoderConfig) { c.WeaklyTypedInput = false }
	hooks := viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(durations, wholeNumbers))
	decoded := reflect.New(f.value.Type())
	if err := l.viper.UnmarshalKey(key, decoded.Interface(), hooks, strict); err != nil {
		l.problems.add("%s: want %s, got %s", f.path, wanted(f), quote(value))
		return
	}
	f.value.Set(decoded.Elem())
}

// durations are texts with a unit; 0 needs none.
func durations(_, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[time.Duration]() {
		return value, nil
	}
	switch value := value.(type) {
	case string:
		return time.ParseDuration(value)
	case int:
		if value == 0 {
			return time.Duration(0), nil
		}
	}
	return nil, fmt.Errorf("%v has no unit", value)
}

// wholeNumbers refuses to cut the fraction off a number, and to wrap one round that is too large.
func wholeNumbers(_, to reflect.Type, value any) (any, error) {
	switch number := value.(type) {
	case float64:
		if to.Kind() == reflect.Float64 {
			return value, nil
		}
		if number != math.Trunc(number) || math.Abs(number) > 1<<53 {
			return nil, fmt.Errorf("%v is no whole number", number)
		}
		return int64(number), nil
	case uint64:
		if to.Kind() == reflect.Int && number > math.MaxInt {
			return nil, fmt.Errorf("%v is too large", number)
		}
	}
	return value, nil
}

// wanted says in words what kind of value a key takes.
func wanted(f field) string {
	switch f.kind() {
	case "duration":
		return "a duration with its unit, as in 10s"
	case "list":
		return "a list of texts"
	case "whole number":
		if f.value.Kind() == reflect.Uint64 {
			return "a whole number from 0 up"
		}
	case "true or false":
		return "true or false"
	}
	return "a " + f.kind()
}
