package bot

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/client_sim/thread"
)

// pacer makes the bots move, one after another, evenly over time: with 3,000 bots at 10 moves a second one is due every
// 33 µs, and each millisecond all that are due are sent. It is one goroutine.
type pacer struct {
	roster func() []*bot
	rate   float64 // moves a second and bot
	clock  func() time.Duration
	beats  func(ctx context.Context, each func())
	sends  *sends
	talk   *atomic.Int64 // the number of the latest small talk

	due  time.Duration   // of the next move
	turn int             // whose it is
	late []time.Duration // how late moves were, as long as the recorder was busy
	said int64           // small talk
	ears int64           // bots that it was said to, summed up
}

const (
	// beat is how often the pacer looks what is due.
	beat = time.Millisecond
	// lateAfter is when a send is late: well beyond what a beat and a timer explain.
	lateAfter = 10 * time.Millisecond
	// maxBehind is how far behind the pacer catches up; beyond that it skips moves, for a flood is no load.
	maxBehind = time.Second
)

// run moves the bots until the context ends.
func (p *pacer) run(ctx context.Context) {
	p.due = p.clock()
	p.beats(ctx, func() { p.sendDue(p.clock()) })
	p.sends.lateness.recordAll(p.late)
	p.late = p.late[:0]
}

// steady calls a function each beat until the context ends; once at least, however late.
func steady(ctx context.Context, each func()) { repeat(ctx, each, thread.Sleep) }

// punctual is steady in a process of its own, as punctually as the machine lets it.
func punctual(ctx context.Context, each func()) {
	defer thread.Processor()()
	var urgent thread.Urgent
	defer urgent.Relax()
	repeat(ctx, func() {
		urgent.Follow()
		each()
	}, thread.Nap)
}

// repeat is steady, and sleeps by nap.
func repeat(ctx context.Context, each func(), nap func(time.Duration)) {
	for each(); ctx.Err() == nil; each() {
		nap(beat)
	}
}

// sendDue sends the moves that are due at time now.
func (p *pacer) sendDue(now time.Duration) {
	bots := p.roster()
	if len(bots) == 0 {
		p.due = now
		return
	}
	interval := time.Duration(float64(time.Second) / (p.rate * float64(len(bots))))
	interval = max(interval, 1)
	if behind := now - p.due; behind > maxBehind {
		p.sends.skipped.Add(int64(behind / interval))
		p.due = now
	}
	for ; p.due <= now; p.due += interval {
		p.turn = (p.turn + 1) % len(bots)
		p.send(bots[p.turn])
	}
	// Whoever reads the recorder may wait for a core meanwhile, which the pacer must not wait for.
	if p.sends.lateness.tryRecordAll(p.late) {
		p.late = p.late[:0]
	}
}

// send moves a bot and notes how late that was. A bot whose connection has ended misses its turn, and so does
// one that thinks.
func (p *pacer) send(b *bot) {
	now := p.clock()
	if b.gone.Load() || b.away.Load() || b.pauses.thinks(now, b.random) {
		return
	}
	late := now - p.due
	p.late = append(p.late, late)
	if late > lateAfter {
		p.sends.late.Add(1)
	}
	if err := b.move(); errors.Is(err, link.ErrBusy) { // an ended connection is counted by its reader
		p.sends.blocked.Add(1)
	}
	if b.chatter.speaks(now, b.random) {
		p.chat(b)
	}
}

// chat lets a bot say something, to all who are there when it has its number: see fleet.enlist.
func (p *pacer) chat(b *bot) {
	text := smallTalkText(p.talk.Add(1))
	all := int64(len(p.roster()))
	if b.say(text) == nil {
		p.said++
		p.ears += all
	}
}
