package model

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"aoiworld/client_sim/page"
	"aoiworld/client_sim/study"
)

// tables are all that the report has, of those that have anything.
func (r *Report) tables() []page.Table {
	all := []page.Table{
		costs("Server CPU", "s", r.CPU), costs("Bytes sent", "B", r.Bytes), costs("Server memory", "B", r.Memory), r.fitted(),
	}
	all[3].Note = strings.TrimPrefix(r.unused(), "; ")
	for _, more := range []page.Table{r.compared(), r.predicted()} {
		if len(more.Rows) > 0 {
			all = append(all, more)
		}
	}
	return all
}

// costs is the table of what each term of a sum adds, in seconds or bytes.
func costs(title, unit string, s *Sum) page.Table {
	t := page.Table{Title: title, Head: []string{"", "each", "with any one run left out"}}
	for _, term := range s.Terms {
		t.Rows = append(t.Rows, page.Row{Cells: []string{
			term.Name, quantity(term.Each, unit), quantity(term.Least, unit) + " to " + quantity(term.Most, unit),
		}})
	}
	median, worst := typical(s.Off)
	alone, worstAlone := typical(s.LeftOut)
	t.Note = fmt.Sprintf("off by %.1f %% in the median, %.1f %% at most; for a run that is left out, %.1f and %.1f %%",
		100*median, 100*worst, 100*alone, 100*worstAlone)
	return t
}

// quantity is a number of seconds or bytes in a unit that fits it.
func quantity(v float64, unit string) string {
	for _, of := range []struct {
		least float64
		name  string
	}{{1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}} {
		if v >= of.least && (unit == "s" || of.least >= 1) {
			return strings.Replace(fmt.Sprintf("%.3g %s%s", v/of.least, of.name, unit), "kB", "KB", 1)
		}
	}
	return fmt.Sprintf("%.2g %s", v, unit)
}

// percent is by what part something is off.
func percent(off float64) string { return fmt.Sprintf("%+.1f %%", 100*off) }

// load is the beginning of a row: whose load, and what it was.
func load(l *study.Load) []string {
	return []string{
		fmt.Sprint(l.Joined), fmt.Sprintf("%d × %d", l.Columns, l.Rows), fmt.Sprintf("%g", l.TickRateHz),
		fmt.Sprintf("%.1f", l.Audience),
	}
}

// fitted is the table of runs to which the model is fitted.
func (r *Report) fitted() page.Table {
	t := page.Table{Title: "Runs", Head: []string{
		"file", "players", "cells", "Hz", "others in view", "ticks/s", "frames/s", "moves/s", "KB/s", "cores", "model", "off",
		"left out",
	}}
	for i := range r.Runs {
		run := &r.Runs[i]
		c := run.counts()
		cells := append([]string{filepath.Base(run.Name)}, load(&run.Load)...)
		t.Rows = append(t.Rows, page.Row{Cells: append(cells,
			fmt.Sprintf("%.1f", c.TicksPerSecond), fmt.Sprintf("%.0f", c.FramesPerSecond), fmt.Sprintf("%.0f", c.MovesPerSecond),
			fmt.Sprintf("%.0f", c.BytesPerSecond/1000), fmt.Sprintf("%.3f", run.Server.Cores),
			fmt.Sprintf("%.3f", run.Server.Cores*(1+r.CPU.Off[i])), percent(r.CPU.Off[i]), percent(r.CPU.LeftOut[i]))})
	}
	return t
}

// compared is the table of runs to which it is not: of each, what was predicted and what was so.
func (r *Report) compared() page.Table {
	t := page.Table{Title: "Predicted, and measured", Head: []string{
		"file", "players", "cells", "Hz", "", "measured", "from players and grid", "off", "from what was counted", "off",
	}}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		had, said, counts := c.Run.Server, &c.FromWish, &c.FromWish.Counts
		for j, of := range []struct {
			name, format string
			was, said    float64
		}{
			{"server, cores", "%.3f", had.Cores, said.Cores},
			{"others in view", "%.1f", c.Run.Audience, counts.Audience},
			{"frames/s", "%.0f", had.FramesPerSecond, counts.FramesPerSecond},
			{"moves/s", "%.0f", had.MovesPerSecond, counts.MovesPerSecond},
			{"KB/s", "%.0f", had.BytesPerSecond / 1000, counts.BytesPerSecond / 1000},
			{"server, MB", "%.1f", had.RSSBytes / 1e6, said.RSSBytes / 1e6},
		} {
			row := []string{
				"", "", "", "", of.name, fmt.Sprintf(of.format, of.was), fmt.Sprintf(of.format, of.said),
				percent(of.said/of.was - 1), "", "",
			}
			if j == 0 {
				row[0] = filepath.Base(c.Run.Name)
				copy(row[1:], load(&c.Run.Load)[:3])
				row[8], row[9] = fmt.Sprintf(of.format, c.FromCounts), percent(c.Off)
			}
			t.Rows = append(t.Rows, page.Row{Cells: row})
		}
	}
	return t
}

