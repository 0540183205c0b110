package entry

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/pires/go-proxyproto"
)

// Sizes of PROXY headers (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, sections 2.1 and 2.2).
const (
	maxLine    = 107 // bytes of version 1, its line end included
	fixedPart  = 16  // bytes of version 2 that every header has; the last two of them tell how many follow
	maxVarying = 2048
)

// errProxyHeader is wrapped by all that is wrong with a header.
var errProxyHeader = errors.New("bad PROXY header")

// readProxyHeader reads a PROXY header and not a byte more, and returns whom it names: nil if the proxy speaks for itself,
// as in a health check.
func readProxyHeader(r io.Reader) (client net.Addr, err error) {
	raw, err := cutProxyHeader(r)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(bytes.NewReader(raw), len(raw))
	header, err := proxyproto.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProxyHeader, err)
	}
	if in.Buffered() > 0 {
		return nil, fmt.Errorf("%w: it ends early", errProxyHeader)
	}
	if header.Command.IsLocal() {
		return nil, nil
	}
	source, _, ok := header.TCPAddrs()
	if !ok {
		return nil, fmt.Errorf("%w: no TCP address", errProxyHeader)
	}
	return source, nil
}

// cutProxyHeader returns the bytes of a header. Both versions are told apart by their first byte, and are longer than the
// first read, so that nothing is read that is not the header's.
func cutProxyHeader(r io.Reader) ([]byte, error) {
	const least = len("PROXY UNKNOWN\r\n")
	raw := make([]byte, least, maxLine)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(raw, proxyproto.SIGV2) {
		return cutBinaryHeader(r, raw)
	}
	if !bytes.HasPrefix(raw, proxyproto.SIGV1) {
		return nil, errProxyHeader
	}
	for !bytes.HasSuffix(raw, []byte("\r\n")) {
		if len(raw) == maxLine {
			return nil, fmt.Errorf("%w: more than %d bytes", errProxyHeader, maxLine)
		}
		raw = raw[:len(raw)+1]
		if _, err := io.ReadFull(r, raw[len(raw)-1:]); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// cutBinaryHeader goes on with version 2.
func cutBinaryHeader(r io.Reader, begun []byte) ([]byte, error) {
	raw := make([]byte, fixedPart)
	if _, err := io.ReadFull(r, raw[copy(raw, begun):]); err != nil {
		return nil, err
	}
	varying := int(binary.BigEndian.Uint16(raw[fixedPart-2:]))
	if varying > maxVarying {
		return nil, fmt.Errorf("%w: %d bytes", errProxyHeader, varying)
	}
	raw = append(raw, make([]byte, varying)...)
	_, err := io.ReadFull(r, raw[fixedPart:])
	return raw, err
}

// proxied is the connection of a proxy, at the address of the client for whom it speaks.
type proxied struct {
	net.Conn
	client net.Addr
}

// behindProxy returns the connection of a client, or the proxy's own if there is none.
func behindProxy(conn net.Conn, client net.Addr) net.Conn {
	if client == nil {
		return conn
	}
	return &proxied{Conn: conn, client: client}
}

// RemoteAddr returns the client's address.
func (p *proxied) RemoteAddr() net.Addr { return p.client }

// SyscallConn implements syscall.Conn where there is a socket.
func (p *proxied) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := p.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// CloseWrite ends the outgoing side.
func (p *proxied) CloseWrite() error {
	if half, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
