package press

import (
	"bytes"
	"testing"
)

// TestPress: frames lie behind their headroom, copies begin as what they copy, and what is cut or discarded is gone.
func TestPress(t *testing.T) {
	p := New(2)
	for range 2 { // memory is used again
		p.Reset()
		p.Begin()
		p.Write([]byte("one"), 1)
		p.Crowded = true
		one := p.End()
		p.BeginCopy(one)
		p.Write([]byte(" more"), 2)
		if p.Size() != 8 || p.Updates != 3 {
			t.Errorf("%d bytes, %d updates", p.Size(), p.Updates)
		}
		more := p.End()
		p.Begin()
		none := p.End()
		p.Begin()
		p.Write([]byte("dropped"), 1)
		p.Discard()
		p.BeginCopy(none)
		p.Write([]byte("last"), 0)
		p.Deliver(1, one)
		p.Deliver(2, more)
		p.Deliver(3, none)
		p.Deliver(4, Overflow)
		p.Deliver(5, p.End())
		frames, deliveries := p.Finish()
		want := []Delivery{{1, one}, {2, more}, {4, Overflow}, {5, 2}}
		if len(frames) != 3 || none != Empty || len(deliveries) != len(want) {
			t.Fatalf("%d frames, %v", len(frames), deliveries)
		}
		for i, d := range deliveries {
			if d != want[i] {
				t.Errorf("delivery %v, want %v", d, want[i])
			}
		}
		for i, f := range []Frame{{[]byte("\x00\x00one"), 1, true}, {[]byte("\x00\x00one more"), 3, true}, {[]byte("\x00\x00last"), 0, false}} {
			if !bytes.Equal(frames[i].Bytes, f.Bytes) || frames[i].Updates != f.Updates || frames[i].Crowded != f.Crowded {
				t.Errorf("frame %+v, want %+v", frames[i], f)
			}
		}
	}
}

// TestMailbag: what is taken is kept no longer, the order holds, and there are bounds.
func TestMailbag(t *testing.T) {
	var m Mailbag
	m.Keep([][]byte{[]byte("a"), []byte("b"), []byte("c")})
	got := ""
	m.Hand(func(b []byte) bool {
		if got == "ab" {
			return false
		}
		got += string(b)
		return true
	})
	m.Keep([][]byte{[]byte("d")})
	m.Hand(func(b []byte) bool {
		got += string(b)
		return true
	})
	if got != "abcd" {
		t.Errorf("handed over %q", got)
	}
	if !m.Keep(make([][]byte, maxKeptMail)) || m.Keep([][]byte{nil}) {
		t.Error("the number of messages is not bounded")
	}
	var large Mailbag
	if !large.Keep([][]byte{make([]byte, maxKeptMailBytes)}) || large.Keep([][]byte{{1}}) {
		t.Error("the size is not bounded")
	}
}
