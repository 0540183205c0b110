package model

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNothingIsNearer: no other coefficients that are not below 0, near those that were found or anywhere, come nearer.
func TestNothingIsNearer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		number := rapid.Float64Range(-10, 10)
		rows := rapid.SliceOfN(rapid.SliceOfN(number, columns, columns), columns, 12).Draw(t, "rows")
		targets := rapid.SliceOfN(number, len(rows), len(rows)).Draw(t, "targets")
		if !separable(rows) {
			t.Skip("its columns are nearly in one proportion")
		}
		found := nonNegative(rows, targets)
		least := offBy(rows, targets, found)
		other := make([]float64, columns)
		for range 50 {
			near := rapid.Float64Range(0.001, 10).Draw(t, "near")
			for i, v := range found {
				if v < 0 {
					t.Fatalf("coefficients %v", found)
				}
				other[i] = max(0, v+near*rapid.Float64Range(-1, 1).Draw(t, "step"))
			}
			if off := offBy(rows, targets, other); off < least*(1-1e-9)-1e-9 {
				t.Fatalf("%v is off by %v, %v only by %v", found, least, other, off)
			}
		}
	})
}

func TestCoefficients(t *testing.T) {
	for name, c := range map[string]struct {
		rows    [][]float64
		targets []float64
		want    []float64
	}{
		"exact":                  {[][]float64{{1, 0}, {0, 1}, {1, 1}}, []float64{2, 3, 5}, []float64{2, 3}},
		"none may be below zero": {[][]float64{{1, 1}, {1, 2}, {1, 3}}, []float64{3, 2, 1}, []float64{2, 0}},
		"all would be below":     {[][]float64{{1, 1}, {1, 2}}, []float64{-1, -3}, []float64{0, 0}},
		"a column of zeros":      {[][]float64{{0, 1}, {0, 2}}, []float64{2, 4}, []float64{0, 2}},
		"in one proportion":      {[][]float64{{1, 2}, {2, 4}, {3, 6}}, []float64{2, 4, 6}, []float64{2, 0}},
		"nearly in one proportion": {
			[][]float64{{1000, 1000.01}, {1000, 999.99}, {1000, 1000}}, []float64{1.000003, 0.999997, 1}, []float64{0.001, 0},
		},
		"of very different size": {[][]float64{{1e9, 1e-9}, {0, 2e-9}, {1e9, 0}}, []float64{3, 2, 2}, []float64{2e-9, 1e9}},
	} {
		got := nonNegative(c.rows, c.targets)
		for i, want := range c.want {
			if math.Abs(got[i]-want) > 1e-9*max(1, want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		if separable(c.rows) == (name == "a column of zeros" || strings.Contains(name, "in one proportion")) {
			t.Errorf("%s: separable %v", name, separable(c.rows))
		}
	}
}

// TestWhatASumIsMadeOf is found again, though what was measured is a few percent off; and how sure that is, is told.
func TestWhatASumIsMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cost := rapid.SliceOfN(rapid.Float64Range(1, 2), 3, 3).Draw(t, "costs")
		noise := rapid.Float64Range(0, 0.03)
		var rows [][]float64
		var totals []float64
		for i := range 12 {
			row := []float64{1, float64(1 + i%4), float64(i * i % 7)}
			rows, totals = append(rows, row), append(totals, dot(row, cost)*(1+noise.Draw(t, "noise")))
		}
		s := fit([]string{"a", "b", "c"}, rows, totals)
		for i, term := range s.Terms {
			if math.Abs(term.Each/cost[i]-1) > 0.25 || term.Least > term.Each || term.Most < term.Each {
				t.Errorf("%+v, want %v", term, cost[i])
			}
		}
		if median, worst := typical(s.Off); median > 0.03 || worst > 0.05 || s.Inseparable {
			t.Errorf("off by %v, at most %v", median, worst)
		}
		if _, worst := typical(s.LeftOut); worst > 0.08 {
			t.Errorf("without its own run off by %v", worst)
		}
		if got, want := s.times(2).of(rows[5]), 2*s.of(rows[5]); math.Abs(got-want) > 1e-9 {
			t.Errorf("twice as much is %v, not %v", got, want)
		}
	})
}

// TestARunThatIsLeftOut is predicted from the others alone: one that lies far off is as far off then.
func TestARunThatIsLeftOut(t *testing.T) {
	rows := [][]float64{{1}, {2}, {3}, {4}}
	s := fit([]string{"a"}, rows, []float64{2, 4, 6, 4})
	if got := s.LeftOut[3]; math.Abs(got-1) > 1e-9 { // 8 of 4
		t.Errorf("off by %v", got)
	}
	if math.Abs(s.Terms[0].Most-2) > 1e-9 || s.Terms[0].Least >= s.Terms[0].Each {
		t.Errorf("%+v", s.Terms[0])
	}
	if median, worst := typical([]float64{-3, 1, 2, 0}); median != 1.5 || worst != 3 {
		t.Errorf("%v, %v", median, worst)
	}
}
