package press

// Memory above leastKept is let go of where, for lookEvery ticks, a keptShare-th of it would have done.
const (
	lookEvery = 256
	leastKept = 64 << 10 // bytes
	keptShare = 4
)

// Usage sees to it that memory which is written anew each tick is used again, and that what a crowd has needed is let go of
// once it has left. The zero value is ready.
type Usage struct {
	most int // bytes that a tick has taken since the last look
	age  int // ticks since then
}

// Clear returns memory for the next tick, which is buf, or less than it.
func (u *Usage) Clear(buf []byte) []byte {
	u.most, u.age = max(u.most, len(buf)), u.age+1
	if u.age < lookEvery {
		return buf[:0]
	}
	most := u.most
	u.most, u.age = 0, 0
	if cap(buf) > max(leastKept, keptShare*most) {
		return make([]byte, 0, 2*most)
	}
	return buf[:0]
}
