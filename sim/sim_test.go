package sim

import (
	"flag"
	"testing"
	"testing/synctest"
)

var (
	seeds = flag.Int("seeds", 200, "how many seeds to play")
	first = flag.Uint64("first", 0, "the first of them")
	seed  = flag.Int("seed", -1, "the only seed to play, to replay a failure")
)

// configOf varies the simulation with the seed: lonely and crowded, one cell and many, frames that fit and that do not.
func configOf(seed uint64) Config {
	return Config{
		Seed: seed, Ticks: 150, Players: []int{3, 12, 30}[seed%3], Side: []int{1, 3, 5, 10}[seed%4],
		MaxFrame:  []int{128 << 10, 128 << 10, 128 << 10, 2048}[seed/4%4],
		Irregular: seed%2 == 1 || seed%10 == 0, Recut: seed%5 == 4,
	}
}

// play runs a config in virtual time.
func play(t *testing.T, cfg Config) (digest uint64) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		if digest, err = Run(cfg); err != nil {
			t.Fatalf("%v\nreplay: go test ./sim -run %s -seed %d", err, t.Name(), cfg.Seed)
		}
	})
	return digest
}

// played returns how many seeds to play: with -short, such as under the race detector, a quarter.
func played() int {
	if testing.Short() {
		return *seeds / 4
	}
	return *seeds
}

// TestSeeds plays many simulations; any disagreement with the oracle is a failure.
func TestSeeds(t *testing.T) {
	if *seed >= 0 {
		play(t, configOf(uint64(*seed)))
		return
	}
	for seed := range uint64(played()) {
		play(t, configOf(*first+seed))
	}
}

// TestEqualSeedsGiveEqualBytes: a failure can be replayed.
func TestEqualSeedsGiveEqualBytes(t *testing.T) {
	digests := map[uint64]bool{}
	for seed := range uint64(5) {
		first := play(t, configOf(seed))
		if again := play(t, configOf(seed)); again != first {
			t.Errorf("seed %d: digests %x and %x", seed, first, again)
		}
		digests[first] = true
	}
	if len(digests) != 5 {
		t.Errorf("5 seeds gave %d different digests", len(digests))
	}
}
