//go:build !linux

package poll

import (
	"context"
	"net"
	"time"
)

// Poller takes over no connections: there is no polling here.
type Poller struct{}

// New returns a poller.
func New(int) (*Poller, error) { return &Poller{}, nil }

// Adopt returns the connection as it is.
func (*Poller) Adopt(conn net.Conn) net.Conn { return conn }

// Poll has nothing to read.
func (*Poller) Poll() {}

// Gather has nothing to read.
func (*Poller) Gather(time.Time) {}

// Watch reports that there is nothing to read, ever.
func (*Poller) Watch(func()) (readable bool) { return false }

// Run waits until ctx ends.
func (*Poller) Run(ctx context.Context) { <-ctx.Done() }

// Close does nothing.
func (*Poller) Close() error { return nil }
