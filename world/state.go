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
const stateVersion = 1

// entitySize is the length of an encoded entity: player, epoch, four coordinates, and the speed budget.
const entitySize = 4 + 4 + 4*4 + 8 + 8

// AppendState appends the canonical encoding of the state: equal states give equal bytes, in whatever order they came
// about. Slots are not in it; they are local names, and a restored world hands out its own. Integers are little-endian,
// floats their IEEE 754 bits:
//
//	version u8 | now i64 | chat left f64, at i64 | entities u32 | by ascending player: player i32, epoch u32, x y z v f32,
//	travel left f64, at i64
func (w *World) AppendState(dst []byte) []byte {
	dst = append(dst, stateVersion)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(w.now))
	dst = w.chat.append(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(w.index)))
	for _, player := range slices.Sorted(maps.Keys(w.index)) {
		dst = w.entities[w.index[player]].append(dst)
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
	const head = 1 + 8 + 16 + 4
	if len(state) < head || state[0] != stateVersion {
		return nil, fmt.Errorf("%w: %d bytes without a header of version %d", ErrState, len(state), stateVersion)
	}
	w.now = time.Duration(binary.LittleEndian.Uint64(state[1:]))
	w.chat = readAllowance(state[9:])
	count := uint64(binary.LittleEndian.Uint32(state[25:]))
	body := state[head:]
	if uint64(len(body)) != count*entitySize {
		return nil, fmt.Errorf("%w: %d bytes for %d entities", ErrState, len(body), count)
	}
	if w.now < 0 || !w.chat.valid() {
		return nil, fmt.Errorf("%w: impossible time or chat allowance", ErrState)
	}
	for last := ID(0); len(body) > 0; body = body[entitySize:] {
		e := readEntity(body)
		if e.player <= last || w.rules.Check(e.at) != Accepted || !e.travel.valid() {
			return nil, fmt.Errorf("%w: impossible player %d after %d", ErrState, e.player, last)
		}
		w.adopt(e)
		last = e.player
	}
	return w, nil
}

// adopt puts a restored entity into the world.
func (w *World) adopt(e entity) {
	slot := w.newSlot()
	w.entities[slot] = e
	w.index[e.player] = slot
	w.cells.Add(slot, e.at.X, e.at.Z)
}

// append appends the encoding of an entity, entitySize bytes.
func (e entity) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.player))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.epoch))
	for _, v := range []float32{e.at.X, e.at.Y, e.at.Z, e.at.V} {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return e.travel.append(dst)
}

// readEntity decodes what append wrote.
func readEntity(b []byte) entity {
	float := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[i:])) }
	return entity{
		player: ID(binary.LittleEndian.Uint32(b)),
		epoch:  Epoch(binary.LittleEndian.Uint32(b[4:])),
		at:     Position{X: float(8), Y: float(12), Z: float(16), V: float(20)},
		travel: readAllowance(b[24:]),
	}
}

// append appends the encoding of an allowance, 16 bytes.
func (a allowance) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(a.left))
	return binary.LittleEndian.AppendUint64(dst, uint64(a.at))
}

// readAllowance decodes what append wrote.
func readAllowance(b []byte) allowance {
	return allowance{
		left: math.Float64frombits(binary.LittleEndian.Uint64(b)),
		at:   time.Duration(binary.LittleEndian.Uint64(b[8:])),
	}
}

// valid reports whether an allowance can have come about.
func (a allowance) valid() bool { return a.left >= 0 && !math.IsInf(a.left, 1) && a.at >= 0 }
