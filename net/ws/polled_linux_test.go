package ws_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"

	"aoiworld/net/poll"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

// polled is a server on a real socket, whose connections are polled.
type polled struct {
	address string
	results chan result
}

// result is what came of one connection.
type result struct {
	frames []byte
	ended  error
}

// startPolled starts a server for the length of a test, which polls as soon as there is something to read.
func startPolled(t *testing.T) *polled {
	t.Helper()
	poller, err := poll.New(2)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &polled{address: l.Addr().String(), results: make(chan result, 1)}
	cfg := ws.Config{Path: "/ws", MaxPayload: maxPayload, Adopt: poller.Adopt, Sockets: wire.DefaultSocketOptions()}
	server := ws.NewServer(l, cfg, p.accept, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { poller.Run(ctx) })
	running.Go(func() { pollWhenWoken(ctx, poller) })
	running.Go(func() { _ = server.Serve() })
	t.Cleanup(func() {
		err := server.Close()
		server.Wait()
		stop()
		running.Wait()
		if err := errors.Join(err, poller.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pollWhenWoken polls whenever there is something to read.
func pollWhenWoken(ctx context.Context, poller *poll.Poller) {
	woken := make(chan struct{}, 1)
	wake := func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}
	for ctx.Err() == nil {
		if poller.Watch(wake) {
			poller.Poll()
			continue
		}
		select {
		case <-ctx.Done():
		case <-woken:
		}
	}
}

// accept is a session that takes frames.
func (p *polled) accept(c wire.Conn) func() bool {
	var r result
	c.OnControl(func(b []byte) { _, _ = c.Writer().TryWrite(b) })
	return func() bool {
		for {
			frame, err := c.Next()
			switch {
			case err == wire.ErrNothing:
				return true
			case err == nil:
				r.frames = wire.AppendFrame(r.frames, frame.ID, frame.Payload)
			case r.ended == nil:
				r.ended = err
				sayWhy(c, err)
			default:
				_ = c.Close()
				p.results <- r
				return false
			}
		}
	}
}

// realClient is a client's connection over a real socket, behind the handshake.
type realClient struct {
	*net.TCPConn
	in *bufio.Reader
}

func (c realClient) Read(b []byte) (int, error) { return c.in.Read(b) }

// TestConformanceOfPolled holds a server whose connections are polled to RFC 6455.
func TestConformanceOfPolled(t *testing.T) {
	p := startPolled(t)
	wstest.Run(t, wstest.Reader{Connect: func(t *testing.T, use func(wstest.Session)) {
		socket, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		c := realClient{socket.(*net.TCPConn), bufio.NewReader(socket)}
		if _, err := c.Write([]byte(upgrade + "\r\n")); err != nil {
			t.Fatal(err)
		}
		if r, err := http.ReadResponse(c.in, nil); err != nil || r.StatusCode != http.StatusSwitchingProtocols {
			t.Fatal(r, err)
		}
		use(wstest.Session{
			Client: c,
			Result: func() ([]byte, error) { r := <-p.results; return r.frames, r.ended },
		})
	}})
}
