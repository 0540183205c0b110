package bot

import (
	"math"
	"testing"
	"time"

	"aoiworld/net/native"
)

// lookScene is a viewer at (0, 0), and others whom it may be shown.
type lookScene struct {
	*looker
	lattice native.Lattice
	now     time.Duration
}

func newLookScene() *lookScene {
	return &lookScene{newLooker(), tenByTen.lattice(), 10 * time.Second}
}

// mover is somebody who made its moves along Z at some X, one at each of the times; the last is to z = number of moves.
func (s *lookScene) mover(x float32, times ...time.Duration) *track {
	t := newTrack(10, Native, &s.lattice)
	t.origin.Store(&place{x, 0, 0, 0})
	for i, at := range times {
		t.note(x, 0, float32(i+1), 0, at)
	}
	return t
}

// shown is somebody as of one of its moves.
func shownAt(t *track, sequence uint32) sight {
	at, _, _ := t.noted(sequence)
	return sight{track: t, sequence: sequence, at: at}
}

// TestStaleness: who is shown where it is, is not stale; who is not, is since it made its next move; and who has not moved yet
// says nothing.
func TestStaleness(t *testing.T) {
	for name, c := range map[string]struct {
		see  func(s *lookScene) sight
		want time.Duration // -1: it does not count
	}{
		"as it is":        {func(s *lookScene) sight { return shownAt(s.mover(1, 8*time.Second, 9*time.Second), 2) }, 0},
		"one move behind": {func(s *lookScene) sight { return shownAt(s.mover(1, 8*time.Second, 9*time.Second), 1) }, time.Second},
		"two moves behind": {func(s *lookScene) sight {
			return shownAt(s.mover(1, 7*time.Second, 8*time.Second, 9900*time.Millisecond), 1)
		}, 2 * time.Second},
		"before its first": {func(s *lookScene) sight { return sight{track: s.mover(1, 9*time.Second), at: place{1, 0, 0, 0}} }, time.Second},
		"it has not moved": {func(s *lookScene) sight { return sight{track: s.mover(1), at: place{1, 0, 0, 0}} }, -1},
		"its track has led it": {func(s *lookScene) sight {
			is := shownAt(s.mover(1, 8*time.Second, 9*time.Second), 1)
			is.at, is.going = shownAt(is.track, 2).at, true
			return is
		}, 0},
		"longer than is remembered": {func(s *lookScene) sight {
			times := make([]time.Duration, 200)
			for i := range times {
				times[i] = time.Duration(i) * 40 * time.Millisecond
			}
			return shownAt(s.mover(1, times...), 1)
		}, memory},
	} {
		s := newLookScene()
		s.take(&sights{all: []sight{c.see(s)}}, s.now)
		stale, _ := s.report()
		switch {
		case c.want < 0 && stale != nil:
			t.Errorf("%s: %+v", name, stale)
		case c.want >= 0 && (stale == nil || stale.All.Count != 1 || math.Abs(stale.All.Max-float64(c.want.Milliseconds())) > 1+stale.All.Max/1000):
			t.Errorf("%s: %+v, want %v", name, stale, c.want)
		}
	}
}

// TestStalenessByRank: ranks are by how far others truly are, wherever they are shown.
func TestStalenessByRank(t *testing.T) {
	s := newLookScene()
	var seen sights
	for i := range 150 { // the farthest first; the farther, the staler
		x := 150 - i
		left := s.now - time.Duration(x)*10*time.Millisecond
		is := shownAt(s.mover(float32(x)/2, time.Second, left), 1)
		is.at.x = float32(i) / 2
		seen.all = append(seen.all, is)
	}
	s.take(&seen, s.now)
	stale, _ := s.report()
	for name, c := range map[string]struct {
		Latency
		count int64
		max   float64
	}{
		"nearest 20": {stale.Nearest20, 20, 200}, "nearest 100": {stale.Nearest100, 100, 1000}, "all": {stale.All, 150, 1500},
	} {
		if c.Count != c.count || math.Abs(c.Max-c.max) > 2 || c.Distribution != nil {
			t.Errorf("%s: %d, at most %v ms; want %d and %v", name, c.Count, c.Max, c.count, c.max)
		}
	}
}

// TestStalenessOfASecond: each second is of what was seen in it alone, and one in which nothing was is left out.
func TestStalenessOfASecond(t *testing.T) {
	s := newLookScene()
	for _, millis := range []int{300, 700} {
		is := shownAt(s.mover(1, time.Second, s.now-time.Duration(millis)*time.Millisecond), 1)
		s.take(&sights{all: []sight{is}}, s.now)
		got := s.drain()
		for _, rank := range []StalenessOfRank{got.Nearest20, got.Nearest100, got.All} {
			if want := float64(millis); math.Abs(rank.P50-want) > want/50 || rank.P99 != rank.P50 {
				t.Errorf("%+v, want %v ms", got, want)
			}
		}
	}
	if got := s.drain(); got != nil {
		t.Errorf("nothing was seen, and it is told as %+v", got)
	}
	if stale, _ := s.report(); stale.All.Count != 2 {
		t.Errorf("%d in all", stale.All.Count)
	}
}

