package model

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"aoiworld/client_sim/study"
)

// Report is what runs tell of a server's costs, and what follows from them.
type Report struct {
	// Header is of the first study.
	study.Header
	// Runs are what the model is fitted to, Unused how many others there were in the files, by why they tell nothing.
	Runs   []Run          `json:"runs"`
	Unused map[string]int `json:"unused,omitempty"`
	*Model
	// Factor is what the CPU time is multiplied by, for another machine: 1 is this one.
	Factor float64 `json:"factor"`
	// Doubts say why the runs do not tell of one thing.
	Doubts []string `json:"doubts,omitempty"`
	// Comparisons are of runs to which the model is not fitted, Predictions of loads that somebody thought of.
	Comparisons []Comparison `json:"comparisons,omitempty"`
	Predictions []Prediction `json:"predictions,omitempty"`
}

// Of returns the costs that studies tell of, on a machine whose processors take factor times as long, > 0, as the one where they
// were made. The error wraps ErrRuns.
func Of(studies []Study, factor float64) (*Report, error) {
	r := &Report{Unused: map[string]int{}, Factor: factor}
	for i, s := range studies {
		if i == 0 {
			r.Header = s.Header
		}
		r.Runs = append(r.Runs, s.Runs...)
		for why, n := range s.Unused {
			r.Unused[why] += n
		}
		r.Doubts = append(r.Doubts, differences(&studies[0], &studies[i])...)
	}
	var err error
	if r.Model, err = newModel(r.Runs); err != nil {
		return nil, fmt.Errorf("%w%s", err, r.unused())
	}
	for _, of := range []struct {
		name string
		sum  *Sum
	}{{"CPU time", r.CPU}, {"bytes", r.Bytes}, {"memory", r.Memory}} {
		if of.sum.Inseparable {
			r.Doubts = append(r.Doubts, fmt.Sprintf("what takes how much of the %s cannot be told apart, only their sum: "+
				"let players, grids and tick rates differ more", of.name))
		}
	}
	r.CPU = r.CPU.times(factor)
	return r, nil
}

// unused says how many runs tell nothing, and why.
func (r *Report) unused() (text string) {
	for _, why := range slices.Sorted(maps.Keys(r.Unused)) {
		text += fmt.Sprintf("; %d not used: %s", r.Unused[why], why)
	}
	return text
}

// differences says in what two studies differ, so that they hardly have the same costs.
func differences(a, b *Study) (all []string) {
	for _, of := range []struct{ what, was, is string }{
		{"dialect", a.Header.Dialect, b.Header.Dialect},
		{"transport", a.Header.Transport, b.Header.Transport},
		{"motion", a.Header.Motion, b.Header.Motion},
		{"processor", a.Header.Machine.CPU, b.Header.Machine.CPU},
		{"client_sim's version", a.Header.Machine.Version, b.Header.Machine.Version},
	} {
		if of.was != of.is {
			all = append(all, fmt.Sprintf("the %s of %s is %q, of %s %q", of.what, b.Name, of.is, a.Name, of.was))
		}
	}
	return all
}

// Compare holds the model against the runs of a study to which it is not fitted. The error wraps ErrRuns where there is none.
func (r *Report) Compare(s *Study) error {
	if len(s.Runs) == 0 {
		alone := Report{Unused: s.Unused}
		return fmt.Errorf("%w: none of %s is of use%s", ErrRuns, s.Name, alone.unused())
	}
	first := Study{Name: "the others", Header: r.Header}
	r.Doubts = append(r.Doubts, differences(&first, s)...)
	for i := range s.Runs {
		r.Comparisons = append(r.Comparisons, r.Model.Compare(s.Runs[i]))
	}
	return nil
}

// Wish predicts a load. The error wraps ErrWish.
func (r *Report) Wish(w Wish) error {
	if err := w.Check(); err != nil {
		return err
	}
	p := r.predict(w)
	p.Doubts = doubts(&p, r.Runs, r.Runs[len(r.Runs)-1].Server.MachineCores)
	r.Predictions = append(r.Predictions, p)
	return nil
}

// Like returns the wish for the load of the last run at the tick rate that was asked for, from which others may be made.
func (r *Report) Like() Wish {
	last := &r.Runs[len(r.Runs)-1]
	w := last.wish()
	w.TicksPerSecond = last.TickRateHz
	return w
}

// Worst returns what the worst of the comparisons is off by: of the cores, whichever way they were predicted.
func (r *Report) Worst() (worst float64) {
	for i := range r.Comparisons {
		worst = max(worst, math.Abs(r.Comparisons[i].Off), math.Abs(r.Comparisons[i].OffWish))
	}
	return worst
}
