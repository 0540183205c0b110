package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/iotest"

	"aoiworld/net/wire"
)

// frames returns the frames of the given payload sizes, one after the other; ids count from 1.
func frames(sizes ...int) []byte {
	var b []byte
	for i, size := range sizes {
		b = wire.AppendFrame(b, uint32(i+1), bytes.Repeat([]byte{byte(i)}, size))
	}
	return b
}

// readAll describes all frames that a Reader returns, and the error that ends them.
func readAll(r *wire.Reader) (all []string, err error) {
	for {
		frame, err := r.Next()
		if err != nil {
			return all, err
		}
		all = append(all, fmt.Sprintf("%d:%x", frame.ID, frame.Payload))
	}
}

// cutAll is readAll on the whole stream at once.
func cutAll(stream []byte, limit int) (all []string, err error) {
	for len(stream) > 0 {
		var frame wire.Frame
		if frame, stream, err = wire.Cut(stream, limit); err != nil {
			return all, err
		}
		all = append(all, fmt.Sprintf("%d:%x", frame.ID, frame.Payload))
	}
	return all, io.EOF
}

func TestReaderInPieces(t *testing.T) {
	stream := frames(20, 0, 503, 504, 505, 0, 4096, 3, 4096, 1000)
	want, _ := cutAll(stream, maxPayload)
	for name, source := range map[string]io.Reader{
		"at once":          bytes.NewReader(stream),
		"byte by byte":     iotest.OneByteReader(bytes.NewReader(stream)),
		"half by half":     iotest.HalfReader(bytes.NewReader(stream)),
		"end with the end": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		got, err := readAll(wire.NewReader(source, &wire.Buffers{}, maxPayload))
		if err != io.EOF || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %d frames of %d, %v", name, len(got), len(want), err)
		}
	}
}

func TestReaderEnds(t *testing.T) {
	broken := errors.New("broken")
	stream := frames(20, 30)
	for name, test := range map[string]struct {
		source io.Reader
		frames int
		err    error
	}{
		"nothing":             {bytes.NewReader(nil), 0, io.EOF},
		"inside the header":   {bytes.NewReader(stream[:28+7]), 1, wire.ErrTruncated},
		"inside the payload":  {bytes.NewReader(stream[:28+9]), 1, wire.ErrTruncated},
		"the source's error":  {io.MultiReader(bytes.NewReader(stream[:28]), iotest.ErrReader(broken)), 1, broken},
		"inside, with error":  {io.MultiReader(bytes.NewReader(stream[:40]), iotest.ErrReader(broken)), 1, broken},
		"above the limit":     {bytes.NewReader(frames(4096, 4097)), 1, wire.ErrTooLarge},
		"declared 4 GiB":      {bytes.NewReader([]byte{255, 255, 255, 255, 3, 0, 0, 0}), 0, wire.ErrTooLarge},
		"4 GiB byte by byte":  {iotest.OneByteReader(bytes.NewReader([]byte{255, 255, 255, 255, 3, 0, 0, 0})), 0, wire.ErrTooLarge},
		"only part of 4 GiB ": {bytes.NewReader([]byte{255, 255, 255, 255, 3, 0, 0}), 0, wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			r := wire.NewReader(test.source, &wire.Buffers{}, maxPayload)
			got, err := readAll(r)
			if len(got) != test.frames || !errors.Is(err, test.err) {
				t.Errorf("%d frames and %v, want %d and %v", len(got), err, test.frames, test.err)
			}
			if errors.Is(err, io.EOF) != (test.err == io.EOF) {
				t.Errorf("%v must not look like an orderly end", err)
			}
		})
	}
}

// TestReaderGoesOn: a source that has ended between frames may have more later, as one WebSocket message follows another.
func TestReaderGoesOn(t *testing.T) {
	var source bytes.Buffer
	r := wire.NewReader(&source, &wire.Buffers{}, maxPayload)
	for round := range 3 {
		source.Write(frames(10, 600))
		got, err := readAll(r)
		if len(got) != 2 || err != io.EOF {
			t.Fatalf("round %d: %d frames, %v", round, len(got), err)
		}
	}
}

