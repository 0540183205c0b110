package world

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// topSpeed is the max speed of the worlds of wide.
const topSpeed = 10

// within10s is the most that somebody may travel within 10 s.
const within10s = topSpeed * (1.02*10 + 0.2)

// cheat is one way of asking for more than is allowed: when the next tick comes, and where each move of it goes.
type cheat func(random *rand.Rand, r *runner) (pause time.Duration, targets []float64)

// cheats is what the search puts together.
var cheats = map[string]cheat{
	"a little too fast": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		pause := time.Duration(1+random.IntN(120)) * time.Millisecond
		return pause, []float64{r.x + topSpeed*pause.Seconds()*(1+random.Float64()/10)}
	},
	"much too fast": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		return time.Duration(random.IntN(100)) * time.Millisecond, []float64{r.x + random.Float64()*2*topSpeed}
	},
	"teleport": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		return time.Millisecond, []float64{random.Float64()*2e6 - 1e6}
	},
	"saved up": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		return time.Duration(random.IntN(20_000)) * time.Millisecond, []float64{r.x + random.Float64()*topSpeed*creditSeconds*1.1}
	},
	"all that is left": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		travel := r.world.entities[r.world.index[1]].travel
		pause := time.Duration(random.IntN(50)) * time.Millisecond
		full := travel.left + overspeed*topSpeed*(r.now+pause-travel.at).Seconds()
		return pause, []float64{r.x - min(full, creditSeconds*topSpeed)}
	},
	"many at once": func(random *rand.Rand, r *runner) (pause time.Duration, targets []float64) {
		for range 20 {
			targets = append(targets, r.x+random.Float64()*topSpeed*creditSeconds)
		}
		return time.Duration(random.IntN(30)) * time.Millisecond, targets
	},
	"early ticks": func(_ *rand.Rand, r *runner) (time.Duration, []float64) {
		return time.Microsecond, []float64{r.x + topSpeed*creditSeconds/50}
	},
	"a clock that goes back": func(random *rand.Rand, r *runner) (time.Duration, []float64) {
		return -time.Duration(random.IntN(5000)) * time.Millisecond, []float64{r.x + topSpeed*creditSeconds/3}
	},
	"out of the map": func(_ *rand.Rand, r *runner) (time.Duration, []float64) {
		return time.Millisecond, []float64{2e6}
	},
}

// TestNoCheatBeatsTheSpeedBudget: whatever is sent whenever, within any 10 s nobody comes further than within10s. Each cheat is tried
// by itself, and many together.
func TestNoCheatBeatsTheSpeedBudget(t *testing.T) {
	for name := range cheats {
		if got := farthest(t, rand.New(rand.NewPCG(1, 0)), []string{name}); got > within10s+rounding {
			t.Errorf("%s: %v units within 10 s, at most %v", name, got, within10s)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(cheats))), 1, 4).Draw(rt, "cheats")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		if got := farthest(t, random, names); got > within10s+rounding {
			rt.Fatalf("%v units within 10 s, by %v, at most %v", got, names, within10s)
		}
	})
}

// rounding is what positions that are 32-bit floats may be off by, of many moves together (world units).
const rounding = 1e-2

// farthest returns how far somebody comes within 10 s who cheats in some ways, in turn as chance has it.
func farthest(t *testing.T, random *rand.Rand, names []string) (most float64) {
	r := newRunner(t, MovementEnforce)
	for range 600 { // 10 s and more of the cheats that take their time
		pause, targets := cheats[names[random.IntN(len(names))]](random, r)
		r.attempt(r.now+pause, targets...)
	}
	first, sum := 0, 0.0
	for _, s := range r.sums {
		sum += s.distance
		for ; s.at-r.sums[first].at > 10*time.Second; first++ {
			sum -= r.sums[first].distance
		}
		most = max(most, sum)
	}
	return most
}

// gait is how an honest player walks, and how it is served.
type gait struct {
	speed float64       // units a second, at most
	every time.Duration // between two moves
	tick  time.Duration // between two ticks, at most
}

// honest walks about and has its moves arrive up to 300 ms late, in order, in the worst ways: rests, with moves that are as late
// as can be until the next rest, or suddenly at once; bursts; ticks at any time.
type honest struct {
	gait
	random *rand.Rand
	sent   time.Duration // when the next move is sent
	came   time.Duration // when the last one arrived
	late   time.Duration // by how much moves are
	resume time.Duration // when the rest ends
	x      float64       // as last sent
	moves  []arrival     // that no tick has taken yet
}

type arrival struct {
	at time.Duration
	x  float64
}

const jitter = 300 * time.Millisecond

