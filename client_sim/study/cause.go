package study

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Cause is what gave way first under a load.
type Cause string

// Causes.
const (
	Generator  Cause = "generator"  // the bots, or their machine
	ServerCPU  Cause = "server CPU" // the processors that the server runs on
	Tick       Cause = "tick"       // the world's goroutine had no time left, with processors to spare
	Bytes      Cause = "bytes"      // clients, or their links, did not take what they were sent
	Admission  Cause = "admission"  // the server did not let everybody in, or did not keep them
	Unknown    Cause = "unknown"    // nothing that was measured says
	NothingYet Cause = "nothing"    // the largest load that was tried held
)

// From which part on something that is measured is exhausted.
const (
	// exhaustedCores is the part of the processors: the rest is what the system, and whatever else runs, takes.
	exhaustedCores = 0.85
	// exhaustedTick is the part of the time that ticks take: at 0.8 the server lets them come less often.
	exhaustedTick = 0.75
	// manyLags is how often a player fell behind, on average.
	manyLags = 0.02
	// lateShare is the part of the ticks that were late or given up.
	lateShare = 0.05
)

// WhatGaveWay returns what gave way first under a load that did not hold, and how that is known. shared says that the server and
// the bots run on one machine.
func (l *Load) WhatGaveWay(shared bool) (Cause, string) {
	switch {
	case l.Verdict == Holds:
		return NothingYet, "the load held"
	case l.exhausted():
		return Generator, fmt.Sprintf("the bots' machine has no more ports or descriptors: %v", l.reasons())
	case l.Verdict == Late:
		return Generator, "the bots were late themselves: " + l.Why()
	case l.Joined < l.Players || len(l.Closes) > 0:
		return l.lost()
	case l.Server == nil:
		return Unknown, "the server's metrics were not read (--metrics)"
	}
	return l.spent(shared)
}

// slowConsumer is what the server calls a client that it closes because it takes no whole frame.
const slowConsumer = "SLOW_CONSUMER"

// lost says why players were not let in, or did not stay.
func (l *Load) lost() (Cause, string) {
	for reason := range l.Closes {
		if strings.Contains(reason, slowConsumer) {
			return Bytes, fmt.Sprintf("clients that did not take what they were sent were closed: %v", l.reasons())
		}
	}
	return Admission, fmt.Sprintf("%d of %d players were there in the end: %v", l.Joined, l.Players, l.reasons())
}

// reasons are those for which connections ended or did not come about.
func (l *Load) reasons() (all []string) {
	for _, reason := range slices.Sorted(maps.Keys(l.Closes)) {
		all = append(all, fmt.Sprintf("%d × %s", l.Closes[reason], reason))
	}
	return all
}

// spent says what of the server was used up.
func (l *Load) spent(shared bool) (Cause, string) {
	s := l.Server
	took, all := s.Cores, s.MachineCores
	text := fmt.Sprintf("the server took %.2f of %.0f cores", s.Cores, all)
	if shared {
		took += l.BotCores
		text = fmt.Sprintf("the server took %.2f and the bots %.2f of the %.0f cores that they share", s.Cores, l.BotCores, all)
	}
	troubled := s.LateTicks+s.SkippedTicks > lateShare*s.TicksPerSecond*s.Seconds
	switch {
	case all > 0 && took >= exhaustedCores*all:
		return ServerCPU, text
	case s.TickPart >= exhaustedTick || troubled:
		return Tick, fmt.Sprintf("ticks took %.0f %% of the time, %.0f were late and %.0f given up; %s",
			100*s.TickPart, s.LateTicks, s.SkippedTicks, text)
	case s.Lags > manyLags*float64(l.Players):
		return Bytes, fmt.Sprintf("clients fell behind %.0f times, at %.0f KB/s each; %s", s.Lags, l.BytesPerPlayer/1000, text)
	}
	return Unknown, fmt.Sprintf("%s, ticks took %.0f %% of the time, no client fell behind", text, 100*s.TickPart)
}
