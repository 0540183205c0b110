package model

import (
	"math"
	"slices"
)

// Term is one of the things of which something is made up.
type Term struct {
	Name string `json:"name"`
	// Each is what one of it adds. Least and Most are that with any one run left out: how sure it is.
	Each  float64 `json:"each"`
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// Sum is what something is made up of, as runs tell: so much for each of some terms, nothing of which is below 0.
type Sum struct {
	Terms []Term `json:"terms"`
	// Off is by what part of the measured each run is missed: 0.1 is a tenth too much. LeftOut is the same of a sum that all runs
	// but that one have told, which is what a prediction is off by.
	Off     []float64 `json:"off"`
	LeftOut []float64 `json:"leftOut"`
	// Inseparable says that the runs differ too little for the terms to be told from each other: only their sum is known.
	Inseparable bool `json:"inseparable,omitempty"`
}

// fit returns the sum whose relative errors have the least squares: a run of 0.1 cores is worth as much as one of 2. Rows are how
// many of each term there were in each run, totals, all > 0, what there was of the sum. There are more rows than terms.
func fit(names []string, rows [][]float64, totals []float64) *Sum {
	relative, ones := make([][]float64, len(rows)), make([]float64, len(rows))
	for i, row := range rows {
		ones[i] = 1
		for _, v := range row {
			relative[i] = append(relative[i], v/totals[i])
		}
	}
	s := &Sum{Inseparable: !separable(relative)}
	each := nonNegative(relative, ones)
	for i, name := range names {
		s.Terms = append(s.Terms, Term{Name: name, Each: each[i], Least: each[i], Most: each[i]})
	}
	for i, row := range relative {
		s.Off = append(s.Off, dot(row, each)-1)
		others := nonNegative(slices.Delete(slices.Clone(relative), i, i+1), ones[1:])
		s.LeftOut = append(s.LeftOut, dot(row, others)-1)
		for j := range s.Terms {
			t := &s.Terms[j]
			t.Least, t.Most = min(t.Least, others[j]), max(t.Most, others[j])
		}
	}
	return s
}

// of returns the sum of so many of each term.
func (s *Sum) of(row []float64) (total float64) {
	for i, t := range s.Terms {
		total += t.Each * row[i]
	}
	return total
}

// times returns the sum with all that each term adds multiplied.
func (s *Sum) times(factor float64) *Sum {
	scaled := *s
	scaled.Terms = slices.Clone(s.Terms)
	for i := range scaled.Terms {
		t := &scaled.Terms[i]
		t.Each, t.Least, t.Most = t.Each*factor, t.Least*factor, t.Most*factor
	}
	return &scaled
}

// typical returns the median of errors, and the largest, without their signs.
func typical(errors []float64) (median, worst float64) {
	sorted := make([]float64, len(errors))
	for i, e := range errors {
		sorted[i] = math.Abs(e)
	}
	slices.Sort(sorted)
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2, sorted[len(sorted)-1]
}
