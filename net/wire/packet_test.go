package wire_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"aoiworld/net/wire"
)

func TestPacketHeader(t *testing.T) {
	for _, test := range []struct {
		size   int
		header []byte
	}{
		{0, []byte{0x82, 0}},
		{1, []byte{0x82, 1}},
		{125, []byte{0x82, 125}},
		{126, []byte{0x82, 126, 0, 126}},
		{65535, []byte{0x82, 126, 0xFF, 0xFF}},
		{65536, []byte{0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
	} {
		body := bytes.Repeat([]byte{7}, test.size)
		packet := wire.Seal(append(make([]byte, wire.Headroom), body...))
		if !bytes.Equal(packet.Stream(), body) {
			t.Errorf("%d bytes: the stream form differs from the body", test.size)
		}
		if want := append(test.header, body...); !bytes.Equal(packet.Message(), want) {
			t.Errorf("%d bytes: the message form begins % x, want % x", test.size, packet.Message()[:4], want[:2])
		}
	}
}

// TestPacketIsShared: both forms are the same memory, whoever asks.
func TestPacketIsShared(t *testing.T) {
	packet := wire.Seal(append(make([]byte, wire.Headroom), "body"...))
	if &packet.Stream()[0] != &packet.Message()[2] {
		t.Error("the forms do not share their bytes")
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = packet.Stream(), packet.Message() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestControlMessages(t *testing.T) {
	for name, test := range map[string]struct{ got, want []byte }{
		"ping":            {wire.AppendPing([]byte("x")), []byte{'x', 0x89, 0}},
		"close":           {wire.AppendClose(nil, 4001, "bye"), []byte{0x88, 5, 0x0F, 0xA1, 'b', 'y', 'e'}},
		"without reason":  {wire.AppendClose(nil, 1000, ""), []byte{0x88, 2, 0x03, 0xE8}},
		"without a code":  {wire.AppendClose(nil, 1005, "unsaid"), []byte{0x88, 0}},
		"behind a packet": {wire.AppendClose([]byte{1}, 1000, ""), []byte{1, 0x88, 2, 0x03, 0xE8}},
	} {
		if !bytes.Equal(test.got, test.want) {
			t.Errorf("%s: % x, want % x", name, test.got, test.want)
		}
	}
}

// TestCloseReasonIsCut: a control frame holds 125 bytes, and half a character would make its text invalid.
func TestCloseReasonIsCut(t *testing.T) {
	for reason, want := range map[string]int{
		strings.Repeat("a", 123):         123,
		strings.Repeat("a", 124):         123,
		strings.Repeat("é", 62):          122,
		"a" + strings.Repeat("é", 61):    123,
		strings.Repeat("\U0001F40D", 31): 120,
	} {
		message := wire.AppendClose(nil, 1000, reason)
		text := message[4:]
		if len(text) != want || !utf8.Valid(text) || int(message[1]) != 2+len(text) {
			t.Errorf("%d bytes of reason became %d (valid: %v), want %d", len(reason), len(text), utf8.Valid(text), want)
		}
	}
}
