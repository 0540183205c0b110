package bot

import (
	"math/bits"
	"sync/atomic"
)

// marks remembers for ever which places were marked, in little memory: a Bloom filter, one word a place and four bits in it.
// It knows every place that was marked. Of others it is wrong about less than one in a hundred after 1,000 marks, and more
// often the more there are. One goroutine at a time marks; anybody may look.
type marks [512]atomic.Uint64

// add marks a place, given as its bits.
func (m *marks) add(ground, air uint64) {
	word, mask := m.at(ground, air)
	word.Or(mask)
}

// has reports whether a place may have been marked.
func (m *marks) has(ground, air uint64) bool {
	word, mask := m.at(ground, air)
	return word.Load()&mask == mask
}

// at returns the word and the bits of a place, by a hash that folds the product of both halves.
func (m *marks) at(ground, air uint64) (word *atomic.Uint64, mask uint64) {
	const odd, other = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	high, low := bits.Mul64(ground^odd, bits.RotateLeft64(air, 32)^other)
	h := (high ^ low) * odd
	h ^= h >> 32
	for shift := 0; shift < 24; shift += 6 {
		mask |= 1 << (h >> shift & 63)
	}
	return &m[h>>32%uint64(len(m))], mask
}
