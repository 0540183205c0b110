//go:build unix

package entry

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSocketIsKept: behind a proxy a connection still has its descriptor, for who writes and polls past Go's own poller.
func TestSocketIsKept(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	l := NewListener(inner, Config{Trusted: local}, slog.New(slog.DiscardHandler))
	defer l.Close()
	client, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, header+"hello"); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*proxied).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var first [16]byte
	err = raw.Read(func(fd uintptr) bool {
		_, err := unix.Read(int(fd), first[:])
		return err != unix.EAGAIN
	})
	if err != nil || !bytes.HasPrefix(first[:], []byte("hello\x00")) {
		t.Errorf("read %q, %v", first, err)
	}
	if err := conn.(*proxied).CloseWrite(); err != nil {
		t.Error(err)
	}
	if n, err := client.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the client reads %d, %v", n, err)
	}
}
