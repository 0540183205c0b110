package bot

import (
	"context"
	"slices"
	"sync"
	"time"
)

// rounds runs a fleet through the phases of a run: it moves, some leave and others join, some talk, and when asked to
// verify all stop and are held against the truth.
type rounds struct {
	fleet *fleet
	pacer *pacer

	spoken []*bot // for, in this round: who talked, or is about to leave
	chats  []said // in this round
	texts  int
	moving time.Duration // in all rounds
	checks int           // quiet points that were looked at
	// planned is how many bots should be there. Who is cut off is not replaced.
	planned int
	found   []PhaseReport
	regrids *regrids
}

// newRounds returns what runs a fleet.
func newRounds(f *fleet) *rounds {
	return &rounds{fleet: f, planned: f.stage.Load().Bots, regrids: newRegrids(f), pacer: &pacer{
		roster: func() []*bot { return *f.roster.Load() },
		rate:   f.stage.Load().Rate,
		clock:  f.clock,
		beats:  f.beats,
		sends:  f.sends,
		talk:   &f.talk,
	}}
}

// gather waits until everybody has come home, the first quiet point.
func (r *rounds) gather(ctx context.Context) {
	r.fleet.enter("gathering")
	r.checkpoint(ctx)
}

// ramp lets everybody in while those who are there move. It ends as if nothing had been.
func (r *rounds) ramp(ctx context.Context) {
	p := r.fleet.cfg.ramp()
	r.move(ctx, "ramping", &p, p.Duration, p.Bots-r.fleet.alive(), p.Over)
	r.moving, r.pacer.said, r.pacer.ears = 0, 0, 0
}

// run plays the phases.
func (r *rounds) run(ctx context.Context) {
	phases := r.fleet.cfg.phases()
	for i := range phases {
		if ctx.Err() != nil {
			return
		}
		began, moved := r.fleet.measure(), r.moving
		r.play(ctx, &phases[i])
		if len(phases) > 1 {
			r.found = append(r.found, r.fleet.finish(&phases[i], began, r.moving-moved))
		}
	}
}

// play plays a phase, round by round.
func (r *rounds) play(ctx context.Context, p *Phase) {
	r.instruct(p)
	cfg, length := &r.fleet.cfg, p.Duration // nothing happens between rounds
	if cfg.Verify || p.Churn > 0 || cfg.Cuts > 0 || cfg.Stalls > 0 || cfg.Regrids > 0 {
		length = cfg.Round
	}
	first := r.planned
	for done := time.Duration(0); done < p.Duration && ctx.Err() == nil; done += length {
		part := min(length, p.Duration-done)
		over := min(part, max(0, p.Over-done))
		wanted := p.wanted(first, done+part)
		r.move(ctx, phaseMoving, p, part, wanted-r.planned, over)
		r.planned = wanted
		if cfg.Verify {
			r.fleet.enter("checking")
			r.checkpoint(ctx)
		}
	}
}

// wanted is how many bots there should be so long after a phase began with so many.
func (p *Phase) wanted(first int, after time.Duration) int {
	if after >= p.Over {
		return p.Bots
	}
	return first + int(float64(p.Bots-first)*after.Seconds()/p.Over.Seconds())
}

// instruct tells everybody, and who comes later, what a phase is about. Nobody moves meanwhile.
func (r *rounds) instruct(p *Phase) {
	r.fleet.stage.Store(p)
	r.pacer.rate = p.Rate
	for _, b := range *r.fleet.roster.Load() {
		b.perform(&r.fleet.cfg, p)
	}
}

// move is one round: the bots move while the script plays, and some come or go, over a time.
func (r *rounds) move(ctx context.Context, name string, p *Phase, length time.Duration, change int, over time.Duration) {
	r.fleet.enter(name)
	began := r.fleet.clock()
	moving, stop := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() { r.pacer.run(moving) })
	leavers := r.choose(-change)
	r.spoken = append(r.spoken, leavers...)
	var coming sync.WaitGroup
	coming.Go(func() { r.fleet.change(ctx, change, leavers, over) })
	if name == phaseMoving {
		coming.Go(func() { r.regrids.play(ctx, length) })
	}
	r.script(ctx, p, length)
	coming.Wait()
	stop()
	others.Wait()
	r.moving += r.fleet.clock() - began
}

