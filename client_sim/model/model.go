// Package model says what a server takes for what it does, and what it would for other loads. It is fitted to runs: CPU time is
// ticks, frames, moves, bytes and crossed borders, each times what one costs; the bytes are made up likewise, and the memory of
// players.
package model

import (
	"errors"
	"fmt"

	"aoiworld/client_sim/study"
)

// ErrRuns is wrapped by every error that says why runs tell of no costs.
var ErrRuns = errors.New("runs that tell no costs")

// What CPU time, bytes and memory are made up of.
var (
	processorTerms = []string{"a tick", "a frame", "a move", "a byte", "a border × units/s"}
	byteTerms      = []string{"a frame", "a cell's chunk in it", "a move in it", "a player shown anew × units/s"}
	memoryTerms    = []string{"the process", "a player"}
)

// Run is a load that a server held, of which it told what it did.
type Run struct {
	// Name is the file that it is from.
	Name string `json:"name"`
	study.Load
	// MostPlayers is how many the server had had at most by then, as far as its file says: what memory it has taken for them it
	// keeps.
	MostPlayers int `json:"mostPlayers"`
}

// Study is what runs of one file have in common, and they.
type Study struct {
	Name   string
	Header study.Header
	Runs   []Run
	// Unused are runs that tell nothing, by why.
	Unused map[string]int
}

// Read reads the runs of a file that a study, or a run, wrote as JSON.
func Read(name string) (Study, error) {
	header, loads, err := study.Read(name)
	if err != nil {
		return Study{}, err
	}
	s := Study{Name: name, Header: header, Unused: map[string]int{}}
	most := 0
	for _, l := range loads {
		most = max(most, l.Joined)
		if why := useless(&l); why != "" {
			s.Unused[why]++
			continue
		}
		s.Runs = append(s.Runs, Run{name, l, most})
	}
	return s, nil
}

// useless says why a load tells nothing of what a server takes; of one that does it says nothing.
func useless(l *study.Load) string {
	u := l.Server
	switch {
	case u == nil:
		return "the server's metrics were not read"
	case l.Verdict == study.Late:
		return "the bots were late"
	case l.Verdict != study.Holds:
		return "the load did not hold"
	case l.Joined < 1 || l.Columns < 1 || l.Rows < 1 || !(l.CellWidth > 0 && l.CellDepth > 0):
		return "the world, or who was in it, is not known"
	case !(u.Cores > 0 && u.TicksPerSecond > 0 && u.FramesPerSecond > 0 && u.MovesPerSecond > 0 && u.BytesPerSecond > 0 &&
		u.RSSBytes > 0):
		return "the server did nothing"
	}
	return ""
}

// Model is what a server takes for what it does.
type Model struct {
	// CPU is made up of seconds of CPU time, Bytes of what is sent, Memory of bytes of the process.
	CPU    *Sum `json:"cpu"`
	Bytes  *Sum `json:"bytes"`
	Memory *Sum `json:"memory"`
}

// newModel returns the model that is nearest to runs, of which there must be more than there are terms. The error wraps ErrRuns.
func newModel(runs []Run) (*Model, error) {
	if least := len(processorTerms) + 1; len(runs) < least {
		return nil, fmt.Errorf("%w: %d of them, want at least %d", ErrRuns, len(runs), least)
	}
	sum := func(names []string, row func(*Run) []float64, total func(*Run) float64) *Sum {
		rows, totals := make([][]float64, len(runs)), make([]float64, len(runs))
		for i := range runs {
			rows[i], totals[i] = row(&runs[i]), total(&runs[i])
		}
		return fit(names, rows, totals)
	}
	return &Model{
		CPU: sum(processorTerms, func(r *Run) []float64 { w, c := r.wish(), r.counts(); return w.spent(&c) },
			func(r *Run) float64 { return r.Server.Cores }),
		Bytes: sum(byteTerms, func(r *Run) []float64 { w, c := r.wish(), r.counts(); return w.sent(&c) },
			func(r *Run) float64 { return r.Server.BytesPerSecond }),
		Memory: sum(memoryTerms, func(r *Run) []float64 { return []float64{1, float64(r.MostPlayers)} },
			func(r *Run) float64 { return r.Server.RSSBytes }),
	}, nil
}

