// Package study is what studies of a server have in common: a load and what a run found under it, whether it held, and what gave
// way.
package study

import (
	"fmt"
	"math"
	"strings"

	"aoiworld/client_sim/bot"
)

// Load is a load that was put on a server, and what came of it. Rates are a second; what the server says of itself is 0 where
// it does not.
type Load struct {
	Players        int     `json:"players"` // that were to be there
	Joined         int     `json:"joined"`  // that were
	Columns        int     `json:"columns"`
	Rows           int     `json:"rows"`
	CellWidth      float64 `json:"cellWidth"` // world units
	CellDepth      float64 `json:"cellDepth"`
	ViewRadius     int     `json:"viewRadius"` // cells
	TickRateHz     float64 `json:"tickRateHz"`
	Seconds        float64 `json:"seconds"` // of moving
	P50Millis      float64 `json:"p50Millis"`
	P99Millis      float64 `json:"p99Millis"`
	DeliveredPart  float64 `json:"deliveredPart"`
	Audience       float64 `json:"audience"`
	MovesPerSecond float64 `json:"movesPerSecond"` // that the bots sent

	UpdatesPerSecond float64 `json:"updatesPerSecond"`
	// BytesPerPlayer is what a player received, in bytes a second, BytesPerUpdate the same by updates.
	BytesPerPlayer float64 `json:"bytesPerPlayer"`
	BytesPerUpdate float64 `json:"bytesPerUpdate"`
	BotCores       float64 `json:"botCores"`
	// BotMachineCores is how many the bots may use.
	BotMachineCores int `json:"botMachineCores"`
	// Server is what the server took and did; nil where its metrics could not be read.
	Server *bot.ServerUse `json:"server,omitempty"`
	// Failures and Doubts are the report's: what was not as it should be, and why the bots may have measured themselves.
	Failures []string `json:"failures"`
	Doubts   []string `json:"doubts"`
	// Blocked is how many moves did not fit into their connections.
	Blocked int64 `json:"blocked"`
	// Skipped is how many moves the bots gave up, being too late.
	Skipped int64   `json:"skipped"`
	Verdict Verdict `json:"verdict"`
	// Closes is connections that ended without the bots' doing, and joins that failed, by reason.
	Closes map[string]int `json:"closes,omitempty"`
}

// Verdict is what a run says of the load.
type Verdict string

// Verdicts.
const (
	Holds  Verdict = "holds"  // the server carries it
	Breaks Verdict = "breaks" // it does not
	// Late is neither: it broke, or was not put on the server at all, while the bots were late themselves.
	Late Verdict = "bots late"
)

// Refused returns a load of which not one player was let in.
func Refused(players int, err error) Load {
	l := Load{Players: players, Failures: []string{err.Error()}, Doubts: []string{}, Closes: map[string]int{err.Error(): players}}
	l.Verdict = l.judge()
	return l
}

// NewLoad returns what a run found.
func NewLoad(r *bot.Report) Load {
	l := Load{
		Players: r.Bots, Joined: r.Joined, Seconds: r.Seconds, P50Millis: r.LatencyMillis.P50, P99Millis: r.LatencyMillis.P99,
		DeliveredPart: r.DeliveredPart, Audience: r.Audience, MovesPerSecond: r.MovesPerSecond,
		UpdatesPerSecond: r.UpdatesPerSecond, BytesPerUpdate: r.BytesPerUpdate, BotCores: r.Cores,
		BotMachineCores: r.Machine.Cores, Server: r.ServerUse, Failures: r.Failures, Doubts: r.Doubts,
		Blocked: r.BlockedSends, Skipped: r.SkippedSends, Closes: r.Closes,
	}
	if r.Joined > 0 {
		l.BytesPerPlayer = r.UpdatesPerSecond * r.BytesPerUpdate / float64(r.Joined)
	}
	if s := r.Settings; s != nil {
		l.TickRateHz = s.TickRateHz
		l.Cut(bot.World{
			MinX: s.MinX, MaxX: s.MaxX, MinZ: s.MinZ, MaxZ: s.MaxZ, Columns: s.Columns, Rows: s.Rows, Radius: s.ViewRadius,
		})
	}
	l.Verdict = l.judge()
	return l
}

// Cut says of a load into which cells its world is cut, and how far players see in it.
func (l *Load) Cut(w bot.World) {
	l.Columns, l.Rows, l.ViewRadius = w.Columns, w.Rows, w.Radius
	l.CellWidth, l.CellDepth = (w.MaxX-w.MinX)/float64(max(1, w.Columns)), (w.MaxZ-w.MinZ)/float64(max(1, w.Rows))
}

// judge says what a run says of its load. That bots were late makes what they measure worse, never better: a load that holds in
// spite of that does hold, if it was put on the server whole. One that breaks then breaks for the bots, as far as anybody knows.
func (l *Load) judge() Verdict {
	late := len(l.Doubts) > 0 && !l.onlyBlocked()
	switch {
	case l.exhausted() || l.Skipped > 0:
		return Late
	case len(l.Failures) == 0 && l.Blocked == 0:
		return Holds
	case late:
		return Late
	}
	return Breaks
}

// onlyBlocked reports whether the one doubt is that the server did not read what the bots sent, which is the server's doing.
func (l *Load) onlyBlocked() bool { return len(l.Doubts) == 1 && l.Blocked > 0 }

// exhausted reports whether the machine of the bots had no more ports or descriptors for them: they cannot make that load.
func (l *Load) exhausted() bool {
	for reason := range l.Closes {
		if strings.Contains(reason, "too many open files") || strings.Contains(reason, "cannot assign requested address") {
			return true
		}
	}
	return false
}

// Why says why a load did not hold, or nothing where it did: of one that the bots were late for, that they were.
func (l *Load) Why() string {
	switch {
	case l.Verdict == Holds:
		return ""
	case l.Verdict == Late && len(l.Doubts) > 0:
		return l.Doubts[0]
	case len(l.Failures) > 0:
		return l.Failures[0]
	case len(l.Doubts) > 0:
		return l.Doubts[0]
	}
	return string(l.Verdict)
}

// Cell is the size of a cell in words.
func (l *Load) Cell() string { return fmt.Sprintf("%.3g × %.3g", l.CellWidth, l.CellDepth) }

// Sight is how far a player sees at least, in world units: to the nearest border of what it is shown.
func (l *Load) Sight() float64 { return float64(l.ViewRadius) * min(l.CellWidth, l.CellDepth) }

// Known is a figure in words, or that it was not measured, which 0 says.
func Known(format string, v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// Measured returns what a chart is to draw of a figure: not a number where it is 0, which was not measured.
func Measured(of func(*Load) float64) func(*Load) float64 {
	return func(l *Load) float64 {
		if v := of(l); v != 0 {
			return v
		}
		return math.NaN()
	}
}

// ServerCores is what the server took, 0 where it does not say.
func (l *Load) ServerCores() float64 {
	if l.Server == nil {
		return 0
	}
	return l.Server.Cores
}

// ServerMB is the server's memory, 0 where it does not say.
func (l *Load) ServerMB() float64 {
	if l.Server == nil {
		return 0
	}
	return l.Server.RSSBytes / 1e6
}
