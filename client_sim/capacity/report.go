package capacity

import (
	"fmt"
	"io"
	"strings"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/page"
	"aoiworld/client_sim/study"
)

// Good reports whether the search came to an end, and any load held.
func (r *Report) Good() bool { return r.Unfinished == "" && r.Players > 0 }

// headline is the answer in a few words.
func (r *Report) headline() string {
	text := fmt.Sprintf("%d players", r.Players)
	switch {
	case len(r.Rounds) == 0:
		return "no answer"
	case r.Players == 0:
		return "no load held"
	case r.Cause == study.Generator || r.Cause == study.NothingYet:
		return "at least " + text // the server may carry more
	}
	return text
}

// spread is the answers of all rounds.
func (r *Report) spread() string {
	switch {
	case len(r.Rounds) == 0:
		return "no round was finished"
	case len(r.Rounds) == 1:
		return "in one round"
	case r.Least == r.Most:
		return fmt.Sprintf("the same in %d rounds", len(r.Rounds))
	}
	return fmt.Sprintf("%d to %d in %d rounds", r.Least, r.Most, len(r.Rounds))
}

// goals is what a load had to reach, in words.
func (r *Report) goals() string {
	if r.Settings == nil {
		return ""
	}
	var all []string
	g := r.Settings.Goals
	if g.MaxP99Millis > 0 {
		all = append(all, fmt.Sprintf("p99 within %g ms", g.MaxP99Millis))
	}
	if g.MinDeliveredPart > 0 {
		all = append(all, fmt.Sprintf("%g delivered within two ticks", g.MinDeliveredPart))
	}
	return strings.Join(append(all, fmt.Sprintf("at most %d violations", g.MaxViolations)), ", ")
}

// Line is a load in a line of progress.
func (s *Step) Line() string {
	text := fmt.Sprintf("round %d  %6d players  %-9s  p99 %6s ms  delivered %.4f  %8.0f B/s each  "+
		"server %s cores  bots %.2f cores",
		s.Round, s.Players, s.Verdict, study.Known("%.1f", s.P99Millis), s.DeliveredPart, s.BytesPerPlayer,
		study.Known("%.2f", s.ServerCores()), s.BotCores)
	if why := s.Why(); why != "" {
		text += "  " + why
	}
	return text
}

