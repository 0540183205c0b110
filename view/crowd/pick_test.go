package crowd

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawCandidates draws who could be picked.
func drawCandidates(t *rapid.T) []Candidate {
	n := rapid.IntRange(0, 200).Draw(t, "candidates")
	all := make([]Candidate, n)
	for i := range all {
		all[i] = Candidate{
			Member: int32(3 * i), Off: rapid.Int64Range(0, 1<<31).Draw(t, "off"), Tolerance: 50,
			Wait: rapid.Uint32Range(0, 20_000).Draw(t, "wait"),
		}
		all[i].Age = all[i].Wait + rapid.Uint32Range(0, 1000).Draw(t, "age")
	}
	return all
}

// TestPickTakesTheLongestWaitingAndTheMostImportant: against a list that is simply sorted, twice.
func TestPickTakesTheLongestWaitingAndTheMostImportant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, n := drawCandidates(t), rapid.IntRange(0, 220).Draw(t, "n")
		var p Picker
		p.Begin()
		for _, c := range all {
			p.Add(c)
		}
		got := slices.Clone(p.Pick(n))
		if len(got) != min(n, len(all)) || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("%d of %d are %v", n, len(all), got)
		}
		slices.SortFunc(all, func(a, b Candidate) int { return cmp.Or(cmp.Compare(b.Wait, a.Wait), cmp.Compare(a.Member, b.Member)) })
		for _, c := range all[:min(Reserved(n), len(all))] {
			if !slices.Contains(got, c.Member) {
				t.Fatalf("%+v waits for longest and is not among %v", c, got)
			}
		}
		score := func(c Candidate) int64 { return min(c.Off*unit/50, mostOff) + int64(c.Age)*unit/5000 }
		slices.SortFunc(all, func(a, b Candidate) int {
			return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(a.Member, b.Member))
		})
		for _, c := range all[:min(n-Reserved(n), len(all))] {
			if !slices.Contains(got, c.Member) {
				t.Fatalf("%+v is the most important and is not among %v", c, got)
			}
		}
	})
}

// TestNobodyWaitsLongerThanTheBound: whoever is not where others think, for ever, is told within each bound that was declared
// while it waited, however important others are.
func TestNobodyWaitsLongerThanTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const beat = 100 * time.Millisecond
		members, n := rapid.IntRange(1, 120).Draw(t, "members"), rapid.IntRange(1, 30).Draw(t, "n")
		since, now := make([]uint32, members), uint32(0) // since when each waits
		for i := range since {
			since[i] = 1
		}
		declared := time.Duration(0)
		for range 100 {
			now += uint32(beat.Milliseconds())
			var p Picker
			p.Begin()
			for i := range since {
				if since[i] == 0 && rapid.IntRange(0, 3).Draw(t, "moves") == 0 {
					since[i] = now
				}
				if since[i] != 0 {
					off := int64(i%3) * 1_000_000 // some are always more important
					p.Add(Candidate{Member: int32(i), Off: off, Tolerance: 50, Wait: now - since[i], Age: now - since[i]})
				}
			}
			for _, m := range p.Pick(n) {
				if waited := time.Duration(now-since[m]) * time.Millisecond; declared > 0 && waited > declared {
					t.Fatalf("member %d has waited %v, of which %v were declared", m, waited, declared)
				}
				since[m] = 0
			}
			declared = p.Bound(n, beat)
		}
	})
}

// TestBoundIsNotMuchTooLarge: where all move and wait in turn, it is about as long as a turn takes.
func TestBoundIsNotMuchTooLarge(t *testing.T) {
	var p Picker
	p.Begin()
	for i := range int32(5000) {
		p.Add(Candidate{Member: i, Tolerance: 50, Wait: uint32(i)}) // a turn of five seconds
	}
	if b := p.Bound(200, 100*time.Millisecond); b < 5*time.Second || b > 5300*time.Millisecond {
		t.Errorf("the bound is %v", b)
	}
}

// BenchmarkPick is 150 of 5,000.
func BenchmarkPick(b *testing.B) {
	var p Picker
	b.ReportAllocs()
	for b.Loop() {
		p.Begin()
		for i := range int32(5000) {
			wait := uint32(i*7919) % 4000
			p.Add(Candidate{Member: i, Off: int64(i*104729) % 500, Tolerance: 50, Wait: wait, Age: wait})
		}
		p.Pick(150)
		p.Bound(150, 100*time.Millisecond)
	}
}
