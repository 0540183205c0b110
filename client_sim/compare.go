package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// errWorse: the comparison says what got worse.
var errWorse = errors.New("the second run is worse")

// compareCommand returns `client_sim compare`.
func compareCommand() *cobra.Command {
	var regression percentage = -1
	var asJSON bool
	command := &cobra.Command{
		Use:     "compare BEFORE.json AFTER.json",
		Short:   "Hold two reports against each other",
		Example: "  client_sim compare --max-regression 10% before.json after.json",
		Args:    exactly(2),
	}
	command.Flags().Var(&regression, "max-regression",
		"fail when p99, delivered, bytes per update or the server's cores got worse by more")
	command.Flags().BoolVar(&asJSON, "json", false, "compare as JSON")
	command.RunE = func(c *cobra.Command, args []string) error {
		var reports [2]bot.Report
		for i, name := range args {
			if err := readReport(name, &reports[i]); err != nil {
				return err
			}
		}
		result := compare(reports[0], reports[1], float64(regression))
		if err := result.write(c.OutOrStdout(), asJSON); err != nil {
			return runError{err}
		}
		if len(result.Worse) > 0 {
			return runError{errWorse}
		}
		return nil
	}
	return command
}

// comparison is two reports side by side.
type comparison struct {
	Figures []compared `json:"figures"`
	// Warnings say why the two can hardly be compared.
	Warnings []string `json:"warnings"`
	// Worse says which figures got worse by more than is allowed.
	Worse []string `json:"worse"`
}

