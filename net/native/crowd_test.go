package native

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// drawFixes draws a column of fixes.
func drawFixes(t *rapid.T, going bool) (fixes []Fix) {
	slot := int32(-1)
	gaps := rapid.OneOf(rapid.Int32Range(1, 3), rapid.Int32Range(1, 20_000))
	for range rapid.IntRange(0, 40).Draw(t, "fixes") {
		slot += gaps.Draw(t, "gap")
		f := Fix{Slot: slot, At: drawPlace(t)}
		if going {
			f.Speed = drawVelocity(t)
		}
		fixes = append(fixes, f)
	}
	return fixes
}

// drawCrowd draws what is told of a crowded stream.
func drawCrowd(t *rapid.T) Crowd {
	c := Crowd{
		Stream: rapid.Int32Range(0, 1000).Draw(t, "stream"), Epoch: rapid.Uint32().Draw(t, "epoch"), Fixes: drawFixes(t, true),
		BoundMillis: rapid.Uint32().Draw(t, "bound"), Ends: rapid.Bool().Draw(t, "ends"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "aggregates") {
		at := drawPlace(t)
		c.Aggregates = append(c.Aggregates, Aggregate{Count: rapid.Int32Range(0, math.MaxInt32).Draw(t, "count"), X: at.X, Z: at.Z})
	}
	return c
}

// readFixes reads a whole column.
func readFixes(t rapid.TB, c Fixes) (all []Fix) {
	t.Helper()
	for {
		f, ok, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, f)
	}
}

// readAggregates reads a whole column.
func readAggregates(t rapid.TB, c Aggregates) (all []Aggregate) {
	for {
		a, ok, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, a)
	}
}

// TestCrowdsAgainstTheGeneratedCodec: what is written by hand is what the generated code reads, and what it is read back as is
// what was written, in both forms.
func TestCrowdsAgainstTheGeneratedCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inBits, now := rapid.Bool().Draw(t, "bits"), rapid.Uint32().Draw(t, "now")
		var crowds []Crowd
		var near [][]Fix
		b := AppendTime(BeginTick(nil, 7), now)
		for range rapid.IntRange(0, 3).Draw(t, "crowds") {
			c := drawCrowd(t)
			crowds = append(crowds, c)
			b = AppendCrowd(b, &c, inBits)
			if fixes := drawFixes(t, false); len(fixes) > 0 {
				near = append(near, fixes)
				b = AppendNear(b, 5, 300, fixes, inBits)
			}
		}
		f, _, err := wire.Cut(EndFrame(b, 0), 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		var generated nativepb.Tick
		if err := proto.Unmarshal(f.Payload, &generated); err != nil {
			t.Fatal(err)
		}
		var got Tick
		if err := got.Parse(f.Payload); err != nil {
			t.Fatal(err)
		}
		if got.Time != now || generated.Time != now || len(got.Crowds) != len(crowds) || len(generated.Crowds) != len(crowds) ||
			len(got.Near) != len(near) || len(generated.Near) != len(near) {
			t.Fatalf("%+v is not %+v", got, &generated)
		}
		for i, want := range crowds {
			compareCrowd(t, &want, &got.Crowds[i], generated.Crowds[i], inBits)
		}
		for i, want := range near {
			g, part := generated.Near[i], got.Near[i]
			if part.Stream != 5 || part.Epoch != 300 || g.Stream != 5 || g.Epoch != 300 {
				t.Fatalf("near is %+v, and %v", part, g)
			}
			if diff := cmp.Diff(want, readFixes(t, part.Fixes())); diff != "" {
				t.Fatalf("near (-want +got):\n%s", diff)
			}
			compareForms(t, want, g.Fixes, g.Bits, false, inBits)
		}
	})
}

// compareCrowd holds what was read of a crowd, in two ways, against what was written.
func compareCrowd(t *rapid.T, want *Crowd, got *CrowdPart, generated *nativepb.Crowd, inBits bool) {
	back := Crowd{
		Stream: int32(got.Stream), Epoch: got.Epoch, BoundMillis: got.BoundMillis, Ends: got.Ends,
		Fixes: readFixes(t, got.Fixes()), Aggregates: readAggregates(t, got.Aggregates()),
	}
	if diff := cmp.Diff(*want, back); diff != "" {
		t.Fatalf("crowd (-want +got):\n%s", diff)
	}
	back.Stream, back.Epoch = int32(generated.Stream), generated.Epoch
	back.BoundMillis, back.Ends, back.Aggregates = generated.BoundMs, generated.Ends, nil
	for a := range slices.Chunk(generated.Aggregates, 3) {
		back.Aggregates = append(back.Aggregates, Aggregate{Count: a[0], X: a[1], Z: a[2]})
	}
	if diff := cmp.Diff(*want, back); diff != "" {
		t.Fatalf("crowd by the generated code (-want +got):\n%s", diff)
	}
	compareForms(t, want.Fixes, generated.Fixes, generated.Bits, true, inBits)
}

