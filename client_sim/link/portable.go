package link

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
)

// portable makes links with a reading goroutine each.
type portable struct {
	route     *route
	handshake handshake
}

// newPortable returns what dials by a configuration.
func newPortable(cfg Config) (portable, error) {
	route, err := newRoute(cfg)
	if err != nil {
		return portable{}, err
	}
	authorities, err := Authorities(cfg.CAFile)
	secure := &tls.Config{RootCAs: authorities, InsecureSkipVerify: cfg.InsecureSkipVerify}
	return portable{route: route, handshake: handshake{cfg.Timeout, cfg.Subprotocol, secure}}, err
}

// Dial implements Dialer.
func (d portable) Dial(ctx context.Context, r Receiver, _ float64) (Link, error) {
	server, dialer := d.route.next()
	return d.dial(ctx, server, dialer, r)
}

// dial connects to one server.
func (d portable) dial(ctx context.Context, server string, dialer *net.Dialer, r Receiver) (Link, error) {
	address, secure := strings.CutPrefix(server, SchemeTLS)
	if isURL(address) {
		return dialGorilla(ctx, server, dialer, d.handshake, r)
	}
	dial := dialer.DialContext
	if secure {
		dial = (&tls.Dialer{NetDialer: dialer, Config: d.handshake.tls}).DialContext
	}
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	go readStream(conn, r)
	return streamLink{conn}, nil
}

// Close implements Dialer.
func (portable) Close() {}

// isURL tells a WebSocket server, or one under TLS, from a plain TCP one.
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
