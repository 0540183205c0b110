package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// crowdConfigOf varies the simulation with the seed: budgets of 0.5 to 4 KB, and as many players as one needs to be over them.
func crowdConfigOf(seed uint64) Config {
	budget := []int{512, 700, 1024, 2048, 4096}[seed%5]
	return Config{
		Seed: seed, Ticks: 110, Players: 60 + int(seed%3)*25, Side: []int{1, 2, 3, 5}[seed/5%4], MaxFrame: 128 << 10,
		Irregular: seed%2 == 1, Budget: budget, Recut: seed%7 == 6, Rebudget: seed%3 == 2,
	}
}

// TestCrowdSeeds plays many simulations in which crowds gather and leave under small budgets.
func TestCrowdSeeds(t *testing.T) {
	if *seed >= 0 {
		play(t, crowdConfigOf(uint64(*seed)))
		return
	}
	for seed := range uint64(played()) / 8 {
		play(t, crowdConfigOf(*first+seed))
	}
}

// crowds returns how many clients are told of a crowd.
func (s *Sim) crowds() (n int) {
	for _, c := range s.clients {
		if len(s.bounds(c)) > 0 {
			n++
		}
	}
	return n
}

// TestCrowdGathersAndLeaves: ten times over, within ten seconds. Nobody is disconnected, everybody believes what it may, and two
// seconds after the crowd has gone nobody is told of one.
func TestCrowdGathersAndLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := newSim(Config{Seed: 1, Players: 120, Side: 4, MaxFrame: 128 << 10, Budget: 400})
		if err != nil {
			t.Fatal(err)
		}
		defer s.hangUp()
		for range s.cfg.Players {
			s.join()
		}
		for _, c := range s.clients {
			c.link.room = 1 << 20
		}
		step := func() {
			for _, c := range s.clients {
				if s.random.IntN(100) < 85 {
					s.move(c)
				}
			}
			if err := s.tick(); err != nil {
				t.Fatal(err)
			}
		}
		for round := range 10 {
			s.square = &place{x: 15, z: 25}
			for range 60 { // three seconds
				step()
			}
			if s.crowds() == 0 {
				t.Fatalf("round %d: there is no crowd", round)
			}
			s.square = nil
			for i, c := range s.clients {
				s.moveTo(c, place{x: float32(i%10)*4 + 2, z: float32(i/10)*3 + 2})
			}
			for tick := range time.Duration(60) {
				if err := s.tick(); err != nil {
					t.Fatal(err)
				}
				if left, after := s.crowds(), tick*tickTime; left > 0 && after >= 2*time.Second {
					t.Fatalf("round %d: %d are told of crowds %v after", round, left, after)
				}
			}
		}
		if s.closed > 0 || len(s.clients) != s.cfg.Players {
			t.Fatalf("%d sessions ended, %d are left", s.closed, len(s.clients))
		}
		s.calm()
		if err := s.finish(); err != nil {
			t.Fatal(err)
		}
	})
}
