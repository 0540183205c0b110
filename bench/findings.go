package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aoiworld/client_sim/bot"
)

// findings is everything that was measured.
type findings struct {
	Began       time.Time   `json:"began"`
	Machine     bot.Machine `json:"machine"`
	Pairs       int         `json:"pairs"`
	Seconds     float64     `json:"seconds"`
	Experiments []result    `json:"experiments"`
}

// result is what an experiment has found.
type result struct {
	Name       string         `json:"name"`
	About      string         `json:"about"`
	Contenders []contenderRan `json:"contenders"`
	Ratios     []ratioFound   `json:"ratios,omitempty"`
	machine    bot.Machine
}

// contenderRan is what the runs of a contender have found.
type contenderRan struct {
	Name    string   `json:"name"`
	Program string   `json:"program"`
	Traffic traffic  `json:"traffic"`
	Medians values   `json:"medians"`
	Runs    []values `json:"runs"`
	Notes   []string `json:"notes,omitempty"`
}

// ratioFound is a ratio over all pairs.
type ratioFound struct {
	Figure string `json:"figure"`
	Of     string `json:"of"`
	To     string `json:"to"`
	Wanted string `json:"wanted,omitempty"`
	spread
}

// alternate measures the contenders of an experiment in turn, so many times: every other time in reverse, so that what comes
// first has no advantage. Of the first pair the server is first, for the floor is to send frames as long as its.
func (b *bench) alternate(ctx context.Context, e experiment, pairs int, log io.Writer) (result, error) {
	r := result{Name: e.name, About: e.about}
	for _, c := range e.contenders {
		r.Contenders = append(r.Contenders, contenderRan{Name: c.name, Program: c.program, Traffic: c.traffic})
	}
	frameBytes := 0.0
	for pair := range pairs {
		for at := range e.contenders {
			if pair%2 == 1 {
				at = len(e.contenders) - 1 - at
			}
			c := e.contenders[at]
			fmt.Fprintf(log, "%s: pair %d of %d: %s\n", e.name, pair+1, pairs, c.name)
			found, err := b.measure(ctx, c, frameBytes)
			if err != nil {
				return result{}, err
			}
			if c.program == theServer && pair == 0 {
				frameBytes = found.bytes
			}
			r.machine = found.machine
			r.Contenders[at].add(pair, found)
		}
	}
	r.compare(e.ratios)
	return r, nil
}

// add adds a run.
func (c *contenderRan) add(pair int, found outcome) {
	c.Runs = append(c.Runs, found.values)
	c.Medians = medians(c.Runs)
	for _, note := range found.notes {
		c.Notes = append(c.Notes, fmt.Sprintf("pair %d: %s", pair+1, note))
	}
}

// compare works out the ratios.
func (r *result) compare(wanted []ratio) {
	of := func(name string) []values {
		return r.Contenders[slices.IndexFunc(r.Contenders, func(c contenderRan) bool { return c.Name == name })].Runs
	}
	for _, w := range wanted {
		if s, ok := ratioOf(w.figure, of(w.of), of(w.to)); ok {
			r.Ratios = append(r.Ratios, ratioFound{w.figure, w.of, w.to, w.wanted, s})
		}
	}
}

// writeText writes a table of medians, the ratios below it, and whatever is to be known about single runs.
func (r *result) writeText(w io.Writer) error {
	var text strings.Builder
	first := r.Contenders[0].Traffic
	fmt.Fprintf(&text, "\n%s: %s\n%d players in %d × %d cells, %v Hz, %v moves/s each, %s; medians of %d\n\n", r.Name, r.About,
		first.Bots, first.Columns, first.Columns, first.TickRate, first.MoveRate, first.Dialect, len(r.Contenders[0].Runs))
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(c *contenderRan) string) {
		fmt.Fprintf(table, "%-32s\t", name)
		for i := range r.Contenders {
			fmt.Fprintf(table, "%s\t", cell(&r.Contenders[i]))
		}
		fmt.Fprintln(table)
	}
	row("", func(c *contenderRan) string { return c.Name })
	for _, f := range figures {
		has := func(c contenderRan) bool { _, has := c.Medians[f.key]; return has }
		if slices.ContainsFunc(r.Contenders, has) {
			row(f.name, func(c *contenderRan) string { return f.show(c.Medians) })
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	text.WriteByte('\n')
	for _, ratio := range r.Ratios {
		fmt.Fprintln(&text, ratio)
	}
	for _, c := range r.Contenders {
		for _, note := range c.Notes {
			fmt.Fprintf(&text, "! %s, %s\n", c.Name, note)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// show returns a figure's value, or a dash.
func (f figure) show(v values) string {
	value, has := v[f.key]
	if !has {
		return "–"
	}
	return fmt.Sprintf(f.format, value*f.scale)
}

// String is a line for a reader.
func (r ratioFound) String() string {
	name := r.Figure
	if at := slices.IndexFunc(figures, func(f figure) bool { return f.key == r.Figure }); at >= 0 {
		name = figures[at].name
	}
	line := fmt.Sprintf("%s / %s, %s: %.2f (%.2f–%.2f in %d pairs)", r.Of, r.To, name, r.Median, r.Min, r.Max, r.Pairs)
	if r.Wanted != "" {
		line += ", wanted " + r.Wanted
	}
	return line
}

// caveats says what the figures are not.
func caveats(softirqd bool) string {
	text := "\nServer and bots share the machine's cores: trust ratios of one run, and medians. Over loopback a send\n" +
		"does the receiver's half in the kernel too, about half of its cost, which over a network somebody else pays.\n" +
		"What the kernel puts off to ksoftirqd is in no program's CPU time"
	if softirqd {
		return text + ": it stands in a row of its own, for the whole machine.\n"
	}
	return text + ", and cannot be read here.\n"
}

// write writes everything as JSON.
func (f *findings) write(name string) error {
	if len(f.Experiments) > 0 {
		f.Machine = f.Experiments[0].machine
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o644)
}
