package wire_test

import (
	"log/slog"
	"net"
	"testing"

	"aoiworld/net/wire"
)

// sockets returns both ends of a connection over the loopback network; the server's was accepted with the options given.
func sockets(t testing.TB, options wire.SocketOptions) (client, server *net.TCPConn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := wire.NewListener(inner, options, slog.New(slog.DiscardHandler))
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialled.Close() })
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accepted.Close() })
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn)
}
