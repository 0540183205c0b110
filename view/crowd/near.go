package crowd

import "iter"

// Search finds the leaves of several trees round a box, the nearest first: whoever is at most as far from somebody in the box
// as a leaf is, is in this leaf or in one before. Its memory is used again. The zero value is ready for Begin.
type Search struct {
	from  Box
	trees []*Tree
	heap  []found // the nearest first, as a binary heap
}

// found is a node that may hold the nearest leaf: of those that are as far, the one of the first tree, and in it the first.
type found struct {
	distance uint64
	node     uint64 // its number, and in the upper half that of its tree
}

// before reports whether a node is to be looked at before another.
func (f found) before(other found) bool {
	return f.distance < other.distance || f.distance == other.distance && f.node < other.node
}

// Begin starts a search round a box.
func (s *Search) Begin(from Box) { s.from, s.trees, s.heap = from, s.trees[:0], s.heap[:0] }

// Add adds a tree to the search. Its leaves are found as those of tree 0, 1 and so on, in the order of Add.
func (s *Search) Add(t *Tree) {
	s.trees = append(s.trees, t)
	if len(t.nodes) > 0 {
		s.push(len(s.trees)-1, 0)
	}
}

// Found yields the leaves, the nearest first: the number of the tree of each, and its own.
func (s *Search) Found() iter.Seq2[int, int] {
	return func(yield func(tree, leaf int) bool) {
		for tree, leaf, more := s.next(); more && yield(tree, leaf); tree, leaf, more = s.next() {
		}
	}
}

// next returns the next leaf, or false when there is none any more.
func (s *Search) next() (tree, leaf int, ok bool) {
	for len(s.heap) > 0 {
		f := s.pop()
		tree, number := int(f.node>>32), int32(uint32(f.node))
		n := &s.trees[tree].nodes[number]
		if n.right == 0 {
			return tree, int(n.leaf), true
		}
		s.push(tree, number+1)
		s.push(tree, n.right)
	}
	return 0, 0, false
}

// push adds a node.
func (s *Search) push(tree int, number int32) {
	f := found{s.trees[tree].nodes[number].box.distance(s.from), item(uint32(tree), number)}
	s.heap = append(s.heap, f)
	h, i := s.heap, len(s.heap)-1
	for i > 0 {
		up := (i - 1) / 2
		if !f.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = f
}

// pop takes the nearest node out.
func (s *Search) pop() found {
	last := len(s.heap) - 1
	nearest, f, h := s.heap[0], s.heap[last], s.heap[:last]
	s.heap = h
	if last == 0 {
		return nearest
	}
	i := 0
	for {
		low := 2*i + 1
		if low >= last {
			break
		}
		if low+1 < last && h[low+1].before(h[low]) {
			low++
		}
		if !h[low].before(f) {
			break
		}
		h[i] = h[low]
		i = low
	}
	h[i] = f
	return nearest
}
