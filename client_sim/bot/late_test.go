package bot

import (
	"slices"
	"testing"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
)

// lateScene is the scene in which the native dialect is spoken: by the viewer, or else by nobody in view.
func lateScene(viewer, mover string) (*scene, *native.Lattice) {
	s, l := joined(), tenByTen.lattice()
	if viewer == Native {
		s.lattice = &l
	}
	s.mine = newTrack(10, viewer, &l)
	s.mine.origin.Store(&sceneOrigin)
	s.tracks[2] = newTrack(10, mover, &l)
	s.tracks[2].origin.Store(&place{})
	s.mine.marks, s.tracks[2].marks = new(marks), new(marks)
	return s, &l
}

// shownTo returns a place as a viewer of the scene is shown it.
func (s *scene) shownTo(p place) place {
	if s.lattice == nil {
		return p
	}
	return onLattice(s.lattice, p.rounded(s.lattice))
}

// pairs are all pairs of who sees whom where the native dialect is spoken.
var pairs = []struct{ viewer, mover string }{{Native, Native}, {Native, Classic}, {Classic, Native}, {Classic, Classic}}

// cadence is the time between two moves.
const cadence = 100 * time.Millisecond

// jump lets player 2 jump to and fro between two spots that are its own, n times, and returns the places.
func (s *scene) jump(n int) (all []place) {
	spots, headings := []spot{{33.3333, 44.4444}, {55.5555, 66.6666}}, []int{30, 210}
	for i := range n {
		at := s.tracks[2].note(spots[i%2].x, 0, spots[i%2].z, headings[i%2], time.Duration(i)*cadence)
		all = append(all, s.shownTo(at))
	}
	return all
}

// TestToAndFroLate: who jumps between two spots is recognised however late its moves are shown, and only a move that is shown
// after a later one went back.
func TestToAndFroLate(t *testing.T) {
	for _, pair := range pairs {
		for _, late := range []int{0, 1, 4, 5, 60} {
			s, _ := lateScene(pair.viewer, pair.mover)
			n := 200
			moves := make([]place, 0, n)
			s.told(0, event(classic.Appear, 2, place{}))
			for i := range n {
				now := time.Duration(i) * cadence
				moves = append(moves, s.shownTo(s.tracks[2].note(10+float32(i%2), 0, 10, i%2*180, now)))
				if i >= late && i%7 != 0 { // every seventh gives way to the next
					s.told(now, event(classic.Moved, 2, moves[i-late]), event(classic.Moved, 2, moves[i-late]))
				}
				if want := uint32(max(0, i-late+1)); i%7 != 0 && s.shown.find(2).sequence != want {
					t.Fatalf("%s sees %s %d late: is shown move %d, want %d",
						pair.viewer, pair.mover, late, s.shown.find(2).sequence, want)
				}
			}
			if len(s.wrong) > 0 {
				t.Errorf("%s sees %s %d late: %v", pair.viewer, pair.mover, late, s.wrong[0])
			}
			if s.told(0, event(classic.Moved, 2, moves[n-late-3])); !slices.Equal(s.kinds(), []Kind{WentBack}) {
				t.Errorf("%s sees %s %d late, and then go back: %v", pair.viewer, pair.mover, late, s.wrong)
			}
		}
	}
}

// TestMovesThatAreForgotten: they are late and nothing worse, in their order, and between moves that are remembered.
func TestMovesThatAreForgotten(t *testing.T) {
	for _, pair := range pairs {
		s, _ := lateScene(pair.viewer, pair.mover)
		moves := s.jump(1000)
		s.told(1000*cadence, event(classic.Appear, 2, moves[0]))
		for _, at := range moves[1:] {
			s.told(1000*cadence, event(classic.Moved, 2, at))
		}
		s.close(1000 * cadence)
		if len(s.wrong) > 0 {
			t.Errorf("%s sees %s: %d violations, the first: %v", pair.viewer, pair.mover, len(s.wrong), s.wrong[0])
		}
		if got := summarise(s.latency); got.Max < 5900 || s.tally.delivered != 1+int64(sceneInTime/cadence)-1 {
			t.Errorf("%s sees %s: %+v, %d delivered in time", pair.viewer, pair.mover, got, s.tally.delivered)
		}
	}
}

// TestBackToWhatIsForgotten: a move that is forgotten is older than any that is remembered.
func TestBackToWhatIsForgotten(t *testing.T) {
	for _, pair := range pairs {
		s, _ := lateScene(pair.viewer, pair.mover)
		moves := s.jump(300)
		s.told(0, event(classic.Appear, 2, moves[299]), event(classic.Moved, 2, moves[10]))
		if !slices.Equal(s.kinds(), []Kind{WentBack}) {
			t.Errorf("%s sees %s: %v, want %q", pair.viewer, pair.mover, s.wrong, WentBack)
		}
	}
}

