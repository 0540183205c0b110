package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// dialGorilla makes a WebSocket link with a reading goroutine.
func dialGorilla(ctx context.Context, url string, dialer *net.Dialer, h handshake, r Receiver) (Link, error) {
	counted := &countingConn{}
	conn, err := upgrade(ctx, url, h, func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		counted.Conn, err = dialer.DialContext(ctx, network, address)
		return counted, err
	})
	if err != nil {
		return nil, err
	}
	l := &webSocketLink{conn: conn}
	go l.read(counted, r)
	return l, nil
}

// upgrade makes a WebSocket connection over one that dial makes. An error holds what the server answered.
func upgrade(ctx context.Context, url string, h handshake,
	dial func(ctx context.Context, network, address string) (net.Conn, error),
) (*websocket.Conn, error) {
	dialer := websocket.Dialer{
		HandshakeTimeout: h.timeout,
		ReadBufferSize:   readBuffer,
		WriteBufferSize:  256, // a client's frames are small
		NetDialContext:   dial,
		TLSClientConfig:  h.tls,
	}
	if h.subprotocol != "" {
		dialer.Subprotocols = []string{h.subprotocol}
	}
	conn, response, err := dialer.DialContext(ctx, url, nil)
	if err == nil && conn.Subprotocol() != h.subprotocol {
		conn.Close()
		return nil, fmt.Errorf("%w: the server does not speak %s", websocket.ErrBadHandshake, h.subprotocol)
	}
	if err != nil && response != nil {
		return nil, fmt.Errorf("%w: %s", err, response.Status)
	}
	return conn, err
}

// countingConn counts what is read from a connection.
type countingConn struct {
	net.Conn
	received atomic.Int64
}

// Read implements net.Conn.
func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

// webSocketLink is a WebSocket connection as a link.
type webSocketLink struct {
	mu   sync.Mutex // for the one writer that gorilla allows
	conn *websocket.Conn
}

// sendTimeout is how long a send may wait for a server that does not read.
const sendTimeout = 5 * time.Second

// Send implements Link. It waits for up to sendTimeout while the server does not read.
func (l *webSocketLink) Send(frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	return l.conn.WriteMessage(websocket.BinaryMessage, frame)
}

// Close implements Link. It says goodbye if that takes no time.
func (l *webSocketLink) Close() {
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = l.conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(50*time.Millisecond)) // it may be gone
	l.conn.Close()
}

// Cut implements Link.
func (l *webSocketLink) Cut() { l.conn.Close() }

// read hands the messages to r until the connection ends.
func (l *webSocketLink) read(counted *countingConn, r Receiver) {
	buf, before := make([]byte, readBuffer), int64(0)
	for {
		message, err := l.next(buf)
		if err != nil {
			l.conn.Close()
			r.Ended(webSocketError(err))
			return
		}
		buf = message[:cap(message)]
		now := counted.received.Load()
		if err := r.Receive(message, int(now-before)); err != nil {
			l.conn.Close()
			r.Ended(err)
			return
		}
		before = now
	}
}

// errText: the server sent a text message, which no frame is in.
var errText = errors.New("text message")

// next reads one message into buf, which grows as needed.
func (l *webSocketLink) next(buf []byte) ([]byte, error) {
	kind, body, err := l.conn.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.BinaryMessage {
		return nil, errText
	}
	n := 0
	for {
		if n == len(buf) {
			buf = append(buf, make([]byte, len(buf))...)
		}
		read, err := body.Read(buf[n:])
		n += read
		if errors.Is(err, io.EOF) {
			return buf[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// webSocketError says a close code and its text the way the table of closes wants them.
func webSocketError(err error) error {
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		return err
	}
	if closed.Text == "" {
		return fmt.Errorf("close %d", closed.Code)
	}
	return fmt.Errorf("close %d %s", closed.Code, closed.Text)
}
