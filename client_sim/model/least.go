package model

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// inseparable is the condition number from which on columns are so nearly in one proportion that what each of them costs is a
// guess: an error of one part in a thousand may be one of the whole.
const inseparable = 1000

// nonNegative returns coefficients, none of them below 0, with which the columns of rows add up to the targets most nearly: with
// the least sum of squares of what they are off by. There must be no fewer rows than columns, and few columns: all sets of them
// are tried, for the best coefficients are the ordinary least squares of those columns whose coefficients are not 0 (Lawson and
// Hanson, Solving Least Squares Problems, chapter 23). Of columns that cannot be told from each other one takes all.
func nonNegative(rows [][]float64, targets []float64) []float64 {
	columns := len(rows[0])
	best, least := make([]float64, columns), math.Inf(1)
	for set := range 1 << columns {
		found, solved := solve(rows, targets, set)
		if off := offBy(rows, targets, found); solved && off < least*(1-1e-9) {
			best, least = found, off
		}
	}
	return best
}

// solve returns the ordinary least squares of a set of columns, a bit each; the other coefficients are 0. It fails where one is
// below 0, or where the columns cannot be told from each other.
func solve(rows [][]float64, targets []float64, set int) (coefficients []float64, solved bool) {
	coefficients = make([]float64, len(rows[0]))
	columns, places, lengths := chosen(rows, set)
	if columns == nil {
		return coefficients, true // nothing costs anything
	}
	var qr mat.QR
	qr.Factorize(columns)
	if !(qr.Cond() < inseparable) {
		return coefficients, false
	}
	var found mat.VecDense
	if err := qr.SolveVecTo(&found, false, mat.NewVecDense(len(targets), targets)); err != nil {
		return coefficients, false
	}
	for i, place := range places {
		if coefficients[place] = found.AtVec(i) / lengths[i]; coefficients[place] < 0 {
			return coefficients, false
		}
	}
	return coefficients, true
}

// chosen returns a set of columns, each divided by its length, so that their units do not matter; and their places and lengths.
// It returns nil for none, and leaves out those of nothing but zeros.
func chosen(rows [][]float64, set int) (columns *mat.Dense, places []int, lengths []float64) {
	var kept [][]float64
	for place := range rows[0] {
		column := make([]float64, len(rows))
		for i, row := range rows {
			column[i] = row[place]
		}
		length := mat.Norm(mat.NewVecDense(len(column), column), 2)
		if set&(1<<place) == 0 || length == 0 {
			continue
		}
		kept, places, lengths = append(kept, column), append(places, place), append(lengths, length)
	}
	if len(kept) == 0 {
		return nil, nil, nil
	}
	columns = mat.NewDense(len(rows), len(kept), nil)
	for i, column := range kept {
		for j, v := range column {
			columns.Set(j, i, v/lengths[i])
		}
	}
	return columns, places, lengths
}

// separable reports whether the coefficients of all columns can be told from each other.
func separable(rows [][]float64) bool {
	columns, places, _ := chosen(rows, 1<<len(rows[0])-1)
	if len(places) < len(rows[0]) {
		return false
	}
	var qr mat.QR
	qr.Factorize(columns)
	return qr.Cond() < inseparable
}

// offBy returns the sum of the squares of what rows with coefficients are off by.
func offBy(rows [][]float64, targets, coefficients []float64) (sum float64) {
	for i, row := range rows {
		off := dot(row, coefficients) - targets[i]
		sum += off * off
	}
	return sum
}

// dot is the sum of the products.
func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
