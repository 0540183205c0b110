package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"

	"aoiworld/client_sim/bot"
)

// chart is a picture of the page.
type chart struct {
	Title, Unit string
	Legend      []legend
	SVG         template.HTML
}

// legend is the name of a line, and its colour as CSS has it.
type legend struct{ Name, Colour string }

// line is what a chart draws.
type line struct {
	name   string
	values []float64
}

// palette are the colours of lines: they can be told apart by who is colour-blind, and read on white and on black.
var palette = []string{"#2f7ed8", "#e0752d", "#2ca58d"}

// ink is the colour of what is written in a chart, readable on white and on black.
const ink = "#7d8590"

// gap is a value that is not drawn.
func gap() float64 { return charts.GetNullValue() }

// picture is what is to be drawn: a chart of lines over labels, one for each point. Where these are even some may be left out.
type picture struct {
	title, unit string
	labels      []string
	even        bool
	lines       []line
}

// newCharts returns the pictures of a report, but for those that have no two points.
func newCharts(r *bot.Report) (all []chart, err error) {
	for _, p := range slices.Concat(latencies(r), staleness(r), extrapolation(r), load(r)) {
		if len(p.lines) == 0 || len(p.lines[0].values) < 2 {
			continue // there is nothing to draw a line through
		}
		c, err := p.draw()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// overTime is a picture of each second.
func overTime(r *bot.Report, title, unit string, lines ...line) picture {
	p := picture{title: title, unit: unit, even: true, lines: lines}
	for _, s := range r.Series {
		p.labels = append(p.labels, fmt.Sprintf("%.0f s", s.Seconds))
	}
	return p
}

// series is a line through a figure of each second.
func series(r *bot.Report, name string, of func(bot.Sample) float64) line {
	l := line{name: name}
	for _, s := range r.Series {
		l.values = append(l.values, of(s))
	}
	return l
}

// latencies are the pictures of how long moves took.
func latencies(r *bot.Report) []picture {
	distribution := line{name: "latency"}
	var percents []string
	for _, p := range r.LatencyMillis.Distribution {
		if slices.Contains(landmarks, p.Percent) {
			percents = append(percents, fmt.Sprint(p.Percent))
			distribution.values = append(distribution.values, p.Millis)
		}
	}
	return []picture{
		overTime(r, "Latency over time", "ms, of each second",
			series(r, "p50", func(s bot.Sample) float64 { return s.P50Millis }),
			series(r, "p99", func(s bot.Sample) float64 { return s.P99Millis })),
		{"Latency by percentile", "ms, of so many % of the moves", percents, false, []line{distribution}},
	}
}

// staleness are the pictures of how old what was shown was, by distance; none where nobody was looked at in two seconds in a row.
func staleness(r *bot.Report) (all []picture) {
	known := func(s bot.Sample) bool { return s.Staleness != nil }
	if !twice(r, known) {
		return nil
	}
	for _, percentile := range []struct {
		name string
		of   func(bot.StalenessOfRank) float64
	}{
		{"p50", func(s bot.StalenessOfRank) float64 { return s.P50 }},
		{"p99", func(s bot.StalenessOfRank) float64 { return s.P99 }},
	} {
		rank := func(name string, of func(*bot.StalenessSample) bot.StalenessOfRank) line {
			return series(r, name, func(s bot.Sample) float64 {
				if !known(s) {
					return gap()
				}
				return percentile.of(of(s.Staleness))
			})
		}
		all = append(all, overTime(r, "Staleness, "+percentile.name, "ms, by rank of distance",
			rank("nearest 20", func(s *bot.StalenessSample) bot.StalenessOfRank { return s.Nearest20 }),
			rank("nearest 100", func(s *bot.StalenessSample) bot.StalenessOfRank { return s.Nearest100 }),
			rank("all", func(s *bot.StalenessSample) bot.StalenessOfRank { return s.All })))
	}
	return all
}

// extrapolation are the pictures of how far off members of crowds were shown; none where there was no crowd.
func extrapolation(r *bot.Report) []picture {
	e := r.Extrapolation
	if e == nil {
		return nil
	}
	distribution, half, most := line{name: "error"}, line{name: "p50"}, line{name: "p95"}
	var percents, ages []string
	for _, p := range e.Distribution {
		if slices.Contains(landmarks, p.Percent) {
			percents = append(percents, fmt.Sprint(p.Percent))
			distribution.values = append(distribution.values, p.Units)
		}
	}
	for _, a := range e.ByAge {
		ages = append(ages, fmt.Sprintf("%g s", a.Seconds))
		half.values, most.values = append(half.values, a.P50), append(most.values, a.P95)
	}
	return []picture{
		{"Extrapolation error", "units, of so many % of the looks", percents, false, []line{distribution}},
		{"Extrapolation error by age", "units, by age of the track", ages, true, []line{half, most}},
	}
}

// load are the pictures of what was carried, and what that took. The server's lines have gaps where it is not known how it did.
func load(r *bot.Report) []picture {
	server := func(of func(*bot.ServerSample) float64) line {
		return series(r, "server", func(s bot.Sample) float64 {
			if s.Server == nil {
				return gap()
			}
			return of(s.Server)
		})
	}
	cores := []line{series(r, "these bots", func(s bot.Sample) float64 { return s.Cores })}
	var memory []line
	if twice(r, func(s bot.Sample) bool { return s.Server != nil }) {
		cores = append(cores, server(func(s *bot.ServerSample) float64 { return s.Cores }))
		memory = append(memory, server(func(s *bot.ServerSample) float64 { return s.RSSBytes / 1e6 }))
	}
	return []picture{
		overTime(r, "Updates", "a second", series(r, "updates", func(s bot.Sample) float64 { return s.UpdatesPerSecond })),
		overTime(r, "Bytes received", "MB a second",
			series(r, "bytes", func(s bot.Sample) float64 { return s.BytesPerSecond / 1e6 })),
		overTime(r, "Processors", "cores", cores...),
		overTime(r, "Server memory", "MB", memory...),
	}
}

// twice reports whether two seconds in a row know something: there is a line to draw.
func twice(r *bot.Report, known func(bot.Sample) bool) bool {
	for i := range r.Series {
		if i > 0 && known(r.Series[i-1]) && known(r.Series[i]) {
			return true
		}
	}
	return false
}

// landmarks are the percentiles that the chart of them shows, each a tenth as rare as the one before: evenly spaced, they
// show the tail. The report has more.
var landmarks = []float64{0, 50, 90, 99, 99.9, 99.99, 99.999}

// tick writes a number at an axis, as exactly as it is.
func tick(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// draw draws a picture.
func (p *picture) draw() (chart, error) {
	c := chart{Title: p.title, Unit: p.unit}
	var values [][]float64
	colours := make([]charts.Color, len(p.lines))
	for i, l := range p.lines {
		values = append(values, l.values)
		colours[i] = charts.ParseColor(palette[i])
		if len(p.lines) > 1 {
			c.Legend = append(c.Legend, legend{l.name, palette[i]})
		}
	}
	theme := charts.MakeTheme(charts.ThemeOption{
		AxisStrokeColor: charts.ParseColor(ink), AxisSplitLineColor: charts.ParseColor(ink).WithAlpha(64),
		BackgroundColor: charts.ColorTransparent, TextColor: charts.ParseColor(ink), SeriesColors: colours,
	})
	painter := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputSVG, Width: 560, Height: 240, Theme: theme,
	})
	options := charts.NewLineChartOptionWithData(values)
	options.Theme = theme
	options.Padding = charts.NewBox(8, 12, 16, 4)
	options.XAxis = charts.XAxisOption{
		Labels: p.labels, BoundaryGap: charts.Ptr(!p.even), LabelCount: min(len(p.labels), 7),
	}
	options.YAxis = []charts.YAxisOption{{Min: charts.Ptr(0.0), ValueFormatter: tick}}
	options.Symbol.Shape = charts.SymbolNone
	options.LineStrokeWidth = 2
	options.Legend.Show = charts.Ptr(false)
	if err := painter.LineChart(options); err != nil {
		return chart{}, fmt.Errorf("%s: %w", p.title, err)
	}
	svg, err := painter.Bytes()
	if err != nil {
		return chart{}, fmt.Errorf("%s: %w", p.title, err)
	}
	c.SVG = inline(string(svg))
	return c, nil
}

// inline makes a drawing part of a page: it fills the width that it is given, and names no address, not even the
// namespace's, which a drawing inside HTML does without.
func inline(svg string) template.HTML {
	svg = strings.ReplaceAll(svg, ` xmlns="http://www.w3.org/2000/svg"`, "")
	svg = strings.ReplaceAll(svg, ` xmlns:xlink="http://www.w3.org/1999/xlink"`, "")
	return template.HTML(strings.Replace(svg, "<svg", `<svg role="img" class="chart"`, 1))
}
