package wire

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// SocketOptions is how accepted TCP connections are set up. In each field 0 leaves what the system does.
// DefaultSocketOptions returns the values that the comments name.
type SocketOptions struct {
	// SendBuffer and ReceiveBuffer bound what the kernel holds of a connection each way (bytes), 64 KiB. Left to itself,
	// the kernel takes megabytes before a slow client is noticed.
	SendBuffer, ReceiveBuffer int
	// KeepAliveIdle is after how much silence the kernel asks whether the peer is there, 15 s; KeepAliveInterval is how
	// long it waits for each answer, 8 s; KeepAliveCount is how often it asks, 3: a dead peer is found after 39 s.
	KeepAliveIdle, KeepAliveInterval time.Duration
	KeepAliveCount                   int
	// UserTimeout is how long sent bytes may stay unacknowledged, 40 s. Linux only. A keep-alive question counts as well, so less
	// than the three above allow would end silent connections that have lost a single one.
	UserTimeout time.Duration
}

// DefaultSocketOptions returns the options that the comments of SocketOptions name.
func DefaultSocketOptions() SocketOptions {
	return SocketOptions{
		SendBuffer:        64 << 10,
		ReceiveBuffer:     64 << 10,
		KeepAliveIdle:     15 * time.Second,
		KeepAliveInterval: 8 * time.Second,
		KeepAliveCount:    3,
		UserTimeout:       40 * time.Second,
	}
}

// apply sets up a connection; one that is not TCP is left alone. Go has switched Nagle's algorithm off already.
func (o SocketOptions) apply(conn net.Conn) error {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	var errs []error
	if o.SendBuffer > 0 {
		errs = append(errs, tcp.SetWriteBuffer(o.SendBuffer))
	}
	if o.ReceiveBuffer > 0 {
		errs = append(errs, tcp.SetReadBuffer(o.ReceiveBuffer))
	}
	if o.KeepAliveIdle > 0 {
		errs = append(errs, tcp.SetKeepAliveConfig(net.KeepAliveConfig{
			Enable: true, Idle: o.KeepAliveIdle, Interval: o.KeepAliveInterval, Count: o.KeepAliveCount,
		}))
	}
	if o.UserTimeout > 0 {
		errs = append(errs, setUserTimeout(tcp, o.UserTimeout))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("socket options: %w", err)
	}
	return nil
}