// TestWhoFallsBehind: a move was remembered when it was shown, and the next is forgotten when it is.
func TestWhoFallsBehind(t *testing.T) {
	for _, pair := range pairs {
		s, _ := lateScene(pair.viewer, pair.mover)
		moves := s.jump(100)
		s.told(0, event(classic.Appear, 2, moves[99]))
		moves = append(moves, s.jump(200)...)
		s.told(0, event(classic.Moved, 2, moves[100]), event(classic.Moved, 2, moves[150]), event(classic.Moved, 2, moves[299]))
		if len(s.wrong) > 0 {
			t.Errorf("%s sees %s: %v", pair.viewer, pair.mover, s.wrong)
		}
	}
}

// TestATakenBackMoveForgetsNoMore: what was called forgotten is not called older after it.
func TestATakenBackMoveForgetsNoMore(t *testing.T) {
	s, _ := lateScene(Native, Native)
	moves := s.jump(300)
	s.told(0, event(classic.Appear, 2, moves[200]))
	s.tracks[2].retract()
	s.told(0, event(classic.Moved, 2, moves[201]))
	if len(s.wrong) > 0 {
		t.Errorf("%v", s.wrong)
	}
}

// TestWhereABotHasNeverBeen: places that were never sent stay impossible, long after the first moves are forgotten.
func TestWhereABotHasNeverBeen(t *testing.T) {
	const moves, places = 1000, 10_000
	for _, pair := range pairs {
		s, _ := lateScene(pair.viewer, pair.mover)
		for i := range moves {
			s.tracks[2].note(10+float32(i)*0.05, 0, 20, 90, 0)
		}
		found := 0
		for i := range places {
			_, v := s.tracks[2].judge(s.shownTo(place{1 + float32(i%100)*0.9, 500, 1 + float32(i/100)*0.9, 90}), pair.viewer == Native)
			if v == impossible {
				found++
			}
		}
		if found < places*99/100 {
			t.Errorf("%s sees %s: of %d impossible places %d are found", pair.viewer, pair.mover, places, found)
		}
	}
}

// TestAPlaceOfTheFirstMovesIsNotForgotten: as long as all moves are remembered, a place is one of theirs or impossible.
func TestAPlaceOfTheFirstMovesIsNotForgotten(t *testing.T) {
	s, _ := lateScene(Native, Native)
	lost := s.jump(len(s.tracks[2].steps))[63]
	s.tracks[2].retract()
	if _, v := s.tracks[2].judge(lost, true); v != impossible {
		t.Errorf("a move that was taken back is called %v", v)
	}
}

// TestStandingWhereItBegan: a bot that turns on the spot where it was put comes back to its first height and heading.
func TestStandingWhereItBegan(t *testing.T) {
	s, l := lateScene(Native, Native)
	origin := onLattice(l, native.Place{X: 1000, Z: 1000})
	s.tracks[2].origin.Store(&origin)
	s.told(0, event(classic.Appear, 2, origin))
	for i := 1; i <= numbers*360/8; i++ {
		now := time.Duration(i) * cadence
		s.told(now, event(classic.Moved, 2, s.tracks[2].note(origin.x, 0, origin.z, i%360, now)))
	}
	if len(s.wrong) > 0 {
		t.Errorf("%d violations, the first: %v", len(s.wrong), s.wrong[0])
	}
	if s.told(0, event(classic.Moved, 2, origin)); len(s.wrong) > 0 {
		t.Errorf("the very place it is at: %v", s.wrong)
	}
}

// TestAnOldEchoIsNoRefusal: a bot that is told of a move of its own that it has forgotten is not put back.
func TestAnOldEchoIsNoRefusal(t *testing.T) {
	for _, dialect := range []string{Native, Classic} {
		s, l := lateScene(dialect, dialect)
		var moves []place
		for i := range 300 {
			moves = append(moves, s.mine.note(20+float32(i%2), 0, 20, 0, time.Duration(i)*cadence))
		}
		s.shown.find(1).track = s.mine
		s.told(300*cadence, event(classic.Moved, 1, moves[7]), event(classic.Moved, 1, moves[8]))
		if s.denied || s.answered() || s.tally.corrections > 0 || s.own.rounded(l) != moves[8].rounded(l) {
			t.Errorf("%s: denied %v, answered %v, at %v, %+v", dialect, s.denied, s.answered(), s.own, s.tally)
		}
		s.told(300*cadence, event(classic.Moved, 1, moves[299]))
		if !s.answered() || s.denied || s.tally.echoes != 1 || len(s.wrong) > 0 {
			t.Errorf("%s: after the latest: denied %v, answered %v, %+v: %v", dialect, s.denied, s.answered(), s.tally, s.wrong)
		}
	}
}
