package entry

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/pires/go-proxyproto"
)

// binaryHeader returns a header of version 2.
func binaryHeader(command, family byte, varying string) string {
	h := append([]byte(proxyproto.SIGV2), command, family)
	return string(binary.BigEndian.AppendUint16(h, uint16(len(varying)))) + varying
}

const (
	v4 = "\xcb\x00\x71\x07\x7f\x00\x00\x01\x30\x39\x23\x28" // 203.0.113.7:12345 to 127.0.0.1:9000
	v6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x30\x39\x23\x28"
)

// headers are PROXY headers, and the client that each names: "-" is none, "" says that it is bad.
func headers() map[string]string {
	long := strings.Repeat("x", maxLine)
	return map[string]string{
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000\r\n": "203.0.113.7:12345",
		"PROXY TCP6 2001:db8::7 ::1 12345 9000\r\n":       "[2001:db8::7]:12345",
		"PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n":          "1.2.3.4:0",
		"PROXY UNKNOWN\r\n":                               "-",
		"PROXY UNKNOWN 1.2.3.4 what ever\r\n":             "-",
		"PROXY UNKNOWN " + long[:maxLine-16] + "\r\n":     "-",

		binaryHeader(0x21, 0x11, v4):                           "203.0.113.7:12345",
		binaryHeader(0x21, 0x21, v6):                           "[2001:db8::7]:12345",
		binaryHeader(0x21, 0x11, v4+"\x04\x00\x01x"):           "203.0.113.7:12345", // with a TLV
		binaryHeader(0x21, 0x11, v4+strings.Repeat("x", 2000)): "203.0.113.7:12345",
		binaryHeader(0x20, 0x00, ""):                           "-", // LOCAL
		binaryHeader(0x20, 0x00, "\x04\x00\x01x"):              "-",
		binaryHeader(0x20, 0x11, v4):                           "-",
		binaryHeader(0x21, 0x11, v4[:11]):                      "",
		binaryHeader(0x21, 0x21, v4):                           "",
		binaryHeader(0x21, 0x12, v4):                           "", // UDP
		binaryHeader(0x21, 0x31, strings.Repeat("x", 216)):     "", // a unix socket
		binaryHeader(0x21, 0x00, ""):                           "",
		binaryHeader(0x22, 0x11, v4):                           "", // a command that is none
		binaryHeader(0x11, 0x11, v4):                           "", // version 1 in the form of 2
		binaryHeader(0x21, 0x13, v4):                           "",
		binaryHeader(0x21, 0x11, strings.Repeat("x", 2049)):    "",
		binaryHeader(0x20, 0x00, strings.Repeat("x", 1<<16-1)): "",
		"\r\n\r\n\x00\r\nQUIT\r" + v4 + v4:                     "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345\r\n":           "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000 1\r\n":    "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000\n\r\n":    "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 65536 9000\r\n":      "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 -1 9000\r\n":         "",
		"PROXY TCP4 203.0.113.007 127.0.0.1 12345 9000\r\n":    "",
		"PROXY TCP4 2001:db8::7 ::1 12345 9000\r\n":            "",
		"PROXY TCP6 203.0.113.7 127.0.0.1 12345 9000\r\n":      "",
		"PROXY TCP6 fe80::1%eth0 ::1 12345 9000\r\n":           "",
		"PROXY  TCP4 203.0.113.7 127.0.0.1 12345 9000\r\n":     "",
		"proxy TCP4 203.0.113.7 127.0.0.1 12345 9000\r\n":      "",
		"PROXY UDP4 203.0.113.7 127.0.0.1 12345 9000\r\n":      "",
		"PROXY X\r\nPROXY\r\n":                                 "",
		"PROXY UNKNOWN " + long + "\r\n":                       "",
		"GET /ws HTTP/1.1\r\n\r\n":                             "",
		"\x16\x03\x01\x00\x05hello, this is TLS":               "",
		"":                                                     "",
		"PROXY":                                                "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000":          "",
		"PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000\r":        "",
		binaryHeader(0x21, 0x11, v4)[:20]:                      "",
		binaryHeader(0x21, 0x11, v4)[:15]:                      "",
	}
}

func TestProxyHeader(t *testing.T) {
	for header, want := range headers() {
		stream := strings.NewReader(header + "behind it")
		if want == "" {
			stream = strings.NewReader(header)
		}
		client, err := readProxyHeader(stream)
		got := "-"
		if client != nil {
			got = client.String()
		}
		if (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%.60q: %s, %v; want %q", header, got, err, want)
		}
		if rest, _ := io.ReadAll(stream); err == nil && string(rest) != "behind it" {
			t.Errorf("%.60q: %q is left", header, rest)
		}
	}
}

// FuzzProxyHeader: what is a header for us is one for the library, which looks at the stream as a whole, and as long; and
// what is read is bounded.
func FuzzProxyHeader(f *testing.F) {
	for header := range headers() {
		f.Add([]byte(header + "behind it"))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		ours := bytes.NewReader(stream)
		client, err := readProxyHeader(ours)
		used := len(stream) - ours.Len()
		if used > fixedPart+maxVarying {
			t.Fatalf("%d bytes were read", used)
		}
		if err != nil {
			return
		}
		in := bufio.NewReaderSize(bytes.NewReader(stream), len(stream))
		header, err := proxyproto.Read(in)
		if err != nil || len(stream)-in.Buffered() != used {
			t.Fatalf("%d bytes were read, the library reads %d: %v", used, len(stream)-in.Buffered(), err)
		}
		if client != nil && client.String() != header.SourceAddr.String() {
			t.Errorf("%v, and the library %v", client, header.SourceAddr)
		}
	})
}
