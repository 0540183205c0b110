package bot

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Staleness is for how long the places at which viewers are shown others have not been true, in milliseconds: since those sent
// their next move. It is that of the 20 others who are truly next to a viewer, of the 100 next to it, and of all in view, looked
// at by a few viewers a few times a second.
type Staleness struct {
	Nearest20  Latency `json:"nearest20Millis"`
	Nearest100 Latency `json:"nearest100Millis"`
	All        Latency `json:"allMillis"`
}

// Extrapolation is about members of crowds who are shown where their tracks lead.
type Extrapolation struct {
	// P50 to Max are how far that is from where those next to them are shown them in the same tick, in world units.
	P50 float64 `json:"p50Units"`
	P95 float64 `json:"p95Units"`
	P99 float64 `json:"p99Units"`
	Max float64 `json:"maxUnits"`
	// Count is how many were looked at.
	Count int64 `json:"count"`
	// Distribution is what part of them is how far off.
	Distribution []ErrorByPercent `json:"distribution,omitempty"`
	// ByAge is the same by how long ago the track began.
	ByAge []ErrorByAge `json:"byAge"`
	// OldestSeconds is the age of the oldest track of somebody who was elsewhere. BoundSeconds is the most that the server has
	// declared; beyond 5, a crowd is told in groups as well: GroupedPart is the part of the looks at such crowds that found
	// groups.
	OldestSeconds float64 `json:"oldestSeconds"`
	BoundSeconds  float64 `json:"boundSeconds"`
	GroupedPart   float64 `json:"groupedPart"`
}

// ErrorByPercent says that so many percent are at most so far off.
type ErrorByPercent struct {
	Percent float64 `json:"percent"`
	Units   float64 `json:"units"`
}

// ErrorByAge is how far off tracks of some age lead.
type ErrorByAge struct {
	Seconds float64 `json:"seconds"` // the age, at most
	Count   int64   `json:"count"`
	P50     float64 `json:"p50Units"`
	P95     float64 `json:"p95Units"`
}

// StalenessSample is the staleness of one second, by the same ranks.
type StalenessSample struct {
	Nearest20  StalenessOfRank `json:"nearest20Millis"`
	Nearest100 StalenessOfRank `json:"nearest100Millis"`
	All        StalenessOfRank `json:"allMillis"`
}

// StalenessOfRank is how stale some of those in view were shown in one second, in milliseconds.
type StalenessOfRank struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

const (
	looksEvery = 250 * time.Millisecond
	looksAt    = 4 // viewers at once

	ageStep = 500 * time.Millisecond
	ages    = 12 // the last is of all that are older

	errorParts = 1000 // of a world unit
	maxError   = 1e6  // in such parts
)

// looker samples what bots are shown.
type looker struct {
	turn   int
	sights sights // of the bot that is looked at; its memory is kept

	mu      sync.Mutex
	recent  *hdrhistogram.Histogram // of one rank, while drain is at it
	stale   [3]*recorder            // of the nearest 20, the nearest 100, all
	errors  *hdrhistogram.Histogram
	byAge   [ages]*hdrhistogram.Histogram
	oldest  time.Duration
	bound   time.Duration
	far     int // crowds whose bound was above 5 s
	grouped int // of those, that told groups
}

// newLooker returns one that has seen nothing.
func newLooker() *looker {
	l := &looker{recent: newRecent()}
	l.reset()
	return l
}

// reset forgets everything.
func (l *looker) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.stale {
		l.stale[i] = newRecorder()
	}
	units := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, maxError, 3) }
	l.errors = units()
	for i := range l.byAge {
		l.byAge[i] = units()
	}
	l.oldest, l.bound, l.far, l.grouped = 0, 0, 0, 0
}

