package bot

import (
	"math"
	"math/rand/v2"
	"testing"
)

// motionOf returns the named motion of a bot at home.
func motionOf(name string, w World, step float64, random *rand.Rand) motion {
	cfg := Config{World: w, Radius: 10}
	return newMotion(&cfg, &Phase{Motion: name, Step: step, Rate: 10}, func() World { return w }, w.home(random), random)
}

// positions are the first n of a motion.
func positions(m motion, n int) []spot {
	all := make([]spot, n)
	for i := range all {
		all[i].x, all[i].z = m.next()
	}
	return all
}

func TestMotionsStayInside(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for _, name := range []string{Walk, Cross, Still, Patrol, Hotspot} {
		for range 300 {
			w := randomWorld(random)
			m := motionOf(name, w, random.Float64()*20, random)
			for i, p := range positions(m, 100) {
				x, z := float64(p.x), float64(p.z)
				if !(x >= w.MinX && x <= w.MaxX && z >= w.MinZ && z <= w.MaxZ) {
					t.Fatalf("%s: position %d, (%v, %v), is not in %+v", name, i, x, z, w)
				}
			}
		}
	}
}

func TestEqualSeedsMoveAlike(t *testing.T) {
	for _, name := range []string{Walk, Cross, Still, Patrol, Hotspot} {
		run := func(seed uint64) []spot {
			return positions(motionOf(name, Defaults().World, 3, rand.New(rand.NewPCG(seed, 7))), 50)
		}
		first, again, other := run(1), run(1), run(2)
		same := 0
		for i := range first {
			if first[i] != again[i] {
				t.Errorf("%s: position %d differs", name, i)
			}
			if first[i] == other[i] {
				same++
			}
		}
		if same > 0 {
			t.Errorf("%s: another seed gives %d equal positions", name, same)
		}
	}
}

func TestHomesAreSpreadEvenly(t *testing.T) {
	w := World{MinX: 0, MaxX: 100, MinZ: 0, MaxZ: 100, Columns: 4, Rows: 4, Radius: 1}
	random := rand.New(rand.NewPCG(3, 1))
	homes := make([]int, 16)
	for range 16_000 {
		x, z := motionOf(Walk, w, 1, random).next()
		homes[w.id(w.cellAt(x, z))]++
	}
	for id, n := range homes {
		if n < 850 || n > 1150 { // five times the deviation that chance explains
			t.Errorf("%d homes in cell %d, want about 1,000", n, id)
		}
	}
}

func TestAWalkTakesSteps(t *testing.T) {
	const step = 2
	w := Defaults().World
	all := positions(motionOf(Walk, w, step, rand.New(rand.NewPCG(4, 1))), 5000)
	far := 0.0
	for i := 1; i < len(all); i++ {
		d := math.Hypot(float64(all[i].x-all[i-1].x), float64(all[i].z-all[i-1].z))
		if d > step+1e-3 {
			t.Fatalf("step %d is %v long", i, d)
		}
		far = max(far, math.Hypot(float64(all[i].x-all[0].x), float64(all[i].z-all[0].z)))
	}
	if far < w.width() {
		t.Errorf("after 5,000 steps it has been no farther than %v from home", far)
	}
}

func TestStillStands(t *testing.T) {
	all := positions(motionOf(Still, Defaults().World, 2, rand.New(rand.NewPCG(5, 1))), 10)
	for _, p := range all {
		if p != all[0] {
			t.Errorf("stands at %v, then at %v", all[0], p)
		}
	}
}

// A crosser crosses with nearly every move, over edges and corners, in all directions, and lands on borders.
func TestACrosserCrosses(t *testing.T) {
	const moves = 20_000
	for _, w := range []World{
		Defaults().World,
		{MaxX: 100, MaxZ: 100, Columns: 3, Rows: 3, Radius: 1},
		{MaxX: 100, MaxZ: 100, Columns: 2, Rows: 1, Radius: 1},
		{MaxX: 100, MaxZ: 100, Columns: 50, Rows: 50, Radius: 1},
	} {
		all := positions(motionOf(Cross, w, 5, rand.New(rand.NewPCG(6, 1))), moves)
		crossed, border := 0, 0
		ways, visited := map[cell]bool{}, map[cell]bool{}
		for i := 1; i < len(all); i++ {
			from, to := w.cellAt(all[i-1].x, all[i-1].z), w.cellAt(all[i].x, all[i].z)
			visited[to] = true
			if from != to {
				crossed++
				ways[cell{to.column - from.column, to.row - from.row}] = true
			}
			if nearest := math.Round((float64(all[i].x) - w.MinX) / w.width()); all[i].x == float32(w.MinX+nearest*w.width()) {
				border++
			}
		}
		if crossed < moves*95/100 {
			t.Errorf("%d × %d: %d of %d moves cross", w.Columns, w.Rows, crossed, moves)
		}
		if want := min(w.Columns, 3) * min(w.Rows, 3); want == 9 && len(ways) != 8 || len(ways) < 2 {
			t.Errorf("%d × %d: crosses in %d ways: %v", w.Columns, w.Rows, len(ways), ways)
		}
		if border == 0 {
			t.Errorf("%d × %d: never on a border", w.Columns, w.Rows)
		}
		if cells := w.Columns * w.Rows; len(visited) < min(cells, 100) {
			t.Errorf("%d × %d: only %d cells visited", w.Columns, w.Rows, len(visited))
		}
	}
}

func TestACrosserInOneCellStillMoves(t *testing.T) {
	w := World{MaxX: 100, MaxZ: 100, Columns: 1, Rows: 1, Radius: 1}
	seen := map[spot]bool{}
	for _, p := range positions(motionOf(Cross, w, 5, rand.New(rand.NewPCG(7, 1))), 100) {
		seen[p] = true
	}
	if len(seen) < 20 {
		t.Errorf("%d places in 100 moves", len(seen))
	}
}

