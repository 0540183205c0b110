package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"aoiworld/bench/side"
	"aoiworld/client_sim/bot"
)

// joinRate is how many bots join a second.
const joinRate = 2000

// anything is more violations than there can be: the floor shows bots nothing of what they ask for.
const anything = 1 << 40

// botArgs returns how client_sim is started: its bots move for a time in a part of the world that begins at a column.
func (r *run) botArgs(t traffic, column int, length time.Duration) []string {
	motion, dialect, server := or(t.Motion, bot.Walk), t.Dialect, r.addresses[side.KeyPlayers]
	if r.contender.program != theServer {
		dialect = classicBots
	} else if key := listener(t); key != "" {
		server = r.addresses[key]
	}
	if t.still() {
		motion = bot.Still
	}
	low, high, deep := column*cellUnits, (column+t.Columns)*cellUnits, t.Columns*cellUnits
	columns, rows := t.Columns, t.Columns
	if whole := r.contender.traffic; whole.Cell > 0 {
		columns, rows = whole.world()
		low, high, deep = 0, int(float64(columns)*t.cell()), int(float64(rows)*t.cell())
	}
	args := []string{
		"run", "--progress", "--server", server, "--transport", t.Transport, "--dialect", dialect,
		"--tick-rate", number(t.TickRate), "--bounds", fmt.Sprintf("%d,%d,0,%d", low, high, deep),
		"--columns", strconv.Itoa(columns), "--rows", strconv.Itoa(rows), "--connect-rate", strconv.Itoa(joinRate),
	}
	if t.Days == 0 { // a scenario's phases say these themselves
		args = append(args, "--motion", motion, "--bots", strconv.Itoa(t.Bots), "--rate", number(t.MoveRate), "--step", "1",
			"--duration", length.String())
	}
	if t.Cell > 0 || t.Days > 0 {
		args = append(args, t.crowdFlags(column)...)
	}
	if r.contender.program == theFloor {
		args = append(args, "--settle", "1ms", "--max-violations", strconv.Itoa(anything))
	}
	if t.Stalls > 0 {
		args = append(args, "--verify", "--stalls", strconv.Itoa(t.Stalls), "--round", (length / 2).String())
	}
	return args
}

// listener is the key of the server's address for some traffic, or empty for the first of all.
func listener(t traffic) string {
	switch {
	case t.Transport == overWebSocket:
		return "net.ws.address"
	case t.Dialect == nativeBots:
		return "net.tcp.native.address"
	}
	return ""
}

// sumUp returns what a run has found. before is from when nobody was there.
func (r *run) sumUp(before sample, w window, report bot.Report) outcome {
	t := r.contender.traffic
	o := outcome{values: w.cost(r.ownAllocs, t.Bots), machine: report.Machine}
	if frames := w.since(framesTotal); frames > 0 {
		o.bytes = w.since(bytesTotal) / frames
	}
	all := float64(t.Bots + t.Idle + t.Slow + t.Crowd)
	o.values.set(kbitPerPlayer, w.since(bytesTotal)*8/1000, w.to.at.Sub(w.from.at).Seconds()*all)
	o.values.set(residentEach, w.after.rss-before.rss, all)
	o.values.set(goMemoryEach, w.after.metrics.goMemory()-before.metrics.goMemory(), all)
	if t.Slow > 0 {
		o.values[slowMemoryEach] = w.held
	}
	o.values[botCores] = report.Cores
	o.values[otherCores] -= report.Cores
	if r.contender.program != theFloor {
		o.values.addReport(report, t)
	}
	if moves := report.MovesPerSecond * report.Seconds; moves > 0 {
		o.values[lateSendsPart] = float64(report.LateSends) / moves
	}
	o.notes = append(notesOn(report, r.contender.program == theFloor), w.to.metrics.closes()...)
	if t.Stalls > 0 || t.Days > 0 { // the bots pause while they are checked, and those who stall are among them
		o.values = values{violations: float64(report.Violations), lags: o.values[lags], closedSlow: o.values[closedSlow]}
	}
	return o
}

// addReport adds what the bots have found.
func (v values) addReport(report bot.Report, t traffic) {
	v[updatesPerSecond] = report.UpdatesPerSecond
	v[audience] = report.Audience
	v.set(updatesPerCPU, report.UpdatesPerSecond, v[cores])
	if report.LatencyMillis.Count == 0 {
		return
	}
	v[latencyP50], v[latencyP99] = report.LatencyMillis.P50, report.LatencyMillis.P99
	v[p50Ticks], v[p99Ticks] = v[latencyP50]/1000*t.TickRate, report.P99Ticks
	v[deliveredPart] = report.DeliveredPart
	v[violations] = float64(report.Violations)
	if s := report.Staleness; s != nil && t.Budget != 0 {
		v[stale20], v[stale100], v[staleAll] = s.Nearest20.P99, s.Nearest100.P99, s.All.P99
	}
	if e := report.Extrapolation; e != nil {
		v[offP95], v[oldestTrack], v[boundDeclared], v[grouped] = e.P95, e.OldestSeconds, e.BoundSeconds, e.GroupedPart
	}
}

// closes says which connections the server has ended, by the codes of its metrics.
func (m metrics) closes() (notes []string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		code, is := strings.CutPrefix(name, closedTotal)
		if _, err := strconv.Atoi(code); is && err == nil && m[name] > 0 {
			notes = append(notes, fmt.Sprintf("the server counts %v closed as %s", m[name], code))
		}
	}
	return notes
}

// notesOn returns what is to be known about a run: why it is not to be trusted, and what went wrong. The floor shows nobody
// its own moves: that is no news.
func notesOn(report bot.Report, floor bool) (notes []string) {
	for _, doubt := range report.Doubts {
		notes = append(notes, "not to trust: "+doubt)
	}
	for cause, n := range report.Closes {
		notes = append(notes, fmt.Sprintf("%d closed: %s", n, cause))
	}
	for _, failure := range report.Failures {
		if !floor || report.Failed > 0 {
			notes = append(notes, failure)
		}
	}
	return notes
}
