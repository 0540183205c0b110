package world

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// paced is a loop that runs at 20 Hz in virtual time, and may be early.
type paced struct {
	*Loop
	audience *recorder
	inputs   []Input
	reports  []TickReport
	log      bytes.Buffer
	start    time.Time
}

// runPaced runs a loop during play, in a bubble of its own.
func runPaced(t *testing.T, source Source, play func(p *paced)) *paced {
	p := &paced{audience: &recorder{}}
	synctest.Test(t, func(t *testing.T) {
		cfg := LoopConfig{
			World: small(), Pace: PaceConfig{TickRate: 20, MinTickRate: 5, MinInterval: 3 * time.Millisecond}, MaxChats: 2,
			Source: source,
			Record: func(in *Input) {
				kept := *in
				kept.Joins, kept.Moves, kept.Leaves = slices.Clone(in.Joins), slices.Clone(in.Moves), slices.Clone(in.Leaves)
				p.inputs = append(p.inputs, kept)
			},
			Observe: func(r TickReport) { p.reports = append(p.reports, r) },
		}
		var err error
		if p.Loop, err = NewLoop(cfg, p.audience, slog.New(slog.NewTextHandler(&p.log, nil))); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		p.start = time.Now()
		go func() {
			defer close(done)
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		play(p)
		cancel()
		<-done
	})
	return p
}

// pass lets some time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// times returns when the ticks were, from a time on.
func (p *paced) times(from time.Duration) (at []time.Duration) {
	for _, began := range p.audience.times {
		if since := began.Sub(p.start); since >= from {
			at = append(at, since)
		}
	}
	return at
}

func TestIdleLoopKeepsToItsPeriod(t *testing.T) {
	p := runPaced(t, nil, func(*paced) { pass(990 * time.Millisecond) })
	if len(p.reports) != 20 || slices.ContainsFunc(p.reports, func(r TickReport) bool { return r.Early }) {
		t.Errorf("ticks at %v", p.times(0))
	}
}

// TestLoneCommandIsTakenAtOnce: and the next one a period after that.
func TestLoneCommandIsTakenAtOnce(t *testing.T) {
	p := runPaced(t, nil, func(p *paced) {
		pass(110 * time.Millisecond)
		p.Join(Join{Player: 1, Epoch: 1})
		pass(100 * time.Millisecond)
	})
	want := []time.Duration{110 * time.Millisecond, 160 * time.Millisecond, 210 * time.Millisecond}
	if got := p.times(101 * time.Millisecond); !slices.Equal(got, want) || !p.reports[3].Early || p.reports[4].Early {
		t.Errorf("ticks at %v, want %v", got, want)
	}
}

// TestEveryCommandWakes: of whatever kind.
func TestEveryCommandWakes(t *testing.T) {
	runPaced(t, nil, func(p *paced) {
		var a *Attachment
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"join", func() { a = p.Join(Join{Player: 1, Epoch: 1}) }},
			{"move", func() { a.Move(at(1, 1), 0) }},
			{"a bad move", func() { a.Move(at(-1000, 1), 0) }},
			{"chat", func() { _ = a.Chat(ToAll, "x") }},
			{"gesture", func() { _ = a.Gesture(1) }},
			{"resume", func() { a = p.Resume(Resume{Player: 1, Epoch: 2}) }},
			{"leave", func() { a.Leave() }},
		} {
			pass(70 * time.Millisecond) // into the middle of a period
			before := p.Snapshot().Tick
			c.do()
			synctest.Wait()
			if p.Snapshot().Tick != before+1 {
				t.Errorf("%s: no tick at once", c.name)
			}
		}
	})
}

// TestEarlyTicksAreApart: with commands all the time there is one each least interval, and never two closer.
func TestEarlyTicksAreApart(t *testing.T) {
	p := runPaced(t, nil, func(p *paced) {
		a := p.Join(Join{Player: 1, Epoch: 1})
		for range 1000 {
			pass(time.Millisecond)
			a.Move(at(1, 1), 0)
		}
	})
	ticks := p.times(10 * time.Millisecond)
	for i, at := range ticks[1:] {
		if gap := at - ticks[i]; gap < 3*time.Millisecond {
			t.Fatalf("a tick %v after another", gap)
		}
	}
	if len(ticks) < 325 {
		t.Errorf("%d ticks", len(ticks))
	}
}

// TestHeavyTicksAreNotEarly: nor is anybody asked to wake the loop.
func TestHeavyTicksAreNotEarly(t *testing.T) {
	p := runPaced(t, nil, func(p *paced) {
		p.audience.slow(func(int) time.Duration { return 10 * time.Millisecond })
		a := p.Join(Join{Player: 1, Epoch: 1})
		for range 2000 {
			pass(time.Millisecond)
			a.Move(at(1, 1), 0)
			p.mailbox.mu.Lock()
			if p.mailbox.wake != nil && p.pace.cost > lightShare*float64(p.pace.shortest) {
				t.Error("a sender is asked to wake the loop")
			}
			p.mailbox.mu.Unlock()
		}
	})
	if n := len(p.times(time.Second)); n > 21 {
		t.Errorf("%d ticks in a second", n)
	}
}

func TestRateSinksUnderLoadAndRecovers(t *testing.T) {
	var sunk float64
	p := runPaced(t, nil, func(p *paced) {
		p.audience.slow(func(tick int) time.Duration {
			if tick < 50 {
				return 100 * time.Millisecond
			}
			return 0
		})
		pass(5 * time.Second)
		sunk = p.Snapshot().Rate
		pass(10 * time.Second)
	})
	if sunk < 7.9 || sunk > 8.1 {
		t.Errorf("under ticks of 100 ms they are due %v times a second, want 8", sunk)
	}
	if rate := p.Snapshot().Rate; rate != 20 {
		t.Errorf("and %v after that", rate)
	}
	for _, text := range []string{"come less often", "as often as configured"} {
		if strings.Count(p.log.String(), text) != 1 {
			t.Errorf("%q is not logged once:\n%s", text, &p.log)
		}
	}
}