// TestAPatrolGoesStraight: in legs, at 3 to 7 units a second, up hill and down, and turns.
func TestAPatrolGoesStraight(t *testing.T) {
	const rate, moves = 10, 20_000
	w := Defaults().World
	m := motionOf(Patrol, w, 0, rand.New(rand.NewPCG(8, 1)))
	all, heights := make([]spot, moves), make([]float64, moves)
	for i := range all {
		all[i].x, all[i].z = m.next()
		heights[i] = float64(m.height())
	}
	straight, turns, low, high := 0, 0, math.Inf(1), math.Inf(-1)
	for i := 2; i < moves; i++ {
		if heights[i] < 0 || heights[i] > hilltop || math.Abs(heights[i]-heights[i-1]) > 0.3 {
			t.Fatalf("move %d: from height %v to %v", i, heights[i-1], heights[i])
		}
		low, high = min(low, heights[i]), max(high, heights[i])
		before := math.Atan2(float64(all[i-1].x-all[i-2].x), float64(all[i-1].z-all[i-2].z))
		now := math.Atan2(float64(all[i].x-all[i-1].x), float64(all[i].z-all[i-1].z))
		speed := rate * math.Hypot(float64(all[i].x-all[i-1].x), float64(all[i].z-all[i-1].z))
		switch turn := math.Abs(math.Remainder(now-before, 2*math.Pi)); {
		case speed > fastest+0.01:
			t.Fatalf("move %d at %v units a second", i, speed)
		case turn < 0.01 && speed > slowest-0.01:
			straight++
		case turn > 0.1:
			turns++
		}
	}
	if straight < moves*9/10 || turns < 100 || low > 0.1 || high < hilltop-0.1 {
		t.Errorf("%d moves straight on, %d turns, heights %v to %v", straight, turns, low, high)
	}
}

// TestACrowdGathers: from everywhere, in steps no longer than they may be, and then it stays and mills about.
func TestACrowdGathers(t *testing.T) {
	w, random := Defaults().World, rand.New(rand.NewPCG(9, 1))
	cfg := Config{World: w, Radius: 12, Hotspot: []float64{100, 100}}
	inner := 0
	for range 50 {
		m := newMotion(&cfg, &Phase{Motion: Hotspot, Step: 3, Rate: 10}, func() World { return w }, w.home(random), random)
		all := positions(m, 300)
		for i := 1; i < len(all); i++ {
			if d := math.Hypot(float64(all[i].x-all[i-1].x), float64(all[i].z-all[i-1].z)); d > 3.001 || d == 0 {
				t.Fatalf("step %d is %v long", i, d)
			}
		}
		for _, p := range all[200:] {
			d := math.Hypot(float64(p.x)-100, float64(p.z)-100)
			if d > 12.001 {
				t.Fatalf("after 200 steps it is %v from the crowd's middle", d)
			}
			if d < 6 {
				inner++
			}
		}
	}
	if inner < 50*100/10 || inner > 50*100/2 {
		t.Errorf("%d of 5000 places in the inner half: the crowd is not spread out", inner)
	}
	if m := motionOf(Hotspot, w, 1, random); m.(*hotspot).centre != (spot{247.5, 237.5}) {
		t.Errorf("the middle of the world is %v", m.(*hotspot).centre)
	}
}

// TestBotsStayInTheirArea: their homes are in it, and walk, patrol and hotspot do not lead out of it; without one it is the world.
func TestBotsStayInTheirArea(t *testing.T) {
	cfg := Defaults()
	cfg.Area, cfg.Radius, cfg.Hotspot = []float64{200, 230, 300, 310}, 100, []float64{229, 309}
	for _, motion := range []string{Walk, Patrol, Hotspot, Still} {
		random := rand.New(rand.NewPCG(3, 4))
		home, reached := cfg.area().home(random), 0
		m := newMotion(&cfg, &Phase{Motion: motion, Step: 3, Rate: 10}, func() World { return cfg.World }, home, random)
		for range 3000 {
			x, z := m.next()
			if x < 200 || x > 230 || z < 300 || z > 310 {
				t.Fatalf("%s leads to %v, %v", motion, x, z)
			}
			if x > 215 {
				reached++
			}
		}
		if motion != Still && (reached == 0 || reached == 3000) {
			t.Errorf("%s keeps to one half of the area", motion)
		}
	}
	cfg.Area = nil
	if got := cfg.area(); got != cfg.World {
		t.Errorf("without an area bots live in %v", got)
	}
}

// TestAPatrolBeginsWhereItIs: who is on its way already goes on at its height, whatever it did before: a jump would be told as one.
func TestAPatrolBeginsWhereItIs(t *testing.T) {
	cfg := Defaults()
	b := &bot{random: rand.New(rand.NewPCG(5, 6)), here: spot{200, 200}, world: func() World { return cfg.World }}
	up, down, last := 0, 0, float32(0)
	for phase := range 200 {
		b.perform(&cfg, &Phase{Motion: Patrol, Rate: 10})
		for move := range 3 + phase%40 {
			b.here.x, b.here.z = b.motion.next()
			high := b.motion.height()
			if change := high - last; phase > 0 && (change > 0.3 || change < -0.3) {
				t.Fatalf("phase %d, move %d: from height %v to %v", phase, move, last, high)
			} else if change > 0 {
				up++
			} else if change < 0 {
				down++
			}
			b.height, b.underway, last = high, true, high
		}
	}
	if up < 500 || down < 500 {
		t.Errorf("%d moves up and %d down", up, down)
	}
}
