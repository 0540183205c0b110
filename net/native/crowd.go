package native

import (
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fix is where a member of a crowd is, and in a Crowd also how fast it goes from there.
type Fix struct {
	Slot  int32
	At    Place
	Speed Velocity
}

// Aggregate stands for so many members of a crowd, by their middle.
type Aggregate struct{ Count, X, Z int32 }

// Crowd is what all who see a crowded stream are told of it in a tick, beside its Delta.
type Crowd struct {
	Stream int32
	Epoch  uint32
	// Fixes are the tracks that are new, by rising slots: each begins at this tick's time.
	Fixes []Fix
	// Aggregates are how the members are spread, or nothing.
	Aggregates []Aggregate
	// BoundMillis is within how much time every member is told anew that is not where its track says.
	BoundMillis uint32
	// Ends says that the stream is told by Deltas alone from the next tick on.
	Ends bool
}

// Field numbers of Tick's part about crowds, and what is in it.
const (
	fieldTime   = 7 // of Tick
	fieldCrowds = 8
	fieldNear   = 9

	fieldTracks = 7 // of Key

	fieldFixes      = 3 // of Crowd and Fixes; stream and epoch are as in Key
	fieldFixBits    = 4
	fieldAggregates = 5 // of Crowd
	fieldBound      = 6
	fieldEnds       = 7
)

// Widths of what the bits of fixes have of their own.
const (
	headingBits = 9
	riceBits    = 5 // of the gaps' parameter
)

// AppendTime appends the world's clock of a Tick (milliseconds), which has crowds or a key with tracks.
func AppendTime(dst []byte, millis uint32) []byte { return appendUint(dst, fieldTime, uint64(millis)) }

// AppendCrowd appends what is told of a crowded stream, its fixes in bits or in columns.
func AppendCrowd(dst []byte, c *Crowd, inBits bool) []byte {
	dst, body := open(dst, fieldCrowds)
	dst = appendUint(dst, fieldStream, uint64(c.Stream))
	dst = appendUint(dst, fieldEpoch, uint64(c.Epoch))
	dst = appendFixes(dst, c.Fixes, true, inBits)
	if len(c.Aggregates) > 0 {
		var column int
		dst, column = open(dst, fieldAggregates)
		for _, a := range c.Aggregates {
			dst = appendSigned(appendSigned(appendSigned(dst, a.Count), a.X), a.Z)
		}
		dst = shut(dst, column)
	}
	dst = appendUint(dst, fieldBound, uint64(c.BoundMillis))
	if c.Ends {
		dst = append(dst, fieldEnds<<3|varintField, 1)
	}
	return shut(dst, body)
}

// AppendNear appends where some members of a crowded stream are in this tick, by rising slots and whatever their speed, in bits
// or in columns; or nothing when there are none.
func AppendNear(dst []byte, stream int32, epoch uint32, fixes []Fix, inBits bool) []byte {
	if len(fixes) == 0 {
		return dst
	}
	dst, body := open(dst, fieldNear)
	dst = appendUint(dst, fieldStream, uint64(stream))
	dst = appendUint(dst, fieldEpoch, uint64(epoch))
	return shut(appendFixes(dst, fixes, false, inBits), body)
}

// appendTracks appends the column of a key's tracks, which begin where its members are.
func appendTracks(dst []byte, tracks []Track, now uint32) []byte {
	if len(tracks) == 0 {
		return dst
	}
	dst, column := open(dst, fieldTracks)
	for i := range tracks {
		t := &tracks[i]
		dst = appendSigned(appendSigned(dst, int32(now-t.Since)), t.Speed.X)
		dst = appendSigned(appendSigned(dst, t.Speed.Z), t.Speed.Y)
	}
	return shut(dst, column)
}

// appendFixes appends fixes in either form, with or without how fast they go.
func appendFixes(dst []byte, fixes []Fix, going, inBits bool) []byte {
	switch {
	case len(fixes) == 0:
		return dst
	case inBits:
		dst, body := open(dst, fieldFixBits)
		return shut(appendFixBits(dst, fixes, going), body)
	}
	dst, body := open(dst, fieldFixes)
	return shut(appendFixColumn(dst, fixes, going), body)
}

// appendFixColumn appends fixes as numbers. The base is in the middle, so that most differences are short.
func appendFixColumn(dst []byte, fixes []Fix, going bool) []byte {
	low, high := boundsOf(fixes)
	middle := func(a, b int32) int32 { return a + (b-a)/2 }
	base := Place{X: middle(low.X, high.X), Z: middle(low.Z, high.Z), Y: int32((int64(low.Y) + int64(high.Y)) / 2)}
	dst = appendSigned(appendSigned(appendSigned(dst, base.X), base.Z), base.Y)
	slot := int32(-1)
	for i := range fixes {
		f := &fixes[i]
		dst = appendSigned(appendSigned(dst, f.Slot-slot-1), f.At.X-base.X)
		dst = appendSigned(appendSigned(dst, f.At.Z-base.Z), f.At.Y-base.Y)
		dst = appendSigned(dst, f.At.V)
		if going {
			dst = appendSigned(appendSigned(appendSigned(dst, f.Speed.X), f.Speed.Z), f.Speed.Y)
		}
		slot = f.Slot
	}
	return dst
}

// boundsOf returns the smallest and the largest coordinates of fixes.
func boundsOf(fixes []Fix) (low, high Place) {
	low, high = fixes[0].At, fixes[0].At
	for i := range fixes {
		at := &fixes[i].At
		low = Place{X: min(low.X, at.X), Y: min(low.Y, at.Y), Z: min(low.Z, at.Z)}
		high = Place{X: max(high.X, at.X), Y: max(high.Y, at.Y), Z: max(high.Z, at.Z)}
	}
	return low, high
}

// fixWidths are how many bits the fields of fixes take.
type fixWidths struct {
	x, z, y    int
	vx, vz, vy int
	rice       int // of what of a gap is written as it is
}

// widthsOf returns what the bits of fixes need, whose smallest and largest coordinates are known.
func widthsOf(fixes []Fix, low, high Place) fixWidths {
	var vx, vz, vy uint32
	for i := range fixes {
		s := &fixes[i].Speed
		vx, vz, vy = vx|zigzag(s.X), vz|zigzag(s.Z), vy|zigzag(s.Y)
	}
	n := len(fixes)
	skipped := int(fixes[n-1].Slot) + 1 - n
	return fixWidths{
		x: width(uint32(high.X - low.X)), z: width(uint32(high.Z - low.Z)), y: width(uint32(high.Y - low.Y)),
		vx: width(vx), vz: width(vz), vy: width(vy),
		rice: max(0, bits.Len(uint(skipped/n))-1), // about what is best for gaps at random
	}
}

// appendFixBits appends fixes as varints of the base, and then, most significant bit first:
//
//	widths of x, z and y, and of vx, vz and vy where there are velocities, 6 bits each | r, 5 bits |
//	for each: slot - slot before - 1 as a Rice code: as many zeros as it has 2^r in it, 1, the rest in r bits |
//	          x | z | y, less the base's | heading, 9 bits | vx | vz | vy, zigzag
//
// The slot before the first is -1. Zeros fill the last byte: less than 8 of them with nothing behind are the end.
func appendFixBits(dst []byte, fixes []Fix, going bool) []byte {
	base, high := boundsOf(fixes)
	dst = protowire.AppendVarint(protowire.AppendVarint(dst, uint64(base.X)), uint64(base.Z))
	dst = protowire.AppendVarint(dst, uint64(zigzag(base.Y)))
	w, out := widthsOf(fixes, base, high), bitWriter{dst: dst}
	for _, n := range [...]int{w.x, w.z, w.y} {
		out.write(uint64(n), widthBits)
	}
	if going {
		for _, n := range [...]int{w.vx, w.vz, w.vy} {
			out.write(uint64(n), widthBits)
		}
	}
	out.write(uint64(w.rice), riceBits)
	slot := int32(-1)
	for i := range fixes {
		f := &fixes[i]
		out.rice(uint32(f.Slot-slot-1), w.rice)
		out.write(uint64(f.At.X-base.X), w.x)
		out.write(uint64(f.At.Z-base.Z), w.z)
		out.write(uint64(uint32(f.At.Y-base.Y)), w.y)
		out.write(uint64(f.At.V), headingBits)
		if going {
			out.write(uint64(zigzag(f.Speed.X)), w.vx)
			out.write(uint64(zigzag(f.Speed.Z)), w.vz)
			out.write(uint64(zigzag(f.Speed.Y)), w.vy)
		}
		slot = f.Slot
	}
	return out.end()
}

// rice appends a number as a Rice code: as many zeros as it has 2^n in it, a one, and the rest in n bits.
func (w *bitWriter) rice(v uint32, n int) {
	const most = 32 // bits at a time
	zeros := int(v >> n)
	for ; zeros > most; zeros -= most {
		w.write(0, most)
	}
	w.write(0, zeros)
	w.write(uint64(1<<n|v&(1<<n-1)), n+1)
}
