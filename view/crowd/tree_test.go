package crowd

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// plant returns a tree of members at places that are drawn: spread out, on a line, or all on a few spots.
func plant(t *rapid.T, most int) (*Tree, []point) {
	var tree Tree
	n, width := rapid.IntRange(0, most).Draw(t, "members"), rapid.SampledFrom([]int32{1, 3, 100, 1 << 29}).Draw(t, "width")
	line := rapid.Bool().Draw(t, "on a line")
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	var points []point
	for i := range n {
		p := point{random.Int32N(2*width) - width, random.Int32N(2*width) - width, int32(2*i + i%2)}
		if line {
			p.z = 7
		}
		points = append(points, p)
		tree.Add(p.x, p.z, p.member)
	}
	tree.Cut(mostLeaf)
	return &tree, points
}

// TestLeavesHoldEachMemberOnce: leaves are small but not too small, their boxes are round their members, and members ascend.
func TestLeavesHoldEachMemberOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, points := plant(t, 700)
		var all []int32
		for leaf := range tree.Leaves() {
			members := tree.Leaf(nil, leaf)
			if len(members) > mostLeaf || len(points) > mostLeaf && len(members) < mostLeaf/2 || !slices.IsSorted(members) {
				t.Fatalf("leaf %d of %d is %v", leaf, tree.Leaves(), members)
			}
			box := tree.Box(leaf)
			for _, m := range members {
				p := points[m/2]
				if p.x < box.MinX || p.x > box.MaxX || p.z < box.MinZ || p.z > box.MaxZ {
					t.Fatalf("member %+v is outside %+v", p, box)
				}
			}
			all = append(all, members...)
		}
		slices.Sort(all)
		if want := slices.Collect(func(yield func(int32) bool) {
			for _, p := range points {
				if !yield(p.member) {
					return
				}
			}
		}); !slices.Equal(all, want) {
			t.Fatalf("leaves hold %v, want %v", all, want)
		}
	})
}

// TestSumsHoldEachMemberOnce: as many parts as asked for at most, that sum up to all members.
func TestSumsHoldEachMemberOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, points := plant(t, 700)
		most := 1 << rapid.IntRange(0, 5).Draw(t, "parts")
		sums, count := tree.Sums(nil, most), 0
		for _, s := range sums {
			count += int(s.Count)
		}
		if len(sums) > most || count != len(points) {
			t.Fatalf("%d sums of at most %d hold %d of %d members", len(sums), most, count, len(points))
		}
		if len(points) > 0 && most == 1 {
			var x int64
			for _, p := range points {
				x += int64(p.x)
			}
			if want := int32(x / int64(len(points))); sums[0].X != want {
				t.Fatalf("the middle is at %d, want %d", sums[0].X, want)
			}
		}
	})
}

// TestSearchFindsTheNearestFirst: in the order of a brute-force list, all leaves of all trees, each once.
func TestSearchFindsTheNearestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, _ := plant(t, 300)
		second, _ := plant(t, 300)
		x, z := rapid.Int32Range(-200, 200).Draw(t, "x"), rapid.Int32Range(-200, 200).Draw(t, "z")
		from := Box{x, x + 10, z, z + 20}
		trees := []*Tree{first, second}
		var want, got []uint64
		var s Search
		s.Begin(from)
		for _, tree := range trees {
			s.Add(tree)
			for leaf := range tree.Leaves() {
				want = append(want, from.distance(tree.Box(leaf)))
			}
		}
		slices.Sort(want)
		seen := map[[2]int]bool{}
		for tag, leaf := range s.Found() {
			if seen[[2]int{tag, leaf}] {
				t.Fatalf("leaf %d of tree %d again", leaf, tag)
			}
			seen[[2]int{tag, leaf}] = true
			got = append(got, from.distance(trees[tag].Box(leaf)))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("distances %v, want %v", got, want)
		}
	})
}

// TestSplit: the smallest are first, whatever the order before, also of inputs that are bad for pivots.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := make([]uint64, rapid.IntRange(1, 500).Draw(t, "n"))
		shape, random := rapid.IntRange(0, 3).Draw(t, "shape"), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for i := range items {
			by := [...]uint32{random.Uint32(), uint32(i), uint32(len(items) - i), uint32(min(i, len(items)-i))}[shape]
			items[i] = item(by, int32(i))
		}
		n := rapid.IntRange(0, len(items)).Draw(t, "first")
		want := slices.Sorted(slices.Values(items))[:n]
		split(items, n)
		if got := slices.Sorted(slices.Values(items[:n])); !slices.Equal(got, want) {
			t.Fatalf("the first %d are %v, want %v", n, got, want)
		}
	})
}

// TestTreeDoesNotDependOnItsPast: a tree that was used before is cut as a new one is.
func TestTreeDoesNotDependOnItsPast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used, _ := plant(t, 300)
		fresh, points := plant(t, 300)
		used.Reset()
		for _, p := range points {
			used.Add(p.x, p.z, p.member)
		}
		used.Cut(mostLeaf)
		if used.Leaves() != fresh.Leaves() {
			t.Fatalf("%d leaves, %d of a new tree", used.Leaves(), fresh.Leaves())
		}
		for leaf := range fresh.Leaves() {
			if a, b := used.Leaf(nil, leaf), fresh.Leaf(nil, leaf); slices.CompareFunc(a, b, cmp.Compare[int32]) != 0 {
				t.Fatalf("leaf %d is %v, of a new tree %v", leaf, a, b)
			}
		}
	})
}

// TestLeavesAreSmallWhereThereIsLittleRoom: nine of them take it.
func TestLeavesAreSmallWhereThereIsLittleRoom(t *testing.T) {
	for room, want := range map[float64]int{10: 4, 720: 10, 5000: 24} {
		if n := LeafSize(room, 8); n != want {
			t.Errorf("leaves of %d where there is room for %v bytes, want %d", n, room, want)
		}
	}
}

// BenchmarkCut is a crowd of 5,000 cut into leaves.
func BenchmarkCut(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 0))
	points := make([]point, 5000)
	for i := range points {
		points[i] = point{random.Int32N(100_000), random.Int32N(100_000), int32(i)}
	}
	var tree Tree
	b.ReportAllocs()
	for b.Loop() {
		tree.Reset()
		for _, p := range points {
			tree.Add(p.x, p.z, p.member)
		}
		tree.Cut(mostLeaf)
	}
}

// BenchmarkSearch is the 20 leaves nearest to each leaf of a crowd of 5,000.
func BenchmarkSearch(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 0))
	var tree Tree
	for i := range int32(5000) {
		tree.Add(random.Int32N(100_000), random.Int32N(100_000), i)
	}
	tree.Cut(mostLeaf)
	var s Search
	b.ReportAllocs()
	for b.Loop() {
		for leaf := range tree.Leaves() {
			s.Begin(tree.Box(leaf))
			s.Add(&tree)
			n := 0
			for range s.Found() {
				if n++; n == 20 {
					break
				}
			}
		}
	}
}