// look begins to sample what bots are shown while they move, until the returned function is called.
func (f *fleet) look(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for pause(ctx, looksEvery) == nil {
			if *f.phase.Load() == phaseMoving {
				f.lookOnce()
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// lookOnce looks at what a few bots are shown, others each time.
func (f *fleet) lookOnce() {
	bots := *f.roster.Load()
	for tries, looked := 0, 0; tries < len(bots) && looked < looksAt; tries++ {
		f.looker.turn = (f.looker.turn + 1) % len(bots)
		if b := bots[f.looker.turn]; f.cfg.looks(b.number) && !b.gone.Load() && !b.away.Load() {
			looked++
			b.look(&f.looker.sights)
			f.looker.take(&f.looker.sights, f.clock())
		}
	}
}

// sight is somebody in view.
type sight struct {
	track    *track
	sequence uint32 // of the move that it is shown at
	at       place  // where it is shown
	going    bool   // along a track, of this age
	age      time.Duration
}

// sights is what a bot is shown: where it is, and others.
type sights struct {
	here   spot
	tick   uint32
	all    []sight
	crowds []*crowded
}

// look makes sights what a bot is shown now, but for strangers.
func (b *bot) look(s *sights) {
	s.tick, s.all, s.crowds = 0, s.all[:0], s.crowds[:0]
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.track.sent.Load()
	at, _, _ := b.track.noted(sent)
	if s.here = (spot{at.x, at.z}); b.native != nil && b.native.onlooker != nil {
		b.native.onlooker.sights(s)
		return
	}
	for in := range b.view.shown.all() {
		if in.id != b.view.self && in.track != nil {
			s.all = append(s.all, sight{track: in.track, sequence: in.sequence, at: in.at})
		}
	}
}

// sights adds what an onlooker is shown.
func (o *onlooker) sights(s *sights) {
	near := make(map[int32]*fixed)
	for _, n := range o.near {
		for i := range n.fixes {
			near[n.fixes[i].id] = &n.fixes[i]
		}
	}
	extent := o.view.lattice.Extent()
	s.tick = o.tick
	for _, in := range o.seen {
		if in.picture.crowd != nil {
			s.crowds = append(s.crowds, in.picture.crowd)
		}
		for i := range in.picture.members {
			m := &in.picture.members[i]
			if m.id == 0 || m.id == o.view.self || m.track == nil {
				continue
			}
			is, at := sight{track: m.track, sequence: m.sequence}, m.at
			if f := near[m.id]; f != nil && m.crowded {
				is.sequence, at = f.sequence, f.at
			} else if m.crowded {
				going := m.going()
				is.going, is.age, at = true, millis(o.time-m.since), going.At(o.time, extent)
			}
			is.at = onLattice(o.view.lattice, at)
			s.all = append(s.all, is)
		}
	}
}

// take takes in what a bot is shown at time now.
func (l *looker) take(s *sights, now time.Duration) {
	type rank struct {
		distance float64
		stale    time.Duration
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takeCrowds(s.crowds)
	ranks := make([]rank, 0, len(s.all))
	for i := range s.all {
		is := &s.all[i]
		sent := is.track.sent.Load()
		truly, _, ok := is.track.noted(sent)
		if !ok {
			continue // it has not moved yet, or does this very moment
		}
		right := truly.same(is.at) || is.track.lattice != nil && is.track.seen(truly).same(is.at)
		if is.going {
			l.takeTrack(is, s.tick, right)
		}
		r := rank{distance: math.Hypot(float64(truly.x-s.here.x), float64(truly.z-s.here.z))}
		if !right && is.sequence < sent {
			r.stale = memory
			if left, ok := is.track.sentAt(is.sequence + 1); ok {
				r.stale = now - left
			}
		}
		ranks = append(ranks, r)
	}
	slices.SortFunc(ranks, func(a, b rank) int { return cmp.Compare(a.distance, b.distance) })
	for i, r := range ranks {
		for which, n := range [...]int{20, 100, len(ranks)} {
			if i < n {
				l.stale[which].record(r.stale)
			}
		}
	}
}

// takeCrowds takes in what crowds declare.
func (l *looker) takeCrowds(all []*crowded) {
	for _, c := range all {
		bound := millis(c.bound)
		if l.bound = max(l.bound, bound); bound > groupsAbove {
			if l.far++; c.groups > 0 {
				l.grouped++
			}
		}
	}
}

// takeTrack takes in where somebody is shown along its track. Where it truly is, is what the last tick told others, or its last
// move, if that was told.
func (l *looker) takeTrack(is *sight, tick uint32, right bool) {
	told := is.track.told.Load()
	sequence, at := uint32(told>>32), uint32(told)
	if at < tick && sequence != is.track.sent.Load() {
		return // nobody was told yet
	}
	if at > tick {
		return // others were told of a tick that the viewer does not know yet
	}
	truly, _, ok := is.track.noted(sequence)
	if !ok {
		return
	}
	if truly = is.track.seen(truly); !right {
		l.oldest = max(l.oldest, is.age)
	}
	dx, dy, dz := float64(is.at.x-truly.x), float64(is.at.y-truly.y), float64(is.at.z-truly.z)
	parts := max(1, min(maxError, int64(math.Sqrt(dx*dx+dy*dy+dz*dz)*errorParts)))
	_ = l.errors.RecordValue(parts) // fails only out of range
	_ = l.byAge[min(ages-1, int(is.age/ageStep))].RecordValue(parts)
}

// groupsAbove is from when on a server tells a crowd in groups as well.
const groupsAbove = 5 * time.Second

// drain returns how stale was what was seen since the last time; nil is that nobody was.
func (l *looker) drain() *StalenessSample {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ranks [len(l.stale)]StalenessOfRank
	for i, r := range l.stale {
		l.recent.Reset()
		if r.drain(l.recent); l.recent.TotalCount() == 0 {
			return nil // neither the nearest nor anybody
		}
		ranks[i] = StalenessOfRank{P50: millisAt(l.recent, 50), P99: millisAt(l.recent, 99)}
	}
	return &StalenessSample{ranks[0], ranks[1], ranks[2]}
}

// report sums up what was seen; nil is that it was nothing of the kind.
func (l *looker) report() (*Staleness, *Extrapolation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var s *Staleness
	if all := summarise(l.stale[2]); all.Count > 0 {
		s = &Staleness{summarise(l.stale[0]), summarise(l.stale[1]), all}
		for _, of := range []*Latency{&s.Nearest20, &s.Nearest100, &s.All} {
			of.Distribution = nil
		}
	}
	if l.errors.TotalCount() == 0 {
		return s, nil
	}
	units := func(h *hdrhistogram.Histogram, percentile float64) float64 {
		return float64(h.ValueAtPercentile(percentile)) / errorParts
	}
	e := &Extrapolation{
		P50: units(l.errors, 50), P95: units(l.errors, 95), P99: units(l.errors, 99), Max: units(l.errors, 100),
		Count: l.errors.TotalCount(), OldestSeconds: l.oldest.Seconds(), BoundSeconds: l.bound.Seconds(),
		GroupedPart: ratio(float64(l.grouped), float64(l.far)),
	}
	for _, p := range percents {
		e.Distribution = append(e.Distribution, ErrorByPercent{p, units(l.errors, p)})
	}
	for i, h := range l.byAge {
		if h.TotalCount() > 0 {
			age := float64(i+1) * ageStep.Seconds()
			e.ByAge = append(e.ByAge, ErrorByAge{age, h.TotalCount(), units(h, 50), units(h, 95)})
		}
	}
	return s, e
}