// WriteText writes the report for a reader.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", r.headline(), r.spread())
	fmt.Fprintf(&b, "goals     %s\n", r.goals())
	fmt.Fprintf(&b, "gave way  %s: %s\n", r.Cause, r.Reason)
	fmt.Fprintf(&b, "run       %s\nmachine   %s\n\n", r.About(), r.Where())
	_ = r.table().WriteText(&b) // into memory
	for i := range r.Loads {
		if s := &r.Loads[i]; s.Verdict == study.Late {
			fmt.Fprintf(&b, "NOT COUNTED  %d players in round %d: %s\n", s.Players, s.Round, s.Why())
		}
	}
	if r.Unfinished != "" {
		fmt.Fprintf(&b, "UNFINISHED   %s\n", r.Unfinished)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table is the table of loads.
func (r *Report) table() *page.Table {
	t := &page.Table{Title: "Loads", Head: []string{
		"round", "players", "", "p50 ms", "p99 ms", "delivered", "audience", "B/s each", "server cores", "MB", "ticks",
		"bot cores",
	}}
	for i := range r.Loads {
		t.Rows = append(t.Rows, page.Row{Cells: r.Loads[i].cells(), Marked: r.counts(&r.Loads[i])})
	}
	return t
}

// cells is a row of it.
func (s *Step) cells() []string {
	ticks := "–"
	if s.Server != nil {
		ticks = fmt.Sprintf("%.0f %%", 100*s.Server.TickPart)
	}
	return []string{
		fmt.Sprint(s.Round), fmt.Sprint(s.Players), string(s.Verdict), study.Known("%.1f", s.P50Millis),
		study.Known("%.1f", s.P99Millis), fmt.Sprintf("%.4f", s.DeliveredPart), fmt.Sprintf("%.1f", s.Audience),
		fmt.Sprintf("%.0f", s.BytesPerPlayer), study.Known("%.2f", s.ServerCores()), study.Known("%.0f", s.ServerMB()), ticks,
		fmt.Sprintf("%.2f", s.BotCores),
	}
}

// Sheet returns the page of the report.
func (r *Report) Sheet() page.Sheet {
	s := page.Sheet{Title: r.headline(), About: r.About(), Report: r, Charts: r.charts(), Figures: r.figures()}
	s.Banners = []page.Banner{{
		Title: "What gave way first: " + string(r.Cause), Lines: []string{r.Reason}, Bad: r.Cause == study.Generator,
	}}
	if r.Unfinished != "" {
		s.Banners = append(s.Banners, page.Banner{Title: "Not all rounds were made.", Lines: []string{r.Unfinished}, Bad: true})
	}
	loads := r.table()
	loads.Head = append(loads.Head, "")
	for i := range loads.Rows {
		loads.Rows[i].Cells = append(loads.Rows[i].Cells, r.Loads[i].Why())
	}
	s.Tables = []page.Table{*loads, r.setup()}
	return s
}

// setup is the table of what was run, and where.
func (r *Report) setup() page.Table {
	t := page.Table{Title: "What was run, and where", Rows: []page.Row{
		{Cells: []string{"goals", r.goals()}},
		{Cells: []string{
			"a load that the bots were late for",
			"is not counted as a failure of the server, unless it held all the same",
		}},
	}}
	return page.Table{Title: t.Title, Rows: append(t.Rows, r.Rows()...)}
}

// figures are the numbers at the top.
func (r *Report) figures() []page.Figure {
	all := []page.Figure{{Name: "players", Value: page.Number(float64(r.Players), 0), Note: r.spread(), Bad: r.Players == 0}}
	l := r.held()
	if l == nil {
		return all
	}
	all = append(all,
		page.Figure{Name: "latency p99", Value: study.Known("%.1f", l.P99Millis), Note: "ms"},
		page.Figure{Name: "delivered", Value: page.Number(100*l.DeliveredPart, 2), Note: "% within two ticks"},
		page.Figure{Name: "audience", Value: page.Number(l.Audience, 1), Note: "others in view"},
		page.Figure{Name: "bytes a player", Value: page.Number(l.BytesPerPlayer, 0), Note: "a second"})
	if l.Server == nil {
		return all
	}
	return append(all,
		page.Figure{Name: "server", Value: page.Number(l.Server.Cores, 2), Note: "cores"},
		page.Figure{Name: "server memory", Value: page.Number(l.ServerMB(), 1), Note: "MB"},
		page.Figure{Name: "ticks", Value: page.Number(100*l.Server.TickPart, 0), Note: "% of the time"})
}

// cutOff is how many times the goal the chart of latencies shows: what is beyond is drawn at its border.
const cutOff = 3

// charts are the pictures: everything by players.
func (r *Report) charts() []page.Chart {
	line := func(name string, of func(*study.Load) float64) (l page.Line) {
		l.Name = name
		for i := range r.Loads {
			load := &r.Loads[i].Load
			if load.Joined > 0 {
				l.Points = append(l.Points, page.Point{X: float64(load.Players), Y: of(load)})
			}
		}
		return l
	}
	goals := bot.GoalSettings{}
	if r.Settings != nil {
		goals = r.Settings.Goals
	}
	latency := page.Chart{Title: "Latency", Unit: "ms, by players", Lines: []page.Line{
		line("p50", study.Measured(func(l *study.Load) float64 { return bounded(l.P50Millis, cutOff*goals.MaxP99Millis) })),
		line("p99", study.Measured(func(l *study.Load) float64 { return bounded(l.P99Millis, cutOff*goals.MaxP99Millis) })),
	}}
	if goals.MaxP99Millis > 0 {
		latency.Lines = append(latency.Lines, line("goal", func(*study.Load) float64 { return goals.MaxP99Millis }))
		latency.Unit = fmt.Sprintf("ms, by players; cut off at %g", cutOff*goals.MaxP99Millis)
	}
	return []page.Chart{
		latency,
		{Title: "Not delivered", Unit: "% not within two ticks, by players", Lines: []page.Line{
			line("not delivered", func(l *study.Load) float64 { return 100 * (1 - l.DeliveredPart) }),
		}},
		{Title: "Processors", Unit: "cores, by players", Lines: []page.Line{
			line("server", study.Measured((*study.Load).ServerCores)),
			line("bots", func(l *study.Load) float64 { return l.BotCores }),
		}},
		{Title: "Server memory", Unit: "MB, by players", Lines: []page.Line{
			line("server", study.Measured((*study.Load).ServerMB)),
		}},
		{Title: "Bytes a player", Unit: "KB a second, by players", Lines: []page.Line{
			line("bytes", func(l *study.Load) float64 { return l.BytesPerPlayer / 1000 }),
		}},
		{Title: "Audience", Unit: "others in view, by players", Lines: []page.Line{
			line("audience", func(l *study.Load) float64 { return l.Audience }),
		}},
	}
}

// bounded is a value, or a bound that it is beyond; a bound of 0 is none.
func bounded(v, bound float64) float64 {
	if bound > 0 {
		return min(v, bound)
	}
	return v
}