// TestReaderInside: whenever the Reader asks for more, it knows whether a frame has begun.
func TestReaderInside(t *testing.T) {
	var r *wire.Reader
	var asked []bool
	source := iotest.OneByteReader(bytes.NewReader(frames(1, 0)))
	r = wire.NewReader(readFunc(func(b []byte) (int, error) {
		asked = append(asked, r.Inside())
		return source.Read(b)
	}), &wire.Buffers{}, maxPayload)
	if _, err := readAll(r); err != io.EOF {
		t.Fatal(err)
	}
	for i, inside := range asked {
		if atEdge := i == 0 || i == 9 || i == 17; inside == atEdge {
			t.Errorf("after %d bytes: inside is %v", i, inside)
		}
	}
}

// readFunc is an io.Reader.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// TestReaderMemory: what a peer declares costs nothing; what it sends costs a small multiple.
func TestReaderMemory(t *testing.T) {
	const limit = 64 << 20
	for _, sent := range []int{0, 100, 10_000} {
		source := bytes.NewReader(append(wire.AppendHeader(nil, 3, limit), make([]byte, sent)...))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := wire.NewReader(source, &wire.Buffers{}, limit).Next()
		runtime.ReadMemStats(&after)
		if !errors.Is(err, wire.ErrTruncated) {
			t.Fatal(err)
		}
		// All buffers of a doubling series together are below twice the last; the rest is for the runtime.
		if grown := after.TotalAlloc - before.TotalAlloc; grown > uint64(4*sent+64<<10) {
			t.Errorf("%d bytes sent of 64 MiB: %d allocated", sent, grown)
		}
	}
}

// TestReaderLetsGo: after a large frame and a while of small ones, a read asks for no more than the small buffer again.
func TestReaderLetsGo(t *testing.T) {
	stream := frames(4096)
	for range 200 {
		stream = append(stream, frames(20)...)
	}
	source := bytes.NewReader(stream)
	largest, last := 0, 0
	r := wire.NewReader(readFunc(func(b []byte) (int, error) {
		last = len(b)
		largest = max(largest, last)
		return source.Read(b[:min(len(b), 28)])
	}), &wire.Buffers{}, maxPayload)
	if got, err := readAll(r); len(got) != 201 || err != io.EOF {
		t.Fatalf("%d frames, %v", len(got), err)
	}
	if largest <= 512 || last != 512 {
		t.Errorf("reads asked for up to %d bytes, and in the end for %d", largest, last)
	}
}

func TestReaderAllocatesNothing(t *testing.T) {
	for _, size := range []int{20, 4096} {
		stream := frames(size, size, size, size)
		source := bytes.NewReader(stream)
		r := wire.NewReader(source, &wire.Buffers{}, maxPayload)
		if n := testing.AllocsPerRun(500, func() {
			source.Reset(stream)
			for {
				if _, err := r.Next(); err != nil {
					return
				}
			}
		}); n != 0 {
			t.Errorf("%d bytes: %v allocations", size, n)
		}
	}
}

// FuzzReader: however a stream is chopped up, a Reader sees what Cut sees in the whole of it.
func FuzzReader(f *testing.F) {
	f.Add(frames(20, 0, 600), uint64(1))
	f.Add(frames(1)[:5], uint64(2))
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0, 1}, uint64(3))
	f.Add(append(frames(3), 0, 17, 0, 0, 1, 0, 0, 0), uint64(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		const limit = 2000
		random := rand.New(rand.NewPCG(seed, 0))
		source := bytes.NewReader(stream)
		got, err := readAll(wire.NewReader(readFunc(func(b []byte) (int, error) {
			return source.Read(b[:1+random.IntN(len(b))])
		}), &wire.Buffers{}, limit))
		want, wantErr := cutAll(stream, limit)
		if fmt.Sprint(got) != fmt.Sprint(want) || !errors.Is(err, root(wantErr)) {
			t.Errorf("%v, %v; want %v, %v", got, err, want, wantErr)
		}
	})
}

// root returns the sentinel behind an error of Cut.
func root(err error) error {
	for _, sentinel := range []error{io.EOF, wire.ErrTruncated, wire.ErrTooLarge} {
		if errors.Is(err, sentinel) {
			return sentinel
		}
	}
	return err
}

func BenchmarkReader(b *testing.B) {
	stream := frames(20, 20, 20, 20, 20, 20, 20, 20)
	source := bytes.NewReader(stream)
	r := wire.NewReader(source, &wire.Buffers{}, maxPayload)
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(stream)
		for range 8 {
			if _, err := r.Next(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