// compareForms reads a column, of which the generated code has the bytes, by the words of the document alone.
func compareForms(t *rapid.T, want []Fix, numbers []int32, packed []byte, going, inBits bool) {
	if len(want) > 0 && (len(numbers) > 0) == inBits {
		t.Fatalf("%d numbers, %d bytes of bits", len(numbers), len(packed))
	}
	got := spelledNumbers(numbers, going)
	if inBits {
		got = spelledBits(t, packed, going)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("fixes spelled out (-want +got):\n%s", diff)
	}
}

// spelledNumbers reads fixes in numbers.
func spelledNumbers(n []int32, going bool) (fixes []Fix) {
	if len(n) == 0 {
		return nil
	}
	each := 5
	if going {
		each = 8
	}
	slot := int32(-1)
	for v := range slices.Chunk(n[3:], each) {
		slot += 1 + v[0]
		f := Fix{Slot: slot, At: Place{X: n[0] + v[1], Z: n[1] + v[2], Y: n[2] + v[3], V: v[4]}}
		if going {
			f.Speed = Velocity{X: v[5], Z: v[6], Y: v[7]}
		}
		fixes = append(fixes, f)
	}
	return fixes
}

// spelledBits reads fixes in bits, one character for each of these.
func spelledBits(t *rapid.T, b []byte, going bool) (fixes []Fix) {
	if len(b) == 0 {
		return nil
	}
	head := Varints{b}
	x, _, _ := head.Next()
	z, _, _ := head.Next()
	y, _, _ := head.Next()
	var text strings.Builder
	for _, c := range head.rest {
		for bit := 7; bit >= 0; bit-- {
			text.WriteByte('0' + c>>bit&1)
		}
	}
	rest := text.String()
	take := func(n int) (v uint32) {
		for _, c := range rest[:n] {
			v = v<<1 | uint32(c-'0')
		}
		rest = rest[n:]
		return v
	}
	widths := []int{int(take(6)), int(take(6)), int(take(6)), 0, 0, 0}
	if going {
		widths[3], widths[4], widths[5] = int(take(6)), int(take(6)), int(take(6))
	}
	r, slot := take(5), int32(-1)
	for strings.Contains(rest, "1") {
		zeros := strings.Index(rest, "1")
		take(zeros + 1)
		slot += 1 + int32(zeros<<r) + int32(take(int(r)))
		f := Fix{Slot: slot}
		f.At.X, f.At.Z, f.At.Y = int32(x+take(widths[0])), int32(z+take(widths[1])), unzigzag(y)+int32(take(widths[2]))
		f.At.V = int32(take(9))
		f.Speed.X, f.Speed.Z, f.Speed.Y = unzigzag(take(widths[3])), unzigzag(take(widths[4])), unzigzag(take(widths[5]))
		fixes = append(fixes, f)
	}
	if len(rest) > 7 {
		t.Fatalf("%d bits are left", len(rest))
	}
	return fixes
}