// TestExtrapolationError: where a track leads is held against where others are told in the same tick that somebody is, or where it
// truly is once that was told; and else it says nothing.
func TestExtrapolationError(t *testing.T) {
	const tick = 7
	for name, c := range map[string]struct {
		tell  func(*track)
		age   time.Duration
		units float64 // -1: it does not count
		old   float64 // the age of the oldest that is wrong
	}{
		"told in this tick":            {func(t *track) { t.tell(2, tick) }, 700 * time.Millisecond, 3, 0.7},
		"told in this tick, as before": {func(t *track) { t.tell(1, tick) }, 0, 2, 0},
		"told before, and it is there": {func(t *track) { t.tell(2, tick-1) }, 5 * time.Second, 3, 5},
		"told before, and it went on":  {func(t *track) { t.tell(1, tick-1) }, 0, -1, 0},
		"told in the next tick":        {func(t *track) { t.tell(2, tick+1) }, 0, -1, 0},
		"told of nobody":               {func(*track) {}, 0, -1, 0},
		"old":                          {func(t *track) { t.tell(2, tick) }, time.Minute, 3, 60},
	} {
		s := newLookScene()
		mover := s.mover(1, 8*time.Second, 9*time.Second) // to z = 1, and to z = 2
		c.tell(mover)
		is := shownAt(mover, 2)
		is.at.z, is.going, is.age = 5, true, c.age
		if name == "told in this tick, as before" { // the track is where it was told to be but for 2
			is.at = shownAt(mover, 1).at
			is.at.x += 2
		}
		s.take(&sights{all: []sight{is}, tick: tick}, s.now)
		_, e := s.report()
		switch {
		case c.units < 0 && e != nil:
			t.Errorf("%s: %+v", name, e)
		case c.units >= 0 && (e == nil || e.Count != 1 || math.Abs(e.Max-c.units) > 0.01):
			t.Errorf("%s: %+v, want %v units", name, e, c.units)
		case c.units < 0:
		case c.old > 0 && math.Abs(e.OldestSeconds-c.old) > 0.001:
			t.Errorf("%s: the oldest is %v s, want %v", name, e.OldestSeconds, c.old)
		case len(e.ByAge) != 1 || e.ByAge[0].Seconds != min(6, math.Floor(c.age.Seconds()*2)/2+0.5) || e.ByAge[0].Count != 1:
			t.Errorf("%s: by age %+v", name, e.ByAge)
		case len(e.Distribution) != len(percents) || math.Abs(e.Distribution[0].Units-c.units) > 0.01:
			t.Errorf("%s: distribution %+v", name, e.Distribution)
		}
	}
}

// TestWhatCrowdsDeclare: of crowds whose bound is above five seconds, groups are to be told.
func TestWhatCrowdsDeclare(t *testing.T) {
	s := newLookScene()
	mover := s.mover(1, 9*time.Second)
	mover.tell(1, 1)
	is := shownAt(mover, 1)
	is.going = true
	s.take(&sights{all: []sight{is}, tick: 1, crowds: []*crowded{
		{bound: 4000}, {bound: 7000}, {bound: 6000, groups: 3}, {bound: 6500, groups: 2}, {bound: 5001, groups: 1},
	}}, s.now)
	if _, e := s.report(); e.BoundSeconds != 7 || e.GroupedPart != 0.75 || e.OldestSeconds != 0 {
		t.Errorf("%+v, want a bound of 7 s and three of four told in groups", e)
	}
	s.reset()
	if stale, e := s.report(); stale != nil || e != nil {
		t.Errorf("afterwards %+v, %+v", stale, e)
	}
}

// TestWhoIsLookedAt: a few at once, others each time, and nobody who does not look, is gone or away.
func TestWhoIsLookedAt(t *testing.T) {
	cfg := Defaults()
	cfg.Lookers = 0.5
	f := newFleet(cfg, dialers{})
	mover := newTrack(10, Native, &f.lattice)
	mover.note(1, 0, 1, 0, 0)
	looks, all := 0, int64(0)
	for range 30 {
		b := f.newBot()
		b.view.self = int32(b.number)
		b.native.onlooker.seen = []seen{{0, &picture{members: []member{{id: 1000, track: mover, sequence: 1}, {id: b.view.self}, {id: 1001}}}}}
		switch {
		case !cfg.looks(b.number):
		case looks == 3:
			b.gone.Store(true)
			looks++
		case looks == 5:
			b.away.Store(true)
			looks++
		default:
			looks++
			all++
		}
		f.bots = append(f.bots, b)
	}
	f.publish()
	if looks < 10 || looks > 20 {
		t.Fatalf("%d of 30 look, want about half", looks)
	}
	f.lookOnce()
	if stale, _ := f.looker.report(); stale == nil || stale.All.Count != looksAt {
		t.Fatalf("%+v, want one other of each of %d", stale, looksAt)
	}
	seen := make(map[int]bool)
	for range 100 {
		seen[f.looker.turn] = true
		f.lookOnce()
	}
	if stale, _ := f.looker.report(); stale.All.Count != 101*looksAt || len(seen) < 2 {
		t.Errorf("%d looks, at bots %v", stale.All.Count, seen)
	}
	f.looker.reset()
	empty := f.bots[:0]
	f.roster.Store(&empty)
	f.lookOnce() // at nobody
	if stale, _ := f.looker.report(); stale != nil {
		t.Error("somebody was looked at where nobody is")
	}
}
