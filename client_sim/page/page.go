// Package page makes a page of a run's report: one file of HTML that holds all it shows, and loads nothing.
package page

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"aoiworld/client_sim/bot"
)

// source is how a page of a report looks, sheetSource one of a study, and common what they have in common.
var (
	//go:embed page.html
	source string
	//go:embed sheet.html
	sheetSource string
	//go:embed common.html
	common string
)

// Write writes the page of a report.
func Write(w io.Writer, report bot.Report) error {
	content, err := newContent(report)
	if err != nil {
		return err
	}
	return fill(w, source, content)
}

// fill writes a page.
func fill(w io.Writer, source string, content any) error {
	page, err := template.New("page").Funcs(template.FuncMap{"number": Number}).Parse(source + common)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	var b bytes.Buffer // a page that fails half-way is none
	if err := page.Execute(&b, content); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	_, err = b.WriteTo(w)
	return err
}

// content is what the page shows.
type content struct {
	Report  bot.Report
	Began   string // when the run was made, as far as the report says
	Figures []figure
	Charts  []chart
	Rows    []row
	// JSON is the report itself, for programs that are handed the page.
	JSON template.JS
}

// figure is one of the numbers at the top.
type figure struct {
	Name, Note string
	Value      template.HTML
	Bad        bool
}

// row is a line of the table at the end.
type row struct {
	Name  string
	Value template.HTML
}

// newContent returns what the page of a report shows.
func newContent(r bot.Report) (*content, error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	charts, err := newCharts(&r)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	c := &content{Report: r, Figures: figures(&r), Charts: charts, Rows: rows(&r), JSON: template.JS(encoded)}
	if !r.Began.IsZero() {
		c.Began = r.Began.UTC().Format(time.RFC1123)
	}
	return c, nil
}

// figures returns the numbers at the top.
func figures(r *bot.Report) []figure {
	l, within := r.LatencyMillis, "within two ticks"
	if r.CrowdedPart > 0 {
		within += ", but of crowds"
	}
	all := []figure{
		{Name: "bots", Value: field("joined", float64(r.Joined), 0), Note: fmt.Sprintf("of %d", r.Bots), Bad: r.Joined < r.Bots},
		{Name: "moves a second", Value: field("movesPerSecond", r.MovesPerSecond, 0)},
		{Name: "updates a second", Value: field("updatesPerSecond", r.UpdatesPerSecond, 0)},
		{Name: "latency p50", Value: field("latencyMillis.p50", l.P50, 1), Note: "ms"},
		{Name: "latency p99", Value: field("latencyMillis.p99", l.P99, 1), Note: fmt.Sprintf("ms, %.2f ticks", r.P99Ticks)},
		{Name: "delivered", Value: field("deliveredPart", 100*r.DeliveredPart, 2), Note: "% " + within},
		{Name: "bytes an update", Value: field("bytesPerUpdate", r.BytesPerUpdate, 1)},
		{Name: "audience", Value: field("audience", r.Audience, 1), Note: "others in view"},
		{Name: "violations", Value: field("violations", float64(r.Violations), 0), Bad: r.Violations > 0},
	}
	if s := r.Staleness; s != nil {
		p99 := field("staleness.nearest20Millis.p99", s.Nearest20.P99, 0)
		all = append(all, figure{Name: "staleness p99", Value: p99, Note: "ms, nearest 20"})
	}
	if e := r.Extrapolation; e != nil {
		p95 := field("extrapolation.p95Units", e.P95, 2)
		all = append(all, figure{Name: "extrapolation p95", Value: p95, Note: "world units off, in crowds"})
	}
	if r.ServerRSSBytes > 0 {
		all = append(all,
			figure{Name: "server", Value: field("serverCores", r.ServerCores, 2), Note: "cores"},
			figure{Name: "server memory", Value: field("serverRSSBytes", r.ServerRSSBytes/1e6, 1), Note: "MB"})
	}
	bots := figure{Name: "these bots", Value: field("cores", r.Cores, 2), Note: "cores, in time"}
	if len(r.Doubts) > 0 {
		bots.Note, bots.Bad = "cores, not to be trusted", true
	} else if !r.Trustworthy { // a report that is older than the question
		bots.Note = "cores"
	}
	return append(all, bots)
}

// rows returns the table at the end: what was run, where, and what else was counted.
func rows(r *bot.Report) []row {
	m, l := r.Machine, r.LatencyMillis
	all := []row{
		{"server", text("%s over %s", r.Server, r.Transport)},
		{"motion, seed", text("%s, %d", r.Motion, r.Seed)},
		{"moving", field("seconds", r.Seconds, 1) + " s"},
		{"frames a second", field("framesPerSecond", r.FramesPerSecond, 0)},
		{"reads a second", field("readsPerSecond", r.ReadsPerSecond, 0)},
		{"moves expected at viewers", field("expected", float64(r.Expected), 0)},
		{"of them in time", field("delivered", float64(r.Delivered), 0)},
		{"latency, mean", field("latencyMillis.mean", l.Mean, 1) + " ms"},
		{"latency, p90", field("latencyMillis.p90", l.P90, 1) + " ms"},
		{"latency, p99.9", field("latencyMillis.p99.9", l.P999, 1) + " ms"},
		{"latency, max", field("latencyMillis.max", l.Max, 1) + " ms"},
		{"sent late by the bots", field("lateSends", float64(r.LateSends), 0)},
		{"skipped by the bots", field("skippedSends", float64(r.SkippedSends), 0)},
		{"blocked by their connections", field("blockedSends", float64(r.BlockedSends), 0)},
		{"taken by the machine's host", field("stolenSeconds", r.StolenSeconds, 2) + " s of core time"},
		{"corrections", field("corrections", float64(r.Corrections), 0)},
		{"joins that failed", field("failed", float64(r.Failed), 0)},
		{"views held against the truth", field("checks", float64(r.Checks), 0) + " times"},
		{"memory of these bots", field("rssBytes", float64(r.RSSBytes)/1e6, 1) + " MB"},
		{"machine", text("%s, %d cores, %s %s %s", m.CPU, m.Cores, m.OS, m.Kernel, m.Arch)},
		{"versions", text("%s, client_sim %s", m.Go, m.Version)},
	}
	all = append(all, shownRows(r)...)
	if r.Settings != nil {
		all = append(all, settings(r.Settings)...)
	}
	for _, cause := range slices.Sorted(maps.Keys(r.Closes)) {
		all = append(all, row{"ended early", text("%d × %s", r.Closes[cause], cause)})
	}
	return all
}