// counts is what the server counted in a run.
func (r *Run) counts() Counts {
	u := r.Server
	return Counts{
		TicksPerSecond: u.TicksPerSecond, FramesPerSecond: u.FramesPerSecond, MovesPerSecond: u.MovesPerSecond,
		BytesPerSecond: u.BytesPerSecond, Audience: r.Audience,
	}
}

// wish is what one would have to wish for to get a run's load. Its ticks are those that came: early ones are ticks as well.
func (r *Run) wish() Wish {
	return Wish{
		Players: r.Joined, MovesPerSecond: r.MovesPerSecond / float64(r.Joined), TicksPerSecond: r.Server.TicksPerSecond,
		Columns: r.Columns, Rows: r.Rows, ViewRadius: r.ViewRadius,
		Width: r.CellWidth * float64(r.Columns), Depth: r.CellDepth * float64(r.Rows),
	}
}

// Prediction is what a model says of a load. Cores, bytes and memory are the server's.
type Prediction struct {
	Wish     Wish    `json:"wish"`
	Counts   Counts  `json:"counts"`
	Cores    float64 `json:"cores"`
	RSSBytes float64 `json:"rssBytes"`
	// Doubts say why the model may not hold there.
	Doubts []string `json:"doubts,omitempty"`
}

// predict returns what the server would do, and take, for a wish.
func (m *Model) predict(w Wish) Prediction {
	c := w.counts()
	c.BytesPerSecond = m.Bytes.of(w.sent(&c))
	return Prediction{Wish: w, Counts: c, Cores: m.CPU.of(w.spent(&c)), RSSBytes: m.memory(w.Players)}
}

// memory is what the process has for so many players.
func (m *Model) memory(players int) float64 { return m.Memory.of([]float64{1, float64(players)}) }

// Comparison is what a model says of a run, and what was so.
type Comparison struct {
	Run Run `json:"run"`
	// FromWish is predicted from players, moves, ticks and grid alone; FromCounts is the cores that the model says the counted
	// ticks, frames, moves and bytes take.
	FromWish   Prediction `json:"fromWish"`
	FromCounts float64    `json:"fromCounts"`
	// Off is by what part FromCounts is off the measured cores, OffWish by what FromWish is.
	Off     float64 `json:"off"`
	OffWish float64 `json:"offWish"`
}

// Compare holds a model against a run.
func (m *Model) Compare(r Run) Comparison {
	w, counts := r.wish(), r.counts()
	c := Comparison{Run: r, FromWish: m.predict(w), FromCounts: m.CPU.of(w.spent(&counts))}
	c.FromWish.RSSBytes = m.memory(r.MostPlayers)
	c.Off, c.OffWish = c.FromCounts/r.Server.Cores-1, c.FromWish.Cores/r.Server.Cores-1
	return c
}

// beyond is how many times what was measured is still believed.
const beyond = 2

// doubts says why a model of runs may not hold for a wish.
func doubts(p *Prediction, runs []Run, cores float64) (all []string) {
	most := func(of func(*Run) float64) (v float64) {
		for i := range runs {
			v = max(v, of(&runs[i]))
		}
		return v
	}
	for _, of := range []struct {
		name       string
		value, had float64
	}{
		{"players", float64(p.Wish.Players), most(func(r *Run) float64 { return float64(r.Joined) })},
		{"frames a second", p.Counts.FramesPerSecond, most(func(r *Run) float64 { return r.Server.FramesPerSecond })},
		{"others in view", p.Counts.Audience, most(func(r *Run) float64 { return r.Audience })},
	} {
		if of.value > beyond*of.had {
			all = append(all, fmt.Sprintf("%.0f %s are far beyond the %.0f that were measured", of.value, of.name, of.had))
		}
	}
	if p.Cores > cores && cores > 0 {
		all = append(all, fmt.Sprintf("%.2f cores are more than the %.0f that the server had", p.Cores, cores))
	}
	return all
}
