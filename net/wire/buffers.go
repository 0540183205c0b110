package wire

import "sync"

// SmallBuffer is what a connection holds of what has arrived, as long as nothing larger comes (bytes): room for about twenty
// moves.
const SmallBuffer = 512

// Buffers lends buffers of SmallBuffer bytes to the connections of a frontend, so that those that have nothing need none. The
// zero value is ready; anybody may call its methods.
type Buffers struct{ pool sync.Pool }

// Get returns a buffer, with anything in it.
func (b *Buffers) Get() []byte {
	if lent, ok := b.pool.Get().(*[SmallBuffer]byte); ok {
		return lent[:]
	}
	return make([]byte, SmallBuffer)
}

// Put takes a buffer back; one of another size, or none, is let go of.
func (b *Buffers) Put(buf []byte) {
	if len(buf) == SmallBuffer {
		b.pool.Put((*[SmallBuffer]byte)(buf))
	}
}