// walk sends moves up to a time.
func (h *honest) walk(until time.Duration) {
	for ; h.sent <= until; h.sent += h.every {
		switch h.random.IntN(40) {
		case 0:
			h.late = 0
		case 1:
			h.late = jitter
		case 2:
			h.late = time.Duration(h.random.Int64N(int64(jitter)))
		case 3:
			h.resume, h.late = h.sent+time.Duration(h.random.IntN(1500))*time.Millisecond, jitter
		}
		if h.sent < h.resume {
			continue
		}
		h.x += h.speed * h.every.Seconds()
		h.came = max(h.came, h.sent+h.late)
		h.moves = append(h.moves, arrival{at: h.came, x: h.x})
	}
}

// take returns the position of the last move that has arrived, if any has.
func (h *honest) take(now time.Duration) (x float64, n int) {
	for ; n < len(h.moves) && h.moves[n].at <= now; n++ {
		x = h.moves[n].x
	}
	h.moves = h.moves[n:]
	return x, n
}

// TestHonestPlayersAreNotCorrected: a million moves at full speed that are late by up to 300 ms, as the budget's rule allows.
func TestHonestPlayersAreNotCorrected(t *testing.T) {
	const million = 1_000_000
	gaits := []gait{
		{topSpeed, 40 * time.Millisecond, 50 * time.Millisecond},
		{topSpeed, 50 * time.Millisecond, 40 * time.Millisecond},
		{topSpeed * 0.866, 100 * time.Millisecond, 50 * time.Millisecond},
		{topSpeed * 0.55, 200 * time.Millisecond, 200 * time.Millisecond},
	}
	for _, g := range gaits {
		t.Run(fmt.Sprintf("%v every %v ticks of %v", g.speed, g.every, g.tick), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(4, uint64(g.every)))
			h, r := &honest{gait: g, random: random}, newRunner(t, MovementEnforce)
			for moves := 0; moves < million/len(gaits); {
				pause := g.tick
				if random.IntN(3) == 0 {
					pause = time.Duration(random.Int64N(int64(g.tick)) + 1)
				}
				h.walk(r.now + pause)
				x, n := h.take(r.now + pause)
				if h.x > 5e5 { // turn round where floats are still fine
					h.x, h.speed = 5e5, -h.speed
				}
				if n > 0 && !r.attempt(r.now+pause, x) {
					t.Fatalf("at %v, after %d moves, one to %v was refused", r.now, moves, x)
				}
				if n == 0 {
					r.now += pause
				}
				moves += n
			}
		})
	}
}

// TestHonestPlayersNeedTheirCredit: the search above finds it when the rule is broken by a tenth.
func TestHonestPlayersNeedTheirCredit(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	h := &honest{gait: gait{topSpeed, 60 * time.Millisecond, 70 * time.Millisecond}, random: random}
	r := newRunner(t, MovementEnforce)
	for range 200_000 {
		h.walk(r.now + h.tick)
		if x, n := h.take(r.now + h.tick); n > 0 {
			if !r.attempt(r.now+h.tick, x) {
				return
			}
		} else {
			r.now += h.tick
		}
	}
	t.Error("nobody was refused, though moves were more uneven than there is credit for: the search finds nothing")
}

func TestSavedUpCreditIsBounded(t *testing.T) {
	r := newRunner(t, MovementEnforce)
	if r.attempt(time.Hour, 4) {
		t.Error("after an hour's rest 4 units at once were allowed, at 10 units a second")
	}
	if !r.attempt(time.Hour, 3.89) {
		t.Error("3.89 units at once were refused: a little must be, for moves that arrive late")
	}
}

// FuzzMoves plays moves of any floats at any times: whoever is let in is inside the bounds, at a number, and not faster than it
// may be; who is refused stays where it was.
func FuzzMoves(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xff, 0xff, 0x7f, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		w, now, tick := mustNew(t, wide(MovementEnforce)), time.Duration(0), uint64(0)
		step(w, &Input{Joins: joins(1)})
		spent, began := 0.0, now
		const bytesPerMove = 18
		for r := (&stateReader{rest: b}); len(r.rest) >= bytesPerMove; tick++ {
			before := w.entities[w.index[1]].at
			to := Position{X: r.float32(), Y: r.float32(), Z: r.float32(), V: r.float32()}
			now += time.Duration(r.u16()) * time.Microsecond
			out := step(w, &Input{Tick: tick, Now: now, Moves: []Move{{Player: 1, Epoch: 1, To: to, Valid: true}}})
			after := w.entities[w.index[1]].at
			spent += distance(before, after)
			refused := len(out.Refusals) > 0
			if w.rules.Check(after) != Accepted || refused && after != before || !refused && after != to {
				t.Fatalf("from %v to %v: at %v, refusals %v", before, to, after, out.Refusals)
			}
			if limit := topSpeed * (creditSeconds + overspeed*(now-began).Seconds()); spent > limit+1e-6 {
				t.Fatalf("%v units in %v, at most %v", spent, now-began, limit)
			}
		}
	})
}
