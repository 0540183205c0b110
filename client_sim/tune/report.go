package tune

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"aoiworld/client_sim/page"
	"aoiworld/client_sim/study"
)

// Good reports whether everything was tried and given back, and something is recommended.
func (r *Report) Good() bool { return r.Unfinished == "" && r.NotRestored == "" && r.Recommended >= 0 }

// headline is the answer in a few words.
func (r *Report) headline() string {
	if r.Recommended < 0 {
		return "no recommendation"
	}
	return name(&r.Loads[r.Recommended])
}

// Line is a load in a line of progress.
func (w Wish) Line(l *study.Load) string {
	text := fmt.Sprintf("%-22s  p99 %6s ms  delivered %.4f  audience %6.1f  %8.0f B/s each  server %s cores  bots %.2f cores",
		name(l), study.Known("%.1f", l.P99Millis), l.DeliveredPart, l.Audience, l.BytesPerPlayer,
		study.Known("%.2f", l.ServerCores()), l.BotCores)
	if why := w.refuses(l); why != "" {
		text += "  OUT: " + why
	}
	return text
}

// WriteText writes the report for a reader.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	_ = r.table().WriteText(&b) // into memory
	for i := range r.Loads {
		if why := r.Plan.refuses(&r.Loads[i]); why != "" {
			fmt.Fprintf(&b, "OUT          %s: %s\n", name(&r.Loads[i]), why)
		}
	}
	fmt.Fprintf(&b, "\nrecommended  %s: %s\n", r.headline(), r.Reason)
	fmt.Fprintf(&b, "run          %s, %d players\nmachine      %s\n", r.About(), r.players(), r.Where())
	for _, bad := range []struct{ title, text string }{{"UNFINISHED", r.Unfinished}, {"NOT RESTORED", r.NotRestored}} {
		if bad.text != "" {
			fmt.Fprintf(&b, "%-12s %s\n", bad.title, bad.text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// players is how many there were.
func (r *Report) players() int {
	if len(r.Loads) == 0 {
		return 0
	}
	return r.Loads[0].Players
}

// table is the table of settings.
func (r *Report) table() *page.Table {
	t := &page.Table{Title: "Settings", Head: []string{
		"columns × rows", "cell", "Hz", "others in view", "updates/s to all", "B/s each", "server cores", "p99 ms", "delivered",
		"",
	}}
	for i := range r.Loads {
		t.Rows = append(t.Rows, page.Row{Cells: r.cells(i), Marked: i == r.Recommended})
	}
	return t
}

// cells is a row of it.
func (r *Report) cells(i int) []string {
	l, mark := &r.Loads[i], ""
	switch {
	case i == r.Recommended:
		mark = "recommended"
	case r.Plan.refuses(l) != "":
		mark = "out"
	}
	return []string{
		fmt.Sprintf("%d × %d", l.Columns, l.Rows), l.Cell(), fmt.Sprintf("%g", l.TickRateHz), fmt.Sprintf("%.1f", l.Audience),
		page.Number(l.UpdatesPerSecond, 0), page.Number(l.BytesPerPlayer, 0), study.Known("%.2f", l.ServerCores()),
		study.Known("%.1f", l.P99Millis), fmt.Sprintf("%.4f", l.DeliveredPart), mark,
	}
}

// Sheet returns the page of the report.
func (r *Report) Sheet() page.Sheet {
	s := page.Sheet{
		Title: r.headline(), About: fmt.Sprintf("%d players, %s", r.players(), r.About()), Report: r, Charts: r.charts(),
		Banners: []page.Banner{{Title: "Recommended: " + r.headline(), Lines: []string{r.Reason}, Bad: r.Recommended < 0}},
	}
	for _, bad := range []struct{ title, text string }{
		{"Not everything was tried.", r.Unfinished}, {"The server is not as it was.", r.NotRestored},
	} {
		if bad.text != "" {
			s.Banners = append(s.Banners, page.Banner{Title: bad.title, Lines: []string{bad.text}, Bad: true})
		}
	}
	if r.Recommended >= 0 {
		l := &r.Loads[r.Recommended]
		s.Figures = []page.Figure{
			{Name: "cells", Value: fmt.Sprintf("%d × %d", l.Columns, l.Rows), Note: l.Cell() + " units"},
			{Name: "ticks", Value: fmt.Sprintf("%g", l.TickRateHz), Note: "a second"},
			{Name: "others in view", Value: page.Number(l.Audience, 1)},
			{Name: "server", Value: study.Known("%.2f", l.ServerCores()), Note: "cores"},
			{Name: "bytes a player", Value: page.Number(l.BytesPerPlayer, 0), Note: "a second"},
			{Name: "latency p99", Value: study.Known("%.1f", l.P99Millis), Note: "ms"},
		}
	}
	settings := r.table()
	settings.Head = append(settings.Head, "")
	for i := range settings.Rows {
		settings.Rows[i].Cells = append(settings.Rows[i].Cells, r.Plan.refuses(&r.Loads[i]))
	}
	s.Tables = []page.Table{*settings, {Title: "What was run, and where", Rows: r.Rows()}}
	return s
}

// charts are the pictures, by how far players see where that differs, or else by tick rates.
func (r *Report) charts() []page.Chart {
	by, place := "units that players see at least", (*study.Load).Sight
	if !slices.ContainsFunc(r.Loads, func(l study.Load) bool { return l.Sight() != r.Loads[0].Sight() }) {
		by, place = "ticks a second", func(l *study.Load) float64 { return l.TickRateHz }
	}
	one := func(title, unit string, of func(*study.Load) float64) page.Chart {
		line := page.Line{Name: title}
		for i := range r.Loads {
			line.Points = append(line.Points, page.Point{X: place(&r.Loads[i]), Y: of(&r.Loads[i])})
		}
		return page.Chart{Title: title, Unit: unit + ", by " + by, Lines: []page.Line{line}}
	}
	return []page.Chart{
		one("Server", "cores", study.Measured((*study.Load).ServerCores)),
		one("Bytes a player", "KB a second", func(l *study.Load) float64 { return l.BytesPerPlayer / 1000 }),
		one("Latency p99", "ms", study.Measured(func(l *study.Load) float64 { return l.P99Millis })),
		one("Others in view", "players", func(l *study.Load) float64 { return l.Audience }),
	}
}
