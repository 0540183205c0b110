package crowd

import "slices"

// Bounds of how many members are in a leaf at most: the smaller leaves are, the nearer one another their members, and the more
// frames there are.
const (
	leastLeaf = 4
	mostLeaf  = 24
)

// around is how many leaves are about as near to somebody as the own one is: that one and those that touch it.
const around = 9

// LeafSize returns how many members are to be in a leaf at most: so few that their own leaf, and those that touch it, find room
// in what its viewers are told of who is near, which is so many bytes, with so many for each member. Else whoever stands in the
// corner of a leaf would not be told of the one behind the corner.
func LeafSize(room float64, record int) int {
	return max(leastLeaf, min(mostLeaf, int(room)/(around*record)))
}

// Box is a rectangle on the plane, its borders included.
type Box struct{ MinX, MaxX, MinZ, MaxZ int32 }

// distance returns the square of how far two boxes are apart.
func (b Box) distance(other Box) uint64 {
	dx := int64(max(b.MinX-other.MaxX, other.MinX-b.MaxX, 0))
	dz := int64(max(b.MinZ-other.MaxZ, other.MinZ-b.MaxZ, 0))
	return uint64(dx*dx + dz*dz)
}

// Tree is the members of a crowd, cut into leaves: again and again at the middle one along the longer side of the box that
// holds them. It depends on where members are and on their numbers alone. Its memory is used again. The zero value is empty.
type Tree struct {
	points []point
	items  []uint64 // the members in the order of the leaves, below by which they were ordered last
	nodes  []node   // a node before all below it, the smaller half first
	leaves []int32  // nodes
	most   int      // members of a leaf
}

// point is where a member is.
type point struct{ x, z, member int32 }

// node is a part of the members: all, a half, a half of a half.
type node struct {
	box        Box
	first, end int32 // items
	right      int32 // the node of the larger half, or 0 for a leaf; that of the smaller one is the next node
	leaf       int32 // number, of a leaf
}

// Reset empties the tree.
func (t *Tree) Reset() {
	t.points, t.items, t.nodes, t.leaves = t.points[:0], t.items[:0], t.nodes[:0], t.leaves[:0]
}

// Add adds a member: coordinates are below 2^30 up or down. Members are added by ascending number, each once.
func (t *Tree) Add(x, z, member int32) { t.points = append(t.points, point{x, z, member}) }

// Len returns how many members there are.
func (t *Tree) Len() int { return len(t.points) }

// Cut cuts the members that were added into leaves of at most so many.
func (t *Tree) Cut(most int) {
	t.most = most
	for i := range t.points {
		t.items = append(t.items, item(0, int32(i)))
	}
	if len(t.items) > 0 {
		t.cut(0, int32(len(t.items)))
	}
}

// cut cuts some of the items and returns their node.
func (t *Tree) cut(first, end int32) int32 {
	items, number := t.items[first:end], int32(len(t.nodes))
	box := t.bounds(items)
	t.nodes = append(t.nodes, node{box: box, first: first, end: end})
	if len(items) <= t.most {
		for i := range items {
			items[i] = item(0, which(items[i]))
		}
		slices.Sort(items)
		t.nodes[number].leaf = int32(len(t.leaves))
		t.leaves = append(t.leaves, number)
		return number
	}
	half := len(items) / 2
	t.arrange(items, box.MaxX-box.MinX >= box.MaxZ-box.MinZ)
	split(items, half)
	t.cut(first, first+int32(half))
	right := t.cut(first+int32(half), end)
	t.nodes[number].right = right
	return number
}

// bounds returns the box round some items.
func (t *Tree) bounds(items []uint64) Box {
	p := &t.points[which(items[0])]
	b := Box{p.x, p.x, p.z, p.z}
	for _, i := range items[1:] {
		p := &t.points[which(i)]
		b.MinX, b.MaxX = min(b.MinX, p.x), max(b.MaxX, p.x)
		b.MinZ, b.MaxZ = min(b.MinZ, p.z), max(b.MaxZ, p.z)
	}
	return b
}

// arrange makes items ones to be ordered along X, or along Z.
func (t *Tree) arrange(items []uint64, alongX bool) {
	const sign = 1 << 31 // so that negative numbers come before the others
	for n, i := range items {
		p := &t.points[which(i)]
		along := p.z
		if alongX {
			along = p.x
		}
		items[n] = item(uint32(along)^sign, which(i))
	}
}

// Leaves returns how many leaves there are; their numbers are 0 and up.
func (t *Tree) Leaves() int { return len(t.leaves) }

// Leaf appends the members of a leaf, by ascending number.
func (t *Tree) Leaf(dst []int32, leaf int) []int32 {
	n := &t.nodes[t.leaves[leaf]]
	for _, i := range t.items[n.first:n.end] {
		dst = append(dst, t.points[which(i)].member)
	}
	return dst
}

// Box returns the box round a leaf's members.
func (t *Tree) Box(leaf int) Box { return t.nodes[t.leaves[leaf]].box }

// Sum is how many members are in a part of a tree, and their middle.
type Sum struct{ Count, X, Z int32 }

// Sums appends the sums of a tree's parts: of at most so many, a power of two, that are about as large as one another. They
// hold each member once.
func (t *Tree) Sums(dst []Sum, most int) []Sum {
	if len(t.nodes) == 0 {
		return dst
	}
	return t.sums(dst, 0, most)
}

// sums appends the sums of a node's parts.
func (t *Tree) sums(dst []Sum, number int32, most int) []Sum {
	n := &t.nodes[number]
	if most > 1 && n.right != 0 {
		return t.sums(t.sums(dst, number+1, most/2), n.right, most/2)
	}
	var x, z int64
	for _, i := range t.items[n.first:n.end] {
		p := &t.points[which(i)]
		x, z = x+int64(p.x), z+int64(p.z)
	}
	count := int64(n.end - n.first)
	return append(dst, Sum{int32(count), int32(x / count), int32(z / count)})
}
