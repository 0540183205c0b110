package ws_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"aoiworld/net/wire"
	"aoiworld/net/ws"
)

// act is what a client sends, and what must come of it.
type act struct {
	sends [][]byte
	says  string // all that the server says
	ends  error  // what ends the connection; nil when the client's leaving does
}

// hello is a frame of ours that the session sends back, and echoed its echo.
var hello = frame(3, "hello")

const echoed = `frame 3 "hello"`

// legal is what the server must take.
var legal = map[string]act{
	"a message":               {[][]byte{message(opBinary, hello)}, echoed, nil},
	"an empty message":        {[][]byte{message(opBinary, ""), message(opBinary, hello)}, echoed, nil},
	"several frames in one":   {[][]byte{message(opBinary, hello+frame(2, "")+hello)}, echoed + `, frame 2 "", ` + echoed, nil},
	"two messages in a write": {[][]byte{append(message(opBinary, hello), message(opBinary, hello)...)}, echoed + ", " + echoed, nil},
	"fragments": {
		[][]byte{message(0x02, hello[:3]), message(0x00, hello[3:9]), message(0x80, hello[9:])}, echoed, nil,
	},
	"a fragmented message of two frames": {
		[][]byte{message(0x02, hello+hello[:5]), message(0x80, hello[5:])}, echoed + ", " + echoed, nil,
	},
	"empty fragments": {
		[][]byte{message(0x02, ""), message(0x00, ""), message(0x00, hello), message(0x00, ""), message(0x80, "")}, echoed, nil,
	},
	"control between fragments": {
		[][]byte{message(0x02, hello[:3]), message(opPing, "now"), message(opPong, "x"), message(0x80, hello[3:])},
		`pong "now", ` + echoed, nil,
	},
	"16-bit length":                    {[][]byte{message(opBinary, frame(3, strings.Repeat("x", 200)))}, `frame 3 "` + strings.Repeat("x", 200) + `"`, nil},
	"16-bit length for a short one":    {[][]byte{long16(hello)}, echoed, nil},
	"64-bit length for a short one":    {[][]byte{long64(hello)}, echoed, nil},
	"a ping":                           {[][]byte{message(opPing, "data")}, `pong "data"`, nil},
	"an empty ping":                    {[][]byte{message(opPing, "")}, `pong ""`, nil},
	"the largest ping":                 {[][]byte{message(opPing, strings.Repeat("p", 125))}, `pong "` + strings.Repeat("p", 125) + `"`, nil},
	"an unasked pong":                  {[][]byte{message(opPong, "data"), message(opBinary, hello)}, echoed, nil},
	"close 1000":                       {[][]byte{message(opClose, "\x03\xe8bye")}, "close 1000", io.EOF},
	"close 4999":                       {[][]byte{message(opClose, "\x13\x87")}, "close 4999", io.EOF},
	"close without a code":             {[][]byte{message(opClose, "")}, "close", io.EOF},
	"close between fragments":          {[][]byte{message(0x02, hello[:3]), message(opClose, "\x03\xe8")}, "close 1000", io.EOF},
	"nothing is heard behind a close":  {[][]byte{append(message(opClose, "\x03\xe8"), message(opBinary, hello)...)}, "close 1000", io.EOF},
	"no echo of what follows a close ": {[][]byte{message(opClose, "\x03\xe8"), message(opPing, "x")}, "close 1000", io.EOF},
}