// shownRows returns the rows about how old and how far off what was shown was.
func shownRows(r *bot.Report) (all []row) {
	if s := r.Staleness; s != nil {
		for _, of := range []struct {
			rank, name string
			bot.Latency
		}{
			{"the nearest 20", "nearest20", s.Nearest20},
			{"the nearest 100", "nearest100", s.Nearest100},
			{"all in view", "all", s.All},
		} {
			number := func(name string, v float64) template.HTML { return field("staleness."+of.name+"Millis."+name, v, 0) }
			all = append(all, row{"staleness of " + of.rank, "p50 " + number("p50", of.P50) + ", p90 " + number("p90", of.P90) +
				", p99 " + number("p99", of.P99) + ", max " + number("max", of.Max) + " ms"})
		}
	}
	if e := r.Extrapolation; e != nil {
		number := func(name string, v float64, decimals int) template.HTML {
			return field("extrapolation."+name, v, decimals)
		}
		all = append(all,
			row{"extrapolation, off by", "p50 " + number("p50Units", e.P50, 2) + ", p95 " + number("p95Units", e.P95, 2) +
				", p99 " + number("p99Units", e.P99, 2) + ", max " + number("maxUnits", e.Max, 2) + " units"},
			row{"oldest track that was wrong", number("oldestSeconds", e.OldestSeconds, 1) + " s, at most " +
				number("boundSeconds", e.BoundSeconds, 1) + " declared"})
	}
	if r.CrowdedPart > 0 {
		all = append(all, row{"updates of crowds, not expected", field("crowdedPart", 100*r.CrowdedPart, 1) + " %"})
	}
	if r.Lookers > 0 && r.Lookers < 1 {
		all = append(all, row{"of the bots timed what they were shown", field("lookers", 100*r.Lookers, 1) + " %"})
	}
	return all
}

// text is what a row says in words.
func text(format string, values ...any) template.HTML {
	return template.HTML(template.HTMLEscapeString(fmt.Sprintf(format, values...)))
}

// settings returns the rows about how a run was configured, but for its phases.
func settings(s *bot.Settings) []row {
	number := func(name string, v float64, decimals int) template.HTML { return field("settings."+name, v, decimals) }
	checked := "no"
	if s.Verify {
		checked = "yes"
	}
	all := []row{
		{"server's ticks a second", number("tickRateHz", s.TickRateHz, 1)},
		{"world, X", number("minX", s.MinX, 1) + " to " + number("maxX", s.MaxX, 1)},
		{"world, Z", number("minZ", s.MinZ, 1) + " to " + number("maxZ", s.MaxZ, 1)},
		{"cells", number("columns", float64(s.Columns), 0) + " × " + number("rows", float64(s.Rows), 0)},
		{"view radius", number("viewRadius", float64(s.ViewRadius), 0) + " cells"},
		{"verified", template.HTML(checked)},
		{"rounds of", number("roundSeconds", s.RoundSeconds, 1) + " s"},
		{"settled after at most", number("settleSeconds", s.SettleSeconds, 1) + " s"},
		{"joins a second", number("connectsPerSecond", s.ConnectsPerSecond, 1)},
		{"a join took at most", number("joinTimeoutSeconds", s.JoinTimeoutSeconds, 1) + " s"},
		{"ramp", number("rampSeconds", s.RampSeconds, 1) + " s"},
		{"goals", "p99 of " + number("goals.maxP99Millis", s.Goals.MaxP99Millis, 1) + " ms (0: any), " +
			number("goals.minDeliveredPart", s.Goals.MinDeliveredPart, 4) + " delivered, " +
			number("goals.maxViolations", float64(s.Goals.MaxViolations), 0) + " violations"},
	}
	if len(s.Sources) > 0 {
		all = append(all, row{"connected from", text("%s", strings.Join(s.Sources, ", "))})
	}
	if slices.ContainsFunc(s.Phases, func(p bot.PhaseSettings) bool { return p.Motion == bot.Hotspot }) {
		all = append(all, row{"hotspot", text("%v, radius %g (empty: the middle)", s.Hotspot, s.HotspotRadius)})
	}
	return all
}

// field is a number of the report as the page shows it, under the name that it has in the JSON.
func field(name string, value float64, decimals int) template.HTML {
	return template.HTML(fmt.Sprintf(`<data data-field="%s" data-decimals="%d">%s</data>`,
		template.HTMLEscapeString(name), decimals, Number(value, decimals)))
}

// Number writes a number with a thin space between thousands.
func Number(value float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, value)
	whole, fraction, hasFraction := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	return sign + whole
}
