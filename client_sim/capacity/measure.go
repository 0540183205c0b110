package capacity

import (
	"context"
	"errors"
	"fmt"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/study"
)

// Play plays a run, as bot.Run does.
type Play func(context.Context, bot.Config) (bot.Report, error)

// Report is what a search found.
type Report struct {
	study.Header
	answer
	Plan Plan `json:"plan"`
	// Cause is what gave way first, Reason how that is known.
	Cause  study.Cause `json:"cause"`
	Reason string      `json:"reason"`
	// Loads are all that were put on the server, in turn.
	Loads []Step `json:"loads"`
	// Unfinished is why not all rounds were made, or empty.
	Unfinished string `json:"unfinished,omitempty"`
}

// Step is a load of some round, from 1 upwards.
type Step struct {
	Round int `json:"round"`
	study.Load
}

// Measure searches for how many of a run's bots its goals hold. It tells each load as soon as it is known. The error is that of
// a run that could not be made at all; one that is broken off later, or whose server is gone, is told in the report. Where bots
// log in with tokens there are no more of them than tokens, whatever the plan says.
func Measure(ctx context.Context, plan Plan, run bot.Config, play Play, tell func(Step)) (*Report, error) {
	if err := plan.Check(); err != nil {
		return nil, err
	}
	limit := "--max"
	if n := len(run.Tokens); n > 0 && n < plan.Max {
		limit = "as many as there are --tokens"
		plan.Start, plan.Max = min(plan.Start, n), n
	}
	r := &Report{Plan: plan}
	var fatal error
	var err error
	r.answer, err = findAnswer(plan, func(round, players int) (study.Verdict, error) {
		load, err := r.load(ctx, run, play, players)
		if err != nil {
			if len(r.Loads) == 0 {
				fatal = err
			}
			return "", err
		}
		step := Step{round + 1, load}
		r.Loads = append(r.Loads, step)
		tell(step)
		return load.Verdict, nil
	})
	if fatal != nil {
		return nil, fatal
	}
	if err != nil {
		r.Unfinished = err.Error()
	}
	r.explain(limit)
	return r, nil
}

// load puts so many players on the server.
func (r *Report) load(ctx context.Context, run bot.Config, play Play, players int) (study.Load, error) {
	run.Bots = players
	if len(r.Loads) > 0 {
		study.Rest(ctx, run.Probe)
	}
	report, err := play(ctx, run)
	switch {
	case ctx.Err() != nil:
		return study.Load{}, fmt.Errorf("broken off: %w", ctx.Err())
	case errors.Is(err, bot.ErrNobody) && len(r.Loads) > 0: // it was there before
		return study.Refused(players, err), nil
	case err != nil:
		return study.Load{}, err
	}
	if len(r.Loads) == 0 {
		r.Header = study.NewHeader(&report)
	}
	return study.NewLoad(&report), nil
}

// explain says what gave way under the least load that did not hold, in the round whose answer counts; limit is what ended a
// search that found none.
func (r *Report) explain(limit string) {
	number := r.median()
	if number == 0 {
		r.Cause, r.Reason = study.Unknown, "no round was finished"
		return
	}
	round := r.Rounds[number-1]
	if round.Fails == 0 {
		r.Cause, r.Reason = study.NothingYet, fmt.Sprintf("%d players are the most that were tried (%s)", round.Holds, limit)
		return
	}
	for i := range r.Loads {
		if l := &r.Loads[i]; l.Round == number && l.Players == round.Fails && l.Verdict == round.Verdict {
			r.Cause, r.Reason = l.WhatGaveWay(r.Shared)
		}
	}
}

// counts reports whether a step is of the load that is the answer, and held in the round that counts.
func (r *Report) counts(s *Step) bool {
	return s.Round == r.median() && s.Players == r.Players && s.Verdict == study.Holds
}

// held returns the load that is the answer, or nil where none held.
func (r *Report) held() *study.Load {
	for i := range r.Loads {
		if r.counts(&r.Loads[i]) {
			return &r.Loads[i].Load
		}
	}
	return nil
}
