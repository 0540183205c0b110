package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"aoiworld/net/wire"
)

const maxPayload = 4096

func TestCut(t *testing.T) {
	whole := wire.AppendFrame(nil, 3, []byte("abc"))
	for name, test := range map[string]struct {
		in   []byte
		id   uint32
		body string
		rest int
		err  error
	}{
		"nothing":         {in: nil, err: wire.ErrTruncated},
		"part of header":  {in: whole[:7], err: wire.ErrTruncated},
		"header alone":    {in: whole[:8], err: wire.ErrTruncated},
		"one byte short":  {in: whole[:10], err: wire.ErrTruncated},
		"exact":           {in: whole, id: 3, body: "abc"},
		"more follows":    {in: append(bytes.Clone(whole), 1, 2), id: 3, body: "abc", rest: 2},
		"empty payload":   {in: wire.AppendFrame(nil, 1, nil), id: 1},
		"largest id":      {in: wire.AppendFrame(nil, 0xFFFFFFFF, nil), id: 0xFFFFFFFF},
		"largest length":  {in: wire.AppendFrame(nil, 5, make([]byte, maxPayload)), id: 5, body: string(make([]byte, maxPayload))},
		"one above limit": {in: wire.AppendHeader(nil, 3, maxPayload+1), err: wire.ErrTooLarge},
		"4 GiB":           {in: []byte{0xFF, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0}, err: wire.ErrTooLarge},
		"2 GiB":           {in: []byte{0, 0, 0, 0x80, 3, 0, 0, 0}, err: wire.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			frame, rest, err := wire.Cut(test.in, maxPayload)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err != nil {
				if len(rest) != len(test.in) {
					t.Errorf("%d bytes left of %d", len(rest), len(test.in))
				}
				return
			}
			if frame.ID != test.id || string(frame.Payload) != test.body || len(rest) != test.rest {
				t.Errorf("id %d, %d bytes of payload, %d left", frame.ID, len(frame.Payload), len(rest))
			}
		})
	}
}

// TestCutPayloadCannotGrow: appending to a payload must not write over the frame behind it.
func TestCutPayloadCannotGrow(t *testing.T) {
	both := wire.AppendFrame(wire.AppendFrame(nil, 1, []byte("one")), 2, []byte("two"))
	first, rest, err := wire.Cut(both, maxPayload)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(first.Payload, "overwritten"...)
	if second, _, err := wire.Cut(rest, maxPayload); err != nil || string(second.Payload) != "two" {
		t.Errorf("second frame is %q, %v", second.Payload, err)
	}
}
