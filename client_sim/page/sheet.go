package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
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

// Point is a point of a line. Of several with one X the mean is drawn.
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

// drawnSheet is a sheet with its charts as they are drawn.
type drawnSheet struct {
	Sheet
	Drawn []chart
	JSON  template.JS
}

// WriteSheet writes the page of a study.
func WriteSheet(w io.Writer, s Sheet) error {
	encoded, err := json.Marshal(s.Report)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	drawn := drawnSheet{Sheet: s, JSON: template.JS(encoded)}
	for _, c := range s.Charts {
		picture, enough, err := c.draw()
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		if enough {
			drawn.Drawn = append(drawn.Drawn, picture)
		}
	}
	return fill(w, sheetSource, drawn)
}

// steps is at how many places of its width a chart is drawn: a multiple of the labels but one, which so stand evenly.
const steps = 120

// draw draws a chart over an axis that is even from the least X of all lines to the largest; false where there is nothing to
// draw.
func (c *Chart) draw() (picture chart, enough bool, err error) {
	lines := make([][]Point, len(c.Lines))
	var all []float64
	for i, l := range c.Lines {
		lines[i] = means(l.Points)
		for _, p := range lines[i] {
			all = append(all, p.X)
		}
	}
	if len(all) == 0 || slices.Min(all) == slices.Max(all) {
		return chart{}, false, nil
	}
	first, last := slices.Min(all), slices.Max(all)
	below := axis{even: true}
	drawn := make([]line, len(lines))
	for i := range drawn {
		drawn[i].name = c.Lines[i].Name
	}
	for step := range steps + 1 {
		x := first + (last-first)*float64(step)/steps
		below.labels = append(below.labels, tick(round(x)))
		for i := range drawn {
			drawn[i].values = append(drawn[i].values, at(lines[i], x))
		}
	}
	picture, err = newChart(c.Title, c.Unit, below, drawn)
	return picture, true, err
}

// round leaves of a number what a label has room for: three digits.
func round(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64) // which is a number
	return rounded
}

// means returns points by ascending X, each X once.
func means(points []Point) (all []Point) {
	sorted := slices.SortedStableFunc(slices.Values(points), func(a, b Point) int { return cmp.Compare(a.X, b.X) })
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
