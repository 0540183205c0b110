package native

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// Widths of the bit-packed column's fields.
const (
	widthBits = 6 // of a width
	turnBits  = 9 // of a turn + 180
)

// AppendBits appends the moves of a stream as a Tick's bits: as varints the stream, doubled, and one more unless the epoch is
// 0, and in that case the epoch; and then, most significant bit first:
//
//	width of dx and dz, 6 bits | width of dy, 6 bits |
//	for each: slot - slot before, as an Elias gamma code | dx | dz | dy, each zigzag |
//	          1 bit: it turns | turn + 180, 9 bits, if so
//
// The slot before the first is -1. Zeros fill the last byte: a gamma code that does not end within the bytes is the end.
func AppendBits(dst []byte, stream int32, epoch uint32, moved []Motion) []byte {
	if len(moved) == 0 {
		return dst
	}
	dst, body := open(dst, fieldBits)
	if epoch == 0 {
		dst = protowire.AppendVarint(dst, uint64(stream)<<1)
	} else {
		dst = protowire.AppendVarint(protowire.AppendVarint(dst, uint64(stream)<<1|1), uint64(epoch))
	}
	plane, height := widths(moved)
	w := bitWriter{dst: dst}
	w.write(uint64(plane), widthBits)
	w.write(uint64(height), widthBits)
	slot := int32(-1)
	for i := range moved {
		m := &moved[i]
		w.gamma(uint32(m.Slot - slot))
		w.write(uint64(zigzag(m.To.X-m.From.X)), plane)
		w.write(uint64(zigzag(m.To.Z-m.From.Z)), plane)
		w.write(uint64(zigzag(m.To.Y-m.From.Y)), height)
		if turn := Turn(m.From.V, m.To.V); turn != 0 {
			w.write(1<<turnBits|uint64(turn+degrees/2), 1+turnBits)
		} else {
			w.write(0, 1)
		}
		slot = m.Slot
	}
	return shut(w.end(), body)
}

// widths returns how many bits the largest step needs, over the plane and up or down.
func widths(moved []Motion) (plane, height int) {
	var allPlane, allHeight uint32
	for i := range moved {
		m := &moved[i]
		allPlane |= zigzag(m.To.X-m.From.X) | zigzag(m.To.Z-m.From.Z)
		allHeight |= zigzag(m.To.Y - m.From.Y)
	}
	return width(allPlane), width(allHeight)
}

// bitWriter appends bits, the most significant first.
type bitWriter struct {
	dst  []byte
	held uint64 // the lowest count bits have not been appended yet
	used int    // 0 to 7
}

// write appends the lowest n bits of v, 0 to 32 of them; all others must be 0.
func (w *bitWriter) write(v uint64, n int) {
	w.held = w.held<<n | v
	w.used += n
	for w.used >= 8 {
		w.used -= 8
		w.dst = append(w.dst, byte(w.held>>w.used))
	}
}

// gamma appends a number from 1 upwards: one zero for each of its bits but the first, and then its bits.
func (w *bitWriter) gamma(v uint32) {
	n := bits.Len32(v)
	w.write(0, n-1)
	w.write(uint64(v), n)
}

// end fills the last byte and returns all.
func (w *bitWriter) end() []byte {
	if w.used > 0 {
		w.write(0, 8-w.used)
	}
	return w.dst
}

// bitReader reads what a bitWriter has written.
type bitReader struct {
	rest []byte
	held uint64 // its lowest bits, of which used are left
	used int
}

// read returns the next n bits, 0 to 32 of them, or false when there are not so many.
func (r *bitReader) read(n int) (v uint64, ok bool) {
	if r.used < n && !r.fill(n) {
		r.used = 0 // nothing may follow
		return 0, false
	}
	r.used -= n
	return r.held >> r.used & (1<<n - 1), true
}

// fill holds n bits or more, 1 to 32 of which fewer are held, or reports false when there are not so many.
func (r *bitReader) fill(n int) bool {
	const most = 4 // bytes at a time
	if len(r.rest) >= most {
		r.held = r.held<<32 | uint64(binary.BigEndian.Uint32(r.rest))
		r.rest = r.rest[most:]
		r.used += 32
		return true
	}
	for r.used < n {
		if len(r.rest) == 0 {
			return false
		}
		r.held = r.held<<8 | uint64(r.rest[0])
		r.rest = r.rest[1:]
		r.used += 8
	}
	return true
}

// zeros reads zeros and the one behind them, and returns how many zeros there are; or false when there is no one behind them,
// or more of them than most.
func (r *bitReader) zeros(most int) (n int, ok bool) {
	for n <= most {
		run := bits.LeadingZeros64(r.held << (64 - r.used)) // of no bits, 64
		if run < r.used {
			r.used -= run + 1
			return n + run, n+run <= most
		}
		n += r.used
		r.used = 0
		if !r.fill(1) {
			return n, false
		}
	}
	return n, false
}

// has reports whether so many bits are left.
func (r *bitReader) has(n int) bool { return n <= r.used+8*len(r.rest) }

// empty reports whether no bit is left.
func (r *bitReader) empty() bool { return r.used == 0 && len(r.rest) == 0 }

// gamma reads a number from 1 upwards, or returns false when none is left: what there is are less than 8 zeros.
func (r *bitReader) gamma() (v uint32, ok bool) {
	zeros := 0
	for {
		bit, more := r.read(1)
		if !more || zeros == 32 {
			return 0, false
		}
		if bit == 1 {
			break
		}
		zeros++
	}
	rest, ok := r.read(zeros)
	return 1<<zeros | uint32(rest), ok
}
