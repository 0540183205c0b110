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

// newCharts returns the pictures of a report.
func newCharts(r *bot.Report) (all []chart, err error) {
	series := func(of func(bot.Sample) float64) (values []float64) {
		for _, s := range r.Series {
			values = append(values, of(s))
		}
		return values
	}
	var seconds, percents []string
	for _, s := range r.Series {
		seconds = append(seconds, fmt.Sprintf("%.0f s", s.Seconds))
	}
	distribution := line{name: "latency"}
	for _, p := range r.LatencyMillis.Distribution {
		if slices.Contains(landmarks, p.Percent) {
			percents = append(percents, fmt.Sprint(p.Percent))
			distribution.values = append(distribution.values, p.Millis)
		}
	}
	for _, want := range []struct {
		title, unit string
		labels      []string
		lines       []line
	}{
		{"Latency over time", "ms, of each second", seconds, []line{
			{"p50", series(func(s bot.Sample) float64 { return s.P50Millis })},
			{"p99", series(func(s bot.Sample) float64 { return s.P99Millis })},
		}},
		{"Latency by percentile", "ms, of so many % of the moves", percents, []line{distribution}},
		{"Updates", "a second", seconds, []line{{"updates", series(func(s bot.Sample) float64 { return s.UpdatesPerSecond })}}},
		{"Bytes received", "MB a second", seconds, []line{
			{"bytes", series(func(s bot.Sample) float64 { return s.BytesPerSecond / 1e6 })},
		}},
		{"Processors", "cores", seconds, cores(r, series)},
		{"Server memory", "MB", seconds, serverMemory(r, series)},
	} {
		if len(want.lines) == 0 || len(want.lines[0].values) < 2 {
			continue // there is nothing to draw a line through
		}
		// Labels of the last points would lie over one another, but for those of seconds, of which the library leaves some out.
		timed := len(want.labels) == 0 || strings.HasSuffix(want.labels[0], " s")
		c, err := newChart(want.title, want.unit, axis{want.labels, timed}, want.lines)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// cores returns the lines of the processors' chart; the server's has a gap where it is not known.
func cores(r *bot.Report, series func(func(bot.Sample) float64) []float64) []line {
	lines := []line{{"these bots", series(func(s bot.Sample) float64 { return s.Cores })}}
	if serverKnown(r) {
		lines = append(lines, line{"server", series(func(s bot.Sample) float64 {
			if s.Server == nil {
				return gap()
			}
			return s.Server.Cores
		})})
	}
	return lines
}

// serverMemory returns the line of the server's memory, with a gap where it is not known.
func serverMemory(r *bot.Report, series func(func(bot.Sample) float64) []float64) []line {
	if !serverKnown(r) {
		return nil
	}
	return []line{{"server", series(func(s bot.Sample) float64 {
		if s.Server == nil {
			return gap()
		}
		return s.Server.RSSBytes / 1e6
	})}}
}

// serverKnown reports whether two seconds in a row tell of the server: there is a line to draw.
func serverKnown(r *bot.Report) bool {
	for i := range r.Series {
		if i > 0 && r.Series[i-1].Server != nil && r.Series[i].Server != nil {
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

// axis is what stands below a chart: a label for each point. Where it is even, some of them may be left out.
type axis struct {
	labels []string
	even   bool
}

// newChart draws lines over an axis.
func newChart(title, unit string, below axis, lines []line) (chart, error) {
	c := chart{Title: title, Unit: unit}
	var values [][]float64
	colours := make([]charts.Color, len(lines))
	for i, l := range lines {
		values = append(values, l.values)
		colours[i] = charts.ParseColor(palette[i])
		if len(lines) > 1 {
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
		Labels: below.labels, BoundaryGap: charts.Ptr(!below.even), LabelCount: min(len(below.labels), 7),
	}
	options.YAxis = []charts.YAxisOption{{Min: charts.Ptr(0.0), ValueFormatter: tick}}
	options.Symbol.Shape = charts.SymbolNone
	options.LineStrokeWidth = 2
	options.Legend.Show = charts.Ptr(false)
	if err := painter.LineChart(options); err != nil {
		return chart{}, fmt.Errorf("%s: %w", title, err)
	}
	svg, err := painter.Bytes()
	if err != nil {
		return chart{}, fmt.Errorf("%s: %w", title, err)
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
