// Package scenario reads runs in phases from YAML files. Some are built in.
package scenario

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"aoiworld/client_sim/bot"
)

//go:embed *.yaml
var builtin embed.FS

// ErrScenario is wrapped by every error that says why a file is no scenario.
var ErrScenario = errors.New("not a scenario")

// Scenario is a run in phases.
type Scenario struct {
	Name string
	// About is what the file's first comment says.
	About string
	// Flags are settings of `client_sim run`, by name: those that the command line leaves open.
	Flags map[string]string
	// Phases are complete: what the file leaves out of one is as in the phase before, and in the first as in bot.Defaults.
	Phases []bot.Phase
}

// file is a scenario as it is written.
type file struct {
	Flags  map[string]any `yaml:"flags"`
	Repeat *int           `yaml:"repeat"` // how often the phases are played; nil is once
	Phases []phase        `yaml:"phases"`
}

// maxRepeat bounds how often phases are played.
const maxRepeat = 1000

// phase is a phase as it is written. What is nil is as in the phase before, but for Over and Churn, which are none.
type phase struct {
	Name      string   `yaml:"name"`
	Duration  *span    `yaml:"duration"`
	Bots      *int     `yaml:"bots"`
	Over      span     `yaml:"over"`
	Motion    *string  `yaml:"motion"`
	Rate      *float64 `yaml:"rate"`
	Step      *float64 `yaml:"step"`
	Churn     int      `yaml:"churn"`
	Think     *span    `yaml:"think"`
	ChatShare *float64 `yaml:"chat_share"`
	ChatRate  *float64 `yaml:"chat_rate"`
}

// Load reads the scenario that is built in under a name, or that is in a file. The error wraps ErrScenario, or says why
// the file cannot be read.
func Load(name string) (Scenario, error) {
	b, err := builtin.ReadFile(name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		b, err = os.ReadFile(name)
	}
	if err != nil {
		return Scenario{}, err
	}
	return parse(name, b)
}

// Builtin returns the scenarios that are built in, by name.
func Builtin() ([]Scenario, error) {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var all []Scenario
	for _, entry := range entries {
		s, err := Load(strings.TrimSuffix(entry.Name(), ".yaml"))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// parse reads what is built in under a name, or in a file. A key that is none is an error that names it and its line.
func parse(name string, b []byte) (Scenario, error) {
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(b))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return Scenario{}, fmt.Errorf("%w: %s: %s", ErrScenario, name, firstOf(err))
	}
	if len(f.Phases) == 0 {
		return Scenario{}, fmt.Errorf("%w: %s: it has no phases", ErrScenario, name)
	}
	s := Scenario{Name: strings.TrimSuffix(path.Base(name), ".yaml"), About: about(b), Flags: map[string]string{}}
	for key, value := range f.Flags {
		s.Flags[key] = text(value)
	}
	repeat := 1
	if set(&repeat, f.Repeat); repeat < 1 || repeat > maxRepeat {
		return Scenario{}, fmt.Errorf("%w: %s: the phases %d times, want 1 to %d", ErrScenario, name, repeat, maxRepeat)
	}
	before := first()
	for turn := range repeat {
		for i, p := range f.Phases {
			before = p.after(before, i)
			if err := check(before); err != nil {
				return Scenario{}, fmt.Errorf("%w: %s: %w", ErrScenario, name, err)
			}
			s.Phases = append(s.Phases, before)
			if repeat > 1 {
				s.Phases[len(s.Phases)-1].Name = fmt.Sprintf("%s, %d", before.Name, turn+1)
			}
		}
	}
	return s, nil
}

// first is what the first phase of a scenario inherits.
func first() bot.Phase {
	d := bot.Defaults()
	return bot.Phase{
		Duration: d.Duration, Bots: d.Bots, Motion: d.Motion, Rate: d.Rate, Step: d.Step, ChatRate: d.ChatRate,
	}
}

// after returns a whole phase: what p says, and what it leaves to the phase before.
func (p phase) after(before bot.Phase, index int) bot.Phase {
	whole := before
	whole.Name, whole.Over, whole.Churn = p.Name, time.Duration(p.Over), p.Churn
	if p.Name == "" {
		whole.Name = fmt.Sprintf("phase %d", index+1)
	}
	set(&whole.Duration, (*time.Duration)(p.Duration))
	set(&whole.Bots, p.Bots)
	set(&whole.Motion, p.Motion)
	set(&whole.Rate, p.Rate)
	set(&whole.Step, p.Step)
	set(&whole.Think, (*time.Duration)(p.Think))
	set(&whole.ChatShare, p.ChatShare)
	set(&whole.ChatRate, p.ChatRate)
	return whole
}

// set sets a value if there is another.
func set[T any](value, other *T) {
	if other != nil {
		*value = *other
	}
}

// check says what is impossible about a phase, before it is scaled to something that is possible.
func check(p bot.Phase) error {
	cfg := bot.Defaults()
	cfg.Phases = []bot.Phase{p}
	err := cfg.Check()
	if err == nil {
		return nil
	}
	problem, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(strings.TrimPrefix(problem, bot.ErrConfig.Error()+": "))
}

// span is a time as it is written, with its unit.
type span time.Duration

// UnmarshalYAML implements yaml.Unmarshaler. A number alone could be of any unit.
func (s *span) UnmarshalYAML(node *yaml.Node) error {
	d, err := time.ParseDuration(node.Value)
	if err != nil {
		problem := fmt.Sprintf("line %d: want a duration such as 2s, got %q", node.Line, node.Value)
		return &yaml.TypeError{Errors: []string{problem}} // of which a decoder gathers all
	}
	*s = span(d)
	return nil
}

// firstOf is the first thing that is wrong with a file, and how many others are, on one line. Types of Go say nothing to whoever
// wrote the file.
func firstOf(err error) string {
	var all *yaml.TypeError
	if !errors.As(err, &all) || len(all.Errors) == 0 {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	first, _, _ := strings.Cut(all.Errors[0], " in type ")
	if more := len(all.Errors) - 1; more > 0 {
		return fmt.Sprintf("%s (and %d more)", first, more)
	}
	return first
}

// text is a YAML value as a flag takes it: lists with commas.
func text(value any) string {
	list, is := value.([]any)
	if !is {
		return fmt.Sprint(value)
	}
	var words []string
	for _, v := range list {
		words = append(words, text(v))
	}
	return strings.Join(words, ",")
}

// about returns the comment with which a file begins, on one line.
func about(b []byte) string {
	var words []string
	for line := range strings.Lines(string(b)) {
		comment, is := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !is {
			break
		}
		words = append(words, strings.TrimSpace(comment))
	}
	return strings.Join(words, " ")
}

// Scale returns possible phases with so many times as many bots, at least one of each number that is not 0, and in so many
// times less time.
func Scale(phases []bot.Phase, bots, speed float64) []bot.Phase {
	scaled := make([]bot.Phase, len(phases))
	for i, p := range phases {
		p.Bots, p.Churn = times(p.Bots, bots), times(p.Churn, bots)
		p.Duration = time.Duration(float64(p.Duration) / speed)
		p.Over = time.Duration(float64(p.Over) / speed)
		scaled[i] = p
	}
	return scaled
}

// times multiplies a number of bots.
func times(n int, factor float64) int {
	if n == 0 {
		return 0
	}
	return max(1, int(min(math.Round(float64(n)*factor), math.MaxInt32)))
}
