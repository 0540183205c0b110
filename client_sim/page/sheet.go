package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Sheet is the page of a study of several runs. Like that of a report it holds all it shows, and loads nothing.
type Sheet struct {
	Title, About string
	Banners      []Banner
	Figures      []Figure
	Charts       []Chart
	Tables       []Table
	// Report is embedded in the page as JSON, for programs that are handed it.
	Report any
}

// Banner is what stands above everything else.
type Banner struct {
	Title string
	Lines []string
	Bad   bool
}

// Figure is one of the numbers at the top.
type Figure struct {
	Name, Value, Note string
	Bad               bool
}

// Chart is a picture of lines over numbers. Charts of fewer than two points are left out.
type Chart struct {
	Title, Unit string
	Lines       []Line
}

// Line is a line of a chart.
type Line struct {
	Name   string
	Points []Point
}

// Point is a point of a line. Of several with one X the mean is drawn, without those whose Y is not a number.
type Point struct{ X, Y float64 }

// Table is a table. Without a head its rows are names and values.
type Table struct {
	Title string
	Head  []string
	Rows  []Row
	Note  string // below it
}

// Row is a row of a table; one that is marked stands out.
type Row struct {
	Cells  []string
	Marked bool
}

// WriteText writes a table's head and rows in columns, but not its title and note.
func (t *Table) WriteText(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if len(t.Head) > 0 {
		fmt.Fprintf(columns, "%s\t\n", strings.Join(t.Head, "\t"))
	}
	for _, row := range t.Rows {
		fmt.Fprintf(columns, "%s\t\n", strings.Join(row.Cells, "\t"))
	}
	return columns.Flush()
}

// drawnSheet is a sheet with its charts as they are drawn.
type drawnSheet struct {
	Sheet
	Charts []chart
	JSON   template.JS
}

// WriteSheet writes the page of a study.
func WriteSheet(w io.Writer, s Sheet) error {
	encoded, err := json.Marshal(s.Report)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	drawn := drawnSheet{Sheet: s, JSON: template.JS(encoded)}
	for _, c := range s.Charts {
		p := c.picture()
		if p == nil {
			continue
		}
		one, err := p.draw()
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		drawn.Charts = append(drawn.Charts, one)
	}
	return fill(w, sheetSource, drawn)
}

// steps is at how many places of its width a chart is drawn: a multiple of the labels but one, which so stand evenly.
const steps = 120

// picture returns the picture of a chart, which is even from the least X of all lines to the largest; nil where there is nothing
// to draw.
func (c *Chart) picture() *picture {
	lines := make([][]Point, len(c.Lines))
	var all []float64
	for i, l := range c.Lines {
		lines[i] = means(l.Points)
		for _, p := range lines[i] {
			all = append(all, p.X)
		}
	}
	if len(all) == 0 || slices.Min(all) == slices.Max(all) {
		return nil
	}
	first, last := slices.Min(all), slices.Max(all)
	p := &picture{title: c.Title, unit: c.Unit, even: true, lines: make([]line, len(lines))}
	for i := range p.lines {
		p.lines[i].name = c.Lines[i].Name
	}
	for step := range steps + 1 {
		x := first + (last-first)*float64(step)/steps
		p.labels = append(p.labels, tick(round(x)))
		for i := range p.lines {
			p.lines[i].values = append(p.lines[i].values, at(lines[i], x))
		}
	}
	return p
}

// round leaves of a number what a label has room for: three digits.
func round(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64) // which is a number
	return rounded
}

// means returns points by ascending X, each X once.
func means(points []Point) (all []Point) {
	known := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return math.IsNaN(p.Y) })
	sorted := slices.SortedStableFunc(slices.Values(known), func(a, b Point) int { return cmp.Compare(a.X, b.X) })
	for first := 0; first < len(sorted); {
		end, sum := first, 0.0
		for ; end < len(sorted) && sorted[end].X == sorted[first].X; end++ {
			sum += sorted[end].Y
		}
		all = append(all, Point{sorted[first].X, sum / float64(end-first)})
		first = end
	}
	return all
}

// at returns the height of a line at some place: in a straight line from the point before to the one behind, and nothing beyond
// its ends.
func at(points []Point, x float64) float64 {
	i, exact := slices.BinarySearchFunc(points, x, func(p Point, x float64) int { return cmp.Compare(p.X, x) })
	switch {
	case exact:
		return points[i].Y
	case i == 0 || i == len(points):
		return gap()
	}
	a, b := points[i-1], points[i]
	return a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X)
}