// change lets newcomers in, or leavers go, evenly over a time.
func (f *fleet) change(ctx context.Context, newcomers int, leavers []*bot, over time.Duration) {
	_ = f.join(ctx, max(0, newcomers), over) // a context that has ended is noticed by the caller
	for i := range leavers {
		if pause(ctx, over/time.Duration(len(leavers))) != nil {
			return
		}
		f.dismiss(leavers[i : i+1])
	}
}

// script is what happens during a round: talk, departures and arrivals, more talk. Where bots chat anyway, they need not
// be told to.
func (r *rounds) script(ctx context.Context, p *Phase, length time.Duration) {
	churn := func() {
		r.stall(r.fleet.cfg.Stalls)
		r.churn(ctx, p.Churn)
		r.cut(ctx, r.fleet.cfg.Cuts)
	}
	act := []func(){r.talk, churn, r.talk}
	if !r.fleet.cfg.Verify || r.fleet.cfg.talkative() {
		act = []func(){churn}
	}
	part := length / time.Duration(len(act)+1)
	for _, f := range act {
		if pause(ctx, part) != nil {
			return
		}
		f()
	}
	_ = pause(ctx, part) // a context that has ended is noticed by the caller
}

// churn lets some bots leave and as many newcomers join. Those who talked in this round stay, for a connection that
// ends may take with it what was said last.
func (r *rounds) churn(ctx context.Context, n int) {
	leavers := r.choose(n)
	r.fleet.dismiss(leavers)
	_ = r.fleet.join(ctx, len(leavers), 0) // a context that has ended is noticed by the caller
}

// choose returns up to n bots at random who are not spoken for in this round.
func (r *rounds) choose(n int) []*bot {
	if n <= 0 {
		return nil
	}
	bots := slices.DeleteFunc(r.fleet.live(), func(b *bot) bool { return slices.Contains(r.spoken, b) })
	r.fleet.random.Shuffle(len(bots), func(i, j int) { bots[i], bots[j] = bots[j], bots[i] })
	return bots[:min(n, len(bots))]
}

// checkpoint holds everybody against the truth at a quiet point and begins a new round.
func (r *rounds) checkpoint(ctx context.Context) {
	r.fleet.wrong.add(r.settle(ctx)...)
	for _, b := range r.fleet.live() {
		b.mu.Lock()
		clear(b.view.heard)
		b.mu.Unlock()
	}
	r.spoken, r.chats = nil, nil
	if ctx.Err() == nil { // else it was cut short
		r.checks++
	}
}

// settle waits until nothing is wrong, twice in a row and two ticks apart. It returns what is still wrong when the time
// to settle is over, beside what crowds may take.
func (r *rounds) settle(ctx context.Context) []Violation {
	const often = 20 * time.Millisecond // a look is no small work
	deadline := r.fleet.clock() + r.fleet.cfg.settle() + r.fleet.bound()
	for good := 0; good < 2; {
		found := r.inspect()
		switch {
		case len(found) == 0:
			good++
		case r.fleet.clock() > deadline:
			return found
		default:
			good = 0
		}
		if pause(ctx, max(often, r.fleet.cfg.inTime())) != nil {
			return nil // too early to tell
		}
	}
	return nil
}

// inspect finds what is wrong now. Without verifying it only asks whether every last move was answered.
func (r *rounds) inspect() []Violation {
	live := r.fleet.live()
	var found []Violation
	for _, b := range live {
		found = append(found, b.unanswered()...)
	}
	if len(found) > 0 || !r.fleet.cfg.Verify {
		return found
	}
	all := make([]truth, len(live))
	for i, b := range live {
		all[i] = b.truth()
	}
	left := func(id int32) bool { return r.fleet.known.find(id) != nil }
	now := r.fleet.atlas.now()
	found = append(r.fleet.cfg.ours(compare(now, all, left)), unheard(r.chats, live)...)
	return append(append(found, misled(now, all)...), r.fleet.judge(live)...)
}
