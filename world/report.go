package world

import "time"

// Phase is a part of the tick.
type Phase uint8

// The phases, in the order of the tick.
const (
	PhaseGather Phase = iota
	PhaseSample
	PhaseTake
	PhaseStep
	PhaseEncode
	PhaseCompose
	PhaseDeliver
	PhaseCheck
	Phases // how many there are
)

// String returns the phase's metric label.
func (p Phase) String() string {
	return [...]string{"gather", "sample", "take", "step", "encode", "compose", "deliver", "check", "?"}[min(p, Phases)]
}

// TickReport is what one tick did and took.
type TickReport struct {
	World string
	Tick  uint64
	// Took is how long each phase lasted.
	Took [Phases]time.Duration
	// Late is how long after it was due the tick began, Skipped how many ticks before it were given up.
	Late    time.Duration
	Skipped int
	// Early says that it began before it was due.
	Early bool
	// Period is how long after this tick the next is due.
	Period time.Duration
	// Players is the number of them when the tick ended.
	Players int
	// Moves were applied; Conflated ones gave way to a later one of the same tick; TooFast ones broke the speed budget.
	Moves, Conflated, TooFast int
	// Acts are the commands of games, Failures the commands and the pieces of games that panicked.
	Acts, Failures int
	// Chats were accepted, Dropped commands came from strangers or stale sessions.
	Chats, Dropped int
	// Refused counts the refusals by reason.
	Refused [Reasons]int
}

// Total returns what the tick took.
func (r TickReport) Total() (took time.Duration) {
	for _, phase := range r.Took {
		took += phase
	}
	return took
}

// Overdue reports whether the tick began a period or more after it was due.
func (r TickReport) Overdue() bool { return r.Late >= r.Period }

// lateness is how a tick stands to its schedule.
type lateness struct {
	by      time.Duration
	skipped int
	early   bool
}

// stopwatch times the phases of a tick. Its figures are reported and decide nothing.
type stopwatch struct {
	last time.Time
	took [Phases]time.Duration
}

// lap ends a phase.
func (s *stopwatch) lap(p Phase) {
	now := time.Now()
	s.took[p] = now.Sub(s.last)
	s.last = now
}

// report tells the observer of the tick that has ended.
func (l *Loop) report(out *Output, conflated int, watch *stopwatch) {
	if l.cfg.Observe == nil {
		return
	}
	r := TickReport{
		World: l.cfg.Name, Tick: l.tick, Took: watch.took,
		Late: l.late.by, Skipped: l.late.skipped, Early: l.late.early, Period: l.pace.period,
		Players: l.world.Players(), Moves: out.Moved, Conflated: conflated, TooFast: out.TooFast,
		Chats: len(out.Chats), Dropped: out.Dropped, Acts: out.Acted, Failures: len(out.Failures),
	}
	for _, refusal := range out.Refusals {
		r.Refused[refusal.Reason]++
	}
	l.cfg.Observe(r)
}