// compared is one figure of two runs.
type compared struct {
	Name   string  `json:"name"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Change is After - Before as a part of Before; absent where Before is 0.
	Change *float64 `json:"change,omitempty"`
	// Better says which way the figure should go: -1 down, 1 up, 0 neither.
	Better int `json:"better"`
	// Unknown says that one of the two reports does not have the figure; it is 0 there, and has not changed.
	Unknown bool `json:"unknown,omitempty"`
}

// figures are what is compared; those that count can fail a comparison.
var figures = []struct {
	name   string
	of     func(bot.Report) float64
	better int
	counts bool
	never0 bool // a 0 was not measured
}{
	{"moves a second", func(r bot.Report) float64 { return r.MovesPerSecond }, 0, false, false},
	{"updates a second", func(r bot.Report) float64 { return r.UpdatesPerSecond }, 0, false, false},
	{"audience", func(r bot.Report) float64 { return r.Audience }, 0, false, false},
	{"latency p50, ms", func(r bot.Report) float64 { return r.LatencyMillis.P50 }, -1, false, true},
	{"latency p99, ms", func(r bot.Report) float64 { return r.LatencyMillis.P99 }, -1, true, true},
	{"delivered", func(r bot.Report) float64 { return r.DeliveredPart }, 1, true, false},
	{"bytes an update", func(r bot.Report) float64 { return r.BytesPerUpdate }, -1, true, true},
	{serverCores, func(r bot.Report) float64 { return r.ServerCores }, -1, true, true},
	{"server, MB", func(r bot.Report) float64 { return r.ServerRSSBytes / 1e6 }, -1, false, true},
	{"late ticks", func(r bot.Report) float64 { return r.ServerLateTicks }, -1, false, false},
	{"bots, cores", func(r bot.Report) float64 { return r.Cores }, 0, false, true},
	{"violations", func(r bot.Report) float64 { return float64(r.Violations) }, -1, false, false},
}

// serverCores is the one figure that counts and that a sound run may lack: its server's metrics were out of reach.
const serverCores = "server, cores"

// compare holds two reports against each other. What counts may get worse by a part of allowed; below 0, by anything.
func compare(before, after bot.Report, allowed float64) comparison {
	c := comparison{Warnings: warnings(before, after), Worse: []string{}}
	for _, f := range figures {
		row := compared{Name: f.name, Before: f.of(before), After: f.of(after), Better: f.better}
		row.Unknown = f.never0 && (row.Before == 0 || row.After == 0)
		if row.Before != 0 && !row.Unknown {
			change := (row.After - row.Before) / row.Before
			row.Change = &change
		}
		if f.counts && allowed >= 0 {
			c.judge(row, allowed)
		}
		c.Figures = append(c.Figures, row)
	}
	if allowed >= 0 && after.Violations > before.Violations {
		c.Worse = append(c.Worse, fmt.Sprintf("%d violations after %d", after.Violations, before.Violations))
	}
	return c
}

// judge says whether a figure that counts got worse by more than a part of allowed. A run that moved nobody has no
// latency, and that is worse than any; one that did not see its server's metrics is only not comparable.
func (c *comparison) judge(f compared, allowed float64) {
	switch {
	case f.Change != nil:
		if worse := -*f.Change * float64(f.Better); worse > allowed {
			c.Worse = append(c.Worse, fmt.Sprintf("%s got worse by %.1f %%, at most %.1f %%", f.Name, 100*worse, 100*allowed))
		}
	case f.Before == 0 || f.Name == serverCores:
		c.Warnings = append(c.Warnings, f.Name+" cannot be compared: not in both reports")
	default:
		c.Worse = append(c.Worse, f.Name+" was measured in the first run only")
	}
}

// warnings says why two reports can hardly be compared.
func warnings(before, after bot.Report) []string {
	list := []string{}
	warn := func(is bool, format string, values ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, values...))
		}
	}
	machines := differing(before.Machine, after.Machine)
	warn(len(machines) > 0, "the machines or versions differ: %s", strings.Join(machines, "; "))
	warn(before.Bots != after.Bots, "%d bots and %d", before.Bots, after.Bots)
	warn(before.Transport != after.Transport, "transports %s and %s", orNone(before.Transport), orNone(after.Transport))
	warn(before.Dialect != after.Dialect, "dialects %s and %s", orNone(before.Dialect), orNone(after.Dialect))
	warn(before.Form != after.Form, "forms of moves %s and %s", orNone(before.Form), orNone(after.Form))
	warn(before.Motion != after.Motion, "motions %s and %s", orNone(before.Motion), orNone(after.Motion))
	warn((before.Settings == nil) != (after.Settings == nil), "only one of the reports says how its run was configured")
	if before.Settings != nil && after.Settings != nil {
		for _, difference := range differing(*before.Settings, *after.Settings) {
			warn(true, "the settings differ: %s", difference)
		}
	}
	warn(len(before.Doubts) > 0, "the first is not to be trusted: %s", strings.Join(before.Doubts, "; "))
	warn(len(after.Doubts) > 0, "the second is not to be trusted: %s", strings.Join(after.Doubts, "; "))
	return list
}

// differing names the fields of two structs that are not the same, as the reports have them, with both values. What the runs
// had to reach makes no difference to what they did.
func differing(before, after any) (all []string) {
	one, other := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range one.NumField() {
		field := one.Type().Field(i)
		a, b := one.Field(i).Interface(), other.Field(i).Interface()
		if field.Name == "Goals" || reflect.DeepEqual(a, b) {
			continue
		}
		if phases, are := a.([]bot.PhaseSettings); are {
			all = append(all, differingPhases(phases, b.([]bot.PhaseSettings)))
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, fmt.Sprintf("%s %s and %s", name, orNone(a), orNone(b)))
	}
	return all
}

// differingPhases says in what the first of the phases differ that are not the same: there may be hundreds.
func differingPhases(before, after []bot.PhaseSettings) string {
	if len(before) != len(after) {
		return fmt.Sprintf("%d phases and %d", len(before), len(after))
	}
	text, others := "", 0
	for i := range before {
		switch {
		case before[i] == after[i]:
		case text == "":
			text = fmt.Sprintf("phase %q: %s", before[i].Name, strings.Join(differing(before[i], after[i]), "; "))
		default:
			others++
		}
	}
	if others > 0 {
		text += fmt.Sprintf(" (and %d more phases)", others)
	}
	return text
}

// orNone writes a value of a report in words.
func orNone(value any) string {
	switch v := value.(type) {
	case []float64:
		if len(v) > 0 {
			return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(v), "[]")), ",")
		}
	case []string:
		if len(v) > 0 {
			return strings.Join(v, ",")
		}
	case string:
		if v != "" {
			return v
		}
	default:
		return fmt.Sprint(v)
	}
	return "none"
}

// write writes a comparison as a table, or as JSON.
func (c comparison) write(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(c)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tbefore\tafter\tchange\t\t")
	for _, f := range c.Figures {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t\n", f.Name, f.known(f.Before), f.known(f.After), f.change(), f.verdict())
	}
	err := table.Flush()
	for _, text := range append(prefixed("WARNING  ", c.Warnings), prefixed("WORSE    ", c.Worse)...) {
		_, failed := fmt.Fprintln(w, text)
		err = errors.Join(err, failed)
	}
	return err
}

// plain is the format that writes a figure with as many decimals as say something.
func plain(v float64) string {
	switch {
	case math.Abs(v) >= 100:
		return "%.0f"
	case math.Abs(v) >= 1:
		return "%.1f"
	}
	return "%.4f"
}

// known writes a figure of the table, or that the report does not have it.
func (f compared) known(v float64) string {
	if f.Unknown {
		return study.Known(plain(v), v)
	}
	return fmt.Sprintf(plain(v), v)
}

// change is how much a figure changed, in words.
func (f compared) change() string {
	if f.Change == nil {
		return ""
	}
	return fmt.Sprintf("%+.1f %%", 100**f.Change)
}

// verdict says whether a change is for the better, if it is more than a hundredth.
func (f compared) verdict() string {
	if f.Change == nil || math.Abs(*f.Change) < 0.01 || f.Better == 0 {
		return ""
	}
	if *f.Change*float64(f.Better) > 0 {
		return "better"
	}
	return "worse"
}

// prefixed puts a word in front of each line.
func prefixed(prefix string, lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, prefix+line)
	}
	return all
}

// percentage is a flag such as 10% or 0.1.
type percentage float64

// String implements pflag.Value.
func (p *percentage) String() string {
	if *p < 0 {
		return ""
	}
	return fmt.Sprintf("%g%%", 100*float64(*p))
}

// Type implements pflag.Value.
func (p *percentage) Type() string { return "percentage" }

// Set implements pflag.Value.
func (p *percentage) Set(text string) error {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(v >= 0) {
		return fmt.Errorf("want a percentage, as in 10%%, got %q", text)
	}
	if *p = percentage(v); isPercent {
		*p /= 100
	}
	return nil
}
