package wire

import (
	"errors"
	"fmt"
	"io"
)

const (
	// calmFrames is after how many frames in a row that fit into SmallBuffer a Reader lets go of a larger buffer.
	calmFrames = 64
)

// Reader cuts a byte stream into frames. It belongs to whoever reads, one at a time.
//
// Its buffer doubles only when a legal frame has filled it, so what a peer merely declares costs nothing. While it has
// nothing, and its source does not wait, it has no buffer either.
type Reader struct {
	source     io.Reader
	buffers    *Buffers
	buf        []byte
	maxPayload int32 // bytes
	start, end int32 // buf[start:end] has arrived and was not returned yet
	calm       int32 // frames in a row that SmallBuffer would have held
}

// NewReader returns a Reader of source that refuses frames whose payload is above maxPayload (bytes). It takes its buffer from
// buffers.
func NewReader(source io.Reader, buffers *Buffers, maxPayload int) *Reader {
	return &Reader{source: source, buffers: buffers, maxPayload: int32(maxPayload)}
}

// Next returns the next frame, whose payload is valid until the next call. The error is io.EOF when the source ends
// between frames, after which Next may be called again if the source has more to give; it wraps ErrTruncated when the
// source ends inside a frame, ErrTooLarge when a frame declares too much, and is the source's own otherwise; after
// ErrNothing, too, Next may be called again.
func (r *Reader) Next() (Frame, error) {
	for {
		frame, rest, err := Cut(r.buf[r.start:r.end], int(r.maxPayload))
		if err == nil {
			next := r.end - int32(len(rest))
			r.note(next - r.start)
			r.start = next
			return frame, nil
		}
		if !errors.Is(err, ErrTruncated) {
			return Frame{}, err
		}
		if err := r.fill(); err != nil {
			return Frame{}, err
		}
	}
}

// Inside reports whether bytes have arrived beyond the last frame returned. When the Reader asks its source for more, and
// only then, that means: part of a frame has.
func (r *Reader) Inside() bool { return r.start < r.end }

// note keeps count of how long no frame has needed more than the small buffer.
func (r *Reader) note(size int32) {
	r.calm++
	if size > SmallBuffer {
		r.calm = 0
	}
}

// fill reads once from the source.
func (r *Reader) fill() error {
	r.makeRoom()
	n, err := r.source.Read(r.buf[r.end:])
	r.end += int32(n)
	switch {
	case n > 0 || err == nil:
		return nil // an error that came with bytes comes again
	case err == ErrNothing:
		r.Release()
		return err
	case err == io.EOF && r.Inside():
		return fmt.Errorf("%w: it ends after %d bytes of a frame", ErrTruncated, r.end)
	default:
		return err
	}
}

// Release gives the buffer back, unless there is something in it.
func (r *Reader) Release() {
	if !r.Inside() {
		r.buffers.Put(r.buf)
		r.buf, r.start, r.end = nil, 0, 0
	}
}

// makeRoom moves what is left to the front of the buffer and sees to it that there is room behind.
func (r *Reader) makeRoom() {
	if r.start > 0 {
		r.end = int32(copy(r.buf, r.buf[r.start:r.end]))
		r.start = 0
	}
	switch {
	case r.buf == nil, r.end == 0 && len(r.buf) > SmallBuffer && r.calm >= calmFrames:
		r.buf = r.buffers.Get()
	case int(r.end) == len(r.buf):
		larger := make([]byte, min(2*len(r.buf), HeaderSize+int(r.maxPayload)))
		copy(larger, r.buf)
		r.buf = larger
	}
}
