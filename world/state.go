package world

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"time"
)

// ErrState is wrapped by every error that says why Restore refuses bytes.
var ErrState = errors.New("not a world's state")

// stateVersion is the first byte of the encoding.
const stateVersion = 5

// AppendState appends the canonical encoding of the state: equal states give equal bytes, in whatever order they came
// about. Slots are not in it; they are local names, and a restored world hands out its own. Integers are little-endian,
// floats their IEEE 754 bits, bytes are their length (u16) and themselves:
//
//	version u8 | now i64 | chat left f64, at i64 | ids first i32, count i32 |
//	keys u16 | by ascending key: key bytes, shared bytes |
//	entities u32 | by ascending id: id i32, epoch u32, kind u8, layer u8, sees u8, x y z v f32, travel left f64, at i64,
//	taken from x z f32, until i64, name bytes, attributes bytes, state bytes
func (w *World) AppendState(dst []byte) []byte {
	dst = append(dst, stateVersion)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(w.now))
	dst = w.chat.append(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(w.ids.First))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(w.ids.Count))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(w.shared)))
	for _, key := range slices.Sorted(maps.Keys(w.shared)) {
		dst = appendBytes(appendBytes(dst, []byte(key)), w.shared[key])
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(w.index)))
	for _, id := range slices.Sorted(maps.Keys(w.index)) {
		dst = w.entities[w.index[id]].append(dst)
	}
	return dst
}

// Hash returns a 64-bit FNV-1a hash of the canonical encoding.
func (w *World) Hash() uint64 {
	h := fnv.New64a()
	h.Write(w.AppendState(nil))
	return h.Sum64()
}

// Restore returns a world in an encoded state, or an error that wraps ErrState, ErrConfig or aoi.ErrGrid.
func Restore(cfg Config, state []byte) (*World, error) {
	w, err := New(cfg)
	if err != nil {
		return nil, err
	}
	r := &stateReader{rest: state}
	if version := r.u8(); version != stateVersion {
		return nil, fmt.Errorf("%w: version %d, want %d", ErrState, version, stateVersion)
	}
	w.now, w.chat = time.Duration(r.u64()), r.allowance()
	w.ids = IDRange{First: ID(r.u32()), Count: int32(r.u32())}
	w.restoreShared(r)
	if w.now < 0 || !w.chat.valid() || !w.ids.valid() {
		return nil, fmt.Errorf("%w: impossible time, chat allowance or ids", ErrState)
	}
	last := ID(0)
	for range r.u32() {
		e := r.entity()
		if r.short {
			break
		}
		if e.player <= last || w.rules.Check(e.at) != Accepted || !e.travel.valid() || !e.taken.valid() || !e.fits(e.layer) {
			return nil, fmt.Errorf("%w: impossible entity %d after %d", ErrState, e.player, last)
		}
		w.adopt(e)
		last = e.player
	}
	if r.short || len(r.rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes, of which %d are too many or some missing", ErrState, len(state), len(r.rest))
	}
	return w, nil
}

// restoreShared reads the games' state of the world as a whole. Keys that do not rise are as bad as missing bytes.
func (w *World) restoreShared(r *stateReader) {
	last := ""
	for i := range r.u16() {
		key, state := string(r.bytes(MaxKey)), r.bytes(MaxShared)
		if i > 0 && key <= last || len(state) == 0 {
			r.short = true
			return
		}
		w.shared[key], last = state, key
	}
}

// adopt puts a restored entity into the world.
func (w *World) adopt(e entity) {
	slot := w.newSlot()
	w.entities[slot] = e
	w.index[e.player] = slot
	w.count(e.kind, e.player)
	w.cells.Add(slot, e.at.X, e.at.Z)
}

// append appends the encoding of an entity.
func (e entity) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.player))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.epoch))
	dst = append(dst, byte(e.kind), byte(e.layer), byte(e.sees))
	for _, v := range []float32{e.at.X, e.at.Y, e.at.Z, e.at.V} {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	dst = e.travel.append(dst)
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(e.taken.x))
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(e.taken.z))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.taken.until))
	return appendBytes(appendBytes(appendBytes(dst, []byte(e.name)), e.attributes), e.state)
}

// appendBytes appends the length of b, at most 65,535, and b.
func appendBytes(dst, b []byte) []byte {
	return append(binary.LittleEndian.AppendUint16(dst, uint16(len(b))), b...)
}

// append appends the encoding of an allowance, 16 bytes.
func (a allowance) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(a.left))
	return binary.LittleEndian.AppendUint64(dst, uint64(a.at))
}

// valid reports whether an allowance can have come about.
func (a allowance) valid() bool { return a.left >= 0 && !math.IsInf(a.left, 1) && a.at >= 0 }

// valid reports whether a world can have these ids left.
func (r IDRange) valid() bool {
	return r.Count >= 0 && r.First >= 0 && int64(r.First)+int64(r.Count) <= math.MaxInt32+1
}

// stateReader decodes what AppendState wrote. What it reads beyond the end is zero, and short then.
type stateReader struct {
	rest  []byte
	short bool
}

// take returns the next n bytes.
func (r *stateReader) take(n int) []byte {
	if n > len(r.rest) {
		r.short = true
		return make([]byte, n)
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *stateReader) u8() byte    { return r.take(1)[0] }
func (r *stateReader) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *stateReader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *stateReader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

func (r *stateReader) float32() float32 { return math.Float32frombits(r.u32()) }

// bytes returns a copy of the next bytes, or nil when there are none. More than limit are as bad as too few.
func (r *stateReader) bytes(limit int) []byte {
	n := int(r.u16())
	if n > limit || n > len(r.rest) {
		r.short = true
		return nil
	}
	return append([]byte(nil), r.take(n)...)
}

// allowance decodes an allowance.
func (r *stateReader) allowance() allowance {
	return allowance{left: math.Float64frombits(r.u64()), at: time.Duration(r.u64())}
}

// entity decodes an entity.
func (r *stateReader) entity() entity {
	return entity{
		player: ID(r.u32()), epoch: Epoch(r.u32()), kind: Kind(r.u8()), layer: Layer(r.u8()), sees: Layer(r.u8()),
		at:     Position{X: r.float32(), Y: r.float32(), Z: r.float32(), V: r.float32()},
		travel: r.allowance(), taken: teleport{x: r.float32(), z: r.float32(), until: time.Duration(r.u64())},
		name: string(r.bytes(MaxName)), attributes: r.bytes(MaxAttributes), state: r.bytes(MaxState),
	}
}
