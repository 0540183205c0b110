package ws_test

import (
	"bufio"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"testing"

	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

// maxIdleMemory is what a connection may hold while nothing happens (bytes): heap of both its ends, without stacks.
const maxIdleMemory = 8 << 10

// TestIdleMemory connects many clients over real sockets, lets each send a large message and a small one, and looks at
// what is left.
func TestIdleMemory(t *testing.T) {
	const clients = 200
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan struct{}, clients)
	handle := func(c wire.Conn) {
		for range 2 {
			if _, err := c.Next(); err != nil {
				t.Error(err)
			}
		}
		heard <- struct{}{}
		_, _ = c.Next()
	}
	cfg := ws.Config{MaxPayload: maxPayload, Path: "/ws", Sockets: wire.DefaultSocketOptions()}
	cfg.Budget = wire.Budget{BytesPerSecond: 16 << 10, Burst: 32 << 10}
	server := ws.NewServer(l, cfg, whole(handle), slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()

	messages := append(message(wstest.Binary, wstest.Frame(2, string(make([]byte, 300)))), message(wstest.Binary, hello)...)
	heap, stack := memory()
	conns := make([]net.Conn, clients)
	for i := range conns {
		conns[i] = upgraded(t, l.Addr().String())
		if _, err := conns[i].Write(messages); err != nil {
			t.Fatal(err)
		}
		<-heard
	}
	heapAfter, stackAfter := memory()
	perConn := (heapAfter - heap) / clients
	t.Logf("a connection holds %d bytes of heap and %d of stack", perConn, (stackAfter-stack)/clients)
	if perConn > maxIdleMemory {
		t.Errorf("that is above %d", maxIdleMemory)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	if err := errors.Join(server.Close(), <-served); err != nil {
		t.Error(err)
	}
	server.Wait()
}

// upgraded returns a client's connection after the handshake.
func upgraded(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(upgrade + "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(response, err)
	}
	return c
}

// memory returns the bytes of the heap and of stacks that are in use.
func memory() (heap, stack int64) {
	for range 3 {
		runtime.GC() // pools let go at the second
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}
