package crowd

import "slices"

// An item is a number by which to order in the upper half, and in the lower one which it is: no two are equal.

// item returns the item of one of many.
func item(by uint32, which int32) uint64 { return uint64(by)<<32 | uint64(uint32(which)) }

// which returns which one an item is.
func which(of uint64) int32 { return int32(uint32(of)) }

// split orders items so that the smallest n of them are the first n.
func split(items []uint64, n int) {
	first, last, patience := 0, len(items)-1, len(items)
	for first < last {
		if patience <= 0 { // the pivots are as bad as somebody could make them
			slices.Sort(items[first : last+1])
			return
		}
		left, right := partition(items, first, last)
		patience -= (last - first) / 4
		switch {
		case n <= right:
			last = right
		case n >= left:
			first = left
		default:
			return
		}
	}
}

// partition moves items up to the middle one of three before those from it on: what lies at right and before is not above what
// lies at left and behind.
func partition(items []uint64, first, last int) (left, right int) {
	a, b, c := items[first], items[int(uint(first+last)/2)], items[last]
	pivot := max(min(a, b), min(max(a, b), c))
	left, right = first, last
	for left <= right {
		for items[left] < pivot {
			left++
		}
		for pivot < items[right] {
			right--
		}
		if left <= right {
			items[left], items[right] = items[right], items[left]
			left++
			right--
		}
	}
	return left, right
}