// illegal is what it must refuse, and how: RFC 6455 sections 5.1 to 5.5 and 7.4.
var illegal = map[string]act{
	"unmasked":                 {[][]byte{append([]byte{opBinary, byte(len(hello))}, hello...)}, "close 1002", wire.ErrProtocol},
	"unmasked ping":            {[][]byte{{opPing, 0}}, "close 1002", wire.ErrProtocol},
	"RSV1, as if compressed":   {[][]byte{message(opBinary|0x40, hello)}, "close 1002", wire.ErrProtocol},
	"RSV2":                     {[][]byte{message(opBinary|0x20, hello)}, "close 1002", wire.ErrProtocol},
	"RSV3":                     {[][]byte{message(opBinary|0x10, hello)}, "close 1002", wire.ErrProtocol},
	"opcode 3":                 {[][]byte{message(0x83, "")}, "close 1002", wire.ErrProtocol},
	"opcode 7":                 {[][]byte{message(0x87, "")}, "close 1002", wire.ErrProtocol},
	"opcode 11":                {[][]byte{message(0x8b, "")}, "close 1002", wire.ErrProtocol},
	"opcode 15":                {[][]byte{message(0x8f, "")}, "close 1002", wire.ErrProtocol},
	"continuation of nothing":  {[][]byte{message(0x80, hello)}, "close 1002", wire.ErrProtocol},
	"message inside a message": {[][]byte{message(0x02, hello[:3]), message(opBinary, hello)}, "close 1002", wire.ErrProtocol},
	"fragmented ping":          {[][]byte{message(0x09, "x")}, "close 1002", wire.ErrProtocol},
	"fragmented close":         {[][]byte{message(0x08, "\x03\xe8")}, "close 1002", wire.ErrProtocol},
	"ping of 126 bytes":        {[][]byte{message(opPing, strings.Repeat("p", 126))}, "close 1002", wire.ErrProtocol},
	"close of one byte, which gorilla takes for an empty one": {[][]byte{message(opClose, "x")}, "close", io.EOF},
	"close 999":                     {[][]byte{message(opClose, "\x03\xe7")}, "close 1002", wire.ErrProtocol},
	"close 1005, which is not sent": {[][]byte{message(opClose, "\x03\xed")}, "close 1002", wire.ErrProtocol},
	"close 1006, which is not sent": {[][]byte{message(opClose, "\x03\xee")}, "close 1002", wire.ErrProtocol},
	"close 5000":                    {[][]byte{message(opClose, "\x13\x88")}, "close 1002", wire.ErrProtocol},
	"close with a bad reason":       {[][]byte{message(opClose, "\x03\xe8\xff\xfe")}, "close 1002", wire.ErrProtocol},
	"text":                          {[][]byte{message(opText, "hello")}, "close 1003", wire.ErrText},
	"bad text":                      {[][]byte{message(opText, "\xff\xfe")}, "close 1003", wire.ErrText},
	"fragmented text":               {[][]byte{message(0x01, "hel")}, "close 1003", wire.ErrText},
	"too large":                     {[][]byte{declare(opBinary, 4*(8+maxPayload)+1), mask[:]}, "close 1009", wire.ErrTooLarge},
	"too large in fragments":        {tooManyFragments(), "close 1009", wire.ErrTooLarge},
	"length of 63 bits":             {[][]byte{bigEndian([]byte{opBinary, 0xff}, 1<<63-1), mask[:]}, "close 1009", wire.ErrTooLarge},
	"length of 64 bits":             {[][]byte{bigEndian([]byte{opBinary, 0xff}, 1<<64-1), mask[:]}, "close 1009", wire.ErrTooLarge},
	"frame of 4 GiB":                {[][]byte{message(opBinary, "\xff\xff\xff\xff\x03\x00\x00\x00")}, "close 1009", wire.ErrTooLarge},
	"frame above the limit":         {[][]byte{message(opBinary, "\x01\x10\x00\x00\x03\x00\x00\x00")}, "close 1009", wire.ErrTooLarge},
	"message ends inside a frame":   {[][]byte{message(opBinary, hello[:10])}, "close 4504", wire.ErrTruncated},
	"message ends inside a header":  {[][]byte{message(opBinary, hello+"\x01\x00")}, echoed + ", close 4504", wire.ErrTruncated},
	"frame over two messages":       {[][]byte{message(opBinary, hello[:10]), message(opBinary, hello[10:])}, "close 4504", wire.ErrTruncated},
	"legal, then illegal":           {[][]byte{message(opBinary, hello), message(0x83, "")}, echoed + ", close 1002", wire.ErrProtocol},
}

// long16 and long64 return messages with a length that is written longer than it needs to be.
func long16(payload string) []byte {
	b := append([]byte{opBinary, 0x80 | 126, 0, byte(len(payload))}, 0, 0, 0, 0)
	return append(b, payload...)
}

func long64(payload string) []byte {
	b := append(bigEndian([]byte{opBinary, 0x80 | 127}, uint64(len(payload))), 0, 0, 0, 0)
	return append(b, payload...)
}

// tooManyFragments returns a message that no single fragment makes too large.
func tooManyFragments() [][]byte {
	part := frame(3, strings.Repeat("x", maxPayload))
	all := [][]byte{message(0x02, "")}
	for range 5 {
		all = append(all, message(0x00, part))
	}
	return all
}

// play sends what an act says, and compares. The echoes of large frames are left out of the comparison.
func play(t *testing.T, a act, write func(*client, []byte)) {
	t.Helper()
	serve(t, ws.Config{}, func(f *fixture) {
		c := connect(t, f)
		for _, b := range a.sends {
			write(c, b)
		}
		if a.ends == nil {
			_ = c.CloseWrite()
		}
		said := strings.ReplaceAll(c.rest(), `frame 3 "`+strings.Repeat("x", maxPayload)+`", `, "")
		if said != a.says {
			t.Errorf("the server says %s; want %s", said, a.says)
		}
		_ = c.Close()
		want := a.ends
		if want == nil {
			want = io.ErrUnexpectedEOF
		}
		if err := <-f.ended; !errors.Is(err, want) {
			t.Errorf("it ends with %v, want %v", err, want)
		}
	})
}

func TestConformance(t *testing.T) {
	for _, table := range []map[string]act{legal, illegal} {
		for name, a := range table {
			t.Run(name, func(t *testing.T) {
				play(t, a, func(c *client, b []byte) { _, _ = c.Write(b) })
			})
			t.Run(name+", byte by byte", func(t *testing.T) {
				play(t, a, func(c *client, b []byte) {
					for i := range b {
						_, _ = c.Write(b[i : i+1])
					}
				})
			})
		}
	}
}