// TestMalformedCrowds: what is no column says so.
func TestMalformedCrowds(t *testing.T) {
	for name, b := range map[string][]byte{"crowd in pieces": {0x42, 2, 0x08, 0x80}, "near in pieces": {0x4a, 1, 0x08}} {
		if err := new(Tick).Parse(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := appendFixBits(nil, []Fix{{Slot: 3, At: Place{X: 9}, Speed: Velocity{X: 100}}, {Slot: 8}}, true)
	for name, c := range map[string]Fixes{
		"no base": {rest: []byte{0, 0}}, "a base alone": {rest: []byte{0, 0, 0}}, "cut": {rest: []byte{0, 0, 0, 0, 0}},
		"backwards": {rest: []byte{0, 0, 0, 1, 0, 0, 0, 0}}, "west of all": {rest: []byte{0, 0, 0, 0, 1, 0, 0, 0}},
		"heading of 360": {rest: []byte{0, 0, 0, 0, 0, 0, 0, 0xd0, 5}},
		"far slot":       {rest: []byte{0, 0, 0, 0x82, 0x80, 0x80, 1, 0, 0, 0, 0}},
		"too fast":       {rest: []byte{0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x80, 0x80, 1, 0, 0}, going: true},
		"bits, nothing":  {packed: []byte{0}}, "bits, no widths": {packed: []byte{0, 0, 0}},
		"bits, wide":         {packed: []byte{0, 0, 0, 0xff, 0xff, 0xff}},
		"bits, cut":          {packed: whole[:len(whole)-1], going: true},
		"bits, many zeros":   {packed: append(make([]byte, 6), 0, 0)},
		"bits, heading":      {packed: []byte{0, 0, 0, 0, 0, 0x01, 0xff, 0x80}},
		"bits, a byte extra": {packed: append(slices.Clone(whole), 0), going: true},
	} {
		var err error
		for ok := true; ok; {
			_, ok, err = c.Next()
		}
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("fixes, %s: %v", name, err)
		}
	}
	for name, c := range map[string]Aggregates{"cut": {[]byte{2}}, "less than none": {[]byte{1, 0, 0}}, "nowhere": {[]byte{2, 1, 0}}} {
		if _, _, err := c.Next(); !errors.Is(err, ErrMalformed) {
			t.Errorf("aggregates, %s: %v", name, err)
		}
	}
	for name, c := range map[string]Tracks{"cut": {[]byte{2}}, "too fast": {[]byte{0, 0x80, 0x80, 0x80, 1, 0, 0}}} {
		if _, err := c.Next(Place{}, 0); !errors.Is(err, ErrMalformed) {
			t.Errorf("tracks, %s: %v", name, err)
		}
	}
}

// crowdOf returns so many of a crowd of 5,000 that are told in a tick.
func crowdOf(n int, side int32) Crowd {
	random := rand.New(rand.NewPCG(1, 1))
	c := Crowd{Stream: 77, BoundMillis: 3000}
	slots := random.Perm(5000)[:n]
	slices.Sort(slots)
	for _, slot := range slots {
		c.Fixes = append(c.Fixes, Fix{
			Slot: int32(slot), At: Place{8000 + random.Int32N(side), random.Int32N(40), 9000 + random.Int32N(side), random.Int32N(360)},
			Speed: Velocity{X: random.Int32N(500) - 250, Z: random.Int32N(500) - 250},
		})
	}
	return c
}

// TestCrowdsDoNotAllocate: once memory has grown, nothing takes more of it.
func TestCrowdsDoNotAllocate(t *testing.T) {
	c := crowdOf(200, 3000)
	for _, inBits := range []bool{false, true} {
		var b []byte
		write := func() { b = AppendNear(AppendCrowd(AppendTime(b[:0], 9), &c, inBits), 77, 0, c.Fixes, inBits) }
		var tick Tick
		read := func() {
			if err := tick.Parse(b); err != nil {
				t.Fatal(err)
			}
			for _, fixes := range [...]Fixes{tick.Crowds[0].Fixes(), tick.Near[0].Fixes()} {
				n := 0
				for _, ok, _ := fixes.Next(); ok; _, ok, _ = fixes.Next() {
					n++
				}
				if n != len(c.Fixes) {
					t.Fatalf("read %d", n)
				}
			}
		}
		write()
		read()
		if n := testing.AllocsPerRun(100, func() { write(); read() }); n > 0 {
			t.Errorf("bits %v: %v allocations", inBits, n)
		}
	}
}

func BenchmarkFixes(b *testing.B) {
	for name, test := range map[string]struct {
		crowd Crowd
		going bool
	}{"far": {crowdOf(100, 3000), true}, "near": {crowdOf(24, 200), false}} {
		for form, inBits := range map[string]bool{"columns": false, "bits": true} {
			fixes := test.crowd.Fixes
			var buf []byte
			report := func(b *testing.B) {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(fixes)), "ns/fix")
				b.ReportMetric(float64(len(buf))/float64(len(fixes)), "bytes/fix")
			}
			b.Run(name+" "+form+" write", func(b *testing.B) {
				for b.Loop() {
					if test.going {
						buf = AppendCrowd(buf[:0], &test.crowd, inBits)
					} else {
						buf = AppendNear(buf[:0], 77, 0, fixes, inBits)
					}
				}
				report(b)
			})
			b.Run(name+" "+form+" read", func(b *testing.B) {
				var tick Tick
				for b.Loop() {
					_ = tick.Parse(buf)
					var c Fixes
					if test.going {
						c = tick.Crowds[0].Fixes()
					} else {
						c = tick.Near[0].Fixes()
					}
					for _, ok, _ := c.Next(); ok; _, ok, _ = c.Next() {
					}
				}
				report(b)
			})
		}
	}
}
