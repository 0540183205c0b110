package native

import "google.golang.org/protobuf/encoding/protowire"

// StepSize returns how many bytes a step takes in a column of moves, from one place to another, of a member that follows the one
// before.
func StepSize(from, to Place) int {
	n := 1 + sizeSigned(to.X-from.X) + sizeSigned(to.Z-from.Z)
	if dy := to.Y - from.Y; dy != 0 {
		n += sizeSigned(dy)
	}
	if turn := Turn(from.V, to.V); turn != 0 {
		n += sizeSigned(turn)
	}
	return n
}

// sizeSigned returns how many bytes a sint32 takes.
func sizeSigned(v int32) int { return protowire.SizeVarint(uint64(zigzag(v))) }

// FixBitsSize returns how many bytes the records of a Crowd take in bits, without what comes before them.
func FixBitsSize(fixes []Fix) int {
	low, high := boundsOf(fixes)
	w := widthsOf(fixes, low, high)
	gaps := (int(fixes[len(fixes)-1].Slot)+1-len(fixes))>>w.rice + len(fixes)*(1+w.rice) // at most
	return (gaps + len(fixes)*(w.x+w.z+w.y+headingBits+w.vx+w.vz+w.vy) + 7) / 8
}
