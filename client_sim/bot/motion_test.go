package bot

import (
	"math"
	"math/rand/v2"
	"testing"
)

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
	for _, name := range []string{Walk, Cross, Still} {
		for range 300 {
			w := randomWorld(random)
			m := newMotion(name, w, random.Float64()*20, random)
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
	for _, name := range []string{Walk, Cross, Still} {
		run := func(seed uint64) []spot {
			return positions(newMotion(name, Defaults().World, 3, rand.New(rand.NewPCG(seed, 7))), 50)
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
		x, z := newMotion(Walk, w, 1, random).next()
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
	all := positions(newMotion(Walk, w, step, rand.New(rand.NewPCG(4, 1))), 5000)
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
	all := positions(newMotion(Still, Defaults().World, 2, rand.New(rand.NewPCG(5, 1))), 10)
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
		all := positions(newMotion(Cross, w, 5, rand.New(rand.NewPCG(6, 1))), moves)
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
	for _, p := range positions(newMotion(Cross, w, 5, rand.New(rand.NewPCG(7, 1))), 100) {
		seen[p] = true
	}
	if len(seen) < 20 {
		t.Errorf("%d places in 100 moves", len(seen))
	}
}
