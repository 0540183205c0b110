// Package link is how a bot is connected: over TCP or WebSocket, from one of several addresses to one of several servers.
// On Linux a few goroutines read thousands of connections; elsewhere each connection has one of its own.
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// ErrBusy: the connection takes nothing right now; the frame was dropped whole.
var ErrBusy = errors.New("connection is busy")

// Link is one connection as a bot uses it. Its methods are safe for everybody.
type Link interface {
	// Send hands one whole frame to the network, without waiting long. The error may be ErrBusy.
	Send(frame []byte) error
	// Close ends the connection in good order. Its receiver is told by Ended, soon.
	Close()
	// Cut is Close without a word, as when a cable is cut.
	Cut()
}

// Receiver takes what a connection brings. Both methods are called by one goroutine at a time.
type Receiver interface {
	// Receive takes bytes of the frame stream, cut anywhere; they are valid during the call. bytes is how many arrived at
	// the socket for them, transport headers included. After an error nothing more is received.
	Receive(chunk []byte, bytes int) error
	// Ended tells that the connection is over, and why. It is the last call.
	Ended(reason error)
}

// Dialer makes links.
type Dialer interface {
	// Dial makes a link. Receivers of the same are best read for by one goroutine: where, 0 to 1, says who is near whom.
	Dial(ctx context.Context, r Receiver, where float64) (Link, error)
	// Close ends everything that the dialer runs, once all links have ended.
	Close()
}

// Config says from where to where links go. Servers and sources take turns.
type Config struct {
	// Servers are host:port for TCP, tls://host:port for TCP under TLS, or ws:// and wss:// URLs. At least one.
	Servers []string
	// Sources are local addresses, alone or as ranges (127.0.0.2-127.0.0.9). None leaves it to the system, which has about
	// 28,000 ports for each address.
	Sources []string
	// Cores is how many cores there are, of which a dialer may use some. 0 counts as 1.
	Cores int
	// Alone says that the process has nothing to do beside this: who reads may keep a processor of Go's scheduler.
	Alone bool
	// Timeout is how long a WebSocket handshake may take.
	Timeout time.Duration
	// Subprotocol is what to ask a WebSocket server for, or empty.
	Subprotocol string
	// CAFile is a PEM file with the authorities that may vouch for servers under TLS; empty are the system's.
	CAFile string
	// InsecureSkipVerify lets anybody be the server.
	InsecureSkipVerify bool
}

// SchemeTLS begins the address of a server that speaks the frames of TCP under TLS.
const SchemeTLS = "tls://"

// handshake is how a connection begins, over WebSocket and under TLS.
type handshake struct {
	timeout     time.Duration
	subprotocol string
	tls         *tls.Config
}

// Authorities returns those of a PEM file, or nil, which are the system's, if there is none.
func Authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("no certificate in %s", file)
	}
	return pool, nil
}

// Portable returns a dialer that works everywhere: each link has a reading goroutine, and a send may wait for a server that
// does not read. The error wraps ErrSource, or says what is wrong with CAFile.
func Portable(cfg Config) (Dialer, error) {
	return newPortable(cfg)
}

// Reason names the end of a connection for a table of few rows: addresses and other chance are left out.
func Reason(transport string, err error) string {
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
