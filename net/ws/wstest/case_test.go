package wstest_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"aoiworld/net/ws/wstest"
)

// TestTable: there are as many cases as we promise, each with a name of its own and a section of the RFC.
func TestTable(t *testing.T) {
	const promised = 150
	cases := wstest.Cases()
	if len(cases) < promised {
		t.Errorf("%d cases, promised are %d", len(cases), promised)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] || c.Section == "" || c.Want.Ends == nil {
			t.Errorf("%q: seen before: %v; section %q, ends with %v", c.Name, seen[c.Name], c.Section, c.Want.Ends)
		}
		seen[c.Name] = true
	}
}

// TestListen: what a server says is told in words, whatever the form of its length.
func TestListen(t *testing.T) {
	frame := wstest.Frame(3, strings.Repeat("x", 200))
	said := "\x89\x00" + "\x8a\x01a" + "\x82\x7e\x00\xd0" + frame + "\x88\x02\x03\xe8"
	want := `ping "", pong "a", frame 3 "` + strings.Repeat("x", 200) + `", close 1000`
	if got := wstest.Listen(strings.NewReader(said)); got != want {
		t.Errorf("%s", got)
	}
	if got := wstest.Listen(strings.NewReader(said[:len(said)-1])); !strings.HasSuffix(got, io.ErrUnexpectedEOF.Error()) {
		t.Errorf("%s", got)
	}
}

var _ wstest.Client = (*net.TCPConn)(nil) // a real socket will do
