package bot

import (
	"context"
	"slices"
	"time"
)

// rounds runs a fleet: it moves, some leave and others join, some talk, and when asked to verify all stop and are held
// against the truth.
type rounds struct {
	fleet *fleet
	pacer *pacer

	talkers []*bot // in this round
	chats   []said // in this round
	texts   int
	moving  time.Duration // in all rounds
	checks  int           // quiet points that were looked at
}

// newRounds returns what runs a fleet.
func newRounds(f *fleet) *rounds {
	return &rounds{fleet: f, pacer: &pacer{
		roster:   func() []*bot { return *f.roster.Load() },
		rate:     f.cfg.Rate,
		clock:    f.clock,
		lateness: f.lateness,
		late:     &f.late,
	}}
}

// gather waits until everybody has come home, the first quiet point.
func (r *rounds) gather(ctx context.Context) {
	r.fleet.enter("gathering")
	r.checkpoint(ctx)
}

// run moves the bots for as long as the run lasts.
func (r *rounds) run(ctx context.Context) {
	cfg := r.fleet.cfg
	length := cfg.Round
	if !cfg.Verify && cfg.Churn == 0 {
		length = cfg.Duration // nothing happens between rounds
	}
	for left := cfg.Duration; left > 0 && ctx.Err() == nil; left -= length {
		r.move(ctx, min(length, left))
		if cfg.Verify {
			r.fleet.enter("checking")
			r.checkpoint(ctx)
		}
	}
}

// move is one round: the bots move while the script plays.
func (r *rounds) move(ctx context.Context, length time.Duration) {
	r.fleet.enter(phaseMoving)
	began := r.fleet.clock()
	moving, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.pacer.run(moving)
	}()
	r.play(ctx, length)
	stop()
	<-stopped
	r.moving += r.fleet.clock() - began
}

// play is what happens during a round: talk, departures and arrivals, more talk.
func (r *rounds) play(ctx context.Context, length time.Duration) {
	act := []func(){r.talk, func() { r.churn(ctx) }, r.talk}
	if !r.fleet.cfg.Verify {
		act = []func(){func() { r.churn(ctx) }}
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
func (r *rounds) churn(ctx context.Context) {
	leavers := r.choose(r.fleet.cfg.Churn)
	r.fleet.dismiss(leavers)
	_ = r.fleet.join(ctx, len(leavers)) // a context that has ended is noticed by the caller
}

// choose returns up to n bots at random who have not talked in this round.
func (r *rounds) choose(n int) []*bot {
	bots := slices.DeleteFunc(r.fleet.live(), func(b *bot) bool { return slices.Contains(r.talkers, b) })
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
	r.talkers, r.chats = nil, nil
	if ctx.Err() == nil { // else it was cut short
		r.checks++
	}
}

// settle waits until nothing is wrong, twice in a row and two ticks apart. It returns what is still wrong when the time
// to settle is over.
func (r *rounds) settle(ctx context.Context) []Violation {
	const often = 20 * time.Millisecond // a look is no small work
	deadline := r.fleet.clock() + r.fleet.cfg.settle()
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
	found = append(compare(r.fleet.cfg.World, all, left), unheard(r.chats, live)...)
	return append(found, r.fleet.judge(live)...)
}
