package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"aoiworld/net/native"
)

// dialer returns what connects to a server by its address.
func dialer(server string, cfg *tls.Config) func(ctx context.Context) (Conn, error) {
	address, secure := strings.CutPrefix(server, "tls://")
	switch {
	case secure:
		d := &tls.Dialer{Config: cfg}
		return func(ctx context.Context) (Conn, error) { return overTCP(d.DialContext(ctx, "tcp", address)) }
	case strings.Contains(server, "://"):
		return func(ctx context.Context) (Conn, error) { return dialWebSocket(ctx, server, cfg) }
	}
	var d net.Dialer
	return func(ctx context.Context) (Conn, error) { return overTCP(d.DialContext(ctx, "tcp", server)) }
}

// overTCP returns a connection as a Conn, if there is one.
func overTCP(conn net.Conn, err error) (Conn, error) {
	if err != nil {
		return nil, err
	}
	return &tcpConn{Conn: conn, buf: make([]byte, readBuffer)}, nil
}

// readBuffer is how much is read at a time (bytes).
const readBuffer = 16 << 10

// tcpConn is a TCP connection, perhaps under TLS.
type tcpConn struct {
	net.Conn
	buf []byte
}

// Read implements Conn.
func (s *tcpConn) Read() ([]byte, error) {
	n, err := s.Conn.Read(s.buf)
	return s.buf[:n], err
}

// Write implements Conn.
func (s *tcpConn) Write(frame []byte) error {
	_, err := s.Conn.Write(frame)
	return err
}

// errSubprotocol: the server does not speak the dialect.
var errSubprotocol = errors.New("the server does not speak " + native.Subprotocol)

// dialWebSocket connects over WebSocket.
func dialWebSocket(ctx context.Context, url string, cfg *tls.Config) (Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{native.Subprotocol}, TLSClientConfig: cfg}
	conn, _, err := d.DialContext(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	if conn.Subprotocol() != native.Subprotocol {
		return nil, errors.Join(errSubprotocol, conn.Close())
	}
	return &messages{conn: conn}, nil
}

// messages is a WebSocket connection.
type messages struct {
	mu   sync.Mutex // for the one writer that gorilla allows
	conn *websocket.Conn
}

// Read implements Conn.
func (m *messages) Read() ([]byte, error) {
	_, b, err := m.conn.ReadMessage()
	return b, err
}

// Write implements Conn.
func (m *messages) Write(frame []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.conn.WriteMessage(websocket.BinaryMessage, frame)
}

// Close implements Conn.
func (m *messages) Close() error { return m.conn.Close() }
