package link

import (
	"context"
	"net"
	"strings"
)

// portable makes links with a reading goroutine each.
type portable struct {
	route     *route
	handshake handshake
}

// Dial implements Dialer.
func (d portable) Dial(ctx context.Context, r Receiver) (Link, error) {
	server, dialer := d.route.next()
	return d.dial(ctx, server, dialer, r)
}

// dial connects to one server.
func (d portable) dial(ctx context.Context, server string, dialer *net.Dialer, r Receiver) (Link, error) {
	if isURL(server) {
		return dialGorilla(ctx, server, dialer, d.handshake, r)
	}
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	go readStream(conn, r)
	return streamLink{conn}, nil
}

// Close implements Dialer.
func (portable) Close() {}

// isURL tells a WebSocket server from a TCP one.
func isURL(server string) bool { return strings.Contains(server, "://") }

// readBuffer is what a reading goroutine keeps for itself: a tick's frame of a usual audience, in bytes.
const readBuffer = 2048

// readStream hands what arrives to r until the connection ends.
func readStream(conn net.Conn, r Receiver) {
	buf := make([]byte, readBuffer)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if e := r.Receive(buf[:n], n); e != nil {
				err = e
			}
		}
		if err != nil {
			conn.Close()
			r.Ended(err)
			return
		}
	}
}

// streamLink is a net.Conn as a link.
type streamLink struct{ conn net.Conn }

// Send implements Link. It waits while the server does not read.
func (l streamLink) Send(frame []byte) error {
	_, err := l.conn.Write(frame)
	return err
}

// Close implements Link.
func (l streamLink) Close() { l.conn.Close() }

// Cut implements Link.
func (l streamLink) Cut() { l.conn.Close() }
