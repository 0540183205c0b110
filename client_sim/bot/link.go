package bot

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// errBusy: the connection takes nothing right now; the frame was dropped whole.
var errBusy = errors.New("connection is busy")

// link is one connection as a bot uses it. Its methods are safe for everybody.
type link interface {
	// Send hands one whole frame to the network, without waiting long. The error may be errBusy.
	Send(frame []byte) error
	// Close ends the connection. Its receiver is told by ended, soon.
	Close()
}

// receiver takes what a connection brings. Both methods are called by one goroutine at a time.
type receiver interface {
	// receive takes bytes of the frame stream, cut anywhere; they are valid during the call. bytes is how many arrived at
	// the socket for them, transport headers included. After an error nothing more is received.
	receive(chunk []byte, bytes int) error
	// ended tells that the connection is over, and why. It is the last call.
	ended(reason error)
}

// dialer makes links. close ends everything that it runs, once all links have ended.
type dialer interface {
	dial(ctx context.Context, r receiver) (link, error)
	close()
}

// newDialer returns the dialer for a run's transport.
func newDialer(cfg Config) (dialer, error) {
	route, err := cfg.route()
	if err != nil {
		return nil, err
	}
	if cfg.Transport == WebSocket {
		return webSocketDialer{route: route, timeout: cfg.JoinTimeout}, nil
	}
	return newTCPDialer(route)
}

// streamDialer makes TCP links with a reading goroutine each. It works everywhere.
type streamDialer struct{ route *route }

func (d streamDialer) dial(ctx context.Context, r receiver) (link, error) {
	server, dialer := d.route.next()
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	go readStream(conn, r)
	return streamLink{conn}, nil
}

func (streamDialer) close() {}

// readBuffer is what a reading goroutine keeps for itself: a tick's frame of a usual audience, in bytes.
const readBuffer = 2048

// readStream hands what arrives to r until the connection ends.
func readStream(conn net.Conn, r receiver) {
	buf := make([]byte, readBuffer)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if e := r.receive(buf[:n], n); e != nil {
				err = e
			}
		}
		if err != nil {
			conn.Close()
			r.ended(err)
			return
		}
	}
}

// streamLink is a net.Conn as a link.
type streamLink struct{ conn net.Conn }

// Send implements link. It waits while the server does not read.
func (l streamLink) Send(frame []byte) error {
	_, err := l.conn.Write(frame)
	return err
}

// Close implements link.
func (l streamLink) Close() { l.conn.Close() }

// reason names the end of a connection for a table of few rows: addresses and other chance are left out.
func reason(transport string, err error) string {
	var number syscall.Errno
	switch {
	case errors.Is(err, io.EOF):
		return transport + ": closed by the server"
	case errors.As(err, &number):
		return transport + ": " + number.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return transport + ": timed out"
	default:
		return transport + ": " + err.Error()
	}
}