// predicted is the table of loads that somebody thought of.
func (r *Report) predicted() page.Table {
	t := page.Table{Title: "Predicted", Head: []string{
		"players", "cells", "cell", "ticks/s", "moves/s each", "others in view", "frames/s", "B/s each", "MB/s", "server cores",
		"MB",
	}}
	for i := range r.Predictions {
		p := &r.Predictions[i]
		w, c := &p.Wish, &p.Counts
		t.Rows = append(t.Rows, page.Row{Cells: []string{
			fmt.Sprint(w.Players), fmt.Sprintf("%d × %d", w.Columns, w.Rows),
			fmt.Sprintf("%.3g × %.3g", w.Width/float64(w.Columns), w.Depth/float64(w.Rows)), fmt.Sprintf("%g", w.TicksPerSecond),
			fmt.Sprintf("%.3g", w.MovesPerSecond), fmt.Sprintf("%.1f", c.Audience), fmt.Sprintf("%.0f", c.FramesPerSecond),
			fmt.Sprintf("%.0f", c.BytesPerSecond/float64(w.Players)), fmt.Sprintf("%.2f", c.BytesPerSecond/1e6),
			fmt.Sprintf("%.2f", p.Cores), fmt.Sprintf("%.0f", p.RSSBytes/1e6),
		}})
	}
	return t
}

// headline says what this is.
func (r *Report) headline() string {
	return fmt.Sprintf("what the server takes, from %d runs", len(r.Runs))
}

// machine says where the runs were made, and for which machine the costs are.
func (r *Report) machine() string {
	if r.Factor == 1 {
		return r.Where()
	}
	return fmt.Sprintf("one whose processors take %g times as long as: %s", r.Factor, r.Where())
}

// doubts are all that there are: about the runs, and about what is predicted from them.
func (r *Report) doubts() []string {
	all := slices.Clone(r.Doubts)
	for i := range r.Predictions {
		for _, doubt := range r.Predictions[i].Doubts {
			all = append(all, "a prediction: "+doubt)
		}
	}
	return all
}

// WriteText writes the report for a reader.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nrun      %s\nmachine  %s\n", r.headline(), r.About(), r.machine())
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(t.Title))
		_ = t.WriteText(&b) // into memory
		if t.Note != "" {
			fmt.Fprintf(&b, "%s\n", t.Note)
		}
	}
	for _, doubt := range r.doubts() {
		fmt.Fprintf(&b, "NOT TO TRUST  %s\n", doubt)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Sheet returns the page of the report.
func (r *Report) Sheet() page.Sheet {
	s := page.Sheet{Title: r.headline(), About: r.About(), Report: r, Charts: r.charts()}
	if all := r.doubts(); len(all) > 0 {
		s.Banners = []page.Banner{{Title: "Not to be trusted.", Lines: all, Bad: true}}
	}
	for _, term := range r.CPU.Terms {
		s.Figures = append(s.Figures, page.Figure{Name: term.Name, Value: quantity(term.Each, "s"), Note: "of CPU time"})
	}
	player := r.Memory.Terms[len(r.Memory.Terms)-1]
	s.Figures = append(s.Figures, page.Figure{Name: player.Name, Value: quantity(player.Each, "B"), Note: "of memory"})
	s.Tables = r.tables()
	for _, t := range s.Tables {
		for _, row := range t.Rows {
			for i, cell := range row.Cells {
				row.Cells[i] = strings.ReplaceAll(cell, " ", "\u00a0") // no number stands on two lines
			}
		}
	}
	s.Tables = append(s.Tables, page.Table{Title: "What was run, and where", Rows: r.Rows()})
	return s
}

// charts are the pictures: what the model says by what was measured, beside what it should say.
func (r *Report) charts() []page.Chart {
	chart := func(title, unit string, of func(*Run) float64, s *Sum) page.Chart {
		lines := []page.Line{{Name: "measured"}, {Name: "model"}}
		for i := range r.Runs {
			v := of(&r.Runs[i])
			lines[0].Points = append(lines[0].Points, page.Point{X: v, Y: v})
			lines[1].Points = append(lines[1].Points, page.Point{X: v, Y: v * (1 + s.Off[i])})
		}
		return page.Chart{Title: title, Unit: unit + ", by what was measured", Lines: lines}
	}
	return []page.Chart{
		chart("Server CPU", "cores", func(r *Run) float64 { return r.Server.Cores }, r.CPU),
		chart("Bytes sent", "MB a second", func(r *Run) float64 { return r.Server.BytesPerSecond / 1e6 }, r.Bytes),
	}
}
