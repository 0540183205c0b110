package bot

import (
	"context"
	"testing"
	"time"
)

// paced is a pacer over n bots, at a time that the test sets.
type paced struct {
	*pacer
	bots []*bot
	now  time.Duration
}

// newPaced returns a pacer of n bots with rate moves a second each.
func newPaced(n int, rate float64) *paced {
	f := newTestFleet()
	p := &paced{}
	for range n {
		b := f.newBot()
		b.linkTo(&silent{room: -1})
		p.bots = append(p.bots, b)
	}
	p.pacer = &pacer{
		roster: func() []*bot { return p.bots },
		rate:   rate,
		clock:  func() time.Duration { return p.now },
		sends:  newSends(),
		talk:   &f.talk,
	}
	return p
}

// at lets the pacer look at a time.
func (p *paced) at(now time.Duration) {
	p.now = now
	p.sendDue(now)
}

// sent is how many moves each bot has sent.
func (p *paced) sent() (all []int) {
	for _, b := range p.bots {
		all = append(all, int(b.track.sent.Load()))
	}
	return all
}

func TestMovesAreSpreadEvenly(t *testing.T) {
	const bots, rate = 50, 10
	p := newPaced(bots, rate)
	for ms := range 2000 {
		before := 0
		for _, n := range p.sent() {
			before += n
		}
		p.at(time.Duration(ms) * time.Millisecond)
		after := 0
		for _, n := range p.sent() {
			after += n
		}
		if after-before > 1 { // one is due every 2 ms
			t.Fatalf("%d moves in millisecond %d", after-before, ms)
		}
	}
	for i, n := range p.sent() {
		if n != 2*rate {
			t.Errorf("bot %d moved %d times in 2 s, want %d", i, n, 2*rate)
		}
	}
	if p.sends.late.Load() != 0 || p.sends.skipped.Load() != 0 {
		t.Errorf("%d late, %d skipped", p.sends.late.Load(), p.sends.skipped.Load())
	}
}

func TestLateMovesAreCaughtUpAndCounted(t *testing.T) {
	p := newPaced(1, 100)
	p.at(0)
	p.at(95 * time.Millisecond) // those of 10 to 90 ms are due; those of 10 to 80 are more than 10 ms late
	if got := p.sent()[0]; got != 10 || p.sends.late.Load() != 8 || p.sends.skipped.Load() != 0 {
		t.Errorf("%d sent, %d late, %d skipped", got, p.sends.late.Load(), p.sends.skipped.Load())
	}
	if got := summarise(p.sends.lateness); got.Count != 10 || got.Max < 84.9 || got.Max > 85.1 {
		t.Errorf("lateness %+v, want 85 ms at most", got)
	}
}

func TestWhatIsFarTooLateIsSkipped(t *testing.T) {
	p := newPaced(1, 100)
	p.at(0)
	p.at(5 * time.Second)
	if got := p.sent()[0]; got > 3 || p.sends.skipped.Load() < 498 || p.sends.skipped.Load() > 500 {
		t.Errorf("%d sent, %d skipped: a flood is no load", got, p.sends.skipped.Load())
	}
	p.at(5*time.Second + 20*time.Millisecond)
	if got := p.sent()[0]; got < 3 || got > 5 {
		t.Errorf("%d sent: after the pause it goes on as before", got)
	}
}

// TestARoundThatIsOverAtOnce: a pacer that is served only when its time is over has moved the bots once.
func TestARoundThatIsOverAtOnce(t *testing.T) {
	over, stop := context.WithCancel(t.Context())
	stop()
	for name, beats := range map[string]func(context.Context, func()){"steady": steady, "punctual": punctual} {
		p := newPaced(1, 100)
		p.beats = beats
		p.run(over)
		if got := p.sent()[0]; got != 1 {
			t.Errorf("%s: %d sent", name, got)
		}
	}
}

func TestNobodyToMove(t *testing.T) {
	p := newPaced(1, 100)
	all := p.bots
	p.bots = nil
	p.at(10 * time.Second)
	p.bots = all
	p.at(10*time.Second + time.Millisecond)
	if got := p.sent()[0]; got != 1 || p.sends.skipped.Load() != 0 {
		t.Errorf("%d sent, %d skipped after nobody was there", got, p.sends.skipped.Load())
	}
}

func TestWhoIsGoneMissesItsTurn(t *testing.T) {
	p := newPaced(2, 10)
	p.bots[0].gone.Store(true)
	p.bots[1].linkTo(&silent{room: 3})
	for ms := 0; ms < 1000; ms++ {
		p.at(time.Duration(ms) * time.Millisecond)
	}
	if got := p.sent(); got[0] != 0 || got[1] != 3 || p.sends.blocked.Load() != 7 {
		t.Errorf("sent %v, %d blocked", got, p.sends.blocked.Load())
	}
}

// TestThePacerWaitsForNobody: while somebody reads how late moves were, they are sent, and noted later.
func TestThePacerWaitsForNobody(t *testing.T) {
	p := newPaced(10, 10)
	p.at(0)
	p.sends.lateness.mu.Lock()
	p.at(50 * time.Millisecond) // it would never return
	sent := 0
	for _, n := range p.sent() {
		sent += n
	}
	p.sends.lateness.mu.Unlock()
	if _, count := p.sends.lateness.p99(); sent != 6 || count != 1 {
		t.Errorf("%d moves were sent and %d noted, want 6 and the first", sent, count)
	}
	p.at(50 * time.Millisecond)
	if millis, count := p.sends.lateness.p99(); count != 6 || millis < 39.9 || millis > 40.1 {
		t.Errorf("%d moves were noted, late by up to %v ms, want 6 and 40", count, millis)
	}
}