// TestIrregularTicksReplay: what was recorded of early and late ticks, played to another world, gives the same one.
func TestIrregularTicksReplay(t *testing.T) {
	p := runPaced(t, nil, func(p *paced) {
		p.audience.slow(func(tick int) time.Duration { return time.Duration(tick%40/39) * 170 * time.Millisecond })
		var all []*Attachment
		for i := range 300 {
			pass(time.Duration(i*i%17) * time.Millisecond)
			switch {
			case i%20 == 0:
				all = append(all, p.Join(Join{Player: ID(i + 1), Epoch: 1}))
			case i%50 == 47:
				all[0].Leave()
				all = all[1:]
			default:
				all[i%len(all)].Move(at(float32(i%30), float32(i%20)), 0)
			}
		}
		pass(100 * time.Millisecond)
	})
	again, gaps := mustNew(t, small()), map[time.Duration]bool{}
	for i := range p.inputs {
		if i > 0 {
			gaps[p.inputs[i].Now-p.inputs[i-1].Now] = true
		}
		step(again, &p.inputs[i])
	}
	early := slices.ContainsFunc(p.reports, func(r TickReport) bool { return r.Early })
	late := slices.ContainsFunc(p.reports, func(r TickReport) bool { return r.Late > r.Period })
	if again.Hash() != p.world.Hash() || !early || !late || len(gaps) < 10 || again.Players() < 5 {
		t.Errorf("hashes %x and %x after %d ticks with %d gaps, early %v, late %v",
			p.world.Hash(), again.Hash(), len(p.inputs), len(gaps), early, late)
	}
}

// inbox is a source into which moves fall from outside.
type inbox struct {
	loop *Loop

	mu     sync.Mutex
	unread []Join // guarded by mu
	wake   func() // guarded by mu

	// The loop's.
	watched  int
	gathered int
	last     time.Time
	delays   []time.Duration // from when a tick began until the source was asked
}

func (s *inbox) Gather(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = now
	for _, j := range s.unread {
		s.loop.Join(j)
	}
	s.unread, s.wake = nil, nil
	s.gathered++
}

func (s *inbox) Watch(wake func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched++
	s.delays = append(s.delays, time.Since(s.last))
	s.wake = wake
	return len(s.unread) > 0
}

// fall lets something come in.
func (s *inbox) fall(j Join) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = append(s.unread, j)
	if s.wake != nil {
		s.wake()
	}
}

// TestSourceIsGatheredAndWakes: what falls in while the loop waits, and what has while it could not yet be early.
func TestSourceIsGatheredAndWakes(t *testing.T) {
	source := &inbox{}
	p := runPaced(t, source, func(p *paced) {
		source.loop = p.Loop
		pass(110 * time.Millisecond)
		source.fall(Join{Player: 1, Epoch: 1})
		synctest.Wait()
		source.fall(Join{Player: 2, Epoch: 1}) // the loop may not be early, and has not asked
		pass(10 * time.Millisecond)
		if got := p.Snapshot(); got.Players != 2 {
			t.Errorf("%d players after 10 ms, in tick %d", got.Players, got.Tick)
		}
		p.audience.slow(func(int) time.Duration { return 10 * time.Millisecond })
		pass(time.Second)
		asked := source.watched
		pass(time.Second)
		if source.watched != asked {
			t.Errorf("asked %d times while ticks are heavy", source.watched-asked)
		}
	})
	if source.gathered != len(p.reports) {
		t.Errorf("gathered %d times in %d ticks", source.gathered, len(p.reports))
	}
	want := []time.Duration{110 * time.Millisecond, 113 * time.Millisecond}
	if got := p.times(101 * time.Millisecond)[:2]; !slices.Equal(got, want) {
		t.Errorf("ticks at %v, want %v", got, want)
	}
}

// TestLoopAsksOnceATick: after a tick that had commands it sleeps first until it may be early, after an idle one it asks at
// once, so that neither wakes up more often than it has to.
func TestLoopAsksOnceATick(t *testing.T) {
	source := &inbox{}
	p := runPaced(t, source, func(p *paced) {
		source.loop = p.Loop
		pass(70 * time.Millisecond)
		source.fall(Join{Player: 1, Epoch: 1})
		pass(120 * time.Millisecond)
	})
	if want := []time.Duration{0, 0, 3 * time.Millisecond, 0, 0}; !slices.Equal(source.delays, want) || len(p.reports) != 5 {
		t.Errorf("after %d ticks asked %v after they began, want %v", len(p.reports), source.delays, want)
	}
}

// TestWakeIsOneTick: however often it is asked for.
func TestWakeIsOneTick(t *testing.T) {
	p := runPaced(t, nil, func(p *paced) {
		pass(110 * time.Millisecond)
		for range 10 {
			p.Wake()
		}
		pass(30 * time.Millisecond)
	})
	if got := p.times(101 * time.Millisecond); len(got) != 1 {
		t.Errorf("ticks at %v", got)
	}
}

// TestPostingCostsNoAllocation: neither with somebody who waits nor without.
func TestPostingCostsNoAllocation(t *testing.T) {
	l, _, _ := newTestLoop(t, &recorder{})
	a := l.Join(Join{Player: 1, Epoch: 1})
	if n := testing.AllocsPerRun(100, func() {
		l.mailbox.take()
		l.watch()
		a.Move(at(1, 1), 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
